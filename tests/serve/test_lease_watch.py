"""When one who stands by, or has lost it, may ask for the lease."""

from __future__ import annotations

import pytest

from queue_engine.core.errors import JournalError, SamkoError
from queue_engine.journal.redis_nodes import ClusterPicture, NodeNote, SeenNode
from queue_engine.serve.lease_watch import KeptLease, LeaseWatch

LEASE_MS = 4_000


def watch() -> LeaseWatch:
    return LeaseWatch("me", LEASE_MS)


def test_a_lease_that_is_held_is_not_asked_for_and_one_that_ran_out_is() -> None:
    rule = watch()
    assert not rule.may_ask(("other", 3_000), 10_000)
    assert not rule.may_ask(("other", 100), 12_900)
    assert rule.may_ask(None, 13_000)


def test_one_that_is_gone_before_its_time_was_lost_and_may_be_renewed() -> None:
    rule = watch()
    assert not rule.may_ask(("other", 3_000), 10_000)
    assert not rule.may_ask(None, 10_100)
    assert not rule.may_ask(("other", 4_000), 10_200), "renewed"
    assert not rule.may_ask(None, 14_199)
    assert rule.may_ask(None, 14_200)


def test_what_was_given_up_or_given_to_it_is_there_at_once() -> None:
    rule = watch()
    assert not rule.may_ask(("other", 3_000), 10_000)
    assert rule.may_ask(("", 4_000), 10_100)
    assert rule.may_ask(("me", 4_000), 10_200)


def test_after_redis_was_away_the_former_decider_has_a_whole_lease() -> None:
    rule = watch()
    assert not rule.may_ask(("other", 3_000), 10_000)
    rule.away()
    assert not rule.may_ask(None, 60_000), "long over, but nobody could renew it"
    assert not rule.may_ask(None, 63_999)
    assert rule.may_ask(None, 64_000)
    rule.away()
    assert not rule.may_ask(None, 70_000)
    assert not rule.may_ask(("other", 4_000), 71_000), "the former one is back"
    assert not rule.may_ask(None, 74_999)
    assert rule.may_ask(None, 75_000)


def test_after_redis_was_emptied_who_may_have_decided_since_has_a_whole_lease() -> None:
    rule = watch()
    assert not rule.may_ask(("other", 3_000), 10_000)
    assert not rule.may_ask(None, 13_100, is_emptied=True), "it ran out, and was taken and lost"
    assert not rule.may_ask(None, 17_099, is_emptied=True)
    assert rule.may_ask(None, 17_100, is_emptied=True)
    assert not rule.may_ask(("other", 4_000), 17_200)
    assert rule.may_ask(None, 21_200), "begun anew"
    assert not rule.may_ask(None, 21_300, is_emptied=True), "emptied again"


def test_who_could_not_decide_with_it_leaves_it_to_others_for_a_lease() -> None:
    rule = watch()
    rule.let_others(10_000)
    assert not rule.may_ask(("", 4_000), 10_100)
    assert rule.may_ask(("me", 4_000), 10_200), "somebody has given it to this one"
    assert not rule.may_ask(None, 13_999)
    assert rule.may_ask(("", 4_000), 14_000)


def test_no_lease_is_believed_to_last_longer_than_one_does() -> None:
    rule = watch()
    assert not rule.may_ask(("other", 60_000), 10_000), "Redis's clock was set back"
    assert not rule.may_ask(None, 13_999)
    assert rule.may_ask(None, 14_000)


# --- of one who decides ---------------------------------------------------------------------


def picture(incarnation: str = "", *nodes: SeenNode) -> ClusterPicture:
    return ClusterPicture(incarnation, 0, "", 0, "", nodes)


def test_who_had_the_lease_just_now_has_it_again_from_an_emptied_redis_at_once() -> None:
    kept = KeptLease(LEASE_MS)
    kept.had(10_000)
    kept.require_latest(picture(), 7, 10_000 + LEASE_MS)


def test_whose_lease_was_over_leaves_an_emptied_redis_to_others_for_two_leases() -> None:
    kept = KeptLease(LEASE_MS)
    kept.had(10_000)
    for now_ms in (14_001, 22_000):
        with pytest.raises(JournalError, match="whoever decided last goes first"):
            kept.require_latest(picture(), 7, now_ms)
    kept.require_latest(picture(), 7, 22_001)
    kept.had(22_001)
    with pytest.raises(JournalError):
        kept.require_latest(picture(), 7, 26_002)


def test_a_redis_that_has_its_journal_says_itself_who_decided() -> None:
    kept = KeptLease(LEASE_MS)
    kept.require_latest(picture("abc"), 7, 99_000)


def test_whoever_holds_more_has_decided() -> None:
    kept = KeptLease(LEASE_MS)
    kept.had(10_000)
    more = SeenNode(NodeNote("other", "north", "1.0", 3, 8), 0, 10)
    with pytest.raises(SamkoError, match="another node has decided"):
        kept.require_latest(picture("", more), 7, 10_100)
