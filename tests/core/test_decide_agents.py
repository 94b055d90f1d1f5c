"""Who may sign on, and under which names."""

from __future__ import annotations

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.errors import Refused
from routing.vocabulary import AgentId, PhoneId, RegionCode, Skill, SkillLevel
from tests.core.world import LINK, World

ADVICE = (SkillLevel(Skill("advice")),)


@pytest.mark.parametrize(
    ("agent", "phone", "code"),
    [
        ("a1", "p1@ast2", "bad_phone"),
        ("west+1", "p1", "bad_name"),
        ("a1", "west+1", "bad_name"),
    ],
)
def test_nobody_signs_on_under_what_is_a_seat_s_name_or_a_phone_s_from_another_switch(
    agent: str, phone: str, code: str
) -> None:
    signing_on = cmd.SignOnAgent(AgentId(agent), LINK, PhoneId(phone), RegionCode("22"), ADVICE)
    with pytest.raises(Refused) as refused:
        World().do(signing_on)
    assert refused.value.code == code
