"""Wrong versions of trunks between switches; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import (
    apply as applying,
    decide_contacts,
    decide_trunks,
    events as ev,
    settle,
    state,
)
from queue_engine.core.state import State
from queue_engine.core.turn import Turn
from routing import rules, trunks
from routing.may_answer import Floor
from routing.rules import Rules
from routing.trunks import Trunk
from routing.vocabulary import LinkId

Patch = pytest.MonkeyPatch


def no_trunk_is_needed(patch: Patch) -> None:
    patch.setattr(Rules, "can_ring", lambda self, caller_link, phone_link: True)


def trunks_lead_on(patch: Patch) -> None:
    reach_of = trunks.reach_of

    def wrong(joined: Any) -> dict[LinkId, frozenset[LinkId]]:
        everybody = frozenset(link for trunk in joined for link in trunk)
        return dict.fromkeys(reach_of(joined), everybody)

    patch.setattr(rules, "reach_of", wrong)


def trunk_joins_one_way(patch: Patch) -> None:
    patch.setattr(
        rules, "reach_of", lambda joined: {one: frozenset((other,)) for one, other in joined}
    )


def far_phone_named_as_at_home(patch: Patch) -> None:
    patch.setattr(settle, "seen_from", lambda caller_link, link_id, phone_id: phone_id)


def far_phone_not_known_again(patch: Patch) -> None:
    patch.setattr(state, "far_phone", lambda phone_id: None)


def dead_trunk_tried_by_each_caller(patch: Patch) -> None:
    patch.setattr(decide_contacts, "rest_trunk", lambda turn, trunk, rest_ms: None)


def dead_trunk_is_one_callers_fault(patch: Patch) -> None:
    patch.setattr(decide_contacts, "far_phone", lambda phone_id: None)


def resting_trunk_tried_all_the_same(patch: Patch) -> None:
    patch.setattr(Floor, "does_trunk_rest", lambda self, agent, contact: False)


def nobody_looked_at_after_a_trunks_rest(patch: Patch) -> None:
    patch.setattr(State, "touch_agents_at", lambda self, link_id: None)


def trunk_rests_both_ways(patch: Patch) -> None:
    def wrong(self: Floor, agent: Any, contact: Any) -> bool:
        ends = {contact.link_id, agent.link_id}
        return any(ends == {*trunk} for trunk in self.resting)

    patch.setattr(Floor, "does_trunk_rest", wrong)


def emergencies_wait_for_the_trunk_as_all_do(patch: Patch) -> None:
    def wrong(self: Floor, agent: Any, contact: Any) -> bool:
        return (contact.link_id, agent.link_id) in self.resting

    patch.setattr(Floor, "does_trunk_rest", wrong)


def trunk_rests_for_emergencies_as_for_all(patch: Patch) -> None:
    patch.setattr(decide_trunks, "EMERGENCY_REST_MS_MAX", 30_000)


def all_try_a_trunk_with_the_emergencies(patch: Patch) -> None:
    def wrong(self: Floor, agent: Any, contact: Any) -> bool:
        return self.resting.get((contact.link_id, agent.link_id)) is False

    patch.setattr(Floor, "does_trunk_rest", wrong)


def emergency_tries_a_dead_trunk_over_and_over(patch: Patch) -> None:
    """It failed for another, so it rests already: for the emergency that tries it no more."""

    def wrong(turn: Turn, trunk: Trunk, rest_ms: int) -> None:
        if trunk not in turn.state.resting_trunks:
            decide_trunks.rest_trunk(turn, trunk, rest_ms)

    patch.setattr(decide_contacts, "rest_trunk", wrong)


def lost_link_ends_its_phones_talks(patch: Patch) -> None:
    lose = applying.WRITERS[ev.LinkLost]

    def wrong(state: State, event: Any, now_ms: int, number: int) -> None:
        lose(state, event, now_ms, number)
        for agent in state.agents.values():
            if agent.link_id == event.link_id:
                agent.assignments.clear()

    patch.setitem(applying.WRITERS, ev.LinkLost, wrong)


MUTANTS: Final = {
    no_trunk_is_needed: "auditor",
    trunks_lead_on: "story trunk",
    trunk_joins_one_way: "trunks",
    far_phone_named_as_at_home: "trunks",
    far_phone_not_known_again: "story trunk",
    dead_trunk_tried_by_each_caller: "story trunk",
    dead_trunk_is_one_callers_fault: "story trunk",
    resting_trunk_tried_all_the_same: "trunks",
    nobody_looked_at_after_a_trunks_rest: "trunks",
    trunk_rests_both_ways: "trunks",
    emergencies_wait_for_the_trunk_as_all_do: "trunks",
    trunk_rests_for_emergencies_as_for_all: "trunks",
    all_try_a_trunk_with_the_emergencies: "trunks",
    emergency_tries_a_dead_trunk_over_and_over: "story trunk",
    lost_link_ends_its_phones_talks: "story trunk",
}
