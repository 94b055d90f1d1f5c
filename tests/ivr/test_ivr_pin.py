"""The brake on guessing PINs."""

from __future__ import annotations

import threading

from ivr import pin
from ivr.pin import LOCK_MS, TRIES_MAX, PinCheck, PinThrottle
from ivr.ports import Identified
from routing.vocabulary import AgentId, LinkId, PhoneId
from tests.ivr.fakes import FakeStaff

LINK = LinkId("ast1")
PHONE = PhoneId("nurse1")


def locked_after(throttle: PinThrottle, times: int, now_ms: int = 0) -> bool:
    for _ in range(times):
        throttle.note_wrong(LINK, PHONE, now_ms)
    return throttle.is_locked(LINK, PHONE, now_ms)


def test_three_wrong_tries_lock_a_phone_for_a_while() -> None:
    throttle = PinThrottle()
    assert not locked_after(throttle, TRIES_MAX - 1)
    assert locked_after(throttle, 1)
    assert throttle.is_locked(LINK, PHONE, LOCK_MS - 1)
    assert not throttle.is_locked(LINK, PhoneId("nurse2"), 0)
    assert not throttle.is_locked(LinkId("ast2"), PHONE, 0)
    assert not throttle.is_locked(LINK, PHONE, LOCK_MS)
    assert not locked_after(throttle, TRIES_MAX - 1, LOCK_MS)


def test_the_right_pin_forgives() -> None:
    throttle = PinThrottle()
    locked_after(throttle, TRIES_MAX - 1)
    throttle.note_right(LINK, PHONE)
    assert not locked_after(throttle, TRIES_MAX - 1)


def test_a_clock_that_goes_back_unlocks_nothing() -> None:
    throttle = PinThrottle()
    assert locked_after(throttle, TRIES_MAX, now_ms=LOCK_MS)
    assert throttle.is_locked(LINK, PHONE, 0)


def test_phones_are_remembered_up_to_a_bound() -> None:
    throttle = PinThrottle()
    locked_after(throttle, TRIES_MAX)
    for number in range(pin.PHONES_MAX):
        throttle.note_wrong(LINK, PhoneId(f"p{number}"), 0)
    assert not throttle.is_locked(LINK, PHONE, 0)


def test_the_phone_that_was_quiet_longest_is_forgotten_first() -> None:
    throttle = PinThrottle()
    throttle.note_wrong(LINK, PHONE, 0)
    for number in range(pin.PHONES_MAX - 1):
        throttle.note_wrong(LINK, PhoneId(f"p{number}"), 0)
    locked_after(throttle, TRIES_MAX - 1)
    throttle.note_wrong(LINK, PhoneId("one more"), 0)
    assert throttle.is_locked(LINK, PHONE, 0)


async def test_a_pin_is_checked_off_the_loop() -> None:
    threads: list[int] = []

    class Staff:
        def authenticate(self, agent_number: str, pin: str) -> Identified | None:
            threads.append(threading.get_ident())
            return FakeStaff().authenticate(agent_number, pin)

    check = PinCheck()
    assert await check.agent(Staff(), "1401", "7301") == AgentId("n1401")
    assert await check.agent(Staff(), "1401", "7302") is None
    assert threading.get_ident() not in threads
