"""What must be true of whom contacts are shared with, and of who takes part; see `invariants`."""

from __future__ import annotations

from queue_engine.core.agent import Agent
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.state import State
from routing.limits import Limit, LimitKind
from routing.may_answer import is_sold_to
from routing.region_policy import NATIONAL, RegionPolicy, ShareCondition, ShareRule
from routing.skills import meets


def check_members(state: State) -> None:
    """Those regions take part that the policy and the windows say."""
    for region in state.rules.policy.regions:
        is_in_hours = any(state.windows.get(name, False) for name in region.takes_part_in)
        takes_part = region.takes_part and (is_in_hours or not region.takes_part_in)
        assert state.rules.takes_part(region.code) == takes_part, f"{region.code}: {takes_part}"


def check_sharing(state: State) -> None:
    """No rule whose condition holds is forgotten, and none that is over holds on."""
    for contact in state.contacts.values():
        for shared in contact.shared if contact.state is not ContactState.ENDED else ():
            is_over = shared.window and not state.windows.get(shared.window, False)
            assert not is_over, f"{contact.contact_id}: {shared.window} is over, {shared.rule} not"
        if contact.state is not ContactState.WAITING:
            continue
        for rule in share_rules_left(state, contact):
            is_now = rule.condition in (ShareCondition.WAITED, ShareCondition.QUEUE_LENGTH)
            assert rule.after_ms or not is_now, f"{contact.contact_id}: {rule.name} forgotten"
            is_on = rule.condition is ShareCondition.WINDOW and state.windows.get(rule.window)
            assert not is_on, f"{contact.contact_id}: {rule.window} is on and {rule.name} forgotten"
            is_long = Limit(contact.home_region, LimitKind.OWN_WAIT, rule.name) in state.limits
            assert not is_long, f"{contact.contact_id}: own wait is long and {rule.name} forgotten"
            is_shut = contact.line_id in state.closed_lines
            is_shut = is_shut and rule.condition is ShareCondition.LINE_CLOSED
            assert not is_shut, f"{contact.contact_id}: its line closed and {rule.name} forgotten"
            staff = [
                agent
                for agent in state.agents.values()
                if _is_staff(state, agent, contact, rule) and meets(agent.skills, contact.needs)
            ]
            is_alone = rule.condition is ShareCondition.UNSTAFFED and not staff
            assert not is_alone, f"{contact.contact_id}: unstaffed and {rule.name} forgotten"
        if contact.contact_class.tier == 1 and state.is_offerable(contact):
            is_shared = any(shared.ring == NATIONAL for shared in contact.shared)
            assert is_shared or not state.rules.takes_part(contact.home_region), (
                f"{contact.contact_id} is urgent, waits, and is not everybody's"
            )


def share_rules_left(state: State, contact: Contact) -> list[ShareRule]:
    """The rules of its home that speak of it and have not shared it."""
    done = {(shared.rule, shared.ring) for shared in contact.shared}
    rules = speaking_rules(state, contact)
    return [rule for rule in rules if (rule.name, rule.ring) not in done]


def speaking_rules(state: State, contact: Contact) -> list[ShareRule]:
    """The rules of its home that speak of it now, their conditions apart."""
    return [
        rule
        for region in state.rules.policy.regions
        if region.code == contact.home_region
        for rule in (*region.share_rules, *_unit_rules(region, contact))
        if _speaks_of(state, rule, contact)
    ]


def _speaks_of(state: State, rule: ShareRule, contact: Contact) -> bool:
    needed = [need.skill for need in contact.needs]
    service = next((one for one in state.rules.policy.services if one in needed), "")
    return (
        (contact.priority in rule.priorities or not rule.priorities)
        and (service in rule.services or not rule.services)
        and (contact.home_unit in rule.units or not rule.units)
        and (state.windows.get(rule.during, False) or not rule.during)
    )


def _unit_rules(region: RegionPolicy, contact: Contact) -> tuple[ShareRule, ...]:
    of_unit = (unit.share_rules for unit in region.units if unit.unit == contact.home_unit)
    return next(of_unit, ())


def _is_staff(state: State, agent: Agent, contact: Contact, rule: ShareRule) -> bool:
    """Whether she counts for whether the contact's home is staffed: its unit, for its rules."""
    home = state.rules.regions.get(contact.home_region)
    is_units = home is not None and rule in _unit_rules(home, contact)
    if agent.region == contact.home_region:
        return not is_units or agent.unit == contact.home_unit
    return not is_units and is_sold_to(contact.contact_class, agent.agent_class)
