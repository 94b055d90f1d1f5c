"""Visits of a caller who waits: the announcement each minute, and the keys.

House rules: harmless if they fail, since the music goes on. Ring 112 comes before anything that
an emergency key does, and cannot be cut short. A place is told on request only, and one that has
risen since it was last told is not told: whoever is overtaken hears why instead.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Final

from ivr.agi_wire import KEYS
from ivr.call_session import CallSession
from ivr.deps import FlowDeps, Talk, resumed
from ivr.errors import AgiGarbage
from ivr.prompts import (
    EMERGENCY_FIRST,
    EMERGENCY_NOTED,
    PLACE_OVERTAKEN,
    PLACE_UNKNOWN,
    RAISE_FAILED,
    RING_112,
    STILL_WAITING,
    WORSE_NOTED,
    place_prompt,
    wait_prompt,
)
from queue_engine.core.errors import SamkoError
from routing.vocabulary import Priority

PRIO_VARIABLE: Final = "SAMKO_PRIO"
PLACE_VARIABLE: Final = "SAMKO_PLACE"
"""The place that was last told."""
ANNOUNCED_VARIABLE: Final = "SAMKO_ANNOUNCED"
"""How many announcements there have been."""
KEYS_EVERY: Final = 4
"""The keys are told in the first announcement and in each fourth after it."""
PRESSES_MAX: Final = 5
"""Keys answered in one visit; then the music goes on and the next key makes a new visit."""
_WHOLE: Final = re.compile(r"\d{1,6}", re.ASCII)
_log = logging.getLogger(__name__)


async def announce(session: CallSession, deps: FlowDeps) -> None:
    """Script `announce`: that he still waits, about how long, and now and then the keys."""
    talk = await resumed(session, deps)
    count = _whole(await session.get_variable(ANNOUNCED_VARIABLE)) or 0
    await session.set_variable(ANNOUNCED_VARIABLE, str(count + 1))
    keys = talk.menu.waiting.say if count % KEYS_EVERY == 0 else ()
    key = await talk.say(STILL_WAITING, *wait_told(talk), *keys, barge_in=KEYS)
    if key is not None:
        await press(talk, key)


async def key(session: CallSession, deps: FlowDeps) -> None:
    """Script `key`: the caller pressed `argument 1` while waiting."""
    pressed = session.request.arguments[0] if session.request.arguments else ""
    if len(pressed) != 1 or pressed not in KEYS:
        raise AgiGarbage("expected a key as the first argument")
    await press(await resumed(session, deps), pressed)


def wait_told(talk: Talk) -> tuple[str, ...]:
    """The prompt for the expected wait, or nothing if it cannot be said."""
    expected_ms = talk.deps.desk.expected_wait_ms(talk.session.contact_id)
    return () if expected_ms is None else (wait_prompt(expected_ms),)


async def press(talk: Talk, pressed: str) -> None:
    """Answers a key, and those that are pressed while the answer is being said."""
    following: str | None = pressed
    for _ in range(PRESSES_MAX):
        if following is None:
            return
        await talk.drain()
        following = await _answer(talk, following)


async def _answer(talk: Talk, pressed: str) -> str | None:
    keys = talk.menu.waiting
    if pressed == talk.menu.emergency_key:
        await talk.say(RING_112)
        now = await _raised(talk, Priority.EMERGENCY, "emergency_key")
        if now is None:
            return await talk.say(RAISE_FAILED, barge_in=KEYS)
        told = EMERGENCY_FIRST if now is Priority.EMERGENCY else EMERGENCY_NOTED
        return await talk.say(told, barge_in=KEYS)
    if pressed == keys.worse:
        now = await _raised(talk, Priority.RAISED, "worse_key")
        return await talk.say(RAISE_FAILED if now is None else WORSE_NOTED, barge_in=KEYS)
    if pressed == keys.place:
        return await _tell_place(talk)
    return await talk.say(*keys.say, barge_in=KEYS)


async def _raised(talk: Talk, priority: Priority, reason: str) -> Priority | None:
    """The priority he has after it was raised; None if it could not be."""
    contact_id = talk.session.contact_id
    try:
        async with asyncio.timeout(talk.deps.pace.desk_s):
            now = await talk.deps.desk.raise_priority(contact_id, priority, reason)
    except (SamkoError, TimeoutError) as exc:
        _log.warning("call %s: %s: not raised: %s", contact_id, reason, type(exc).__name__)
        return None
    await talk.session.set_variable(PRIO_VARIABLE, str(talk.deps.tier_of(now)))
    return now


async def _tell_place(talk: Talk) -> str | None:
    place = talk.deps.desk.position(talk.session.contact_id)
    if place is None:
        return await talk.say(PLACE_UNKNOWN, barge_in=KEYS)
    told = _whole(await talk.session.get_variable(PLACE_VARIABLE))
    if told is not None and place > told:
        return await talk.say(PLACE_OVERTAKEN, *wait_told(talk), barge_in=KEYS)
    await talk.session.set_variable(PLACE_VARIABLE, str(place))
    return await talk.say(place_prompt(place), *wait_told(talk), barge_in=KEYS)


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and _WHOLE.fullmatch(value) else None
