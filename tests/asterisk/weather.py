"""Two engines, one Redis, one Asterisk or two, and a stream of calls, while any of it breaks.

A seed breaks the same things in the same order, though never at the same message. What must come
out is the same every time: each caller talks with a nurse once, no nurse has two calls, no talk is
cut, and the journal knows of everybody.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Final

from queue_engine.core.apply import fold
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.state import State
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_lease import LEASE_MS
from queue_engine.journal.redis_nodes import RedisNodes
from queue_engine.runtime.driver import STALL_MS
from queue_engine.runtime.recovery import record_of, state_of
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import LinkId, Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineProcess, agent_at
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.proxy import Proxy
from tests.asterisk.talks import have_talked_once_each
from tests.redis_relay import Relay
from tests.redis_server import RedisServer

FAULTS: Final = int(os.environ.get("SAMKO_SOAK_FAULTS", "20"))
SEED: Final = int(os.environ.get("SAMKO_SOAK_SEED", "1"))
CALLS_PER_SECOND: Final = 3
CALLS_PER_FAULT: Final = 20
TALK_MS: Final = 1_500
FRESH_MS: Final = 1_500
"""An engine that has said so long ago that it is there is still there: it says so each second."""
LAG_MAX: Final = 20
"""Records that an engine may be behind while people call."""
SETTINGS: Final = (
    lab.short_lived("SAMKO_ROUND_SECONDS", "2"),
    lab.short_lived("SAMKO_ANNOUNCE_ROUNDS", "2"),
    lab.short_lived("SAMKO_TALK_MS_MIN", "1000"),  # as shipped: who hangs up sooner has not talked
    lab.NO_PAUSE,
)


class Node:
    """One of the engines, with its own ways to Redis and to each Asterisk's manager."""

    def __init__(self, files: EngineFiles, relay: Relay, proxies: Sequence[Proxy]) -> None:
        self.files = files
        self.process = EngineProcess(files)
        self.relay = relay
        self.proxies = proxies

    def kept_aside(self) -> list[Path]:
        """What it has yet to tell the others."""
        folder = self.files.var / "unjournaled"
        return [path for path in folder.glob("*") if path.suffix != ".merged"]


class Trouble:
    """Does something bad, and leaves everything as it should be."""

    def __init__(
        self,
        nodes: Sequence[Node],
        redis: RedisServer,
        switches: Sequence[LocalAsterisk],
        chance: random.Random,
    ) -> None:
        self._nodes = nodes
        self._redis = redis
        self._switches = switches
        self._chance = chance
        self.kinds = (
            self._kill_one,
            self._kill_all,
            self._freeze_one,
            self._freeze_one_for_long,
            self._cut_one_off_from_redis,
            self._redis_is_silent_to_one,
            self._kill_redis,
            self._freeze_redis,
            self._empty_redis,
            self._hand_over,
            self._cut_a_manager,
            self._cut_one_off_from_asterisk,
            self._stall_a_manager,
            self._freeze_asterisk,
        )

    async def strike(self, kind: str = "") -> str:
        """One fault of a random kind, or of that, after a random while; its name.

        Often the next one comes before all is as it was. Not when Redis is emptied: what only one
        engine holds then, nobody can give again when that dies.
        """
        await self._pass(2.0)
        named = {fault.__name__.removeprefix("_"): fault for fault in self.kinds}
        name = kind or self._chance.choice(sorted(named))
        is_emptied = name == self._empty_redis.__name__.removeprefix("_")
        if is_emptied:
            await self.calm()
        await named[name]()
        await self._start_who_has_ended()
        if is_emptied or self._chance.random() < 0.5:
            await self.calm()
        return name

    async def calm(self) -> None:
        """Until both engines are at work, and one of them decides."""
        with closing(RedisNodes(self._redis.place())) as nodes:

            async def is_so() -> bool:
                await self._start_who_has_ended()
                picture = await asyncio.to_thread(nodes.picture)
                there = [
                    node.note.start
                    for node in picture.nodes
                    if node.age_ms < FRESH_MS and node.lag <= LAG_MAX and not node.note.fault
                ]
                is_kept = picture.incarnation != ""  # not in the memory of the decider alone
                return is_kept and len(there) == len(self._nodes) and picture.holder in there

            await lab.until(is_so, "both are at work", deadline_s=60.0)

    async def _kill_one(self) -> None:
        node = self._one()
        await node.process.kill()
        await self._pass(6.0)

    async def _kill_all(self) -> None:
        await asyncio.gather(*(node.process.kill() for node in self._nodes))
        await self._pass(6.0)

    async def _freeze_one(self) -> None:
        await self._freeze(2.0)

    async def _freeze_one_for_long(self) -> None:
        await self._freeze(STALL_MS / 1000, at_least_s=(STALL_MS + LEASE_MS) / 1000)

    async def _freeze(self, at_most_s: float, at_least_s: float = 0.0) -> None:
        """One may just have ended by itself: a decider that was thawed does."""
        process = self._one().process
        if process.is_running:
            process.freeze()
        await self._pass(at_most_s, at_least_s)
        if process.is_running:
            process.thaw()

    async def _cut_one_off_from_redis(self) -> None:
        node = self._one()
        node.relay.cut()
        await self._pass(8.0)
        node.relay.heal()

    async def _redis_is_silent_to_one(self) -> None:
        node = self._one()
        node.relay.swallow_answers()
        await self._pass(8.0)
        node.relay.pass_answers()

    async def _kill_redis(self) -> None:
        await asyncio.to_thread(self._redis.kill)
        await self._pass(6.0)
        await asyncio.to_thread(self._redis.start)

    async def _freeze_redis(self) -> None:
        self._redis.freeze()
        await self._pass(6.0)
        self._redis.thaw()

    async def _empty_redis(self) -> None:
        with self._redis.client() as client:
            client.flushall()

    async def _hand_over(self) -> None:
        with closing(RedisNodes(self._redis.place())) as nodes:
            picture = await asyncio.to_thread(nodes.picture)
            others = {node.note.start for node in picture.nodes} - {picture.holder}
            if others:
                await asyncio.to_thread(nodes.wish, self._chance.choice(sorted(others)))

    async def _cut_a_manager(self) -> None:
        self._manager().cut()

    async def _cut_one_off_from_asterisk(self) -> None:
        manager = self._manager()
        manager.is_closed = True
        manager.cut()
        await self._pass(STALL_MS / 1000, at_least_s=STALL_MS / 1000)
        manager.is_closed = False

    async def _stall_a_manager(self) -> None:
        manager = self._manager()
        manager.hold(self._chance.choice(("actions", "answers")))
        await self._pass(6.0)
        manager.release()

    async def _freeze_asterisk(self) -> None:
        switch = self._chance.choice(self._switches)
        switch.freeze()
        await self._pass(3.0)
        switch.thaw()

    def _one(self) -> Node:
        return self._chance.choice(self._nodes)

    def _manager(self) -> Proxy:
        """One engine's way to one Asterisk."""
        return self._chance.choice(self._one().proxies)

    async def _pass(self, at_most_s: float, at_least_s: float = 0.0) -> None:
        await asyncio.sleep(at_least_s + self._chance.random() * at_most_s)

    async def _start_who_has_ended(self) -> None:
        """As systemd would."""
        for node in self._nodes:
            if not node.process.is_running:
                await node.process.start()


@asynccontextmanager
async def at_work(
    switches: Sequence[LocalAsterisk],
    redis: RedisServer,
    folder: Path,
    nurses: Sequence[Sequence[str]] = (lab.CROWD,),
) -> AsyncIterator[list[Node]]:
    """Two engines run, of which one decides; the nurses have signed on and are ready.

    Args:
        switches: people call the first one.
        nurses: their phones, by switch.
    """
    near, *siblings = switches
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(lab.ivr_kept(near))
        nodes = []
        for number in (1, 2):
            own = folder / f"engine{number}"
            own.mkdir()
            relay = opened.enter_context(Relay(redis.port))
            proxies = [
                await opened.enter_async_context(Proxy(switch.ami_port)) for switch in switches
            ]
            files = EngineFiles(
                own,
                near,
                changes=lab.SOON_READY,
                redis=relay.place(),
                host=f"127.0.0.{number}",
                ami_port=proxies[0].port,
                siblings=siblings,
                sibling_ports=[proxy.port for proxy in proxies[1:]],
            )
            nodes.append(Node(files, relay, proxies))
        agents = [
            agent_at(phone, link=LinkId(switch.system_name))
            for switch, phones in zip(switches, nurses, strict=True)
            for phone in phones
        ]
        await nodes[0].files.sign_on_before_start(*agents)
        for node in nodes:
            await opened.enter_async_context(node.process)
        for switch in switches:
            await lab.beating(switch)
        yield nodes


async def all_is_told(nodes: list[Node]) -> None:
    """Until nobody has anything aside that the others do not know, and all know that it is over."""

    async def is_so() -> bool:
        if any(node.kept_aside() for node in nodes):
            return False
        state = await asyncio.to_thread(nodes[0].files.state)
        return all(contact.outcome is not None for contact in state.contacts.values())

    await lab.until(is_so, "what was set aside is merged, and all have gone", deadline_s=120.0)


async def weather(
    switches: Sequence[LocalAsterisk],
    redis: RedisServer,
    folder: Path,
    faults: Sequence[str],
    nurses: Sequence[Sequence[str]] = (lab.CROWD,),
    rate: int = CALLS_PER_SECOND,
) -> None:
    """So many things break while people call; everybody has his talk, and the books say so.

    Args:
        switches, nurses: see `at_work`.
        faults: their kinds; an empty one is any.
        rate: so many people call a second.
    """
    calls = len(faults) * CALLS_PER_FAULT
    async with at_work(switches, redis, folder, nurses) as nodes, AsyncExitStack() as opened:
        phones = [
            await opened.enter_async_context(Nurse(switch, *names, talk_ms=TALK_MS))
            for switch, names in zip(switches, nurses, strict=True)
        ]
        trouble = Trouble(nodes, redis, switches, random.Random(SEED))
        async with Callers(switches[0], count=calls, rate=rate) as callers:
            done = [await trouble.strike(fault) for fault in faults]
            print(f"seed {SEED}:", *done)
            await trouble.calm()
            for number in range(1, calls + 1):
                await callers.gone(number, deadline_s=180.0)
                assert callers.was_dropped(number), "nobody has given up"
        have_talked_once_each([phone.sipp.messages() for phone in phones], calls)
        await all_is_told(nodes)
        for node in reversed(nodes):
            assert await node.process.stop() == 0
        state = _audited(nodes[1].files)
    assert set(lab.outcomes(state)) <= {Outcome.HANDLED, Outcome.LOST}


def _audited(files: EngineFiles) -> State:
    """The state at the end, held against what was promised.

    Of a Redis that was emptied, what follows the snapshot that it was given. No row of its own: who
    called is counted at the phones.
    """
    assert files.redis is not None
    with closing(RedisJournal(files.redis)) as journal:
        snapshot = journal.latest_snapshot() if journal.kept_after() else None
        state = State() if snapshot is None else state_of(snapshot)
        records = [record_of(stored) for stored in journal.read(state.record_number)]
    for record in records:
        fold(state, record, watch=check_promise)
        if record.number % 20 == 0:
            check(state)
    check(state)
    return state
