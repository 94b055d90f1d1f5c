"""A telephone network in memory: callers dial, phones ring, the dialplan lies in between.

House rules: whoever plays callers or agents (a crowd, a page, a test) uses `dial`, `phone`, `calls`
and `restore`, the methods of what these give, and their news (`call_news`, `phone_news`); the rest
is the link's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.ticket import TICKET_VARIABLE, write_ticket
from queue_engine.runtime.clock import Clock
from queue_engine.telephony.dialplan import ARRIVED, TIER
from queue_engine.telephony.embedded.alarms import Alarms
from queue_engine.telephony.embedded.call import EmbeddedCall, Pace
from queue_engine.telephony.embedded.call_news import CallListener, EndReason
from queue_engine.telephony.embedded.exchange import DONE, IVR_VARIABLE, Exchange
from queue_engine.telephony.embedded.phone import EmbeddedPhone
from queue_engine.telephony.embedded.times import NetworkTimes
from queue_engine.telephony.embedded.visits import RunsVisit
from routing.vocabulary import ContactId, LinkId, PhoneId

LANGUAGE_VARIABLE: Final = "SAMKO_LANGUAGE"
LINE_VARIABLE: Final = "SAMKO_LINE"
_REAL_SIGN: Final = "r"
"""Before the number in the id of a call at a person's pace, so that a restart knows it."""


class EmbeddedNetwork:
    """All calls and phones of one embedded link. Lives in the running event loop until `close`.

    Args:
        link_id: the link's id, with which the ids of its calls begin.
        now_ms: the engine's clock.
        sleep_ms: waits by the same clock.
        visit: runs a script of the IVR on a call.
        times: how long things take.
        wall: for calls at a person's pace; on the wall's clock unless a test has another.
    """

    def __init__(
        self,
        link_id: LinkId,
        *,
        now_ms: Callable[[], int],
        sleep_ms: Callable[[int], Awaitable[None]],
        visit: RunsVisit,
        times: NetworkTimes | None = None,
        wall: Alarms | None = None,
    ) -> None:
        self.link_id: Final = link_id
        self._alarms = Alarms(now_ms, sleep_ms)
        self._wall = wall or _alarms_of_the_wall()
        self.exchange: Final = Exchange(link_id, self._alarms, visit, times or NetworkTimes())
        """For the link alone."""
        self._began = f"{self._wall.now_ms():x}"
        """Tells the calls of this process from all that there ever were: one that ended in its menu
        is in no journal, and yet its id must never be another's."""
        self._number = 0

    def dial(
        self,
        called_number: str,
        caller_number: str | None,
        *,
        listener: CallListener | None = None,
        pace: Pace = Pace.ENGINE,
        person: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> EmbeddedCall:
        """Begins a call, which is answered by its line's menu at once.

        Args:
            called_number: in any form that the lines know, e.g. `1177`.
            caller_number: as shown to the called; None if withheld.
            listener: hears all that happens in the call.
            pace: `Pace.REAL` for a person who listens.
            person: who calls, where many have one number; empty: whoever has the number.
            variables: what the public network tells with the call, by channel variable, e.g. a
                line's `region_variable`.
        """
        now_ms = self._alarms.now_ms()
        self._number += 1
        sign = _REAL_SIGN if pace is Pace.REAL else ""
        call = EmbeddedCall(
            self.exchange,
            ContactId(f"{self.link_id}-{self._began}.{sign}{self._number}"),
            called_number=called_number,
            caller_number=caller_number,
            pace=pace,
            person=person,
            alarms=self._alarms_of(pace),
            arrived_ms=now_ms,
            variables={**(variables or {}), ARRIVED: str(now_ms)},
        )
        call.listener = listener
        self.exchange.begin(call)
        return call

    def call_back(self, contact_id: ContactId) -> EmbeddedCall:
        """The call of one who is to be rung back, which the exchange is yet to make. For the link.

        It has the contact's id. Whoever plays callers is told by `on_ring_back` when his phone
        begins to ring, sets the call's listener, and accepts or hangs up.
        """
        now_ms = self._alarms.now_ms()
        call = EmbeddedCall(
            self.exchange,
            contact_id,
            called_number="",
            caller_number=None,
            pace=Pace.ENGINE,
            alarms=self._alarms,
            arrived_ms=now_ms,
            variables={ARRIVED: str(now_ms), IVR_VARIABLE: DONE},
        )
        call.is_rung_back = True
        return call

    def on_ring_back(self, tell: Callable[[EmbeddedCall], None] | None) -> None:
        """Whom to tell from now on of callers whose phones ring; None: nobody can be rung."""
        self.exchange.on_ring_back = tell

    def phone(self, phone_id: PhoneId) -> EmbeddedPhone:
        """The phone of that name, which is new and unplugged when first asked for."""
        return self.exchange.phone(phone_id)

    def person(self, contact_id: ContactId) -> str:
        """Who calls there; empty if that is nobody's call, or no more than its number is known."""
        call = self.exchange.calls.get(contact_id)
        return call.person if call is not None else ""

    def calls(self) -> tuple[EmbeddedCall, ...]:
        """All calls that are not over, in the order in which they began."""
        return tuple(self.exchange.calls.values())

    def restore(self, contacts: Iterable[Contact]) -> None:
        """Makes the calls of a journal again, each in its place, before the link runs.

        Callers who waited, or for whom a phone rang, wait; those who talked talk, at the phone
        where they did, which is plugged in. The calls are found by `calls`, and whoever takes one
        over sets its listener; those that nobody has taken after a minute of the wall are hung up.
        Phones of other agents are to be plugged in before the link runs too: who is ready is
        offered a call at once.

        Args:
            contacts: of the journal. Ended ones, those of other links and those who are to be rung
                back are passed over.
        """
        mine = [
            contact
            for contact in contacts
            if contact.link_id == self.link_id
            and contact.state is not ContactState.ENDED
            and not contact.is_away
        ]
        for contact in sorted(mine, key=lambda contact: contact.sequence):
            is_talking = contact.state is ContactState.CONNECTED
            phone_id = contact.phone_id if is_talking else None
            self.exchange.place_again(self._found_again(contact), phone_id)
        unclaimed = self.calls()
        if unclaimed:
            self._wall.after(
                self.exchange.times.claim_ms, lambda: self._hang_up_unclaimed(unclaimed)
            )

    async def close(self) -> None:
        """Ends all that runs here; nobody is told, as when the power goes."""
        await self._alarms.close()
        await self._wall.close()
        await self.exchange.close()

    def _alarms_of(self, pace: Pace) -> Alarms:
        return self._wall if pace is Pace.REAL else self._alarms

    def _found_again(self, contact: Contact) -> EmbeddedCall:
        is_real = contact.contact_id.rpartition(".")[2].startswith(_REAL_SIGN)
        pace = Pace.REAL if is_real else Pace.ENGINE
        return EmbeddedCall(
            self.exchange,
            contact.contact_id,
            called_number="",
            caller_number=None,
            pace=pace,
            alarms=self._alarms_of(pace),
            arrived_ms=contact.arrived_ms,
            variables={
                ARRIVED: str(contact.arrived_ms),
                IVR_VARIABLE: DONE,
                LANGUAGE_VARIABLE: contact.language,
                LINE_VARIABLE: contact.line_id or "",
                TICKET_VARIABLE: write_ticket(contact.ticket()),
                TIER: str(contact.contact_class.tier),
            },
        )

    def _hang_up_unclaimed(self, calls: Iterable[EmbeddedCall]) -> None:
        for call in calls:
            if call.listener is None and not call.is_over:
                self.exchange.end(call, EndReason.UNCLAIMED)


def _alarms_of_the_wall() -> Alarms:
    clock = Clock()
    return Alarms(clock.now_ms, clock.sleep_ms)
