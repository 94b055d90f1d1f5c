"""What must be true of those who wait for a language that nobody can speak with them.

See `invariants`. Said anew from the policy and the rows: nothing here asks what decides.
"""

from __future__ import annotations

from queue_engine.core.agent import Agent
from queue_engine.core.contact import Contact
from queue_engine.core.invariants_sharing import speaking_rules
from queue_engine.core.state import State
from routing.region_policy import Ring, RingKind, ShareCondition
from routing.relaxing import needed_instead
from routing.skills import meets
from routing.vocabulary import INTERPRETER, NO_LINK


def check_spoken(state: State) -> None:
    """Nobody waits for a language that nobody at work could ever speak with him, if an
    interpreter would help."""
    for contact in state.contacts.values():
        language = state.rules.interpretable(contact.needs)
        if not language or not state.is_offerable(contact):
            continue
        reach = [agent for agent in state.agents.values() if _could_reach(state, agent, contact)]
        if any(meets(agent.skills, contact.needs) for agent in reach):
            continue
        for spoken in state.rules.policy.interpreter_languages:
            needs = needed_instead(contact.needs, language, (spoken, INTERPRETER))
            helped = [agent.agent_id for agent in reach if meets(agent.skills, needs)]
            assert not helped, f"{contact.contact_id} waits and {helped} could help by {needs}"


def _could_reach(state: State, agent: Agent, contact: Contact) -> bool:
    """Whether rules, rings and switches let her come to answer it, limits and moments apart."""
    rules, home = state.rules, contact.home_region
    link_id = contact.contact_class.link_id
    if not rules.can_ring(link_id, agent.link_id) or (agent.gateway and link_id == NO_LINK):
        return False
    tier, rings = contact.contact_class.tier, _rings(state, contact)
    keepers = rules.keepers(home, contact.home_unit, tier, tuple(rings))
    if agent.region == home:
        return not keepers or agent.unit in keepers
    for seller in rules.sellers(home, contact.home_unit, contact.needs):
        is_of_it = seller.region == agent.region and agent.unit in (seller.units or (agent.unit,))
        if is_of_it and not keepers:
            return True
    if agent.region not in rules.members:
        return False
    if home not in rules.homes or (home in rules.members and tier == 0):
        return True
    is_reached = any(rules.covers(ring, home, agent.region) for ring in rings)
    return home in rules.members and is_reached and not keepers


def _rings(state: State, contact: Contact) -> list[Ring]:
    """Those in which it is shared, and those in which it may come to be."""
    rings = [shared.ring for shared in contact.shared]
    for rule in speaking_rules(state, contact):
        if rule.condition is not ShareCondition.WINDOW or state.windows.get(rule.window, False):
            rings.append(rule.ring)
    if contact.contact_class.tier == 1 and contact.home_region in state.rules.members:
        rings.append(Ring(RingKind.NATIONAL))
    return rings
