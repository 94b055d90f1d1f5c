"""Wrong versions of the agreement between regions: share rules, membership, units, sales."""

from __future__ import annotations

from typing import Any, Final

import pytest

from queue_engine.core import apply_strain, decide_agreement, settle
from queue_engine.core.state import State
from routing import matching, may_answer
from routing.alike import Alike, alike
from routing.may_answer import Floor
from routing.region_policy import Ring, ShareCondition, ShareRule
from routing.rules import Rules
from routing.waiting import ContactClass, WaitingContacts

Patch = pytest.MonkeyPatch


def units_keep_nobody(patch: Patch) -> None:
    patch.setattr(Rules, "keepers", lambda self, home, unit, tier, rings: ())


def units_keep_even_whom_they_share(patch: Patch) -> None:
    keepers = Rules.keepers
    patch.setattr(
        Rules,
        "keepers",
        lambda self, home, unit, tier, rings: keepers(self, home, unit, tier, ()),
    )


def sold_to_everybody_of_the_seller(patch: Patch) -> None:
    for module in (may_answer, matching, settle):
        patch.setattr(
            module,
            "is_sold_to",
            lambda contact, agent: any(one.region == agent.region for one in contact.sellers),
        )


def bought_callers_come_last(patch: Patch) -> None:
    patch.setattr(matching, "is_sold_to", lambda contact, agent: False)


def sold_at_all_hours(patch: Patch) -> None:
    are_as = Rules.are_as
    patch.setattr(
        Rules, "are_as", lambda self, other: are_as(self, other) or self.members == other.members
    )


def limits_of_share_rules_ignored(patch: Patch) -> None:
    patch.setattr(State, "is_concerned", lambda self, contact, rule: True)


def hours_of_share_rules_begin_late(patch: Patch) -> None:
    patch.setattr(decide_agreement, "share_in_window", lambda turn, window: None)


def shared_beyond_the_window(patch: Patch) -> None:
    patch.setattr(decide_agreement, "unshare_in_window", lambda turn, window: None)


def membership_stays_as_it_was_at_the_start(patch: Patch) -> None:
    def wrong(self: State, window: str, is_on: bool) -> None:
        self.windows[window] = is_on

    patch.setattr(State, "set_window", wrong)


def closed_line_never_noticed(patch: Patch) -> None:
    patch.setattr(decide_agreement, "share_of_line", lambda turn, line_id: None)


def shared_at_once_is_a_moment_later(patch: Patch) -> None:
    timed = (ShareCondition.WAITED, ShareCondition.PAST_DUE)
    patch.setattr(ShareRule, "is_timed", property(lambda self: self.condition in timed))


def short_queues_are_helped_too(patch: Patch) -> None:
    patch.setattr(Floor, "is_queue_long", lambda self, contact, region: True)


def queue_of_the_nation_counted(patch: Patch) -> None:
    patch.setattr(WaitingContacts, "count_in_region", lambda self, region: len(self))


def nobody_looks_when_a_queue_gets_long(patch: Patch) -> None:
    patch.setattr(WaitingContacts, "has_reached_length", lambda self, region: False)


def long_queues_and_short_ones_in_one_row(patch: Patch) -> None:
    def apart_by_all_but_home(self: ContactClass) -> Alike:
        return alike((self.link_id, self.needs, self.rings, self.tier, self.channel))

    wrong = property(apart_by_all_but_home, lambda self, value: None)
    patch.setattr(ContactClass, "abroad", wrong)


def long_queue_takes_a_unit_its_own(patch: Patch) -> None:
    keepers = Rules.keepers

    def wrong(self: Rules, home: Any, unit: Any, tier: int, rings: tuple[Ring, ...]) -> Any:
        return keepers(
            self, home, unit, tier, tuple(ring._replace(waiting_min=0) for ring in rings)
        )

    patch.setattr(Rules, "keepers", wrong)


def sold_contacts_strain_as_lent_ones(patch: Patch) -> None:
    patch.setattr(
        apply_strain,
        "is_others",
        lambda rules, agent, contact: contact.home_region != agent.region,
    )


MUTANTS: Final = {
    sold_contacts_strain_as_lent_ones: "sales",
    short_queues_are_helped_too: "story share_queue_length",
    queue_of_the_nation_counted: "story share_queue_length",
    nobody_looks_when_a_queue_gets_long: "story share_queue_length",
    long_queues_and_short_ones_in_one_row: "story share_queue_length",
    long_queue_takes_a_unit_its_own: "story share_queue_length",
    shared_at_once_is_a_moment_later: "story share_at_once",
    units_keep_nobody: "story units",
    units_keep_even_whom_they_share: "auditor",
    sold_to_everybody_of_the_seller: "auditor",
    bought_callers_come_last: "story sold",
    sold_at_all_hours: "auditor",
    limits_of_share_rules_ignored: "auditor",
    hours_of_share_rules_begin_late: "story share_limited",
    shared_beyond_the_window: "invariants",
    membership_stays_as_it_was_at_the_start: "story day_and_night",
    closed_line_never_noticed: "invariants",
}
