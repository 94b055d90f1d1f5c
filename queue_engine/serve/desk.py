"""What a conversation may ask of the queue, answered by the running engine."""

from __future__ import annotations

from ivr.desk import AgentAction, TurnedAway
from ivr.line import Lines
from queue_engine.config.staff_file import StaffDirectory
from queue_engine.core.commands import (
    Actor,
    Alternative,
    CallTicket,
    Command,
    EnqueueContact,
    SetAgentNotReady,
    SetAgentReady,
    SetContactPriority,
    SignOffAgent,
    SignOnAgent,
)
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.errors import Refused
from queue_engine.core.events import ContactRefused
from queue_engine.core.expected import told_ms
from queue_engine.core.overload import was_refused
from queue_engine.core.record import Record
from queue_engine.runtime.running import RunningEngine
from routing.estimate import position
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    Requirement,
)


class EngineDesk:
    """The `ivr.desk.Desk` of a running engine.

    Args:
        driver: drives the engine.
        staff: profiles of those who sign on.
        lines: the called numbers, for the service that an emergency gets.
    """

    def __init__(self, driver: RunningEngine, staff: StaffDirectory, lines: Lines) -> None:
        self._driver = driver
        self._staff = staff
        self._lines = lines

    def renew(self, staff: StaffDirectory, lines: Lines) -> None:
        """Goes by these from now on; who is at work stays so."""
        self._staff = staff
        self._lines = lines

    async def enqueue(self, command: EnqueueContact) -> CallTicket:
        """See `Desk`."""
        record = None
        try:
            record = await self._driver.submit(command)
        except Refused as refused:
            if refused.code != "known_contact":
                raise
        contact = self._driver.state.contacts.get(command.contact_id)
        if was_refused(contact):
            raise TurnedAway(_offered_instead(record))
        if contact is None or contact.state is ContactState.ENDED:
            raise Refused("ended", f"contact {command.contact_id} has ended")
        return contact.ticket()

    async def raise_priority(
        self, contact_id: ContactId, priority: Priority, reason: str
    ) -> Priority:
        """See `Desk`."""
        needs = self._needs_of_emergency(contact_id) if priority is Priority.EMERGENCY else None
        await self._driver.submit(
            SetContactPriority(contact_id, priority, Actor.CALLER, reason, needs)
        )
        contact = self._driver.state.living(contact_id)
        if contact is None:
            raise Refused("unknown_contact", f"no contact {contact_id} in the queue")
        return contact.priority

    def position(self, contact_id: ContactId) -> int | None:
        """See `Desk`."""
        contact = self._waiting(contact_id)
        return None if contact is None else position(self._driver.state.waiting, contact)

    def expected_wait_ms(self, contact_id: ContactId) -> int | None:
        """See `Desk`."""
        contact, now_ms = self._waiting(contact_id), self._driver.now_ms()
        return None if contact is None else told_ms(self._driver.state, contact, now_ms)

    async def agent_action(
        self,
        action: AgentAction,
        agent_id: AgentId | None,
        phone_id: PhoneId,
        link_id: LinkId,
        reason: NotReadyReason = NotReadyReason.OTHER,
    ) -> None:
        """See `Desk`."""
        await self._driver.submit(self._agent_command(action, agent_id, phone_id, link_id, reason))

    def _agent_command(
        self,
        action: AgentAction,
        agent_id: AgentId | None,
        phone_id: PhoneId,
        link_id: LinkId,
        reason: NotReadyReason,
    ) -> Command:
        if action is AgentAction.SIGN_ON:
            return self._sign_on(agent_id, phone_id, link_id)
        there = self._driver.state.agent_at(link_id, phone_id)
        if there is None:
            raise Refused("not_signed_on", f"nobody is signed on at phone {phone_id}")
        match action:
            case AgentAction.SIGN_OFF:
                return SignOffAgent(there.agent_id)
            case AgentAction.READY:
                return SetAgentReady(there.agent_id)
            case AgentAction.NOT_READY:
                return SetAgentNotReady(there.agent_id, reason)

    def _sign_on(self, agent_id: AgentId | None, phone_id: PhoneId, link_id: LinkId) -> Command:
        profile = self._staff.profile(agent_id) if agent_id else None
        if profile is None:
            raise Refused("unknown_agent", f"no agent {agent_id} in the staff directory")
        return SignOnAgent(
            profile.agent_id, link_id, phone_id, profile.region, profile.skills, profile.unit
        )

    def _needs_of_emergency(self, contact_id: ContactId) -> tuple[Requirement, ...] | None:
        """The line's first service instead of the one that was chosen, as in the menu.

        Who waits for an answer about fees and presses the emergency key must not wait for one of
        the few who know about fees.
        """
        contact = self._driver.state.living(contact_id)
        if contact is None or contact.line_id is None:
            return None
        services = self._lines.named(contact.line_id).services
        others = [need for need in contact.needs if need.skill not in services]
        return (Requirement(services[0]), *others)

    def _waiting(self, contact_id: ContactId) -> Contact | None:
        contact = self._driver.state.living(contact_id)
        is_waiting = contact is not None and contact.state is ContactState.WAITING
        return contact if is_waiting else None


def _offered_instead(record: Record | None) -> tuple[Alternative, ...]:
    """What the refused caller is offered; nothing more to one who has heard it already."""
    for event in record.events if record is not None else ():
        if isinstance(event, ContactRefused):
            return event.offered
    return ()
