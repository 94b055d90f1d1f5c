"""There is a word for every reason, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from queue_engine.console_api import explain_words as words
from queue_engine.console_api.timeline_words import Words
from queue_engine.core.explain import Absence, Hold
from routing.advantages import Advantage
from routing.explain import Standing
from routing.may_answer import Obstacle
from routing.vocabulary import NotReadyReason


@pytest.mark.parametrize(
    ("table", "reasons"),
    [
        (words.AGENTS_KEPT, [*Obstacle, *Absence]),
        (words.CONTACTS_KEPT, Obstacle),
        (words.STANDING, Standing),
        (words.PASSED, Standing),
        (words.ADVANTAGE, Advantage),
        (words.HOLD, Hold),
        (words.NOT_READY, NotReadyReason),
    ],
)
def test_there_is_a_word_for_every_reason(table: Mapping[Any, Words], reasons: Any) -> None:
    assert set(table) == set(reasons)
    for said in table.values():
        assert said.sv
        assert said.en
        assert said.sv != said.en


def test_no_two_obstacles_are_called_the_same() -> None:
    for table in (words.AGENTS_KEPT, words.CONTACTS_KEPT):
        assert len({said.sv for said in table.values()}) == len(table)
        assert len({said.en for said in table.values()}) == len(table)
