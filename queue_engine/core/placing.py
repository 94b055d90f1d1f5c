"""What the rules make of a contact: what its priority means, its place, its class, its moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from queue_engine.core.contact import Contact
from routing.order import Place, place_of
from routing.policy import PriorityRule
from routing.region_policy import Ring, ShareCondition, ShareRule
from routing.rules import Rules, Seller
from routing.vocabulary import ON_SCREEN
from routing.waiting import ContactClass, contact_class

_WAITED: Final = ShareCondition.WAITED


def priority_rule(rules: Rules, contact: Contact) -> PriorityRule:
    """What its priority means for it: tier, place and promise."""
    return rules.priority_rule(contact.priority, contact.asked or contact.needs)


def share_moments(rules: Rules, contact: Contact) -> Sequence[tuple[ShareRule, int]]:
    """The rules of its home that share it from a moment on, each with that moment."""
    timed = rules.timed(contact.home_region, contact.home_unit, contact.priority)
    if not timed:
        return ()
    due_ms = contact.arrived_ms + priority_rule(rules, contact).due_after_ms
    return [
        (rule, contact.arrived_ms + rule.after_ms if rule.condition is _WAITED else due_ms)
        for rule in timed
    ]


def place_and_class(rules: Rules, contact: Contact) -> tuple[Place, ContactClass]:
    """What the rules make of the row."""
    rule = priority_rule(rules, contact)
    place = place_of(
        rules.policy.order, contact.priority, rule, contact.arrived_ms, contact.sequence
    )
    return place, class_of(rules, rule.tier, contact)


def class_of(rules: Rules, tier: int, contact: Contact) -> ContactClass:
    """What decides who may answer it, given the tier of its priority."""
    rings: tuple[Ring, ...] = ()
    if len(contact.shared) == 1:
        rings = (contact.shared[0].ring,)
    elif contact.shared:
        rings = tuple(sorted({shared.ring for shared in contact.shared}))
    home, unit = contact.home_region, contact.home_unit
    within = rules.keepers(home, unit, tier, rings) if unit is not None else ()
    sellers: tuple[Seller, ...] = ()
    if rules.deals and not within:
        sellers = rules.sellers(home, unit, contact.needs)
    link_id = contact.link_id if contact.callback is None else contact.switch
    if contact.channel not in ON_SCREEN:
        return contact_class(tier, home, contact.needs, rings, link_id, within, sellers)
    return contact_class(
        tier, home, contact.needs, rings, link_id, within, sellers, contact.channel
    )
