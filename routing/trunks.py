"""Switches that a trunk joins: a caller at one can be answered at a phone of the other.

House rules: a trunk joins both ways and no further; who is joined with whom is said pair by pair.
A phone is known by its name at its own switch; seen from another it is `name@switch`, in all that
concerns a caller there. So what that switch reports of his talk needs no other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from routing.vocabulary import NO_LINK, LinkId, PhoneId

Trunk = tuple[LinkId, LinkId]
"""Two switches, each of which rings the other's phones."""
Reach = Mapping[LinkId, frozenset[LinkId]]
"""By a caller's switch, the others whose phones can be rung for him."""

FAR: Final = "@"
"""Stands between a phone and the switch it hangs on, seen from another; no phone's name has it."""
_NOWHERE: Final[frozenset[LinkId]] = frozenset()


def reach_of(trunks: Iterable[Trunk]) -> Reach:
    """Where these trunks lead."""
    found: dict[LinkId, frozenset[LinkId]] = {}
    for one, other in trunks:
        found[one] = found.get(one, _NOWHERE) | {other}
        found[other] = found.get(other, _NOWHERE) | {one}
    return found


def seen_from(caller_link: LinkId, link_id: LinkId, phone_id: PhoneId) -> PhoneId:
    """The phone `phone_id` of the switch `link_id`, as the caller's switch knows it."""
    return phone_id if caller_link == link_id else PhoneId(f"{phone_id}{FAR}{link_id}")


def far_phone(phone_id: PhoneId | None) -> tuple[LinkId, PhoneId] | None:
    """The switch and the name there of a phone seen from another; None: it is no such."""
    name, _, link_id = (phone_id or "").rpartition(FAR)
    return (LinkId(link_id), PhoneId(name)) if name and link_id else None


def trunk_problems(trunks: Iterable[Trunk]) -> Iterator[str]:
    """Yields every fault of these trunks as a sentence."""
    for one, other in trunks:
        if one == other or NO_LINK in (one, other):
            yield f"trunks: {one!r} and {other!r}: expected two switches"
