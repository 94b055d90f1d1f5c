"""Wrong versions of the agreement between regions: share rules, membership, units, sales."""

from __future__ import annotations

from typing import Final

import pytest

from queue_engine.core import decide_agreement, settle
from queue_engine.core.state import State
from routing import matching, may_answer
from routing.region_policy import ShareCondition, ShareRule
from routing.rules import Rules

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


MUTANTS: Final = {
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
