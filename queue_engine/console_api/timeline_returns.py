"""What timelines say of callers who come back, in Swedish and English."""

from __future__ import annotations

from typing import Final

from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from queue_engine.core.commands import Alternative


def continued(told: Words, event: ev.ContactEnqueued) -> Words:
    """What is told of its place, and that it takes over an earlier one's, if it does."""
    if event.continues is None:
        return told
    return Words(
        f"{told.sv} Fortsätter {event.continues}, vars plats och prioritet gäller.",
        f"{told.en} Continues {event.continues}, whose place and priority count.",
    )


REFUSED: Final = {
    ev.RefusalReason.OWN_WAIT: Words(
        "regionens egen väntetid är för lång för annat än vårdfrågor",
        "the region's own wait is too long for other than questions of health",
    ),
    ev.RefusalReason.TOO_MANY: Words("för många väntar redan", "too many wait already"),
}
OFFERED: Final = {
    Alternative.CALLBACK: Words("att bli uppringd", "to be called back"),
    Alternative.DIREKT: Words("en länk till 1177 direkt", "a link to 1177 direkt"),
}


def refused(event: ev.ContactRefused, region: Words) -> Words:
    """Turned away by the overload guard."""
    why = REFUSED[event.reason]
    told = Words(f"Avvisades i {region.sv}: {why.sv}.", f"Turned away in {region.en}: {why.en}.")
    if not event.offered:
        return told
    offered = [OFFERED[each] for each in event.offered]
    return Words(
        f"{told.sv} Erbjöds {' eller '.join(each.sv for each in offered)}.",
        f"{told.en} Was offered {' or '.join(each.en for each in offered)}.",
    )


def misuse_marked(event: ev.MisuseMarked) -> Words:
    """Sent back by the nurse."""
    return Words(
        f"Inte akut enligt {event.agent_id} ({event.reason}).",
        f"No emergency, {event.agent_id} found ({event.reason}).",
    )


def pressed_again(event: ev.EmergencyPressedAgain) -> Words:
    """The emergency key after a misuse."""
    return Words(
        "Akutknappen igen, fast det nyss inte var akut: hänvisas ännu en gång till 112.",
        "The emergency key again, though it was no emergency: told once more to ring 112.",
    )
