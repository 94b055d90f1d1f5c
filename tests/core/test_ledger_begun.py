"""Books that begin in the middle of a day: what goes on then is booked whole when it is over."""

from __future__ import annotations

from queue_engine.core import commands as cmd
from queue_engine.core.ledger import NATION, Account, Ledger, Sums
from queue_engine.core.ledger_begun import rows_of
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    UnitId,
)
from tests.core.world import LINK, World

ADVICE, CHILD = Skill("advice"), Skill("child")


def begun(world: World) -> tuple[Ledger, int]:
    """Books that begin now, and the number of records that they have not seen."""
    return Ledger(rows=rows_of(world.state)), len(world.records)


def accounts(world: World, books: tuple[Ledger, int]) -> dict[Account, Sums]:
    ledger, unseen = books
    for record in world.records[unseen:]:
        ledger.follow(record)
    return dict(ledger.accounts())


def account(giver: str, taker: str, service: Skill = ADVICE, *, is_sold: bool = False) -> Account:
    return Account(RegionCode(giver), RegionCode(taker), service, is_sold)


def end_talk(world: World, contact: str, agent: str) -> None:
    """After a minute more; her wrap-up takes ten seconds."""
    world.wait(MINUTE_MS)
    world.nurse_hangs_up(contact)
    world.wait(10_000)
    world.do(cmd.EndWrapUp(AgentId(agent)))


def test_a_talk_that_goes_on_counts_from_its_beginning() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(2 * MINUTE_MS)
    books = begun(world)
    end_talk(world, "c1", "a1")
    done = Sums(calls=1, talk_ms=3 * MINUTE_MS, wrap_up_ms=10_000)
    assert accounts(world, books) == {account("22", "24"): done}


def test_who_rings_or_waits_then_has_not_been_worked_for() -> None:
    world = World()
    world.agent("a1", "22")
    for name in ("rings", "waits"):
        world.caller(name, "nowhere", Priority.EMERGENCY)
    books = begun(world)
    world.gone("waits")
    world.answer("rings")
    end_talk(world, "rings", "a1")
    done = Sums(calls=1, talk_ms=MINUTE_MS, wrap_up_ms=10_000)
    assert accounts(world, books) == {account("22", NATION): done}


def test_a_talk_at_a_phone_where_nobody_is_signed_on_is_nobodys_work() -> None:
    world = World()
    world.caller("c1", "24")
    world.do(cmd.ReportConnected(ContactId("c1"), LINK, PhoneId("nobodys"), None))
    books = begun(world)
    world.wait(MINUTE_MS)
    world.gone("c1")
    assert accounts(world, books) == {}


def test_of_a_wrap_up_that_goes_on_nothing_but_itself_is_booked() -> None:
    world = World()
    world.agent("a1", "22")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(MINUTE_MS)
    world.nurse_hangs_up("c1")
    world.wait(5_000)
    books = begun(world)
    world.wait(5_000)
    world.do(cmd.EndWrapUp(AgentId("a1")))
    assert accounts(world, books) == {account("22", "24"): Sums(wrap_up_ms=10_000)}


def test_what_she_answers_as_its_seller_is_on_the_account_of_sales() -> None:
    world = World()
    world.do(cmd.SetWindow("night_22_07", True))
    world.agent("a1", "23", "child")
    enqueue = cmd.EnqueueContact(
        ContactId("c1"),
        LINK,
        LineId("1177"),
        world.now_ms,
        Priority.EMERGENCY,
        (Requirement(CHILD),),
        RegionCode("24"),
        HomeRegionSource.AREA_CODE,
        UnitId("hamnen"),
    )
    world.do(enqueue)
    world.seen("c1")
    world.answer("c1")
    books = begun(world)
    end_talk(world, "c1", "a1")
    done = Sums(calls=1, talk_ms=MINUTE_MS, wrap_up_ms=10_000)
    assert accounts(world, books) == {account("23", "24", CHILD, is_sold=True): done}
