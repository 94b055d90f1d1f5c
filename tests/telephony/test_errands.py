"""Tickets on calls, and the fallback queue as a mirror of who is at work."""

from __future__ import annotations

import dataclasses

from queue_engine.core import events as ev
from queue_engine.core.commands import (
    Actor,
    ReportCallerGone,
)
from queue_engine.core.ticket import read_ticket
from queue_engine.telephony.link_counts import LinkState
from queue_engine.telephony.ports import FallbackAgent
from routing.vocabulary import AgentId, LinkId, PhoneId, Priority
from tests.telephony.fake_ami import FakeAmi, error, until
from tests.telephony.link_world import (
    LINK,
    FakeEngine,
    channel,
    contact_id,
    ticket,
    waiting,
    world,
)

# --- tickets --------------------------------------------------------------------------------


async def test_the_ticket_is_put_on_the_call_after_each_change() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        raised = dataclasses.replace(ticket(caller, 9), priority=Priority.EMERGENCY)
        here.engine.tickets[caller] = (raised, 0)
        changed = ev.ContactPriorityChanged(caller, Priority.EMERGENCY, Actor.CALLER, "key")
        here.engine.happen(changed)
        await until(lambda: len(here.written) >= 2)
        on_call = {fields["variable"][0]: fields for fields in here.written}
        assert read_ticket(on_call["SAMKO_TICKET"]["value"][0]) == raised
        assert on_call["SAMKO_TICKET"]["channel"] == [caller]
        assert on_call["SAMKO_PRIO"]["value"] == ["0"]


async def test_a_ticket_with_a_record_that_no_journal_has_is_on_no_call() -> None:
    """By its higher number it would win over any journal, and tell what never happened."""
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        caller = contact_id(1)
        here.engine.last_journaled = 8
        here.engine.tickets[caller] = (ticket(caller, 9), 0)
        pictures = len(ami.named("Status"))
        changed = ev.ContactPriorityChanged(caller, Priority.STANDARD, Actor.CALLER, "key")
        here.engine.happen(changed)
        await until(lambda: len(ami.named("Status")) > pictures)
        assert here.written == []
        here.engine.last_journaled = 9
        here.engine.happen(changed)
        await until(lambda: here.written)


async def test_one_who_hung_up_before_he_was_enqueued_is_gone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        here.hangs_up(1)
        await here.heard()
        caller = here.engine.enqueue(1)
        here.engine.happen(_enqueued(caller))
        await until(lambda: here.engine.of(ReportCallerGone))
        assert here.written == []
        assert here.link.errands.counts.found_gone == 1


async def test_one_whose_hangup_lags_behind_the_answer_is_told_gone_by_the_hangup() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        await waiting(here, 1)
        ami.answers["setvar"] = lambda _: error("No such channel")
        pictures = len(ami.named("Status"))
        here.engine.happen(_enqueued(contact_id(1)))
        await until(lambda: len(ami.named("Status")) > pictures)
        assert here.engine.of(ReportCallerGone) == []
        here.hangs_up(1)
        await until(lambda: here.engine.of(ReportCallerGone))
        assert here.link.errands.counts.found_gone == 0


async def test_one_whose_channel_the_switch_does_not_know_is_gone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        ami.answers["setvar"] = lambda _: error("No such channel")
        caller = here.engine.enqueue(1)
        here.engine.happen(_enqueued(caller))
        await until(lambda: here.engine.of(ReportCallerGone) == [ReportCallerGone(caller)])


def _enqueued(caller: str) -> ev.Event:
    values = {field.name: None for field in dataclasses.fields(ev.ContactEnqueued)}
    values |= {"contact_id": caller, "link_id": LINK}  # type: ignore[dict-item]
    return ev.ContactEnqueued(**values)  # type: ignore[arg-type]


async def test_contacts_of_other_links_are_left_alone() -> None:
    async with FakeAmi() as ami, world(ami) as here:
        caller = here.engine.enqueue(1, LinkId("ast2"))
        changed = ev.ContactPriorityChanged(caller, Priority.URGENT, Actor.CALLER, "key")
        here.engine.happen(changed)
        here.engine.revoke(caller, 42)
        await here.heard()
        here.hangs_up(1)
        await here.heard()
        assert here.written == []
        assert here.redirects == []
        assert here.engine.of(ReportCallerGone) == []


async def test_old_tickets_on_calls_are_mended_after_a_reconnect() -> None:
    async with FakeAmi(channels=[channel(contact_id(1), "waiting")]) as ami:
        engine = FakeEngine()
        engine.enqueue(1)
        async with world(ami, engine) as here:
            await until(lambda: here.written)
            assert here.written[0]["channel"] == [contact_id(1)]


# --- the fallback ---------------------------------------------------------------------------


async def test_the_fallback_mirrors_who_is_at_work() -> None:
    async with FakeAmi(queue={"PJSIP/gone": ("old", "0")}) as ami:
        engine = FakeEngine(agents=(FallbackAgent(AgentId("anna"), PhoneId("nurse1"), True),))
        async with world(ami, engine):
            assert ami.queue == {"PJSIP/nurse1": ("anna", "1")}
            engine.agents = (FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),)
            engine.happen(ev.AgentBecameReady(AgentId("anna")))
            await until(lambda: ami.queue == {"PJSIP/nurse1": ("anna", "0")})
            engine.agents = ()
            engine.happen(ev.AgentSignedOff(AgentId("anna")))
            await until(lambda: ami.queue == {})
            engine.agents = (FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),)
            engine.happen(ev.AgentBecameReady(AgentId("anna")))
            await until(lambda: ami.queue == {"PJSIP/nurse1": ("anna", "0")})


async def test_a_refused_mirror_does_not_keep_the_link_down() -> None:
    async with FakeAmi() as ami:
        ami.answers["queueadd"] = lambda _: error("Unable to add interface to queue: No such queue")
        ami.answers["queuestatus"] = lambda _: error("Permission denied")
        engine = FakeEngine(agents=(FallbackAgent(AgentId("anna"), PhoneId("nurse1"), False),))
        async with world(ami, engine) as here:
            assert here.link.state is LinkState.LIVE
            assert here.link.errands.counts.refused == 1
