"""What a link does at the switch without moving anybody: tickets, the fallback's mirror, gateways.

House rules: one errand at a time, in order; each reads what is true at the moment it is carried
out, so none of them can be too old. What fails is asked anew, not tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from queue_engine.core.commands import Command, ReportCallerGone, ReportGateway, SeenCaller
from queue_engine.telephony.ami_message import Action, AmiResponse
from queue_engine.telephony.ami_outbound import (
    CarryTicket,
    Errand,
    LookAtGateways,
    MirrorAgents,
    carry_ticket,
    show_gateway,
)
from queue_engine.telephony.dialplan import gateway_endpoint
from queue_engine.telephony.errors import TelephonyError
from queue_engine.telephony.fallback_queue import (
    QUEUE_STATUS,
    Entries,
    changes,
    read_entries,
    wanted_entries,
)
from queue_engine.telephony.gateway_facts import is_gateway_reached
from queue_engine.telephony.ports import QueueView
from queue_engine.telephony.switchboard import Switchboard
from routing.vocabulary import ContactId, LinkId

_log = logging.getLogger(__name__)

ERRANDS_MAX: Final = 2_000


class Send(Protocol):
    """Sends one action once and gives its whole answer."""

    async def __call__(self, action: Action, timeout_s: float | None = None) -> AmiResponse:
        """Raises `TelephonyError`."""
        ...


@dataclass(slots=True)
class ErrandCounts:
    """What became of the errands."""

    tickets: int = 0
    mirrored: int = 0
    """Changes made in the fallback queue."""
    refused: int = 0
    found_gone: int = 0
    """Callers who turned out to have hung up before their ticket was on the call."""
    dropped: int = 0


class Errands:
    """The errands of one link.

    Args:
        link_id: the link.
        board: its switchboard, read only.
        view: what the engine holds.
        send: sends one action.
        report: hands a command to the engine.
        ask_anew: asks for a reconciliation soon.
        status_s: deadline of a list's answer.
    """

    def __init__(
        self,
        link_id: LinkId,
        board: Switchboard,
        view: QueueView,
        *,
        send: Send,
        report: Callable[[Command], Awaitable[object]],
        ask_anew: Callable[[], None],
        status_s: float,
    ) -> None:
        self.counts = ErrandCounts()
        self._link_id = link_id
        self._board = board
        self._view = view
        self._send = send
        self._report = report
        self._ask_anew = ask_anew
        self._status_s = status_s
        self._queue: asyncio.Queue[Errand] = asyncio.Queue(ERRANDS_MAX)
        self._entries: Entries | None = None
        self._mirroring = asyncio.Lock()

    def take(self, errand: Errand) -> None:
        """Carry it out when its turn comes."""
        try:
            self._queue.put_nowait(errand)
        except asyncio.QueueFull:
            self.counts.dropped += 1
            self._ask_anew()

    async def run(self) -> None:
        """Carry out errands until cancelled."""
        while True:
            errand = await self._queue.get()
            try:
                match errand:
                    case CarryTicket():
                        await self._carry_ticket(errand.contact_id)
                    case MirrorAgents():
                        await self._mirror()
                    case LookAtGateways():
                        await self._look_at_gateways()
            except TelephonyError as exc:
                _log.warning("%s: %s not done: %s", self._link_id, type(errand).__name__, exc)
                self._ask_anew()

    async def refresh(self) -> None:
        """Ask who is in the fallback queue and make it as it shall be, and about gateways.

        Raises:
            TelephonyError: the switch did not answer.
        """
        response = await self._send(QUEUE_STATUS, self._status_s)
        if response.is_success:
            self._entries = read_entries(response.messages)
        else:
            self._refused("QueueStatus", response)
        await self._mirror()
        await self._look_at_gateways()

    def forget(self) -> None:
        """Drop all: the connection is gone."""
        self._entries = None
        while not self._queue.empty():
            self._queue.get_nowait()

    def is_ticket_old(self, caller: SeenCaller) -> bool:
        """Whether the call carries another ticket than it should."""
        carried = self._view.ticket_of(caller.contact_id)
        return carried is not None and caller.ticket != carried[0]

    async def _carry_ticket(self, contact_id: ContactId) -> None:
        carried = self._view.ticket_of(contact_id)
        if carried is None or self._view.link_of(contact_id) != self._link_id:
            return
        if not await self._view.journaled(carried[0].record):
            self._ask_anew()  # with a number that no journal has it would win over any journal
            return
        if self._board.has_hung_up(contact_id):
            await self._found_gone(contact_id)
            return
        for action in carry_ticket(*carried):
            response = await self._send(action)
            if "no such channel" in response.sentence.lower():
                if contact_id in self._board.legs:
                    self._ask_anew()  # his Hangup lags behind the answer, and will be reported
                else:
                    await self._found_gone(contact_id)
                return
            if not response.is_success:
                self._refused("Setvar", response)
                return
        self.counts.tickets += 1

    async def _found_gone(self, contact_id: ContactId) -> None:
        """Enqueued by his conversation with the menu, and hung up before we could know him."""
        self.counts.found_gone += 1
        await self._report(ReportCallerGone(contact_id))

    async def _mirror(self) -> None:
        async with self._mirroring:
            entries = self._entries  # of this connection: the next one has others
            if entries is None:
                return
            wanted = wanted_entries(self._view.fallback_agents(self._link_id))
            for action, interface in changes(entries, wanted):
                response = await self._send(action)
                if not response.is_success:
                    self._refused(str(action["Action"]), response)
                    continue
                self.counts.mirrored += 1
                if action["Action"] == "QueueRemove":
                    del entries[interface]
                else:
                    entries[interface] = wanted[interface]

    async def _look_at_gateways(self) -> None:
        """One that Asterisk does not know is out of reach, and that is told."""
        for gateway_id in self._view.gateways(self._link_id):
            response = await self._send(show_gateway(gateway_id), self._status_s)
            if not response.is_success:
                self.counts.refused += 1
                what, said = gateway_endpoint(gateway_id), response.sentence[:80]
                _log.error(
                    "%s: no endpoint %s (pjsip_gateways.conf): %r", self._link_id, what, said
                )
            is_reached = is_gateway_reached(response)
            await self._report(ReportGateway(self._link_id, gateway_id, is_reached))

    def _refused(self, action: str, response: AmiResponse) -> None:
        self.counts.refused += 1
        _log.error(
            "%s: %s refused: %r; expected queue 'samko-national' and write=system,call,agent"
            " in manager.conf",
            self._link_id,
            action,
            response.sentence[:80],
        )
