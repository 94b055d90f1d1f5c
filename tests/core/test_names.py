"""What is not in the rules is refused, and the sentence says what might have been meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queue_engine.core.errors import Refused
from queue_engine.core.names import require_region, require_service, require_unit
from routing.policy import DEFAULT_PRIORITIES, Policy
from routing.rules import Rules
from routing.vocabulary import RegionCode, Skill, UnitId
from tests.core.world import POLICY

RULES = Rules(POLICY)
NOWHERE = Rules(Policy("test", DEFAULT_PRIORITIES))
KULLEN, NONE = UnitId("kullen"), UnitId("none")


def said(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, str]:
    return refused.value.code, str(refused.value)


def test_what_is_there_passes() -> None:
    require_region(RULES, RegionCode("22"), "X.region")
    require_service(RULES, Skill("child"), "X.service")
    require_unit(RULES, RegionCode("23"), KULLEN, "X.unit")
    require_unit(RULES, None, KULLEN, "X.unit")


def test_all_that_might_have_been_meant_are_named_in_order() -> None:
    with pytest.raises(Refused) as refused:
        require_region(RULES, RegionCode("99"), "X.region")
    expected = "X.region: no region 99 in the rules; expected one of 01, 22, 23, 24"
    assert said(refused) == ("unknown_region", expected)
    with pytest.raises(Refused) as refused:
        require_service(RULES, Skill("physio"), "X.service")
    expected = "X.service: no service physio in the rules; expected one of advice, child"
    assert said(refused) == ("unknown_service", expected)


def test_a_unit_is_a_certain_regions_or_any() -> None:
    with pytest.raises(Refused) as refused:
        require_unit(RULES, None, NONE, "X.unit")
    expected = "X.unit: no unit none in the rules; expected one of hamnen, kullen"
    assert said(refused) == ("unknown_unit", expected)
    with pytest.raises(Refused) as refused:
        require_unit(RULES, RegionCode("22"), KULLEN, "X.unit")
    assert said(refused) == ("unknown_unit", "X.unit: no unit kullen in region 22, which has none")


def test_where_there_is_none_that_is_said() -> None:
    with pytest.raises(Refused, match="no region 22 in the rules, which has none"):
        require_region(NOWHERE, RegionCode("22"), "X.region")


@pytest.mark.parametrize(("count", "end"), [(25, "s24"), (26, "s24, ...")])
def test_of_many_the_first_are_named(count: int, end: str) -> None:
    services = tuple(Skill(f"s{number:02}") for number in range(count))
    rules = Rules(replace(POLICY, services=services))
    with pytest.raises(Refused) as refused:
        require_service(rules, Skill("none"), "X.service")
    assert str(refused.value).endswith(f", {end}")
