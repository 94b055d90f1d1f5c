"""What is to be seen now: each question answered from the engine's state as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from queue_engine.console_api import shapes, views
from queue_engine.console_api.agent_rows import AgentRows
from queue_engine.console_api.chronicle import Chronicle
from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.ports import EnginePort, SeatsPort, SpeedPort
from queue_engine.console_api.regions_view import regions
from queue_engine.console_api.timeline import timeline
from queue_engine.core.contact import Contact
from queue_engine.core.state import State
from routing.vocabulary import ContactId, RegionCode

FRESH_MS: Final = 500
"""Of the wall: so old an answer on all regions is given again, as long as nothing has happened."""


class Board:
    """Answers; keeps nothing but what it would only make again.

    Args:
        engine: whose state is looked at.
        chronicle: what has happened to contacts.
        speed: of the demonstration's clock, if there is one.
        degraded_since_ms: since when records are in memory only; None: they are not.
    """

    def __init__(
        self,
        engine: EnginePort,
        chronicle: Chronicle,
        speed: SpeedPort | None = None,
        degraded_since_ms: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._chronicle = chronicle
        self._speed = speed
        self._degraded_since_ms = degraded_since_ms
        self._agent_rows = AgentRows()
        self._regions: tuple[int, shapes.Regions, bytes] | None = None

    @property
    def state(self) -> State:
        """The engine's state now."""
        return self._engine.state

    @property
    def speed(self) -> float:
        """Of the demonstration; 1 if this is none."""
        return self._speed.speed if self._speed else 1.0

    def now_ms(self) -> int:
        """The engine's time."""
        return self._engine.now_ms()

    def regions(self) -> shapes.Regions:
        """The nation and its regions."""
        return self._fresh_regions()[0]

    def regions_json(self) -> bytes:
        """The same in JSON."""
        return self._fresh_regions()[1]

    def _fresh_regions(self) -> tuple[shapes.Regions, bytes]:
        number, now_ms = self.state.record_number, self.now_ms()
        if self._regions is not None:
            of_number, found, text = self._regions
            if of_number == number and now_ms - found["at_ms"] < FRESH_MS * self.speed:
                return found, text
        answer = regions(self.state, now_ms, self.speed, self._degraded_since_ms())
        self._regions = (number, answer, to_json(answer))
        return self._regions[1:]

    def queue(self, question: views.QueueQuestion) -> shapes.Queue:
        """The contacts that are asked for, in the national order."""
        return views.queue(self.state, self.now_ms(), self._chronicle.offers, question)

    def texts(self) -> shapes.Texts:
        """The text messages that have been asked for and not sent."""
        return views.texts(self.state, self.now_ms())

    def agents_json(self, region: RegionCode | None = None) -> bytes:
        """The agents at work, as `shapes.Agents` in JSON."""
        return self._agent_rows.json(self.state, self.now_ms(), region)

    def seats(self, seats: SeatsPort, region: RegionCode | None = None) -> shapes.Seats:
        """The places for people."""
        return views.seats(self.state, self.now_ms(), seats.free_for_people(), region)

    async def journaled(self) -> bool:
        """Waits until what is answered next is what the journal has: nothing is to be seen that
        may never have happened. False: not in time. Holds until something else is awaited."""
        return await self._engine.journaled()

    async def caught_up(self) -> None:
        """Waits a moment until the timelines tell of all that has been decided."""
        await self._chronicle.caught_up()

    def contact(self, contact_id: ContactId) -> shapes.Contact | None:
        """One contact with its timeline; None: never seen, or long ago."""
        contact = self._row(contact_id)
        if contact is None:
            return None
        offers = self._chronicle.offers(contact_id)
        view = views.contact_view(self.state, contact, self.now_ms(), offers)
        view["timeline"] = timeline(self._chronicle.story(contact_id), self.state)
        return view

    def summary(self, contact_id: ContactId) -> shapes.Contact | None:
        """One contact without its timeline."""
        contact = self._row(contact_id)
        if contact is None:
            return None
        offers = self._chronicle.offers(contact_id)
        return views.contact_view(self.state, contact, self.now_ms(), offers)

    def _row(self, contact_id: ContactId) -> Contact | None:
        return self.state.contacts.get(contact_id) or self._chronicle.forgotten(contact_id)
