"""How many of a region's agents stay at home."""

from __future__ import annotations

import pytest

from routing.lend_policy import LENDS_ALL, LendRule, PartReserve
from routing.vocabulary import Skill

ADVICE, CHILD, SV, AR = (Skill(name) for name in ("advice", "child", "sv", "ar"))
CHILD_IN_ARABIC = PartReserve(CHILD, AR, agents=3)
ARABIC = PartReserve(language=AR, agents=1, permille=500)
CHILDREN = PartReserve(CHILD, permille=250)
PARTS = LendRule(2, reserves=(CHILD_IN_ARABIC, ARABIC, CHILDREN))


@pytest.mark.parametrize(
    ("rule", "signed_on", "kept"),
    [
        (LENDS_ALL, 7, 0),
        (LendRule(2), 7, 2),
        (LendRule(0, 300), 0, 0),
        (LendRule(0, 300), 10, 3),
        (LendRule(0, 300), 11, 4),
        (LendRule(2, 300), 5, 2),
        (LendRule(2, 300), 11, 4),
        (LendRule(0, 1000), 10, 10),
        (LendRule(0, 1000), 2000, 2000),
    ],
)
def test_so_many_or_the_share_rounded_up_whichever_is_more(
    rule: LendRule, signed_on: int, kept: int
) -> None:
    assert rule.common_reserve_of(signed_on) == kept
    assert rule.reserve_of(ADVICE, SV, signed_on) == kept


@pytest.mark.parametrize(
    ("service", "language", "signed_on", "kept"),
    [
        (CHILD, AR, 10, 3),
        (ADVICE, AR, 1, 1),
        (ADVICE, AR, 3, 2),
        (ADVICE, AR, 10, 5),
        (ADVICE, AR, 4000, 2000),
        (CHILD, SV, 0, 0),
        (CHILD, SV, 9, 3),
        (ADVICE, SV, 10, 2),
    ],
)
def test_the_first_reserve_that_fits_counts_and_no_other(
    service: Skill, language: Skill, signed_on: int, kept: int
) -> None:
    assert PARTS.reserve_of(service, language, signed_on) == kept


def test_whether_anybody_may_have_to_stay() -> None:
    assert not LENDS_ALL.has_reserve
    for rule in (LendRule(1), LendRule(0, 1), LendRule(reserves=(CHILDREN,))):
        assert rule.has_reserve
