"""What must be true after every command, checked the slow and obvious way.

Run after each command in tests and simulations, and on a sample in production. Nothing here uses
the indexes it checks, but to compare them with what the rows say.
"""

from __future__ import annotations

from collections.abc import Iterator

from queue_engine.core import events as ev
from queue_engine.core.agent import Agent, AgentState, Presence
from queue_engine.core.callback import CallbackState
from queue_engine.core.check_callbacks import check_callbacks
from queue_engine.core.check_islands import check_islands
from queue_engine.core.check_texts import check_texts
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.deadlines import DeadlineKind
from queue_engine.core.invariants_gateways import check_gateways, check_trunks
from queue_engine.core.invariants_room import check_room
from queue_engine.core.invariants_sharing import check_members, check_sharing, share_rules_left
from queue_engine.core.invariants_spoken import check_spoken
from queue_engine.core.keeping import why_not_kept
from queue_engine.core.measures import levels_of
from queue_engine.core.placing import place_and_class
from queue_engine.core.state import State
from queue_engine.core.talk import ON_HOLD, WITH_COLLEAGUE, TalkState
from routing.limits import LimitKind
from routing.matching import all_pairs, contact_key
from routing.may_answer import class_obstacle, obstacle, standing_obstacle
from routing.policy import Order
from routing.skills import meets
from routing.vocabulary import (
    AgentId,
    ContactChannel,
    ContactId,
    LinkId,
    NotReadyReason,
    Priority,
)
from routing.waiting import ContactClass, WaitingContacts


def check(state: State) -> None:
    """Raises AssertionError, naming what is wrong, if any invariant does not hold."""
    assert not state.touched, "a command left something unsettled"
    _check_contacts(state)
    _check_talks(state)
    check_callbacks(state)
    check_texts(state)
    check_islands(state)
    check_gateways(state)
    check_trunks(state)
    _check_agents(state)
    _check_indexes(state)
    _check_deadlines(state)
    _check_limits(state)
    check_members(state)
    check_sharing(state)
    _check_work_conserving(state)
    _check_withdrawals(state)
    check_spoken(state)
    _check_kept(state)


def check_promise(state: State, event: ev.Event) -> None:
    """Called before an offer is applied: nobody whom she may answer stands before it.

    *When j is offered to a, no waiting i that a may answer has a smaller key_a* (DESIGN 2).
    """
    if not isinstance(event, ev.ContactOffered):
        return
    agent = state.agents[event.agent_id]
    offered = state.contacts[event.contact_id]
    assert state.is_offerable(offered), f"{event.contact_id} was offered and cannot be"
    assert agent.is_ready, f"{event.agent_id} was offered a contact and is not ready"
    why = obstacle(state.floor, agent, offered)
    assert why is None, f"{event.agent_id} may not answer {event.contact_id}: {why}"
    key = contact_key(state.floor, agent.agent_id, agent.agent_class, offered)
    for other in state.contacts.values():
        if other is not offered and state.is_offerable(other):
            other_key = contact_key(state.floor, agent.agent_id, agent.agent_class, other)
            assert other_key > key or obstacle(state.floor, agent, other) is not None, (
                f"{event.contact_id} {key} was offered to {event.agent_id}"
                f" before {other.contact_id} {other_key}"
            )


def _check_contacts(state: State) -> None:
    assert state.sold.keys() <= state.contacts.keys(), "sold, and forgotten"
    sequences = set()
    for contact_id, contact in state.contacts.items():
        assert contact.contact_id == contact_id, contact_id
        assert contact.state is not None, contact_id
        assert contact.sequence not in sequences, f"two contacts with sequence {contact.sequence}"
        assert contact.sequence < state.next_sequence, contact_id
        sequences.add(contact.sequence)
        holders = {
            agent.agent_id: agent.assignments[contact_id].state
            for agent in state.agents.values()
            if contact_id in agent.assignments
            and agent.assignments[contact_id].state is not AgentState.WRAP_UP
        }
        match contact.state:
            case ContactState.WAITING:
                assert not holders, f"{contact_id} waits and is held by {holders}"
                assert contact.offer is None, contact_id
            case ContactState.OFFERED:
                assert contact.agent_id is not None, contact_id
                assert holders == {contact.agent_id: AgentState.RESERVED}, (contact_id, holders)
                assert contact.offer is not None, contact_id
            case ContactState.CONNECTED:
                expected = {contact.agent_id: AgentState.TALKING} if contact.agent_id else {}
                if contact.consulted_agent is not None:
                    rings = contact.talk is TalkState.ASKING
                    asked = AgentState.RESERVED if rings else AgentState.TALKING
                    expected[contact.consulted_agent] = asked
                assert holders == expected, (contact_id, holders)
                assert contact.phone_id is not None, contact_id
                assert contact.agent_id is not None or contact.talk is None, contact_id
            case ContactState.ENDED:
                assert not holders, f"{contact_id} has ended and is held by {holders}"
                assert contact.outcome is not None, contact_id


def _check_talks(state: State) -> None:
    """What is special about a talk belongs to one, and tells who is on hold."""
    for contact_id, contact in state.contacts.items():
        is_talk = contact.state is ContactState.CONNECTED
        assert contact.talk is None or is_talk, f"{contact_id}: {contact.talk} in {contact.state}"
        is_held = contact.talk in ON_HOLD
        assert (contact.held_since_ms is not None) == is_held, f"{contact_id}: hold differs"
        is_asked = contact.talk in WITH_COLLEAGUE
        for part in (contact.consulted_agent, contact.consulted_phone, contact.consult):
            assert (part is not None) == is_asked, f"{contact_id}: who is asked differs"


def _check_agents(state: State) -> None:
    phones = set()
    for agent_id, agent in state.agents.items():
        assert agent.agent_id == agent_id, agent_id
        assert agent.agent_class is agent.class_now(), f"{agent_id}: her class is another"
        assert (agent.link_id, agent.phone_id) not in phones, f"two agents at {agent.phone_id}"
        phones.add((agent.link_id, agent.phone_id))
        check_room(state, agent)
        assert not agent.is_signing_off or agent.assignments, f"{agent_id} should be signed off"
    assert set(state.phones) == phones, "phones and agents differ"


def _takes_calls(agent: Agent) -> bool:
    is_away = agent.gateway is not None and agent.rests is not None
    return agent.presence is Presence.READY and not (agent.is_signing_off or is_away)


def _check_indexes(state: State) -> None:
    offerable = {c.contact_id for c in state.contacts.values() if state.is_offerable(c)}
    assert offerable == set(state.waiting.by_id), "the waiting index differs from the rows"
    ready = {
        agent.agent_id
        for agent in state.agents.values()
        if agent.is_ready and state.is_link_up(agent.link_id)
    }
    assert ready == set(state.ready.by_id), "the ready index differs from the rows"
    tried = {c.contact_id for c in state.contacts.values() if state.is_offerable(c) and c.tried}
    assert tried == {c.contact_id for c in state.tried_waiting()}, "the tried index differs"
    sequences = {contact.sequence: contact_id for contact_id, contact in state.contacts.items()}
    assert sequences == state.sequences, "the index of sequences differs"
    ringing = {c.contact_id for c in state.contacts.values() if c.state is ContactState.OFFERED}
    assert ringing == {c.contact_id for c, _ in state.offers()}, "the index of offers differs"
    asking = {c.contact_id: c for c in state.contacts.values() if c.talk is TalkState.ASKING}
    assert asking == state.asking, "the index of questions differs"
    _check_emergencies(state)
    _check_returning(state)
    living = [c for c in state.contacts.values() if c.state is not ContactState.ENDED]
    living.sort(key=lambda contact: contact.sequence)
    assert living == state.living_contacts(), "the index of the living differs"
    _check_remembered(state)
    for code in {agent.region for agent in state.agents.values()}:
        count = sum(agent.region == code for agent in state.agents.values())
        assert state.ready.signed_on_count(code, ()) == count, f"{code}: signed on differs"
    taking = {(code, each) for code, agents in state.taking.items() for each in agents}
    those = {(each.region, each.agent_id) for each in state.agents.values() if _takes_calls(each)}
    assert those == taking, "who takes calls differs"


def _check_returning(state: State) -> None:
    found = {
        contact_id: key for key, alike in state.returning.by_key.items() for contact_id in alike
    }
    wanted = {c.contact_id: c.caller_key for c in state.contacts.values() if c.may_return}
    assert found == wanted, f"the index of those who may be continued differs: {found}"
    assert all(state.returning.by_key.values()), "a caller's key without a contact"
    continued = [c.continues for c in state.contacts.values() if c.continues is not None]
    assert len(continued) == len(set(continued)), f"continued twice: {sorted(continued)}"


def _check_emergencies(state: State) -> None:
    first: dict[ContactClass | ContactId, Contact] = {}
    for contact in sorted(state.contacts.values(), key=lambda contact: contact.place):
        kind = contact.contact_class
        if kind.tier == 0 and state.is_offerable(contact):
            is_chat = kind.channel is ContactChannel.CHAT
            first.setdefault(contact.contact_id if is_chat else kind, contact)
    found = state.waiting_emergencies()
    assert found == list(first.values()), f"the index of emergencies differs: {found}"


def _check_remembered(state: State) -> None:
    """What is kept so that it need not be worked out again is what it would be now."""
    waiting = WaitingContacts(state.rules)
    for contact in state.contacts.values():
        place, kind = place_and_class(state.rules, contact)
        assert contact.place == place, f"{contact.contact_id}: its place is {place}"
        assert contact.contact_class == kind, f"{contact.contact_id}: its class is {kind}"
        if state.is_offerable(contact):
            waiting.add(contact)
    assert dict(waiting.rows()) == dict(state.waiting.rows()), "the rows of the waiting differ"
    assert dict(waiting.heads()) == dict(state.waiting.heads()), "the rows' heads differ"
    assert waiting.lengths == state.waiting.lengths, "the lengths that rings hang on differ"
    for region, needs, ready, signed_on in state.ready.counted():
        able = [
            agent
            for agent in state.agents.values()
            if agent.region == region and meets(agent.skills, needs)
        ]
        assert signed_on == len(able), f"{region}: signed on differs: {signed_on} for {needs}"
        free = sum(
            agent.agent_id in state.ready and agent.rests is None and not agent.assignments
            for agent in able
        )
        assert ready == free, f"{region}: ready differs: {ready} for {needs}"
        kept = state.ready.count(region, needs).reserve
        reserve = state.rules.reserve_of(region, needs, signed_on)
        assert kept == reserve, f"{region}: it keeps {kept} for {needs}, and {reserve} by the rules"
    for agent_class in {agent.agent_class for agent in state.agents.values()}:
        for contact_class in {contact.contact_class for contact in state.contacts.values()}:
            found = state.floor.standing(agent_class, contact_class)
            now = standing_obstacle(state.rules, agent_class, contact_class)
            assert found is now, f"{agent_class} and {contact_class}: remembered {found}, is {now}"


def _check_deadlines(state: State) -> None:
    """Each row has its reason, and each reason its row; and none of them is slept through."""
    assert not (lost := state.deadlines.unindexed()), f"deadlines are not due: {sorted(lost)}"
    found = {(row.kind, row.subject, row.detail) for row in state.deadlines.rows()}
    wanted = {
        *(row for contact in state.contacts.values() for row in _rows_of_contact(state, contact)),
        *((DeadlineKind.TRUNK, *trunk) for trunk in state.resting_trunks),
        *((DeadlineKind.FORGET_CALLS, str(day), "") for day in state.calls),
        *((DeadlineKind.TEXT, text_id, "") for text_id in state.texts),
        *((DeadlineKind.ISLAND, island_id, "") for island_id in state.told_islands.rows),
        *(row for agent in state.agents.values() for row in _rows_of_agent(agent)),
    }
    heals = {row for row in found if row[0] is DeadlineKind.HEAL}
    sooner = {row for row in found if row[0] is DeadlineKind.TRUNK_EMERGENCY}
    assert not (missing := wanted - found), f"deadlines are missing: {sorted(missing)}"
    assert not (left := found - wanted - heals - sooner), (
        f"deadlines were left behind: {sorted(left)}"
    )
    for _, agent_id, _ in heals:
        agent = state.agents.get(AgentId(agent_id))
        assert agent is not None, f"{agent_id} heals and is not at work"
        has_missed = agent.not_ready_reason is NotReadyReason.NO_ANSWER
        assert has_missed or agent.gateway is not None, f"{agent_id} heals from nothing"
    for _, link_id, phone_link in sooner:
        is_tried = state.resting_trunks.get((LinkId(link_id), LinkId(phone_link)))
        assert is_tried is False, f"from {link_id} to {phone_link} emergencies try already"


_Row = tuple[DeadlineKind, str, str]


def _rows_of_contact(state: State, contact: Contact) -> Iterator[_Row]:
    contact_id = contact.contact_id
    if contact.state is ContactState.ENDED:
        yield DeadlineKind.FORGET, contact_id, ""
    if contact.held_since_ms is not None:
        yield DeadlineKind.RECALL, contact_id, ""
    if contact.talk is TalkState.ASKING and state.is_link_up(contact.link_id):
        yield DeadlineKind.CONSULT, contact_id, ""
    if contact.state not in (ContactState.WAITING, ContactState.OFFERED):
        return
    if contact.state is ContactState.OFFERED and state.is_in_reach(contact):
        yield DeadlineKind.RING, contact_id, ""
    if contact.promised_until_ms is not None and not contact.is_promise_overdue:
        yield DeadlineKind.PROMISE, contact_id, ""
    if contact.is_kept:
        yield DeadlineKind.KEEP, contact_id, ""
    if contact.is_postponed:
        yield DeadlineKind.NOT_BEFORE, contact_id, ""
    if contact.priority is Priority.EMERGENCY and not contact.is_overdue_emergency:
        yield DeadlineKind.OVERDUE, contact_id, ""
    for agent_id in contact.tried:
        yield DeadlineKind.TRIED, contact_id, agent_id
    for rule in share_rules_left(state, contact):
        if rule.is_timed:
            yield DeadlineKind.SHARE, contact_id, rule.name
    for relax in state.rules.policy.relax_rules:
        if relax.relaxed(contact.needs) != contact.needs:
            yield DeadlineKind.RELAX, contact_id, relax.name


def _rows_of_agent(agent: Agent) -> Iterator[_Row]:
    if agent.rests is not None:
        yield DeadlineKind.STRAIN, agent.agent_id, ""
    for contact_id, held in agent.assignments.items():
        if held.state is AgentState.WRAP_UP:
            yield DeadlineKind.WRAP_UP, agent.agent_id, contact_id


def _check_limits(state: State) -> None:
    for limit in state.limits:
        is_known = limit.kind is LimitKind.LOSS or levels_of(state.rules, limit) is not None
        assert is_known, f"{limit} is on and no rule names it"


def _check_withdrawals(state: State) -> None:
    """No emergency waits for a nurse whose phone rings for something of tier 2 or 3, or for a
    colleague's question."""
    if state.rules.policy.order is Order.FIFO:
        return
    rings = list(_lesser_rings(state))
    for emergency in state.contacts.values():
        if emergency.contact_class.tier != 0 or not state.is_offerable(emergency):
            continue
        for other, agent in rings:
            kind = agent.class_without(other.contact_id, state.rules.policy.rooms)
            assert (
                agent.presence is not Presence.READY
                or agent.is_signing_off
                or not state.is_link_up(agent.link_id)
                or kind is None
                or agent.is_busy_with(emergency.contact_id)
                or class_obstacle(state.floor, kind, emergency.contact_class)
            ), f"{emergency.contact_id} waits while {agent.agent_id} rings for {other.contact_id}"


def _lesser_rings(state: State) -> Iterator[tuple[Contact, Agent]]:
    """Offers of tier 2 or 3 that nobody has answered, and questions but about emergencies."""
    for contact in state.contacts.values():
        tier, asked = contact.contact_class.tier, contact.consulted_agent
        if contact.state is ContactState.OFFERED:
            assert contact.agent_id is not None, contact.contact_id
            if tier >= 2 and contact.callback is not CallbackState.DIALLED:
                yield contact, state.agents[contact.agent_id]
        if contact.talk is TalkState.ASKING and tier:
            assert asked is not None, contact.contact_id
            yield contact, state.agents[asked]


def _check_kept(state: State) -> None:
    """Whoever is kept for somebody can expect her."""
    kept = {c.contact_id: c for c in state.contacts.values() if c.is_kept}
    assert kept == state.kept, "the index of the kept differs"
    for contact in kept.values():
        why = why_not_kept(state, contact)
        assert why is None, f"{contact.contact_id} is kept: {why}"
    at_work = {(one.unit, one.agent_id) for one in state.agents.values() if one.unit is not None}
    of_units = {(unit, agent_id) for unit, agents in state.units.items() for agent_id in agents}
    assert at_work == of_units, "the index of units differs"


def _check_work_conserving(state: State) -> None:
    pairs = all_pairs(
        state.floor,
        [agent for agent in state.agents.values() if agent.agent_id in state.ready],
        [contact for contact in state.contacts.values() if contact.contact_id in state.waiting],
    )
    assert not pairs, (
        f"{pairs[0].agent.agent_id} is ready and may answer {pairs[0].contact.contact_id}"
    )
