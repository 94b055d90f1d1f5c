"""What beats at one switch must do, on a fake manager and on a real one: subclass `BeatContract`.

class TestBeat(BeatContract):
    @pytest.fixture
    async def manager(self) -> AsyncIterator[Manager]:
        ...
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from queue_engine.telephony import dialplan
from queue_engine.telephony.ami_connection import AmiConnection
from queue_engine.telephony.beat import Beat, BeatTimes, Holder, ShownBeat
from queue_engine.telephony.errors import TelephonyError
from routing.vocabulary import LinkId
from tests.telephony.fake_ami import QUICK, until

TIMES = BeatTimes(every_s=0.1, still_s=1.2, watch_s=0.4, look_s=0.05, release_s=1.0)
PATIENT = replace(QUICK, action_s=3.0, login_s=3.0, boot_s=10.0, ping_every_s=2.0, ping_s=2.0)


@dataclass
class Manager:
    """A manager to connect to."""

    port: int
    secret: str
    user: str = "samko"
    last_s: int = 0
    """When somebody connected last: sessions are told apart by the second of their beginning."""


class Engine:
    """One that shows its beat for as long as it is not frozen."""

    def __init__(self, name: str, manager: Manager, connection: AmiConnection) -> None:
        self.name = name
        self.connection = connection
        self.turns = 0
        self.is_live = False
        self.losses: list[str] = []
        self.later_s = 0.0
        agi = f"agi://{name}"
        holder = Holder(name, manager.user, agi, lambda: self.later_s) if name else None
        self.beat = Beat(LinkId("ast1"), connection.action, self._turn, TIMES, holder)

    def _turn(self) -> int:
        self.turns += 1
        return self.turns

    async def take(self) -> None:
        """Comes to the switch, and beats there from now on."""
        await self.beat.take()
        self.is_live = True

    async def come(self) -> None:
        """As a link does: anew with each connection, for whoever takes a switch ends others'."""
        while True:
            try:
                await self.take()
            except TelephonyError:
                await eventually(lambda: self.connection.is_connected)
            else:
                return

    async def value(self, name: str) -> str:
        """A variable of the dialplan."""
        response = await self.connection.action({"Action": "Getvar", "Variable": name})
        return response.first.get("value")

    async def holder(self) -> str:
        """Whose the beat is."""
        return ShownBeat.read(await self.value(dialplan.BEAT)).holder


@asynccontextmanager
async def engine(name: str, manager: Manager) -> AsyncIterator[Engine]:
    """A connected engine that has not come yet."""
    # Asterisk's seconds begin some milliseconds after ours: it reads a coarser clock.
    await eventually(lambda: time.time() > manager.last_s + 1.1)
    connection = AmiConnection(
        "127.0.0.1", manager.port, manager.user, manager.secret, times=PATIENT
    )
    await connection.connect()
    await eventually(lambda: connection.is_connected)
    manager.last_s = int(time.time())
    here = Engine(name, manager, connection)
    showing = asyncio.create_task(here.beat.show(lambda: here.is_live, here.losses.append))
    try:
        yield here
    finally:
        showing.cancel()
        await asyncio.wait([showing])
        await connection.close()


async def eventually(is_so: Callable[[], object]) -> None:
    """Until it is so."""
    await until(is_so, 10)


async def seconds(work: object) -> float:
    """How long it takes; it is awaited for ten seconds at most."""
    now_s = asyncio.get_running_loop().time
    began_s = now_s()
    async with asyncio.timeout(10):
        await work  # type: ignore[misc]
    return now_s() - began_s


class BeatContract:
    """The contract."""

    async def test_a_switch_that_is_nobodys_is_taken_at_once(self, manager: Manager) -> None:
        async with engine("a", manager) as a:
            assert await seconds(a.take()) < TIMES.watch_s
            assert await a.holder() == "a"
            assert await a.value(dialplan.AGI) == "agi://a"

    async def test_one_that_beats_is_waited_for_until_it_leaves(self, manager: Manager) -> None:
        async with engine("a", manager) as a:
            await a.take()
            async with engine("b", manager) as b:
                coming = asyncio.create_task(b.take())
                await asyncio.sleep(2 * TIMES.still_s)
                assert not coming.done()
                assert (await a.holder(), a.connection.is_connected) == ("a", True)
                a.is_live = False
                await a.beat.release()
                assert await seconds(coming) < TIMES.still_s
                assert await b.holder() == "b"
                assert await b.value(dialplan.AGI) == "agi://b"

    async def test_one_whose_beat_stands_still_is_followed_and_its_sessions_end(
        self, manager: Manager
    ) -> None:
        async with engine("a", manager) as a:
            await a.take()
            async with engine("b", manager) as b:
                session = a.connection._session
                assert session is not None
                a.is_live = False
                waited_s = await seconds(b.take())
                assert waited_s > TIMES.watch_s
                assert await b.holder() == "b"
                async with asyncio.timeout(2):
                    await session.ended
                b.is_live = True
                a.is_live = True
                await eventually(lambda: a.losses)
                assert await b.holder() == "b"

    async def test_who_comes_back_to_what_is_his_need_not_wait(self, manager: Manager) -> None:
        async with engine("a", manager) as a:
            await a.take()
            a.is_live = False
        async with engine("a", manager) as again:
            assert await seconds(again.take()) < TIMES.watch_s

    async def test_one_that_stood_still_goes_on_if_nobody_came(self, manager: Manager) -> None:
        async with engine("a", manager) as a:
            await a.take()
            async with engine("b", manager) as b:
                a.is_live = False
                coming = asyncio.create_task(b.take())
                await asyncio.sleep(TIMES.still_s / 2)
                assert await a.beat.is_ours()
                a.is_live = True
                await asyncio.sleep(1.5 * TIMES.still_s)
                assert not coming.done()
                a.is_live = False
                await coming
                async with asyncio.timeout(10):
                    await eventually(lambda: a.connection.is_connected)
                    assert not await a.beat.is_ours()
                assert await b.beat.is_ours()

    async def test_who_goes_on_while_another_comes_is_not_there_beside_it(
        self, manager: Manager
    ) -> None:
        async with engine("a", manager) as a:
            await a.take()
            async with engine("b", manager) as b:
                a.is_live = False
                session = a.connection._session
                assert session is not None
                coming = asyncio.create_task(b.take())
                await asyncio.sleep(TIMES.watch_s)  # about now b finds that it has stood still
                both = await asyncio.gather(coming, a.beat.is_ours(), return_exceptions=True)
                async with asyncio.timeout(10):
                    await eventually(lambda: b.connection.is_connected)
                    holder = await b.holder()
                if both[0] is None:
                    async with asyncio.timeout(2):
                        await session.ended
                    assert holder == "b"
                else:
                    assert isinstance(both[0], TelephonyError)
                    assert holder == "a"

    async def test_who_comes_later_than_others_leaves_it_to_them(self, manager: Manager) -> None:
        async with engine("a", manager) as a, engine("b", manager) as b:
            a.later_s = 2 * TIMES.still_s
            coming = asyncio.create_task(a.come())
            await asyncio.sleep(TIMES.still_s)
            assert not coming.done(), "though it is nobody's"
            await b.take()
            assert await b.holder() == "b"
            b.is_live = False
            waited_s = await seconds(coming)
            assert waited_s > 2 * TIMES.still_s
            # Back at what is its own it need not wait.
            a.later_s = 1000.0
            assert await seconds(a.take()) < TIMES.still_s

    async def test_one_that_knows_of_no_others_is_waited_for_too(self, manager: Manager) -> None:
        async with engine("", manager) as alone, engine("b", manager) as b:
            await alone.take()
            await eventually(lambda: alone.beat.shown)
            coming = asyncio.create_task(b.take())
            await asyncio.sleep(1.5 * TIMES.still_s)
            assert not coming.done()
            alone.is_live = False
            assert await seconds(coming) > TIMES.still_s / 2

    async def test_two_who_come_at_once_are_not_both_there(self, manager: Manager) -> None:
        async with engine("a", manager) as a, engine("b", manager) as b:
            both = await asyncio.gather(a.beat.take(), b.beat.take(), return_exceptions=True)
            there = [one.name for one, fault in zip((a, b), both, strict=True) if fault is None]
            assert len(there) < 2
            assert all(isinstance(one, TelephonyError | None) for one in both)
            await eventually(lambda: a.connection.is_connected)
            holder = await a.holder()
            assert holder in ("a", "b")
            for one in (a, b):
                if one.name in there and one.name != holder:
                    # The other showed itself, and was ended before it was there: this one finds it.
                    assert not await one.beat.is_ours()
