"""The engine and the auditor call one part of a region's callers by one name."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd, events as ev
from routing.limits import LimitKind
from routing.vocabulary import Requirement, Skill
from tests.core.world import World
from tests.properties.auditor import Auditor


@pytest.mark.parametrize(
    ("needs", "part"), [("advice ar", "advice/ar"), ("advice", "advice"), ("ar", "/ar")]
)
def test_the_limit_of_the_longest_wait_turns_for_service_and_language(
    needs: str, part: str
) -> None:
    world = World(audit=Auditor().follow)
    world.caller("c1", "23", needs=tuple(Requirement(Skill(word)) for word in needs.split()))
    world.wait(500_000)
    turned = [
        (one.part, one.is_on, one.value)
        for one in world.do(cmd.TakeMeasures())
        if isinstance(one, ev.LimitTurned) and one.limit is LimitKind.LONGEST_WAIT
    ]
    assert turned == [(part, True, 500_000)]
