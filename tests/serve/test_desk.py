"""The desk of a running engine keeps the contract that conversations rely on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from ivr.desk import AgentAction, Desk, TurnedAway
from ivr.line import Lines
from queue_engine.config.load import Configuration, load_all
from queue_engine.core.commands import (
    Alternative,
    CallerPlace,
    CallTicket,
    LoadPolicy,
    ReportCallerWaiting,
    ReportSwitch,
    SeenCaller,
)
from queue_engine.core.errors import Refused
from queue_engine.core.policy_codec import write_policy
from queue_engine.journal.memory import MemoryJournal
from queue_engine.runtime.driver import Driver
from queue_engine.serve.desk import EngineDesk
from queue_engine.serve.queue_view import EngineView
from routing.guard_policy import GuardRule
from routing.vocabulary import AgentId, Priority, Requirement, Skill
from tests.ivr.desk_contract import AGENT, LINK, PHONE, DeskContract, enqueue_command

CONFIG = Path(__file__).resolve().parents[2] / "config"


@cache
def shipped() -> Configuration:
    """The shipped configuration."""
    return load_all(CONFIG)


@pytest.fixture
async def driver() -> AsyncIterator[Driver]:
    """An engine under the shipped rules, with its link live."""
    driver = Driver(MemoryJournal())
    await driver.start()
    loop = asyncio.create_task(driver.run())
    await driver.submit(LoadPolicy(write_policy(shipped().policy)))
    await driver.submit(ReportSwitch(LINK, driver.now_ms(), ()))
    yield driver
    loop.cancel()
    await asyncio.wait([loop])
    await driver.close()


def desk_of(driver: Driver) -> EngineDesk:
    """The desk under the shipped configuration."""
    return EngineDesk(driver, shipped().staff, Lines(shipped().lines))


class TestEngineDesk(DeskContract):
    """`EngineDesk` as a `Desk`."""

    @pytest.fixture
    async def desk(self, driver: Driver) -> Desk:
        self.driver = driver
        return desk_of(driver)

    async def show_waiting(self, desk: Desk, ticket: CallTicket) -> None:
        caller = SeenCaller(ticket.contact_id, CallerPlace.WAITING, ticket.arrived_ms)
        await self.driver.submit(ReportCallerWaiting(LINK, caller))

    async def test_an_agent_whom_the_staff_list_lacks_is_refused(self, desk: Desk) -> None:
        with pytest.raises(Refused) as refused:
            await desk.agent_action(AgentAction.SIGN_ON, AgentId("nobody"), PHONE, LINK)
        assert refused.value.code == "unknown_agent"


async def test_the_view_tells_telephony_who_works_and_what_calls_carry(driver: Driver) -> None:
    desk, view = desk_of(driver), EngineView(driver)
    ticket = await desk.enqueue(enqueue_command(1))
    assert view.ticket_of(ticket.contact_id) == (ticket, 2)
    assert view.link_of(ticket.contact_id) == LINK
    assert view.offer_of(ticket.contact_id) is None
    await desk.agent_action(AgentAction.SIGN_ON, AGENT, PHONE, LINK)
    (agent,) = view.fallback_agents(LINK)
    assert (agent.agent_id, agent.phone_id, agent.is_paused) == (AGENT, PHONE, True)
    await desk.agent_action(AgentAction.READY, None, PHONE, LINK)
    (agent,) = view.fallback_agents(LINK)
    assert not agent.is_paused


async def test_an_emergency_among_questions_of_fees_gets_a_nurse(driver: Driver) -> None:
    desk = desk_of(driver)
    fees = (Requirement(Skill("admin")), Requirement(Skill("sv")))
    ticket = await desk.enqueue(
        replace(enqueue_command(1), needs=fees, priority=Priority.NON_MEDICAL)
    )
    await desk.raise_priority(ticket.contact_id, Priority.EMERGENCY, "emergency_key")
    contact = driver.state.contacts[ticket.contact_id]
    assert contact.needs == (Requirement(Skill("advice")), Requirement(Skill("sv")))
    assert contact.contact_class.needs == contact.needs


async def test_too_many_callers_are_turned_away_and_an_emergency_is_not(driver: Driver) -> None:
    policy = shipped().policy
    regions = tuple(replace(one, guard=GuardRule(waiting_max=1)) for one in policy.regions)
    await driver.submit(LoadPolicy(write_policy(replace(policy, regions=regions))))
    desk = desk_of(driver)
    ticket = await desk.enqueue(enqueue_command(1))
    caller = SeenCaller(ticket.contact_id, CallerPlace.WAITING, ticket.arrived_ms)
    await driver.submit(ReportCallerWaiting(LINK, caller))
    direkt = (Alternative.DIREKT,)
    command = replace(enqueue_command(2), has_chosen=True, alternatives=direkt)
    for offered in (direkt, ()):
        with pytest.raises(TurnedAway) as away:
            await desk.enqueue(command)
        assert away.value.offered == offered
    ticket = await desk.enqueue(replace(command, priority=Priority.EMERGENCY))
    assert ticket.priority is Priority.EMERGENCY
