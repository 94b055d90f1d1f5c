"""A link whose reader, engine or picture is behind what is true at the switch by now."""

from __future__ import annotations

import asyncio
import time

import pytest

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    CallerPlace,
    Command,
    ReportCallerWaiting,
    ReportLinkLost,
    ReportSwitch,
)
from queue_engine.core.record import Record
from queue_engine.telephony import ami_link
from queue_engine.telephony.ami_connection import AmiConnection
from queue_engine.telephony.ami_link import AmiLink
from queue_engine.telephony.beat import Holder
from queue_engine.telephony.errors import TelephonyError
from queue_engine.telephony.link_counts import LinkState
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import AgentId, ContactId, PhoneId, Priority, RegionCode
from tests.telephony.fake_ami import QUICK, SUCCESS, FakeAmi, until
from tests.telephony.link_world import (
    LINK,
    TIMES,
    FakeEngine,
    World,
    channel,
    contact_id,
    quick,
    waiting,
    world,
)


async def test_a_picture_asked_for_before_a_stall_does_not_end_it() -> None:
    """Asterisk's own queue may have answered him meanwhile: a Redirect would cut the talk."""
    rows = [channel(contact_id(1), "waiting")]
    async with FakeAmi(channels=rows) as ami, world(ami, times=quick(settle_s=0.1)) as here:
        await waiting(here, 1)
        asked: list[int] = []

        def redirected(_fields: dict[str, list[str]]) -> str:
            asked.append(len(ami.named("Status")))
            return SUCCESS

        ami.answers["redirect"] = redirected
        here.link.ask_anew()
        await until(lambda: len(ami.named("Status")) == 2)
        here.link.stalled()
        here.engine.offer(contact_id(1), 42, "nurse1")
        await until(lambda: asked)
        assert asked == [3], "moved by a picture that was asked for since"
        assert ami.connections == 1, "that one came to nothing is no fault of the connection"


async def behind(here: World) -> None:
    """The journal stands still, the reader with it, and the connection is cut and made again."""
    here.engine.gate.clear()
    for number in range(1000, 1400):
        here.waits(contact_id(number))
    await until(lambda: len(here.engine.of(ReportCallerWaiting)) > 250)
    here.ami.cut()
    await until(lambda: here.ami.connections == 2 and _is_connected(here))
    assert here.link.counts.connections == 1, "the reader has not come to it"


def _is_connected(here: World) -> bool:
    connection = here.link.connection
    assert isinstance(connection, AmiConnection)
    return connection.is_connected


async def test_nothing_is_sent_on_a_connection_that_the_reader_has_not_come_to() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        await behind(here)
        here.engine.agents = (FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),)
        here.engine.happen(ev.AgentBecameReady(AgentId("anna")))
        here.engine.offer(contact_id(1), 42, "nurse1")
        await asyncio.sleep(0.05)
        assert here.redirects == []
        assert ami.named("QueueAdd") == []
        here.engine.gate.set()
        await here.live(2)
        await until(lambda: len(ami.named("QueueAdd")) == 1)


async def test_whoever_finds_no_room_to_wait_for_a_picture_is_fetched_with_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Forty callers in the switch's own queue are eighty effects."""
    monkeypatch.setattr(ami_link, "PENDING_EFFECTS_MAX", 30)
    everybody = [contact_id(number) for number in range(10, 50)]
    engine = FakeEngine()
    async with FakeAmi(channels=[channel(one, "fallback") for one in everybody]) as ami:

        def redirected(fields: dict[str, list[str]]) -> str:
            for row in ami.channels:
                if row["Uniqueid"] == fields["channel"][0]:
                    row["Context"] = "waiting"
            asyncio.get_running_loop().call_soon(here.waits, ContactId(fields["channel"][0]))
            return SUCCESS

        ami.answers["redirect"] = redirected
        async with world(ami, engine, is_live=False) as here:
            tell_of_the_fallback(engine, here.link)
            await until(lambda: all(row["Context"] == "waiting" for row in ami.channels))
            assert here.link.counts.effects_dropped > 0, "there was no room"


def tell_of_the_fallback(engine: FakeEngine, link: AmiLink) -> None:
    """As the core: who is in the fallback is restored by the first picture, and seen by others."""
    submit = engine.submit

    async def decide(command: Command) -> Record | None:
        await submit(command)
        if isinstance(command, ReportSwitch):
            callers = [one for one in command.callers if one.place is CallerPlace.FALLBACK]
            for number, caller in enumerate(callers, start=1):
                if engine.link_of(caller.contact_id) is None:
                    engine.contacts[caller.contact_id] = LINK
                    engine.happen(restored(caller.contact_id, number))
                engine.happen(ev.ContactSeenInFallback(caller.contact_id))
            await asyncio.sleep(0.02)
        return None

    link._submit = decide


def restored(contact: ContactId, number: int) -> ev.ContactRestored:
    return ev.ContactRestored(
        contact_id=contact,
        sequence=number,
        link_id=LINK,
        arrived_ms=1,
        priority=Priority.STANDARD,
        needs=(),
        home_region=RegionCode("08"),
        place=CallerPlace.FALLBACK,
        has_ticket=False,
        record=0,
    )


async def test_who_stands_by_at_a_switch_does_not_report_it_lost() -> None:
    """Another engine acts there all along; the switch is not even slow."""
    engine = FakeEngine()
    engine.gate.set()
    async with FakeAmi() as ami:
        link = AmiLink(
            LINK,
            AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK),
            submit=engine.submit,
            follow=engine.follow,
            view=engine,
            beat=engine.beat,
            now_ms=lambda: engine.now,
            times=TIMES,
            holder=Holder("b", "samko", "agi://b"),
        )

        async def another_acts() -> None:
            for turns in range(10_000):
                ami.globals["SAMKO_BEAT"] = f"{turns}-a-{int(time.time())}"
                await asyncio.sleep(0.02)

        running = [asyncio.create_task(work) for work in (another_acts(), link.run())]
        for connection in (1, 2, 3):
            await until(lambda: link.counts.connections == connection)  # noqa: B023
            await until(lambda: link.state is LinkState.HELD)
            ami.cut()
        await until(lambda: link.counts.connections == 4)
        running[0].cancel()  # now it is ours, and its loss is news
        await until(lambda: link.state is LinkState.LIVE)
        assert engine.of(ReportLinkLost) == []
        ami.cut()
        await until(lambda: len(engine.of(ReportLinkLost)) == 1)
        running[1].cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_a_host_name_that_cannot_be_one_is_tried_again_as_any_other() -> None:
    connection = AmiConnection("asterisk1..vgr.example", 5038, "samko", "hemlig", times=QUICK)
    try:
        with pytest.raises(TelephonyError, match=r"asterisk1\.\.vgr"):
            await connection.connect()
        await until(lambda: connection.attempts > 1)
    finally:
        await connection.close()


async def test_a_connection_that_nobody_keeps_any_more_ends_the_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not left behind silently: the engine ends, and is started anew."""

    def fail(*_args: object) -> None:
        raise ZeroDivisionError

    async with FakeAmi() as ami, asyncio.timeout(5):
        engine = FakeEngine()
        connection = AmiConnection("127.0.0.1", ami.port, "samko", "hemlig", times=QUICK)
        monkeypatch.setattr(connection, "_log_in", fail)
        link = AmiLink(
            LINK,
            connection,
            submit=engine.submit,
            follow=engine.follow,
            view=engine,
            beat=engine.beat,
            now_ms=lambda: engine.now,
            times=TIMES,
        )
        with pytest.raises(ExceptionGroup) as ended:
            await link.run()
        assert ended.group_contains(TelephonyError, match="nobody keeps the connection")
