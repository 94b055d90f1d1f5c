"""Wrong versions of what is decided on gateways and their seats; see `mutants`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import (
    apply_agents,
    decide,
    decide_contacts,
    decide_gateways,
    decide_trunks,
    events as ev,
    redial,
)
from queue_engine.core.agent import Agent
from queue_engine.core.commands import ReportGateway
from queue_engine.core.gateways import seats_of
from queue_engine.core.turn import Turn
from routing import may_answer
from routing.rules import Rules
from routing.vocabulary import GatewayId

Patch = pytest.MonkeyPatch


def failing_gateway_tried_seat_by_seat(patch: Patch) -> None:
    def wrong(agents: Any, gateway_id: GatewayId) -> list[Agent]:
        return [seat for seat in seats_of(agents, gateway_id) if seat.is_ready][:1]

    patch.setattr(decide_trunks, "seats_of", wrong)


def failing_gateway_tried_at_once(patch: Patch) -> None:
    patch.setattr(decide_contacts, "rest_seats", lambda *args: None)


def gateway_rests_until_somebody_looks(patch: Patch) -> None:
    def wrong(turn: Turn, gateway_id: GatewayId, reason: Any, rest_ms: int) -> None:
        for seat in seats_of(turn.state.agents.values(), gateway_id):
            if seat.is_ready:
                turn.emit(ev.AgentBecameNotReady(seat.agent_id, reason))

    patch.setattr(decide_contacts, "rest_seats", wrong)


def gateway_rests_for_emergencies_as_for_all(patch: Patch) -> None:
    def wrong(turn: Turn, gateway_id: GatewayId, reason: Any, rest_ms: int) -> None:
        for seat in seats_of(turn.state.agents.values(), gateway_id):
            if seat.is_ready:
                until_ms = turn.now_ms + rest_ms
                turn.emit(ev.AgentBecameNotReady(seat.agent_id, reason, until_ms))

    patch.setattr(decide_contacts, "rest_seats", wrong)


def all_try_a_gateway_with_the_emergencies(patch: Patch) -> None:
    def wrong(turn: Turn, gateway_id: GatewayId, reason: Any, rest_ms: int) -> None:
        sooner_ms = min(rest_ms, decide_trunks.EMERGENCY_REST_MS_MAX)
        decide_trunks.rest_seats(turn, gateway_id, reason, sooner_ms)

    patch.setattr(decide_contacts, "rest_seats", wrong)


def emergency_tries_a_full_gateway_over_and_over(patch: Patch) -> None:
    """It has not taken another, so it rests already: for the emergency that tries it no more."""

    def wrong(agents: Any, gateway_id: GatewayId) -> list[Agent]:
        return [seat for seat in seats_of(agents, gateway_id) if seat.rests is None]

    patch.setattr(decide_trunks, "seats_of", wrong)


def resting_gateway_is_counted_on(patch: Patch) -> None:
    patch.setattr(Agent, "is_resting_seat", False)


def gateway_pays_as_a_nurse(patch: Patch) -> None:
    patch.setattr(decide_contacts, "gateway_of", lambda name: None)


def chats_put_through_to_a_gateway(patch: Patch) -> None:
    def wrong(rules: Rules, agent: Any, link_id: Any) -> may_answer.Obstacle | None:
        found = rules.can_ring(link_id, agent.link_id)
        return None if found else may_answer.Obstacle.OTHER_SWITCH

    patch.setattr(may_answer, "switch_obstacle", wrong)


def any_switch_speaks_of_the_trunk(patch: Patch) -> None:
    report = decide_gateways.report_gateway

    def wrong(turn: Turn, command: Any) -> None:
        gateway = turn.state.rules.gateways.get(command.gateway_id)
        if gateway is not None:
            link_id = gateway.link_id
            report(turn, type(command)(link_id, command.gateway_id, command.is_reached))

    patch.setitem(decide._DECIDERS, ReportGateway, wrong)


def lost_gateway_rings_on(patch: Patch) -> None:
    patch.setattr(decide_gateways, "_stop_ringing", lambda turn, gateway_id: None)


def lost_gateway_keeps_its_seats(patch: Patch) -> None:
    patch.setattr(decide_gateways, "_leave", lambda turn, seat: None)


def fewer_seats_are_the_idle_ones(patch: Patch) -> None:
    """Talks are left alone, and yet the wrong seats are the first to go."""

    def wrong(agents: Any, gateway_id: GatewayId) -> list[Agent]:
        return seats_of(agents, gateway_id)[::-1]

    patch.setattr(decide_gateways, "seats_of", wrong)


def reload_leaves_the_seats(patch: Patch) -> None:
    patch.setattr(decide_gateways, "fit_gateways", lambda turn, former: None)


def what_was_set_outlives_the_agreement(patch: Patch) -> None:
    fit = decide_gateways.fit_gateways

    def wrong(turn: Turn, former: Any) -> None:
        said = {each: row.seats for each, row in turn.state.gateways.items()}
        fit(turn, former)
        for gateway_id, seats in said.items():
            if seats is not None and gateway_id in turn.state.rules.gateways:
                turn.emit(ev.GatewaySeatsSet(gateway_id, seats, "kept"))
                decide_gateways.fit_seats(turn, gateway_id)

    patch.setattr(decide_gateways, "fit_gateways", wrong)


def seat_is_strained(patch: Patch) -> None:
    def wrong(state: Any, agent: Agent, now_ms: int) -> None:
        agent.worked_until_ms = now_ms
        agent.work_since_ms = agent.work_since_ms or 0
        state.touched.freed[agent.agent_id] = agent

    patch.setattr(apply_agents, "note_freed", wrong)


def caller_prefers_a_seat_after_a_cut(patch: Patch) -> None:
    patch.setattr(redial, "gateway_of", lambda name: None)


MUTANTS: Final = {
    failing_gateway_tried_seat_by_seat: "gateways",
    failing_gateway_tried_at_once: "gateways",
    gateway_rests_until_somebody_looks: "gateways",
    gateway_rests_for_emergencies_as_for_all: "gateways",
    all_try_a_gateway_with_the_emergencies: "gateways",
    emergency_tries_a_full_gateway_over_and_over: "gateways",
    resting_gateway_is_counted_on: "story gateway",
    gateway_pays_as_a_nurse: "gateways",
    chats_put_through_to_a_gateway: "gateways",
    any_switch_speaks_of_the_trunk: "gateways",
    lost_gateway_rings_on: "story gateway",
    lost_gateway_keeps_its_seats: "gateways",
    fewer_seats_are_the_idle_ones: "story gateway",
    reload_leaves_the_seats: "gateways",
    what_was_set_outlives_the_agreement: "story gateway",
    seat_is_strained: "gateways",
    caller_prefers_a_seat_after_a_cut: "story gateway",
}
