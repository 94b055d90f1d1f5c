"""Script `call`: one caller from the greeting to the queue. The only coroutine he goes through.

House rules:
1. `SAMKO_IVR=done` is the very last command. Whatever goes wrong before it (the engine refuses or
   does not answer, we crash), the dialplan takes the caller to the fallback queue.
2. The ticket is on the channel before anything more is said: he keeps his place if we die then.
3. A vault or link sender that fails costs its own service and nothing else.
4. The personal number lives in one local variable until it is in the vault.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ivr import handed_over
from ivr.agent_visit import agent
from ivr.agi_wire import KEYS
from ivr.call_session import CallSession, Visit
from ivr.caller import ARRIVED_VARIABLE, Caller, arrived_ms, read_caller
from ivr.deps import LANGUAGE_VARIABLE, LINE_VARIABLE, FlowDeps, Talk
from ivr.desk import TurnedAway
from ivr.dialogue import (
    Answers,
    Ask,
    Enqueue,
    Goodbye,
    Heard,
    Key,
    Turn,
    advance,
    as_emergency,
    begin,
)
from ivr.handed_over import read_handed_over
from ivr.home_region import home_region, region_told
from ivr.menu import NumberStep
from ivr.personal_number import LENGTH, PersonalNumber, read_personal_number
from ivr.phone_number import is_mobile
from ivr.ports import LinkRequest
from ivr.prompts import (
    LINK_FAILED,
    LINK_NEEDS_MOBILE,
    LINK_SENT,
    OVERLOADED,
    OVERLOADED_BYE,
    OVERLOADED_LINK,
    OVERLOADED_LINK_SENT,
    QUEUED,
    RING_112,
    wait_prompt,
)
from ivr.waiting import PRIO_VARIABLE, announce, key, press
from queue_engine.core.commands import Alternative, CallTicket, EnqueueContact
from queue_engine.core.ticket import TICKET_VARIABLE, write_ticket
from routing.vocabulary import Priority, RegionCode, Requirement, Skill

IVR_VARIABLE: Final = "SAMKO_IVR"
DONE: Final = "done"
ENDED: Final = "ended"
LINK_KEY: Final = "1"
"""Of one who is turned away; `overloaded_link` names it."""
_log = logging.getLogger(__name__)


def visits(deps: FlowDeps) -> Mapping[str, Visit]:
    """All scripts, for the server."""
    scripts = {
        "call": call,
        "hand-over": hand_over,
        "announce": announce,
        "key": key,
        "agent": agent,
    }
    return {name: partial(script, deps=deps) for name, script in scripts.items()}


@dataclass(slots=True)
class _Call:
    """What is known of the call under way."""

    caller: Caller
    arrived_ms: int
    network_region: RegionCode | None
    person: PersonalNumber | None = None


async def call(session: CallSession, deps: FlowDeps) -> None:
    """The whole of one call's menu, up to the queue or, at a closed line, its end."""
    caller = read_caller(session.contact_id, session.request.headers, deps.lines)
    variable = caller.line.region_variable
    told = await session.get_variable(variable) if variable is not None else None
    state = _Call(
        caller,
        arrived_ms(await session.get_variable(ARRIVED_VARIABLE), deps.now_ms()),
        region_told(told, deps.area_codes.values()) or caller.line.region,
    )
    known = home_region(
        network=state.network_region, caller_number=caller.number, area_codes=deps.area_codes
    )
    menu = deps.menus[caller.line.menu]
    turn: Turn = begin(
        menu,
        service=caller.line.services[0],
        language=deps.shelf.language(None),
        region_known_by=known.source,
        is_line_open=deps.is_line_open(caller.line.line_id),
    )
    talk = Talk(session, deps, menu, deps.shelf.language(None))
    while isinstance(turn, Ask):
        turn = advance(turn, await _heard(talk, turn, state))
        talk = replace(talk, language=deps.shelf.language(turn.answers.prompts))
    if isinstance(turn, Goodbye):
        await session.set_variable(IVR_VARIABLE, ENDED)
        return
    is_placed = await _into_queue(talk, turn, state)
    await session.set_variable(IVR_VARIABLE, DONE if is_placed else ENDED)


async def hand_over(session: CallSession, deps: FlowDeps) -> None:
    """A caller from another contact centre, who has been through a menu there: into the queue."""
    caller = read_caller(session.contact_id, session.request.headers, deps.lines)
    now_ms = deps.now_ms()
    given = read_handed_over(
        *[await session.get_variable(name) for name in _GIVEN],
        regions=deps.area_codes.values(),
        came_ms=arrived_ms(await session.get_variable(ARRIVED_VARIABLE), now_ms),
        now_ms=now_ms,
    )
    state = _Call(caller, given.arrived_ms, given.region or caller.line.region)
    language = deps.shelf.language(None)
    spoken = Skill(language)
    answers = Answers(caller.line.services[0], spoken, language, priority=given.priority)
    talk = Talk(session, deps, deps.menus[caller.line.menu], language)
    is_placed = await _into_queue(talk, Enqueue(answers), state)
    await session.set_variable(IVR_VARIABLE, DONE if is_placed else ENDED)


_GIVEN: Final = (
    handed_over.REGION_VARIABLE,
    handed_over.ARRIVED_VARIABLE,
    handed_over.PRIORITY_VARIABLE,
)


async def _heard(talk: Talk, ask: Ask, state: _Call) -> Key | Heard:
    step = ask.number
    if step is not None:
        return await _number_heard(talk, ask, step, state)
    pressed = await talk.say(*ask.say, barge_in=ask.barge_in)
    if pressed is None:
        pressed = await talk.session.wait_for_digit(ask.listen_ms)
    if pressed is None:
        return Heard.SILENCE
    await talk.drain()
    return Key(pressed)


async def _number_heard(talk: Talk, ask: Ask, step: NumberStep, state: _Call) -> Key | Heard:
    """A personal number; the emergency key alone is an emergency here too, `*` skips."""
    first = await talk.say(*ask.say, barge_in=ask.barge_in)
    keys = await talk.session.collect_digits(
        first, count_max=LENGTH, first_ms=step.listen_ms, next_ms=step.between_ms
    )
    if keys:
        await talk.session.drain_digits(talk.deps.pace.number_quiet_ms)
    emergency = ask.menu.emergency_key
    if keys and not keys.removesuffix("#").strip(emergency) and emergency in keys:
        return Key(emergency)
    digits = keys.removesuffix("#")
    if not digits or digits.endswith("*"):
        return Heard.SILENCE
    state.person = read_personal_number(digits, talk.deps.today())
    return Heard.NUMBER_BAD if state.person is None else Heard.NUMBER_GOOD


async def _into_queue(talk: Talk, turn: Enqueue, state: _Call) -> bool:
    """Whether he has a place in the queue now; if not, he has been told what he can do instead."""
    answers = turn.answers
    if answers.priority is Priority.EMERGENCY:
        await talk.say(RING_112)
    await _keep(talk, state)
    command = _command(state, answers, await _known_by(talk, state), talk.deps)
    try:
        async with asyncio.timeout(talk.deps.pace.desk_s):
            ticket = await talk.deps.desk.enqueue(command)
    except TurnedAway as away:
        return await _turned_away(talk, answers, state, away)
    await _mark(talk, state, ticket)
    if answers.priority is Priority.EMERGENCY:
        return True  # not a word more between him and a nurse
    if answers.link:
        await talk.say(await _send_link(talk, state))
    await _tell_queued(talk)
    return True


async def _turned_away(talk: Talk, answers: Answers, state: _Call, away: TurnedAway) -> bool:
    """Why, the emergency key once more, and what else can be done; the key is heard to the end."""
    can_link = Alternative.DIREKT in away.offered and not answers.link
    told = (OVERLOADED, OVERLOADED_LINK) if can_link else (OVERLOADED,)
    pressed = await talk.say(*told, barge_in=KEYS)
    if pressed is None:
        pressed = await talk.session.wait_for_digit(talk.deps.pace.refused_listen_ms)
    await talk.drain()
    if pressed == talk.menu.emergency_key:
        service = state.caller.line.services[0]
        return await _into_queue(talk, Enqueue(as_emergency(answers, service)), state)
    wants_link = answers.link or (can_link and pressed == LINK_KEY)
    if wants_link and await _send_link(talk, state) == LINK_SENT:
        await talk.say(OVERLOADED_LINK_SENT)
    await talk.say(OVERLOADED_BYE)
    return False


def _command(
    state: _Call, answers: Answers, caller_keys: tuple[str, ...], deps: FlowDeps
) -> EnqueueContact:
    caller = state.caller
    home = home_region(
        network=state.network_region,
        caller_key=answers.region,
        caller_number=caller.number,
        area_codes=deps.area_codes,
    )
    return EnqueueContact(
        contact_id=caller.contact_id,
        link_id=caller.link_id,
        line_id=caller.line.line_id,
        arrived_ms=state.arrived_ms,
        priority=answers.priority,
        needs=(Requirement(answers.service), Requirement(answers.language)),
        home_region=home.region,
        home_region_source=home.source,
        home_unit=caller.line.unit,
        language=answers.prompts,
        has_chosen=answers.has_chosen,
        alternatives=(Alternative.DIREKT,) if is_mobile(caller.number or "") else (),
        caller_key=caller_keys[0] if caller_keys else "",
        earlier_keys=caller_keys[1:],
        is_shared_number=caller.number in deps.shared_numbers,
    )


async def _mark(talk: Talk, state: _Call, ticket: CallTicket) -> None:
    """Puts on the channel what it must carry: first what can be missed, then the ticket."""
    session = talk.session
    await session.set_variable(LANGUAGE_VARIABLE, talk.language)
    await session.set_variable(LINE_VARIABLE, state.caller.line.line_id)
    await session.set_variable(TICKET_VARIABLE, write_ticket(ticket))
    await session.set_variable(PRIO_VARIABLE, str(talk.deps.tier_of(ticket.priority)))


async def _keep(talk: Talk, state: _Call) -> None:
    caller = state.caller
    person = state.person.digits if state.person is not None else None
    if person is None and caller.number is None:
        return
    try:
        async with asyncio.timeout(talk.deps.pace.vault_s):
            await talk.deps.vault.keep(caller.contact_id, person, caller.number)
    except Exception as exc:  # noqa: BLE001 - no fault of the vault may cost a caller his call
        # By its kind alone: what a vault's error says may hold what it was to keep.
        kind = type(exc).__name__
        _log.error("call %s: the vault did not keep it: %s", caller.contact_id, kind)


async def _known_by(talk: Talk, state: _Call) -> tuple[str, ...]:
    """The caller's keys; none, and a new caller, when they cannot be had."""
    caller, deps = state.caller, talk.deps
    if caller.number is None or caller.number in deps.shared_numbers:
        return ()
    try:
        async with asyncio.timeout(deps.pace.keys_s):
            return await deps.caller_keys.of(caller.contact_id, caller.number)
    except Exception as exc:  # noqa: BLE001 - as for the vault: his place does not depend on it
        _log.error("call %s: has no keys: %s", caller.contact_id, type(exc).__name__)
        return ()


async def _send_link(talk: Talk, state: _Call) -> str:
    """Sends the link; returns the prompt that tells what came of it."""
    caller = state.caller
    if caller.number is None or not is_mobile(caller.number):
        return LINK_NEEDS_MOBILE
    request = LinkRequest(caller.contact_id, caller.number, talk.language, talk.deps.now_ms())
    try:
        async with asyncio.timeout(talk.deps.pace.link_s):
            await talk.deps.links.send(request)
    except Exception as exc:  # noqa: BLE001 - as for the vault: his place does not depend on it
        _log.error("call %s: no link was sent: %s", caller.contact_id, type(exc).__name__)
        return LINK_FAILED
    return LINK_SENT


async def _tell_queued(talk: Talk) -> None:
    """Where he is and what his keys do; not when a nurse is about to answer anyway."""
    expected_ms = talk.deps.desk.expected_wait_ms(talk.session.contact_id)
    if expected_ms is None or expected_ms < talk.deps.pace.told_from_ms:
        return
    band = wait_prompt(expected_ms)
    pressed = await talk.say(QUEUED, band, *talk.menu.waiting.say, barge_in=KEYS)
    if pressed is not None:
        await press(talk, pressed)
