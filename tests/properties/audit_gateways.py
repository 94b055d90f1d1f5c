"""The auditor's books on contact centres on other telephone systems, and their seats.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from queue_engine.core import commands as cmd, events as ev
from routing.gateways import Gateway
from routing.policy import Policy
from tests.properties.books import Nurse

REST_MS_MAX = 30_000
EMERGENCY_REST_MS_MAX = 5_000
"""So long after a failure at most emergencies leave a seat alone, whoever's offer it was."""


def gateway_of(nurse: Nurse) -> str:
    """Whose seat it is; empty: a nurse of our own."""
    return nurse.name.rpartition("+")[0]


class Gateways:
    """Which can be reached, how many seats somebody has set, and which seats rest until when."""

    def __init__(self, is_emergency: Callable[[str], bool]) -> None:
        """Args:
        is_emergency: whether a contact is one now.
        """
        self._is_emergency = is_emergency
        self._reached: set[str] = set()
        self._seats: dict[str, int] = {}
        self._rest: dict[str, int] = {}
        self._last = ""
        """The contact that was not taken last."""
        self._failed: list[tuple[str, str]] = []
        """In this record, and whom it did not take."""
        self._shut: list[str] = []
        """Seats that rest for an ordinary caller's sake since this record."""

    def book(self, event: ev.Event, command: cmd.Command, rules: Policy) -> None:
        """One can be reached or not, or has another number of seats."""
        known = {each.gateway_id: each for each in rules.gateways}
        match event:
            case ev.GatewayRestored():
                assert isinstance(command, cmd.ReportGateway), command
                assert command.is_reached, command
                assert command.link_id == known[event.gateway_id].link_id, command
                assert event.gateway_id not in self._reached, event
                self._reached.add(event.gateway_id)
            case ev.GatewayLost():
                assert isinstance(command, cmd.ReportGateway | cmd.LoadPolicy), command
                self._reached.remove(event.gateway_id)
            case ev.GatewaySeatsSet():
                assert isinstance(command, cmd.SetGatewaySeats | cmd.LoadPolicy), command
                self._seats.pop(event.gateway_id, None)
                if event.seats is not None:
                    self._seats[event.gateway_id] = event.seats

    def see(self, event: ev.Event, nurses: dict[str, Nurse], now_ms: int) -> None:
        """What happens at the seats, before it is booked."""
        match event:
            case ev.AgentBecameNotReady() if gateway_of(nurses[event.agent_id]):
                assert event.heals_at_ms is not None, event
                assert now_ms < event.heals_at_ms <= now_ms + EMERGENCY_REST_MS_MAX, event
                self._rest[event.agent_id] = event.heals_at_ms
                if not self._is_emergency(self._last):
                    self._shut.append(event.agent_id)
            case ev.AgentBecameReady() | ev.AgentSignedOff():
                self._rest.pop(event.agent_id, None)
            case ev.AgentStrained() if gateway_of(nurses[event.agent_id]):
                assert event.strain is ev.Strain.NOT_TAKEN, f"{event}: of a seat"
                assert event.agent_id in self._shut, event
                assert event.until_ms == now_ms + REST_MS_MAX, event
            case ev.WrapUpStarted() if gateway_of(nurses[event.agent_id]):
                assert event.wrap_up_until_ms == now_ms, f"{event}: a seat has no wrap-up"
            case ev.ConsultOffered() | ev.AgentForced():
                assert not gateway_of(nurses[event.agent_id]), f"{event}: of a seat"
            case ev.OfferFailed():
                assert not gateway_of(nurses[event.agent_id]), f"{event}: nobody's phone"
            case ev.OfferRangOut() | ev.OfferRejected():
                self._last = event.contact_id
                self._failed.append((gateway_of(nurses[event.agent_id]), event.contact_id))
            case ev.OfferRevoked() if event.reason is ev.RevokeReason.TRUNK:
                self._last = event.contact_id
            case ev.ContactReturned():
                self._last = event.contact_id

    def check(
        self, rules: Policy, nurses: Iterable[Nurse], free: Iterable[Nurse], now: int
    ) -> None:
        """As many stay as are to; what has failed is tried by nobody; none rests too long."""
        staying = [each for each in nurses if gateway_of(each) and not each.is_leaving]
        known: dict[str, Gateway] = {each.gateway_id: each for each in rules.gateways}
        for gateway_id in {*known, *map(gateway_of, staying)}:
            gateway = known.get(gateway_id)
            there = [each for each in staying if gateway_of(each) == gateway_id]
            wanted = 0
            if gateway is not None and gateway_id in self._reached:
                wanted = self._seats.get(gateway_id, gateway.seats)
            assert len(there) == wanted, f"{gateway_id} has {len(there)} of {wanted} seats"
            for seat in there:
                assert gateway is not None, seat
                agreed = (gateway.link_id, gateway.region, gateway.unit, gateway.skills)
                assert (seat.link, seat.region, seat.unit, seat.skills) == agreed, seat
        resting = {each.name for each in staying if each.rests_until_ms is not None}
        for failed, contact in filter(all, self._failed):
            left = {each.name for each in free if gateway_of(each) == failed}
            left -= set() if self._is_emergency(contact) else resting
            assert not left, f"{failed} has failed, and {left} do not rest"
        for name in {each.name for each in staying} & {*self._shut}:
            assert name in resting, f"{name} is to rest for longer"
        self._failed.clear()
        self._shut.clear()
        late = {name for name, until_ms in self._rest.items() if until_ms < now}
        assert not late, f"{late} rest at {now}"
