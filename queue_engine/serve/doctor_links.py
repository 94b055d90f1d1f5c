"""Each Asterisk: is it reachable, is it the right one, has it our dialplan, does it see us live?

House rules: an AMI session of its own, without events, so that nothing of a running engine's is
touched; it only asks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

from queue_engine.config.engine_file import LinkSettings
from queue_engine.config.problems import ConfigError
from queue_engine.serve.doctor_finding import Finding, fault, ok, warning
from queue_engine.serve.doctor_gateways import gateways
from queue_engine.telephony import dialplan
from queue_engine.telephony.ami_message import Action, AmiResponse
from queue_engine.telephony.ami_session import AmiSession
from queue_engine.telephony.errors import TelephonyError
from routing.gateways import Gateway

ASK_S: Final = 3.0
BEAT_S: Final = 2.5
"""A living engine changes its beat once a second."""
VERSION: Final = 22
"""What the dialplan is written for and tested with."""
CONTEXTS: Final = (dialplan.INBOUND, dialplan.WAITING, dialplan.OFFER, dialplan.FALLBACK)
_VERSION: Final = re.compile(r"(\d+)\.")


class _NotAllowed(TelephonyError):
    """The manager user may not do what it says."""


async def links(
    settings: Sequence[LinkSettings], *, is_in_use: bool, agreed: Sequence[Gateway] = ()
) -> AsyncIterator[Finding]:
    """What each Asterisk says, one after the other.

    Args:
        is_in_use: whether an engine runs, whose beat each of them should see.
        agreed: contact centres elsewhere, to each of which a trunk of one of them leads.
    """
    for link in settings:
        its = [gateway for gateway in agreed if gateway.link_id == link.link_id]
        for finding in await _link(link, its, is_in_use=is_in_use):
            yield finding


async def _link(link: LinkSettings, its: list[Gateway], *, is_in_use: bool) -> list[Finding]:
    area = f"link {link.link_id}"
    try:
        secret = link.secret.read()
    except ConfigError as exc:
        advice = "give the engine the AMI secret, or use `samko run`, which needs no Asterisk"
        return [fault(area, problem.message, advice) for problem in exc.problems]
    session = AmiSession(link.host, link.port, lambda _event: None)
    where = f"Asterisk at {link.host}:{link.port}"
    try:
        await session.open(ASK_S)
        refused = await _log_in(session, link.user, secret)
        if refused:
            advice = f"compare [{link.user}] of its manager.conf with samko.yaml, secret and permit"
            return [fault(area, f"{where} refuses the login: {refused}", advice)]
        return [
            await _version(session, link, where),
            await _contexts(session, area),
            await _beat(session, area, is_in_use=is_in_use),
            *await gateways(partial(_ask, session), its),
        ]
    except _NotAllowed as exc:
        advice = f"its manager.conf needs what deploy/asterisk/manager.conf has for [{link.user}]"
        return [fault(area, f"{where}: {link.user} may not {exc}", advice)]
    except TelephonyError as exc:
        reason = session.ended.result() if session.is_over else str(exc)
        advice = "is Asterisk up (`asterisk -rx 'core show uptime'`), and AMI on in manager.conf?"
        return [fault(area, f"{where}: {reason}", advice)]
    finally:
        session.end("the doctor is done", is_orderly=True)


async def _log_in(session: AmiSession, user: str, secret: str) -> str:
    """Empty when it is well, else what Asterisk says."""
    login: Action = {"Action": "Login", "Username": user, "Secret": secret, "Events": "off"}
    response = await session.action(login, ASK_S)
    return "" if response.is_success else response.sentence[:80]


async def _ask(session: AmiSession, action: Action) -> AmiResponse:
    response = await session.action(action, ASK_S)
    if not response.is_success and "ermission" in response.sentence:
        raise _NotAllowed(f"{action['Action']}")
    return response


async def _version(session: AmiSession, link: LinkSettings, where: str) -> Finding:
    area = f"link {link.link_id}"
    response = await _ask(session, {"Action": "CoreSettings"})
    version = response.first.get("asteriskversion", "of unknown version")
    name = response.first.get("systemname")
    if name and name != link.link_id:
        advice = f"set systemname = {link.link_id} in asterisk.conf, or the link's id in samko.yaml"
        return fault(area, f"{where} calls itself {name}", advice)
    found = _VERSION.match(version)
    if found is None or int(found[1]) != VERSION:
        advice = f"the dialplan is written for Asterisk {VERSION}: try every menu before use"
        return warning(area, f"{where} is Asterisk {version}", advice)
    return ok(area, f"{where} answers: version {version}")


async def _contexts(session: AmiSession, area: str) -> Finding:
    missing = [name for name in CONTEXTS if not await _has_context(session, name)]
    if missing:
        advice = "copy deploy/asterisk/extensions.conf there, then `dialplan reload`"
        return fault(area, f"its dialplan has no context {', '.join(missing)}", advice)
    return ok(area, "its dialplan has all our contexts")


async def _has_context(session: AmiSession, name: str) -> bool:
    command: Action = {"Action": "Command", "Command": f"dialplan show {name}"}
    response = await _ask(session, command)
    return response.is_success and any("[ Context" in line for line in response.first.all("output"))


async def _beat(session: AmiSession, area: str, *, is_in_use: bool) -> Finding:
    """Whether the engine's beat, by which callers' music decides for the fallback, moves."""
    before = await _beat_now(session)
    await asyncio.sleep(BEAT_S)
    if await _beat_now(session) != before:
        return ok(area, "it sees an engine's beat")
    if is_in_use:
        advice = "callers go to the fallback queue: look into the engine's log, or restart it"
        return fault(area, f"it has seen no new beat of the engine for {BEAT_S} s", advice)
    return ok(area, "no engine steers it now")


async def _beat_now(session: AmiSession) -> str:
    response = await _ask(session, {"Action": "Getvar", "Variable": dialplan.BEAT})
    return response.first.get("value")
