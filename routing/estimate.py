"""How long a contact may have to wait, by its place alone; told to callers in bands only.

The contacts ahead of it among its home region's, served one after another by the agents of that
region who have the skills. What other regions take over, and how long talks really are, is not in
it: `delays` has that, from how long others have waited.
"""

from __future__ import annotations

from typing import Final

from routing.may_answer import Floor
from routing.policy import MINUTE_MS
from routing.waiting import WaitingContact, WaitingContacts

WAIT_BANDS_MIN: Final = (5, 10, 20, 30, 45, 60)
"""Where one band of expected wait ends and the next begins, in minutes."""


def wait_band(wait_ms: int) -> tuple[int, int | None]:
    """The band in which a wait lies, from and to in minutes; None: it is the last."""
    start = 0
    for end in WAIT_BANDS_MIN:
        if wait_ms < end * MINUTE_MS:
            return start, end
        start = end
    return start, None


def position(waiting: WaitingContacts, contact: WaitingContact) -> int:
    """1 for the first of its home region in the national order."""
    return waiting.ahead_in_region(contact.place, contact.contact_class.home_region) + 1


def expected_wait_ms(floor: Floor, waiting: WaitingContacts, contact: WaitingContact) -> int | None:
    """Milliseconds from now until it is connected; None if nobody at work could say.

    0 as long as there are more ready agents than contacts ahead.
    """
    home, needs = contact.contact_class.home_region, contact.contact_class.needs
    regions = floor.rules.regions if floor.rules.is_nobodys(home) else (home,)
    staff = ready = 0
    for region in regions:
        count = floor.agents.count(region, needs)
        staff, ready = staff + count.signed_on, ready + count.ready
    if not staff:
        return None
    turns = max(0, position(waiting, contact) - ready)
    return turns * floor.rules.policy.handle_ms_assumed // staff


def own_wait_ms(waiting: int, ready: int, staff: int, handle_ms: int) -> int | None:
    """How long one who comes now would wait if a region's own agents served its contacts alone.

    Args:
        waiting: the region's contacts that can be offered.
        ready: its agents who are free.
        staff: its agents who take calls, free or not; none: nobody could say.
        handle_ms: what a contact takes an agent.
    """
    if not staff:
        return None
    return max(0, waiting + 1 - ready) * handle_ms // staff
