"""Script `agent`: nurses sign on and off, ready and not ready, from their own phones.

House rules: signing on takes an agent number and a PIN by keys; three wrong tries end the call
and lock the phone for a while. Everything is confirmed in words. Nothing that was keyed in is
logged.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Final

from ivr.agi_wire import KEYS
from ivr.call_session import CallSession
from ivr.caller import link_of
from ivr.deps import FlowDeps, Talk
from ivr.desk import AgentAction
from ivr.errors import AgiGarbage, CallLeft
from ivr.pin import TRIES_MAX
from ivr.prompts import (
    AGENT_DONE,
    AGENT_FAILED,
    AGENT_LOCKED,
    AGENT_NOT_SIGNED_ON,
    AGENT_NUMBER,
    AGENT_PIN,
    AGENT_REASON,
    AGENT_REFUSED,
    AGENT_WRONG,
    DEFAULT_LANGUAGE,
)
from queue_engine.core.errors import EngineStopped, Refused
from routing.vocabulary import AgentId, NotReadyReason, PhoneId

NUMBER_LENGTH_MAX: Final = 8
PIN_LENGTH_MAX: Final = 12
NOT_SIGNED_ON: Final = "not_signed_on"
"""Code of the refusal that says nobody is signed on at the phone."""
REASONS: Final = {
    "1": NotReadyReason.BREAK,
    "2": NotReadyReason.MEETING,
    "3": NotReadyReason.OTHER,
}
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{1,80}", re.ASCII)
_log = logging.getLogger(__name__)


async def agent(session: CallSession, deps: FlowDeps) -> None:
    """Argument 1 is the action, argument 2 the phone."""
    action, phone_id = _arguments(session)
    talk = Talk(session, deps, deps.menus[deps.lines.default.menu], DEFAULT_LANGUAGE)
    agent_id: AgentId | None = None
    reason = NotReadyReason.OTHER
    if action is AgentAction.SIGN_ON:
        agent_id = await _identified(talk, phone_id)
        if agent_id is None:
            return
    elif action is AgentAction.NOT_READY:
        reason = await _reason(talk)
    await talk.say(await _outcome(talk, action, agent_id, phone_id, reason))


def _arguments(session: CallSession) -> tuple[AgentAction, PhoneId]:
    action, phone, *_ = (*session.request.arguments, "", "")
    if action not in list(AgentAction):
        raise AgiGarbage(f"expected one of {', '.join(AgentAction)} as the first argument")
    if not _SAFE_ID.fullmatch(phone):
        raise AgiGarbage("expected the phone's endpoint name as the second argument")
    return AgentAction(action), PhoneId(phone)


async def _identified(talk: Talk, phone_id: PhoneId) -> AgentId | None:
    """Who signs on, or None if that could not be settled; the phone has been told why."""
    deps, link_id = talk.deps, link_of(talk.session.contact_id)
    for _ in range(TRIES_MAX):
        if deps.throttle.is_locked(link_id, phone_id, deps.now_ms()):
            break
        number = await _keyed(talk, AGENT_NUMBER, NUMBER_LENGTH_MAX)
        pin = await _keyed(talk, AGENT_PIN, PIN_LENGTH_MAX) if number else ""
        if not pin:
            return None
        try:
            async with asyncio.timeout(deps.pace.pin_s):
                agent_id = await deps.pins.agent(deps.staff, number, pin)
        except TimeoutError:
            await talk.say(AGENT_FAILED)
            return None
        if agent_id is not None:
            deps.throttle.note_right(link_id, phone_id)
            return agent_id
        deps.throttle.note_wrong(link_id, phone_id, deps.now_ms())
        _log.warning("call %s: a wrong sign-on from phone %s", talk.session.contact_id, phone_id)
        await talk.say(AGENT_WRONG)
    await talk.say(AGENT_LOCKED)
    return None


async def _keyed(talk: Talk, prompt: str, count_max: int) -> str:
    """Digits up to `#` or silence; none after `*`, which gives up."""
    wait_ms = talk.deps.pace.agent_key_ms
    first = await talk.say(prompt, barge_in=KEYS)
    keys = await talk.session.collect_digits(
        first, count_max=count_max + 1, first_ms=wait_ms, next_ms=wait_ms
    )
    if len(keys) > count_max and not keys.endswith("#"):
        await talk.drain()  # more digits than any number has: not the next question's
    return "" if keys.endswith("*") else keys.removesuffix("#")


async def _reason(talk: Talk) -> NotReadyReason:
    key = await talk.say(AGENT_REASON, barge_in=KEYS)
    if key is None:
        key = await talk.session.wait_for_digit(talk.deps.pace.agent_key_ms)
    return REASONS.get(key or "", NotReadyReason.OTHER)


async def _outcome(
    talk: Talk,
    action: AgentAction,
    agent_id: AgentId | None,
    phone_id: PhoneId,
    reason: NotReadyReason,
) -> str:
    """Does it; returns the prompt that tells what came of it."""
    contact_id = talk.session.contact_id
    try:
        async with asyncio.timeout(talk.deps.pace.desk_s):
            await talk.deps.desk.agent_action(
                action, agent_id, phone_id, link_of(contact_id), reason
            )
    except CallLeft:
        raise
    except Refused as exc:
        _log.info("call %s: %s from phone %s: %s", contact_id, action, phone_id, exc.code)
        return AGENT_NOT_SIGNED_ON if exc.code == NOT_SIGNED_ON else AGENT_REFUSED
    except (EngineStopped, TimeoutError) as exc:
        _log.warning("call %s: %s: %s", contact_id, action, type(exc).__name__)
        return AGENT_FAILED
    return AGENT_DONE[action]
