"""The engine for tests against a real Asterisk: in this process, or in one of its own.

Both run the shipped configuration with small changes that a test can wait for: prompts of a tenth
of a second, a menu of one question, short rings. What they bound is the same.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import wave
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from ivr.prompts import sentences
from queue_engine.config.engine_file import read_settings
from queue_engine.config.load import Configuration, load_all
from queue_engine.config.source import Faults
from queue_engine.core.commands import LoadPolicy, SetAgentReady, SignOnAgent
from queue_engine.core.events import ContactEnqueued, Event
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.journal.base import Journal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.driver import Driver
from queue_engine.runtime.recovery import recover
from queue_engine.serve.service import Service
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import AgentId, ContactId, LinkId, PhoneId, RegionCode, Skill, SkillLevel
from tests.asterisk.patience import PATIENCE_S
from tests.redis_places import in_yaml

ROOT: Final = Path(__file__).resolve().parents[2]
SAMKO: Final = (sys.executable, "-m", "queue_engine.cli")
LINK: Final = LinkId("ast1")
QUICK_MENU: Final = """\
opening: [opening]
emergency_key: "9"
waiting:
  say: [waiting_keys]
  worse: "7"
  place: "5"
first: service
steps:
  service:
    ask: [choose_service]
    keys:
      "1": {service: advice, then: nurse}
      "2": {service: child, then: nurse}
      "3": {service: admin, priority: non_medical, then: nurse}
    silence: nurse
    listen: 1 s
"""
"""Dial, hear two short prompts, wait a second or press: the queue."""
QUICK_KEYS: Final = [(500, "1"), (600, "1")]
"""Through that menu in a second and a half, by SIP INFO: on past the opening, then advice."""


class EngineFiles:
    """Configuration, sounds and journal of one engine, in a folder of its own.

    Args:
        folder: an empty one.
        asterisk: the switch it is for.
        changes: (file, old text, new text) in the copied configuration; the old must be there.
        real_menu: keep the shipped menu and line instead of the quick one.
        ami_port: where the manager is reached, if not at Asterisk itself.
        agi_port: where its IVR listens, if not where Asterisk looks for it.
        journal: its file, below `var`.
        redis: where the journal is instead.
        host: where its IVR listens: of several engines each has its own.
        siblings: more switches, each joined to the first by a trunk.
        sibling_ports: where their managers are reached, if not at themselves.
    """

    def __init__(
        self,
        folder: Path,
        asterisk: LocalAsterisk,
        *,
        changes: Iterable[tuple[str, str, str]] = (),
        real_menu: bool = False,
        ami_port: int | None = None,
        agi_port: int | None = None,
        journal: str = "journal.sqlite",
        redis: RedisPlace | None = None,
        host: str = "127.0.0.1",
        siblings: Sequence[LocalAsterisk] = (),
        sibling_ports: Sequence[int] = (),
    ) -> None:
        self.config = folder / "config"
        self.var = folder / "var"
        self.journal = self.var / journal
        self.redis = redis
        self.secret = asterisk.ami_secret
        shutil.copytree(ROOT / "config", self.config)
        if not real_menu:
            (self.config / "menus" / "quick.yaml").write_text(QUICK_MENU)
            self.change("lines.yaml", "menu: national", "menu: quick")
        wanted = tuple(changes)
        for change in wanted:
            self.change(*change)
        manager = ami_port or asterisk.ami_port
        ports = sibling_ports or [switch.ami_port for switch in siblings]
        kept = f"journal: {journal}" if redis is None else f"redis: {in_yaml(redis)}"
        (self.config / "samko.yaml").write_text(
            f"var_dir: {self.var}\n{kept}\n"
            f"agi: {{host: {host}, port: {agi_port or asterisk.agi_port}}}\nhttp: {{port: 0}}\n"
            f"links:\n- {{id: {LINK}, host: 127.0.0.1, port: {manager}, user: samko}}\n"
            + "".join(map(_sibling, siblings, ports))
        )
        self.loaded = _loaded(self.config, (real_menu, wanted))
        for language, texts in self.loaded.prompts.items():
            sounds = self.var / "prompts" / language
            sounds.mkdir(parents=True)
            for name in sentences(texts):
                _write_sound(sounds / f"{name}.wav")

    def read(self) -> Configuration:
        """What the files say now."""
        return load_all(self.config)

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces text in one copied file."""
        path = self.config / name
        text = path.read_text()
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new))

    def open_journal(self) -> Journal:
        """The journal, when no engine runs."""
        if self.redis is None:
            return SqliteJournal(self.journal)
        return RedisJournal(self.redis)

    def state(self) -> State:
        """What the journal says; no engine may run."""
        journal = self.open_journal()
        try:
            return recover(journal)
        finally:
            journal.close()

    async def sign_on_before_start(self, *agents: SignOnAgent) -> None:
        """Has rules, and agents at work and ready, in the journal, before any engine runs."""
        driver = Driver(self.open_journal())
        await driver.start()
        loop = asyncio.create_task(driver.run())
        try:
            await driver.submit(LoadPolicy(write_policy(self.loaded.policy)))
            for agent in agents:
                await driver.submit(agent)
                await driver.submit(SetAgentReady(agent.agent_id))
        finally:
            loop.cancel()
            await asyncio.wait([loop])
            await driver.close()


def agent_at(
    phone: str, region: str = "14", skills: str = "advice sv", link: LinkId = LINK
) -> SignOnAgent:
    """An agent named after her phone."""
    levels = tuple(SkillLevel(Skill(skill)) for skill in skills.split())
    return SignOnAgent(AgentId(f"a-{phone}"), link, PhoneId(phone), RegionCode(region), levels)


class EngineHere:
    """The engine in this process, with all its records at hand."""

    def __init__(self, files: EngineFiles) -> None:
        self.files = files
        self.records: list[Record] = []
        self.service: Service
        self._exit = AsyncExitStack()
        self._arrived = asyncio.Event()

    @property
    def state(self) -> State:
        """The engine's state, to be looked at."""
        return self.service.driver.state

    async def __aenter__(self) -> Self:
        os.environ["SAMKO_AMI_SECRET"] = self.files.secret
        async with AsyncExitStack() as opened:
            self.service = await opened.enter_async_context(
                Service(self.files.loaded, self.files.read)
            )
            listener = asyncio.create_task(self._listen())
            opened.push_async_callback(_end, listener)
            await self.live()
            self._exit = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def live(self, deadline_s: float = PATIENCE_S) -> None:
        """Until every link is live."""
        links = [link.link_id for link in self.service.links]
        await self.until(
            lambda: all(self.state.is_link_up(link) for link in links), "a live link", deadline_s
        )

    async def agent(
        self, phone: str, region: str = "14", skills: str = "advice sv", link: LinkId = LINK
    ) -> None:
        """An agent signs on at the phone and is ready."""
        command = agent_at(phone, region, skills, link)
        await self.service.driver.submit(command)
        await self.service.driver.submit(SetAgentReady(command.agent_id))

    def events(self, kind: type[Event] | None = None) -> list[Any]:
        """All events so far, or those of one kind."""
        events = [event for record in self.records for event in record.events]
        return [event for event in events if kind is None or type(event) is kind]

    def arrivals(self) -> list[ContactId]:
        """Who has a place, in the order in which the menu answered them."""
        enqueued = self.events(ContactEnqueued)
        enqueued.sort(key=lambda event: (event.arrived_ms, event.sequence))
        return [event.contact_id for event in enqueued]

    async def until(
        self, is_so: Callable[[], bool], what: str, deadline_s: float = PATIENCE_S
    ) -> None:
        """Until it is so, looking after each record."""
        try:
            async with asyncio.timeout(deadline_s):
                while not is_so():
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            told = "\n".join(f"{r.number} {r.command}\n   {r.events}" for r in self.records[-12:])
            raise AssertionError(
                f"{what}: not in {deadline_s} s; the last records:\n{told}"
            ) from None

    async def happened(
        self, kind: type[Event], count: int = 1, deadline_s: float = PATIENCE_S
    ) -> list[Any]:
        """Until an event has happened so often; gives all of its kind."""
        await self.until(
            lambda: len(self.events(kind)) >= count, f"{kind.__name__} x{count}", deadline_s
        )
        return self.events(kind)

    async def _listen(self) -> None:
        async for record in self.service.driver.follow("test", 1_000_000):
            self.records.append(record)
            self._arrived.set()


class EngineProcess:
    """`samko serve` as a process of its own, to be frozen and killed.

    Args:
        program: instead of ours, of another version.
    """

    def __init__(self, files: EngineFiles, program: Sequence[str] = SAMKO) -> None:
        self.files = files
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._log: Path = files.var / "engine.log"

    async def start(self) -> None:
        """Starts it; it is at work when its Asterisk has seen its beat."""
        environment = {**os.environ, "SAMKO_AMI_SECRET": self.files.secret}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._program,
                *("--config", str(self.files.config), "serve"),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """Has it been started, and not ended?"""
        return self._process is not None and self._process.returncode is None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """SIGKILL, as a power cut. Harmless if it does not run."""
        if self.is_running:
            assert self._process is not None
            self._signal(signal.SIGKILL)
            await self._process.wait()

    async def stop(self, deadline_s: float = PATIENCE_S) -> int:
        """SIGTERM; its exit code."""
        self._signal(signal.SIGTERM)
        return await self.ended(deadline_s)

    async def ended(self, deadline_s: float = PATIENCE_S) -> int:
        """Waits until it has ended by itself; its exit code."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), deadline_s)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


_once_read: Final[dict[object, Configuration]] = {}


def _loaded(config: Path, key: object) -> Configuration:
    """What the files say, but for the engine's own settings read once for each `key`: a third of a
    second goes into the regions."""
    if key not in _once_read:
        _once_read[key] = load_all(config)
    faults = Faults()
    settings = read_settings(faults, config)
    faults.raise_if_any()
    loaded = _once_read[key]
    policy = replace(loaded.policy, trunks=settings.trunks)
    return replace(loaded, settings=settings, policy=policy)


def _sibling(asterisk: LocalAsterisk, port: int) -> str:
    secret = asterisk.folder / "etc" / "manager_secret.conf"
    return (
        f"- {{id: {asterisk.system_name}, port: {port}, secret_file: {secret}, trunks: [{LINK}]}}\n"
    )


def _write_sound(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
