"""When one who stands by may ask for the lease."""

from __future__ import annotations

from queue_engine.serve.lease_watch import LeaseWatch

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
