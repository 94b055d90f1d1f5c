"""What every `Desk` must do: subclass `DeskContract` and give it a `desk`.

    class TestServedDesk(DeskContract):
        @pytest.fixture
        async def desk(self) -> AsyncIterator[Desk]:
            ...

        async def show_waiting(self, desk: Desk, ticket: CallTicket) -> None:
            ...

The desk must know the agent `AGENT` and a live link `LINK`, with nobody signed on and nobody
waiting.
"""

from __future__ import annotations

import time
from typing import Final

import pytest

from ivr.desk import AgentAction, Desk
from queue_engine.core.commands import CallTicket, EnqueueContact
from queue_engine.core.errors import Refused
from queue_engine.core.ticket import read_ticket, write_ticket
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
)

AGENT: Final = AgentId("n1401")
PHONE: Final = PhoneId("nurse1")
LINK: Final = LinkId("ast1")
# An hour ago: an engine goes by its own clock and does not believe an arrival of another day.
ARRIVED_MS: Final = (int(time.time()) - 3600) * 1000


def enqueue_command(
    number: int, priority: Priority = Priority.STANDARD, arrived_ms: int = ARRIVED_MS
) -> EnqueueContact:
    """A caller who wants advice in Swedish."""
    return EnqueueContact(
        contact_id=ContactId(f"ast1-1795282147.9{number:04}"),
        link_id=LINK,
        line_id=LineId("national"),
        arrived_ms=arrived_ms + number,
        priority=priority,
        needs=(Requirement(Skill("advice")), Requirement(Skill("sv"))),
        home_region=RegionCode("14"),
        home_region_source=HomeRegionSource.CALLER_KEY,
    )


class DeskContract:
    """The contract. Nobody is ready, so no contact is ever offered."""

    async def show_waiting(self, desk: Desk, ticket: CallTicket) -> None:
        """Lets the switch show the caller waiting; a desk that needs no switch does nothing."""

    async def wait(self, desk: Desk, *commands: EnqueueContact) -> None:
        """Enqueues callers, whom the switch then shows waiting."""
        for command in commands:
            await self.show_waiting(desk, await desk.enqueue(command))

    async def test_enqueue_gives_a_ticket_that_a_call_can_carry(self, desk: Desk) -> None:
        command = enqueue_command(1)
        ticket = await desk.enqueue(command)
        assert ticket.contact_id == command.contact_id
        assert ticket.arrived_ms == command.arrived_ms
        assert ticket.priority is Priority.STANDARD
        assert ticket.home_region == "14"
        assert set(ticket.needs) == set(command.needs)
        assert ticket.record >= 1
        assert read_ticket(write_ticket(ticket)) == ticket

    async def test_a_caller_has_one_place_however_often_he_is_enqueued(self, desk: Desk) -> None:
        first = await desk.enqueue(enqueue_command(1))
        again = await desk.enqueue(enqueue_command(1))
        assert (again.sequence, again.arrived_ms) == (first.sequence, first.arrived_ms)

    async def test_positions_follow_need_then_arrival(self, desk: Desk) -> None:
        first, second, urgent = (
            enqueue_command(1),
            enqueue_command(2),
            enqueue_command(3, Priority.EMERGENCY),
        )
        await self.wait(desk, second, first, urgent)
        assert desk.position(urgent.contact_id) == 1
        assert desk.position(first.contact_id) == 2
        assert desk.position(second.contact_id) == 3

    async def test_who_does_not_wait_has_no_position_and_no_expected_wait(self, desk: Desk) -> None:
        nobody = ContactId("ast1-1795282147.99999")
        assert desk.position(nobody) is None
        assert desk.expected_wait_ms(nobody) is None

    async def test_an_expected_wait_is_not_negative(self, desk: Desk) -> None:
        await self.wait(desk, enqueue_command(1))
        expected_ms = desk.expected_wait_ms(enqueue_command(1).contact_id)
        assert expected_ms is None or expected_ms >= 0

    async def test_raising_is_idempotent_and_never_lowers(self, desk: Desk) -> None:
        one, two = enqueue_command(1), enqueue_command(2)
        await self.wait(desk, one, two)
        for _ in range(2):
            now = await desk.raise_priority(two.contact_id, Priority.EMERGENCY, "emergency_key")
            assert now is Priority.EMERGENCY
        assert desk.position(two.contact_id) == 1
        now = await desk.raise_priority(two.contact_id, Priority.RAISED, "worse_key")
        assert now is Priority.EMERGENCY
        assert desk.position(two.contact_id) == 1

    async def test_nobody_can_raise_who_does_not_wait(self, desk: Desk) -> None:
        with pytest.raises(Refused):
            await desk.raise_priority(
                ContactId("ast1-1795282147.99999"), Priority.EMERGENCY, "emergency_key"
            )

    async def test_an_agent_signs_on_and_off_at_a_phone(self, desk: Desk) -> None:
        await desk.agent_action(AgentAction.SIGN_ON, AGENT, PHONE, LINK)
        await desk.agent_action(AgentAction.READY, None, PHONE, LINK)
        await desk.agent_action(
            AgentAction.NOT_READY, None, PHONE, LINK, reason=NotReadyReason.BREAK
        )
        await desk.agent_action(AgentAction.SIGN_OFF, None, PHONE, LINK)
        with pytest.raises(Refused):
            await desk.agent_action(AgentAction.READY, None, PHONE, LINK)

    @pytest.mark.parametrize(
        "action", [AgentAction.READY, AgentAction.NOT_READY, AgentAction.SIGN_OFF]
    )
    async def test_a_phone_where_nobody_is_signed_on_is_refused(
        self, desk: Desk, action: AgentAction
    ) -> None:
        with pytest.raises(Refused) as refused:
            await desk.agent_action(action, None, PHONE, LINK)
        assert refused.value.code == "not_signed_on"
