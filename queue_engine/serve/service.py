"""The engine as one running service: journal, driver, conversations, links, vault, wired by hand.

`async with Service(...)` starts everything in the order in which it is needed and ends it in the
reverse order. If the driver ends, everything ends: half an engine is worse than the fallback.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Self

from ivr.embedded_session import EmbeddedVisits, PromptBook
from ivr.fastagi import FastAgiServer
from ivr.line import Lines
from ivr.prompts import sentences
from queue_engine.config.load import Configuration
from queue_engine.console_api.ports import Seat
from queue_engine.core.commands import LoadPolicy
from queue_engine.core.errors import SamkoError
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.clock import Clock, wall_ms
from queue_engine.runtime.driver import Driver
from queue_engine.serve.caller_keys import CallerKeys
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.deciding import Deciding
from queue_engine.serve.desk import EngineDesk
from queue_engine.serve.held_links import HeldLinks
from queue_engine.serve.http import HttpServer, open_http
from queue_engine.serve.ivr_parts import Conversations
from queue_engine.serve.journal import OpenedJournal, open_journal, open_out_of_reach, place_of
from queue_engine.serve.looking_back import LookBack, SharedPast, of_deciding, of_shared
from queue_engine.serve.member import Member
from queue_engine.serve.merging import Merging, open_merging
from queue_engine.serve.outbox import open_outbox
from queue_engine.serve.pace import Pace
from queue_engine.serve.queue_view import EngineView
from queue_engine.serve.reload import Reloader
from queue_engine.serve.shared_callers import open_keys, open_vault
from queue_engine.telephony.ami_connection import AmiConnection
from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.beat import Holder
from queue_engine.telephony.embedded.link import EmbeddedLink
from queue_engine.telephony.embedded.network import EmbeddedNetwork
from queue_engine.telephony.embedded.times import NetworkTimes
from routing.vocabulary import AgentId, ContactId, LinkId

_log = logging.getLogger(__name__)

RETRY_S: Final = 1.0
CHECK_S: Final = 1.0
_CAUSE_S_MAX: Final = 1.0
"""So long we wait for the fault of whatever made another end."""
EMBEDDED_LINK: Final = LinkId("embedded")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A telephone network in this process instead of Asterisks."""

    speed: float = 1.0
    """How much faster than the wall everything goes."""
    from_ms: int = 0
    """No earlier than this moment the engine's clock begins."""
    is_checked: bool = False
    """Whether the promise is checked at every offer, and all invariants once a second."""
    seats: tuple[Seat, ...] = ()
    """Where people at browsers may sit down; each has a phone of the network."""
    people: Callable[[Service], Coroutine[Any, Any, None]] | None = None
    """Called once the calls of the journal are there again, before the engine hears of any; gives
    what the people do, which runs until the service ends."""


class Service:
    """Everything that `samko serve` runs.

    Args:
        configuration: as loaded from the files.
        read: reads them again, in the same way, when they are reloaded.
        embedded: no Asterisk, but this.

    Raises (on entering):
        SamkoError: a file cannot be opened, or an address cannot be had; says which.
    """

    def __init__(
        self,
        configuration: Configuration,
        read: Callable[[], Configuration],
        *,
        embedded: Embedded | None = None,
    ) -> None:
        self.configuration = configuration
        """What is in force."""
        self._read = read
        self.links: list[AmiLink | EmbeddedLink] = []
        self.embedded = embedded
        self._exit = AsyncExitStack()
        self.deciding: Deciding
        """Only with a journal in a file."""
        self.member: Member | None = None
        """Only with a journal in Redis, which several engines share."""
        self._tasks: list[asyncio.Task[None]] = []
        self._visits: EmbeddedVisits | None = None
        self.driver: Driver | Member
        self.desk: EngineDesk
        self.reloader: Reloader
        self.agi: FastAgiServer
        """Only with Asterisks."""
        self.network: EmbeddedNetwork
        """Only without."""
        self.pace: Pace
        """Only without Asterisks."""
        self.http: HttpServer
        self.merging: Merging
        self.missed: Callable[[], dict[str, int]] = dict
        """How many callers went on without something, by what it was."""

    @property
    def is_degraded(self) -> bool:
        """Whether the last records are in memory only."""
        return (self.member or self.deciding).is_degraded

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opened:
            await self._start(opened)
            self._exit = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def wait(self) -> None:
        """Until something that must not end has ended; raises what it ended with."""
        first, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        # What fails takes others with it, which may end before it and without a fault of theirs.
        ended, _ = await asyncio.wait(
            self._tasks, timeout=_CAUSE_S_MAX, return_when=asyncio.FIRST_EXCEPTION
        )
        for task in (*first, *ended):
            task.result()
        raise SamkoError(f"{' and '.join(task.get_name() for task in first)} has ended")

    async def _start(self, opened: AsyncExitStack) -> None:
        loaded, settings = self.configuration, self.configuration.settings
        # Asterisk, as another user, must reach the sounds in it; all else in it is private.
        settings.var_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        rules = LoadPolicy(write_policy(loaded.policy))  # takes a while: not later
        if settings.redis is None:
            calendar = await self._decide(opened, rules)
        else:
            calendar = await self._join(opened, place_of(settings.redis), rules)
        vault = await self._open_vault(opened)
        self.desk = EngineDesk(self.driver, loaded.staff, Lines(loaded.lines))
        outbox = open_outbox(opened, settings, self.driver, vault, self.embedded is not None)
        self._keep(opened, outbox.run(), "the outbox")
        self.merging = open_merging(settings, self.member or self.deciding)
        self._keep(opened, self.merging.run(), "the merging of islands")
        keys = self._open_keys(opened)
        self.missed = lambda: {"vault": vault.not_kept, "caller_keys": keys.not_known}
        conversations = Conversations(loaded, self.driver, self.desk, vault, keys)
        self.reloader = Reloader(
            self._read,
            self.driver,
            calendar,
            self.desk,
            conversations,
            in_force=lambda: self.configuration,
            put_in_force=self._put_in_force,
        )
        if self.embedded is None:
            self.agi = await self._open_ivr(opened, conversations)
            self.links += self._make_links()
        else:
            self.links.append(self._open_network(opened, conversations, self.embedded))
        # Before the links: whoever asks whether the engine is ready hears that it is not yet.
        self.http = await open_http(self, opened)
        for link in self.links:
            self.driver.on_stall(link.stalled)
            self._keep(opened, self._hold(link), f"the link to {link.link_id}")

    async def _decide(self, opened: AsyncExitStack, rules: LoadPolicy) -> Calendar:
        """With a journal of its own: it decides from the beginning to the end."""
        kept = open_journal(self.configuration.settings)
        self.deciding = deciding = Deciding(kept, self._make_driver)
        self.driver = deciding.driver
        opened.push_async_callback(deciding.driver.close)
        await deciding.start()
        # What is pushed later ends earlier: links and IVR before the loop that they submit to.
        self._keep(opened, deciding.driver.run(), "the deciding loop")
        calendar = self._calendar()
        await deciding.settle_in(rules, calendar)
        for name, work in deciding.beside(calendar):
            self._keep(opened, work, name)
        return calendar

    async def _join(self, opened: AsyncExitStack, place: RedisPlace, rules: LoadPolicy) -> Calendar:
        """Among those on one journal in Redis."""
        settings = self.configuration.settings
        self.member = member = Member(
            place, partial(open_journal, settings), partial(open_out_of_reach, settings), rules
        )
        self.driver = member
        opened.push_async_callback(member.close)
        await member.start()
        member.calendar = self._calendar()
        member.switches = HeldLinks(self.links)
        member.node.links = member.switches.held
        self._keep(opened, member.run(), "the engine")
        return member.calendar

    async def _hold(self, link: AmiLink | EmbeddedLink) -> None:
        if self.member is not None:
            await self.member.fit()
        await link.run()

    async def look_back(self, opened: AsyncExitStack) -> LookBack:
        """For the API, until `opened` is closed."""
        settings, member = self.configuration.settings, self.member
        if member is None:
            return of_deciding(self.deciding, settings.archive_dir)
        shared = SharedPast(member.node.place, lambda: member.state.record_number)
        opened.callback(shared.close)
        name = await member.incarnation()
        ledger_file = settings.var_dir / f"redis-{name}.ledger" if name else None
        return of_shared(shared, settings.archive_dir, ledger_file)

    def _make_driver(self, kept: OpenedJournal) -> Driver:
        make = partial(Driver, kept.journal, hand=kept.hand())
        if (embedded := self.embedded) is None:
            return make()
        return make(
            clock_of=lambda last_ms: Clock(max(last_ms, embedded.from_ms), speed=embedded.speed),
            watch=check_promise if embedded.is_checked else None,
        )

    async def _check_invariants(self) -> None:
        """What is found ends everything: it is a fault of ours, and nobody is ill here."""
        while True:
            await asyncio.sleep(CHECK_S)
            check(self.driver.state)

    def _put_in_force(self, configuration: Configuration) -> None:
        self.configuration = configuration
        if self.member is not None:
            self.member.rules = LoadPolicy(write_policy(configuration.policy))
        if self._visits is not None:
            self._visits.book = PromptBook(configuration.prompts)

    def _calendar(self) -> Calendar:
        """By the wall's clock, unless the engine's is the only one that goes so fast."""
        loaded = self.configuration
        submit = self.driver.submit if self.member is None else self.member.submit_here
        if self.embedded is None:
            return Calendar(loaded.windows, submit, wall_ms, hours=loaded.hours)

        async def sleep(seconds: float) -> None:
            await self.deciding.driver.clock.sleep_ms(round(seconds * 1000))

        now_ms = self.driver.now_ms
        return Calendar(loaded.windows, submit, now_ms, hours=loaded.hours, sleep=sleep)

    async def _open_vault(self, opened: AsyncExitStack) -> CallerVault:
        vault = CallerVault(open_vault(self.configuration.settings), self.driver.now_ms)
        opened.push_async_callback(vault.close)
        marking = vault.erase_after(
            partial(self.driver.follow, "vault"), lambda: self.driver.state.contacts.values()
        )
        self._keep(opened, marking, "the vault's marking")
        self._keep(opened, vault.erase_now_and_then(), "the vault's erasing")
        return vault

    def _open_keys(self, opened: AsyncExitStack) -> CallerKeys:
        daily = open_keys(self.configuration.settings, self.driver.now_ms())
        keys = CallerKeys(daily, self.driver.now_ms, self._who_calls)
        opened.push_async_callback(keys.close)
        self._keep(opened, keys.destroy_now_and_then(), "the keys' destroying")
        return keys

    def _who_calls(self, contact_id: ContactId, number: str) -> str:
        """Made-up people are too many for the numbers that are reserved for them."""
        if self.embedded is None:
            return number
        return self.network.person(contact_id) or number

    async def _open_ivr(
        self, opened: AsyncExitStack, conversations: Conversations
    ) -> FastAgiServer:
        settings = self.configuration.settings
        _check_sounds(self.configuration)
        server = FastAgiServer(
            conversations.scripts,
            host=settings.agi.host,
            port=settings.agi.port,
            peers=settings.agi.peers,
        )
        try:
            await server.start()
        except OSError as exc:
            where = f"{settings.agi.host}:{settings.agi.port}"
            raise SamkoError(f"the IVR cannot listen at {where}: {exc.strerror}") from exc
        opened.push_async_callback(server.stop)
        return server

    def _open_network(
        self, opened: AsyncExitStack, conversations: Conversations, embedded: Embedded
    ) -> EmbeddedLink:
        book = PromptBook(self.configuration.prompts)
        self._visits = EmbeddedVisits(conversations.scripts, book)
        clock, policy = self.deciding.driver.clock, self.configuration.policy
        self.network = EmbeddedNetwork(
            EMBEDDED_LINK,
            now_ms=clock.now_ms,
            sleep_ms=clock.sleep_ms,
            visit=self._visits,
            times=NetworkTimes(ring_ms=policy.ring_ms, dial_ms=policy.callbacks.dial_ms),
        )
        opened.push_async_callback(self.network.close)
        self.network.restore(self.driver.state.contacts.values())
        people = {seat.agent_id for seat in embedded.seats}

        def at_work() -> set[AgentId]:
            agents, phone = self.driver.state.agents, self.network.phone
            return {
                who for who in people & agents.keys() if phone(agents[who].phone_id).is_plugged_in
            }

        self.pace = Pace(clock, people, at_work)
        self._keep(opened, self._keep_pace(), "the pace")
        if embedded.is_checked:
            self._keep(opened, self._check_invariants(), "the check of the invariants")
        if embedded.people is not None:
            self._keep(opened, embedded.people(self), "the people")
        return EmbeddedLink(
            self.network,
            submit=self.driver.submit,
            follow=partial(self._follow, "the embedded network"),
            view=EngineView(self.driver),
            now_ms=self.driver.now_ms,
        )

    async def _keep_pace(self) -> None:
        while True:
            await self.pace.follow(self.driver.follow("the pace"))
            await asyncio.sleep(RETRY_S)  # a stopped engine's feed ends at once, again and again

    def _make_links(self) -> list[AmiLink]:
        view, member, ivr = EngineView(self.driver), self.member, self.agi.address

        def holder(user: str) -> Holder | None:
            return Holder(member.node.start, user, ivr, member.later_s) if member else None

        return [
            AmiLink(
                link.link_id,
                AmiConnection(link.host, link.port, link.user, link.secret.read()),
                submit=self.driver.submit,
                follow=partial(self._follow, f"the link to {link.link_id}"),
                view=view,
                beat=self.driver.beat,
                now_ms=self.driver.now_ms,
                holder=holder(link.user),
                alive=member.alive if member else None,
            )
            for link in self.configuration.settings.links
        ]

    def _follow(self, name: str) -> AsyncIterator[Record]:
        return aiter(self.driver.follow(name))

    def _keep(self, opened: AsyncExitStack, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.append(task)
        opened.push_async_callback(_end, task)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    fault = None if task.cancelled() else task.exception()
    if fault is not None:
        _log.error("%s ended with: %s", task.get_name(), fault)


def _check_sounds(loaded: Configuration) -> None:
    """Without its sounds every call would end in the fallback queue, and nobody would know why."""
    folder = loaded.settings.var_dir / "prompts"
    for language, texts in loaded.prompts.items():
        for name in sentences(texts):
            path = folder / language / f"{name}.wav"
            if not path.is_file():
                raise SamkoError(f"{path} is missing: run `samko prompts`")
