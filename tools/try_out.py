"""`make run`: the engine, an Asterisk of its own, two nurses' phones and callers to try it with.

Everything is real but the people: SIP phones played by sipp, the shipped dialplan on a local
Asterisk, the shipped configuration. Press Enter and somebody calls 1177; or call with a SIP phone
of your own. What is queued outlives a restart, in `var/`.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from queue_engine.cli.prompts import render_prompts
from queue_engine.cli.stopping import until_stopped
from queue_engine.config.load import Configuration, load_all
from queue_engine.core.commands import SetAgentReady, SignOnAgent
from queue_engine.core.errors import Refused, SamkoError
from queue_engine.core.events import ContactEnded, WrapUpStarted
from queue_engine.serve.service import Service
from queue_engine.serve.status_line import StatusLine
from queue_engine.telephony.local_asterisk import LabFault, LocalAsterisk
from routing.vocabulary import AgentId, PhoneId
from tests.asterisk.phones import Callers, Nurse

NURSES: Final = {"nurse1": AgentId("n1401"), "nurse2": AgentId("n1402")}
OWN_PHONE: Final = "phone1"
ANSWER_AFTER_MS: Final = 3_000
TALK_MS: Final = 15_000
WRAP_UP_S: Final = 5.0
PATIENCE_S: Final = 600.0
LIVE_S: Final = 20.0
SHOWN: Final = "031390060{}"
"""Numbers in Göteborg reserved for fiction: their area code gives the region."""


def main() -> int:
    """Runs until Ctrl-C, or until so many calls have ended."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config"))
    parser.add_argument("--calls", type=int, default=0, help="place so many calls, then stop")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        render_prompts(chosen.config, load_all(chosen.config))
        return until_stopped(_try_out(chosen.config, chosen.calls))
    except (SamkoError, LabFault) as fault:
        print(f"samko: {fault}", file=sys.stderr)
        return 1


async def _try_out(config: Path, calls: int) -> None:
    async with AsyncExitStack() as opened:
        asterisk = LocalAsterisk(phones=(*NURSES, OWN_PHONE))
        await opened.enter_async_context(asterisk)

        def read() -> Configuration:
            return _settled(load_all(config), asterisk)

        service = Service(read(), read)
        await opened.enter_async_context(service)
        work = asyncio.create_task(_work_on(service))
        opened.push_async_callback(_end, work)
        async with asyncio.timeout(LIVE_S):
            while not service.driver.state.is_link_up(service.links[0].link_id):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for phone, agent_id in NURSES.items():
            nurse = Nurse(asterisk, phone, answer_after_ms=ANSWER_AFTER_MS, talk_ms=TALK_MS)
            await opened.enter_async_context(nurse)
            await _sign_on(service, phone, agent_id)
        if calls:
            await _place(service, asterisk, calls)
            return
        print(_welcome(asterisk, service))
        await opened.enter_async_context(StatusLine(service))
        await asyncio.gather(service.wait(), _calls_on_enter(service, asterisk))


def _settled(loaded: Configuration, asterisk: LocalAsterisk) -> Configuration:
    """The configuration, for this Asterisk's ports."""
    settings = loaded.settings
    link = replace(settings.links[0], port=asterisk.ami_port)
    os.environ[link.secret.variable] = asterisk.ami_secret
    agi = replace(settings.agi, port=asterisk.agi_port)
    return replace(loaded, settings=replace(settings, links=(link,), agi=agi))


async def _sign_on(service: Service, phone: str, agent_id: AgentId) -> None:
    profile = service.configuration.staff.profile(agent_id)
    assert profile is not None, f"config/staff.yaml has no {agent_id}"
    link_id = service.links[0].link_id
    await service.driver.submit(
        SignOnAgent(agent_id, link_id, PhoneId(phone), profile.region, profile.skills, profile.unit)
    )
    await service.driver.submit(SetAgentReady(agent_id))


async def _work_on(service: Service) -> None:
    """The nurses are done with a contact soon after it."""
    async with asyncio.TaskGroup() as tasks:
        async for record in service.driver.follow("nurses"):
            for event in record.events:
                if isinstance(event, WrapUpStarted):
                    tasks.create_task(_wrap_up(service, event.agent_id))


async def _wrap_up(service: Service, agent_id: AgentId) -> None:
    await asyncio.sleep(WRAP_UP_S)
    try:
        await service.driver.submit(SetAgentReady(agent_id))
    except Refused:
        pass  # she has signed off by phone meanwhile


async def _place(service: Service, asterisk: LocalAsterisk, calls: int) -> None:
    """Places calls and tells each one's end; returns when all have ended."""
    feed = service.driver.follow("calls")
    shown = [SHOWN.format(number % 10) for number in range(calls)]
    async with Callers(asterisk, count=calls, rate=1, shown=shown):
        ended = 0
        async with asyncio.timeout(PATIENCE_S):
            async for record in feed:
                for event in record.events:
                    if isinstance(event, ContactEnded):
                        ended += 1
                        print(
                            f"call {ended} of {calls}: {event.outcome},"
                            f" waited {event.wait_ms / 1000:.1f} s,"
                            f" talked {event.talk_ms / 1000:.1f} s"
                        )
                if ended >= calls:
                    return


async def _calls_on_enter(service: Service, asterisk: LocalAsterisk) -> None:
    loop, number = asyncio.get_running_loop(), 0
    async with AsyncExitStack() as calls:
        pressed = asyncio.Event()
        if not sys.stdin.isatty():
            await asyncio.Event().wait()
        loop.add_reader(sys.stdin, _line_taken, pressed)
        calls.callback(loop.remove_reader, sys.stdin)
        while True:
            await pressed.wait()
            pressed.clear()
            caller = Callers(asterisk, shown=[SHOWN.format(number % 10)])
            number += 1
            await calls.enter_async_context(caller)


def _line_taken(pressed: asyncio.Event) -> None:
    sys.stdin.readline()
    pressed.set()


def _welcome(asterisk: LocalAsterisk, service: Service) -> str:
    return f"""
Samkö runs with a local {asterisk.tree.version}.
  Two nurses of Västra Götaland (region 14) are at work; their phones are played by sipp.
  Press Enter: somebody in Göteborg calls 1177, hears the menu (about a minute) and waits.
  Your own SIP phone: server 127.0.0.1, UDP port {asterisk.sip_port}, user {OWN_PHONE}, no
  password; dial 1177 as a caller, or *71 to sign on as a nurse (1403, PIN 7323), *73 ready.
  Look at it: {service.http.link}
  Ctrl-C ends it; what waits is kept in var/ and comes back.
"""


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


if __name__ == "__main__":
    sys.exit(main())
