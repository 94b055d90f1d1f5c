"""The policy as text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from queue_engine.core.apply import fold
from queue_engine.core.commands import LoadPolicy
from queue_engine.core.errors import BadInput
from queue_engine.core.events import PolicyLoaded
from queue_engine.core.policy_codec import read_policy, require_sound_policy, write_policy
from queue_engine.core.record import RULES_VERSION, Record
from queue_engine.core.snapshot import read_snapshot, write_snapshot
from queue_engine.core.state import State
from routing.guard_policy import GuardRule
from routing.limits import Levels
from routing.policy import Order
from tests.core.world import POLICY


def test_there_and_back() -> None:
    for policy in (POLICY, replace(POLICY, order=Order.FIFO, home_advantage_ms=5)):
        text = write_policy(policy)
        assert "\n" not in text
        assert read_policy(text) == policy
        assert write_policy(read_policy(text)) == text


def test_equal_policies_give_equal_text_and_others_do_not() -> None:
    assert write_policy(replace(POLICY)) == write_policy(POLICY)
    assert write_policy(replace(POLICY, ring_ms=1)) != write_policy(POLICY)


def test_people_can_read_it() -> None:
    text = write_policy(POLICY)
    assert '"Väst"' in text
    assert list(json.loads(text)) == sorted(json.loads(text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("7", "expected a mapping"),
        ("{}", "version"),
        ('{"version":"x","priorities":[],"colour":1}', "no field 'colour'"),
        ('{"version":"x","priorities":[]}', "emergency must be given once.*; .*urgent"),
    ],
)
def test_what_is_no_policy_is_said(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        require_sound_policy(text)


def test_a_journal_is_read_whose_policy_would_be_refused_today() -> None:
    region = replace(POLICY.regions[0], guard=GuardRule(own_wait=Levels(60_000, 0)))
    text = write_policy(replace(POLICY, regions=(region, *POLICY.regions[1:])))
    with pytest.raises(BadInput, match="guard: off must be below on"):
        require_sound_policy(text)
    state = State()
    fold(state, Record(1, 0, RULES_VERSION, LoadPolicy(text), (PolicyLoaded(text),)))
    assert write_policy(state.rules.policy) == text
    assert write_policy(read_snapshot(write_snapshot(state)).rules.policy) == text


def test_an_older_text_takes_the_defaults() -> None:
    plain = json.loads(write_policy(POLICY))
    del plain["tried_ms"]
    assert read_policy(json.dumps(plain)) == POLICY
