"""A region's expected wait, if its own nurses alone served its callers.

A caller waits for those who can help him: a queue for physiotherapy is long however many nurses
sit ready for children. So the wait is that of those who wait alike (who need the same), each by
the nurses who have what they need, and the region's is the mean over all who wait. The mean and
not the worst, for what hangs on it (sharing, and who is refused) concerns all of the region's
callers: two who wait long for the one nurse who speaks their language say little of the others.
Where all nurses have the same skills it is one queue, whatever is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from routing.alike import Alike
from routing.estimate import own_wait_ms
from routing.may_answer import Floor
from routing.ready_agents import AgentClass
from routing.vocabulary import RegionCode, Requirement
from routing.waiting import WaitingContacts

_Needs = tuple[Requirement, ...]


class _Group(NamedTuple):
    """Those who wait and need the same."""

    needs: _Needs
    waiting: int
    able: int
    """The classes of nurses who take calls and have what is needed, as bits."""
    staff: int
    """How many nurses that is."""


def region_wait_ms(
    floor: Floor,
    waiting: WaitingContacts,
    region: RegionCode,
    taking: Iterable[AgentClass],
    staff: int,
) -> int:
    """Milliseconds that one who comes now would wait.

    For whom only nurses on a break could help, these are thought to be back. Whom nobody of the
    region's who is at work could help does not count: he is others' to serve (`unstaffed`).

    Args:
        taking: the class of each of the region's nurses who takes calls, free or not; at least one.
        staff: how many they are.
    """
    handle_ms = floor.rules.policy.handle_ms_assumed
    alike = _waiting_alike(waiting, region)
    if len(alike) == 1 and staff == floor.agents.signed_on_count(region, ()):
        # As mostly: one queue, and nobody on a break. The counts that are kept are enough.
        ((needed, ahead),) = alike.items()
        able = floor.agents.count(region, cast("_Needs", needed.parts))
        wait_ms = own_wait_ms(ahead, able.ready, able.signed_on, handle_ms)
        if wait_ms is not None:
            return wait_ms
    classes: dict[AgentClass, int] = {}
    for kind in taking:
        classes[kind] = classes.get(kind, 0) + 1
    groups = [_group(floor, needed, count, classes) for needed, count in alike.items()]
    waited_ms = counted = 0
    for group in groups:
        wait_ms = _wait_ms(floor, region, group, groups)
        if wait_ms is not None:
            waited_ms += group.waiting * wait_ms
            counted += group.waiting
    if counted:
        return waited_ms // counted
    return own_wait_ms(0, floor.agents.ready_count(region, ()), staff, handle_ms) or 0


def _waiting_alike(waiting: WaitingContacts, region: RegionCode) -> dict[Alike, int]:
    counts: dict[Alike, int] = {}
    for row in waiting.rows_of_region(region):
        needed = row[0][2].contact_class.needed
        counts[needed] = counts.get(needed, 0) + len(row)
    return counts


def _group(floor: Floor, needed: Alike, waiting: int, classes: dict[AgentClass, int]) -> _Group:
    able = staff = 0
    for place, (kind, count) in enumerate(classes.items()):
        if floor.able(kind)[needed]:
            able |= 1 << place
            staff += count
    return _Group(cast("_Needs", needed.parts), waiting, able, staff)


def _wait_ms(floor: Floor, region: RegionCode, group: _Group, groups: list[_Group]) -> int | None:
    """Of one more who needs the same, behind all whom none but the same nurses could help."""
    count, handle_ms = floor.agents.count(region, group.needs), floor.rules.policy.handle_ms_assumed
    if not group.staff:
        return own_wait_ms(group.waiting, 0, count.signed_on, handle_ms)
    others = ~group.able
    ahead = sum(each.waiting for each in groups if each.staff and not each.able & others)
    return own_wait_ms(ahead, count.ready, group.staff, handle_ms)
