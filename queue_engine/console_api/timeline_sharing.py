"""With whom a contact was shared and why, in words; see `timeline`."""

from __future__ import annotations

from collections.abc import Callable

from queue_engine.console_api import timeline_words as words
from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from queue_engine.core.sharing import URGENT_RULE
from routing.region_policy import Ring, RingKind, ShareCondition, ShareRule
from routing.vocabulary import RegionCode

NameOf = Callable[[RegionCode], Words]


def shared(event: ev.ContactShared, rule: ShareRule | None, name_of: NameOf) -> Words:
    """Shared, and by what.

    Args:
        rule: that did it; None: it is in no rules that are in force.
    """
    reach, why = _reach(event.ring, name_of), _why(event, rule)
    return Words(f"Delas med {reach.sv}: {why.sv}.", f"Shared with {reach.en}: {why.en}.")


def unshared(event: ev.ContactUnshared, name_of: NameOf) -> Words:
    """No longer shared: with its window."""
    reach = _reach(event.ring, name_of)
    return Words(
        f"Delas inte längre med {reach.sv}: tidsfönstret är slut.",
        f"No longer shared with {reach.en}: the time window has ended.",
    )


def _why(event: ev.ContactShared, rule: ShareRule | None) -> Words:
    if event.rule == URGENT_RULE:
        return Words(
            "brådskande, och ingen i hemregionen som får svara är ledig",
            "urgent, and nobody of the home region who may answer is ready",
        )
    match rule.condition if rule else None:
        case ShareCondition.WAITED if rule is not None and not rule.is_timed:
            return Words("regionen delar direkt", "the region shares at once")
        case ShareCondition.WAITED:
            waited = words.span(rule.after_ms if rule else 0)
            return Words(f"har väntat {waited.sv}", f"has waited {waited.en}")
        case ShareCondition.PAST_DUE:
            return Words("borde ha fått svar nu", "should have been answered by now")
        case ShareCondition.UNSTAFFED:
            return Words(
                "ingen i hemregionen med rätt kompetens är inloggad",
                "nobody of the home region with the skills is signed on",
            )
        case ShareCondition.EXPECTED_WAIT:
            return Words(
                "regionens egen väntetid är över gränsen",
                "the region's own expected wait is over its limit",
            )
        case ShareCondition.WINDOW:
            return Words(
                f"tidsfönstret {event.window} gäller", f"the time window {event.window} is on"
            )
        case ShareCondition.LINE_CLOSED:
            return Words("linjen är stängd", "its line is closed")
        case ShareCondition.QUEUE_LENGTH:
            return Words("regionen får hjälp med en lång kö", "others help with a long queue")
    return Words(f"enligt regeln {event.rule}", f"by the rule {event.rule}")


def _reach(ring: Ring, name_of: NameOf) -> Words:
    reach = _all_of(ring, name_of)
    if not ring.waiting_min:
        return reach
    count = ring.waiting_min - 1
    return Words(
        f"{reach.sv} medan fler än {count} från regionen väntar",
        f"{reach.en} while more than {count} of the region wait",
    )


def _all_of(ring: Ring, name_of: NameOf) -> Words:
    match ring.kind:
        case RingKind.NATIONAL:
            return Words("hela landet", "the whole country")
        case RingKind.CLUSTER:
            names = ", ".join(ring.names)
            return Words(f"samarbetet {names}", f"the cluster {names}")
        case RingKind.REGIONS:
            names = ", ".join(name_of(RegionCode(name)).sv for name in ring.names)
            return Words(names, names)
        case RingKind.UNITS:
            names = ", ".join(ring.names)
            return Words(f"enheterna {names}", f"the units {names}")
        case RingKind.REGION:
            return Words("den egna regionen", "its own region")
