"""What pages, metrics and accounts say of contacts that were on an island."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from queue_engine.console_api.chronicle import Entry
from queue_engine.console_api.ledger_book import _Kept
from queue_engine.console_api.retold import retell
from queue_engine.console_api.timeline import timeline
from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.island_reports import IslandDisposition, IslandStint, StintKind
from queue_engine.core.ledger import Ledger
from queue_engine.core.plain import from_plain, to_plain
from routing.policy import MINUTE_MS
from routing.vocabulary import (
    AgentId,
    ContactId,
    IslandId,
    Outcome,
    Priority,
    RegionCode,
    Skill,
    TextId,
)
from tests.console_api.api_world import ApiWorld, api_world
from tests.console_api.test_console_metrics import scrape, value
from tests.core.everybody_islands import ISLAND, fact_of
from tests.core.world import START_MS, World

NURSE, TALKER, OTHER = AgentId("n1"), AgentId("talker"), AgentId("other")


def merged(fact: cmd.IslandContact, **changes: object) -> ev.IslandContactMerged:
    event = ev.IslandContactMerged(
        contact_id=fact.contact_id,
        island=ISLAND,
        fact=fact,
        sequence=1,
        outcome=Outcome.HANDLED,
        former=None,
        wait_ms=30_000,
        talk_ms=20_000,
        hold_ms=0,
        ended_ms=fact.until_ms,
        was_cut=False,
        agent_id=TALKER,
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def said(event: ev.Event) -> tuple[str, str]:
    told = timeline([Entry(START_MS, event)], World().state)[-1]
    return told["text_sv"], told["text_en"]


def test_it_says_from_when_to_when_where_and_what_was_done() -> None:
    sv, en = said(merged(fact_of("stranger", Outcome.HANDLED)))
    assert sv == (
        "Kom in på en ö 12:05:40–12:06:30 (noden n1, avskuren från de andra): besvarad efter 30 s,"
        " samtal med talker i Väst 20 s. Räknas som hanterat."
    )
    assert en == (
        "Came in on an island, 12:05:40–12:06:30 (node n1, cut off from the others): answered"
        " after 30 s, a talk with talker in Väst 20 s. Counts as handled."
    )


def test_it_says_what_it_was_thought_to_be_and_what_was_noted() -> None:
    talk = fact_of("c1", None).stints[0]
    fact = replace(
        fact_of("c1", None),
        was_talking=True,
        answer=None,
        stints=(
            replace(talk, is_open=True),
            IslandStint(
                OTHER,
                RegionCode(""),
                StintKind.CONSULT,
                START_MS - 20_000,
                START_MS - 15_000,
                RegionCode("24"),
                Skill("advice"),
            ),
        ),
        dispositions=(IslandDisposition(TALKER, "self_care", cause="injury"),),
    )
    sv, en = said(merged(fact, former=Outcome.LOST))
    assert sv == (
        "Var på en ö 12:05:40–12:06:30 (noden n1, avskuren från de andra): samtal med talker i"
        " Väst 20 s (pågick), rådfrågan hos other 5 s, talker noterade self_care injury. Räknas nu"
        " som hanterat, inte längre som förlorat."
    )
    assert en.endswith("Counts as handled now, no longer as lost.")
    nobody = replace(fact, stints=(), dispositions=())
    sv, en = said(merged(nobody, outcome=Outcome.LOST, former=Outcome.LOST))
    assert sv.endswith("(noden n1, avskuren från de andra): ingen svarade. Räknas som förlorat.")
    assert en.endswith("nobody answered. Counts as lost.")


def test_it_says_what_waits_and_who_is_to_be_rung_back() -> None:
    fact = fact_of("c1", None)
    sv, en = said(ev.IslandContactAwaited(fact.contact_id, ISLAND, fact))
    assert sv.endswith("Det som gjordes där räknas när samtalet är över.")
    assert en.endswith("What was done there will count when the contact is over.")
    sv, en = said(ev.IslandContactTaken(fact.contact_id, ISLAND, fact, 1, fact.arrived_ms))
    assert sv.endswith("Lovades där att bli uppringd, och har sin plats i kön igen.")
    assert en.endswith("and has its place in the queue again.")
    sv, en = said(ev.IslandTextTaken(TextId("1-c1"), fact.contact_id))
    assert (sv, en) == (
        "Sms:et som skulle ha skickats från en ö ska skickas nu.",
        "The text message that an island was to send is to be sent now.",
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_words(outcome: Outcome) -> None:
    sv, en = said(merged(fact_of("c1", Outcome.HANDLED), outcome=outcome))
    assert "Räknas som " in sv
    assert "Counts as " in en


def test_one_that_the_engine_has_let_go_of_is_told_again() -> None:
    fact = replace(fact_of("stranger", Outcome.HANDLED), priority=Priority.URGENT)
    told = retell([(START_MS, merged(fact, ended_ms=START_MS - 10_000))])
    assert told is not None
    assert (told.state, told.outcome, told.talk_ms) == (
        ContactState.ENDED,
        Outcome.HANDLED,
        20_000,
    )
    assert (told.priority, told.home_region) == (Priority.URGENT, "24")
    taken = ev.IslandContactTaken(fact.contact_id, ISLAND, fact, 1, fact.arrived_ms)
    told = retell([(START_MS, taken)])
    assert told is not None
    assert told.state is ContactState.WAITING


async def test_the_api_shows_it_and_metrics_count_it() -> None:
    async with api_world() as world:
        await _told(world)
        samples = await scrape(world)
        assert value(samples, "samko_island_contacts_total", what="came") == 1
        assert value(samples, "samko_island_contacts_total", what="corrected") == 1
        assert value(samples, "samko_contacts_entered_total", region="24", priority="standard") == 2
        ended = ("samko_contacts_ended_total", {"region": "24", "outcome": "handled"})
        assert value(samples, ended[0], **ended[1]) == 1
        assert value(samples, "samko_wait_seconds_bucket", priority="standard", le="30") == 2
        for result in ("within",):
            found = value(
                samples, "samko_callers_total", region="24", priority="standard", result=result
            )
            assert found == 2
        shown = await world.get("/api/v1/contacts/stranger")
        assert (shown["state"], shown["outcome"]) == ("ended", "handled")
        (entry,) = shown["timeline"]
        assert entry["kind"] == "island_contact_merged"
        explained = await world.get("/api/v1/contacts/stranger/explain")
        assert [one["kind"] for one in explained["entries"]] == ["island_contact_merged"]


async def _told(world: ApiWorld) -> None:
    """One is lost here and was helped there, and another came there."""
    lost = await world.caller("24", name="c1")
    await world.driver.submit(cmd.ReportCallerGone(lost, was_cut=True))
    island = replace(ISLAND, island_id=IslandId("n1-2"), after=2)
    known = replace(fact_of("c1", Outcome.HANDLED), number=3, until_ms=world.clock.ms)
    came = replace(fact_of("stranger", Outcome.HANDLED), number=4)
    await world.driver.submit(cmd.ReportIsland(island, 2, 4, (known, came), is_last=True))


def test_a_ledger_that_was_kept_goes_on_with_what_islands_did() -> None:
    """All that a merge hangs on is in the file: what is booked, and whose end nobody saw."""
    world = World()
    world.agent("a1")
    world.caller("c1", "24")
    world.answer("c1")
    world.wait(MINUTE_MS)
    world.do(cmd.ReportLinkLost(world.state.contacts[ContactId("c1")].link_id))
    world.wait(MINUTE_MS)
    world.do(cmd.ReportSwitch(world.state.contacts[ContactId("c1")].link_id, world.now_ms, ()))
    world.wait(20 * MINUTE_MS)
    ledger = Ledger()
    for record in world.records:
        ledger.follow(record)
    plain = json.loads(json.dumps(to_plain(_Kept(rows=ledger.rows()))))
    kept = from_plain(_Kept, plain)
    assert kept.rows == ledger.rows()
    assert list(kept.rows.unseen) == ["c1"]
    assert kept.rows.unseen[ContactId("c1")].booked
