"""What became of each contact, from events alone: of the journal, and of what would have been."""

from __future__ import annotations

from dataclasses import dataclass

from queue_engine.core import events as ev
from queue_engine.core.record import Record
from routing.vocabulary import AgentId, ContactId, Outcome, Priority, RegionCode


@dataclass(slots=True, eq=False)
class Story:
    """One contact, in short."""

    home_region: RegionCode
    priority: Priority
    arrived_ms: int
    offered_ms: int | None = None
    """Its first offer..."""
    offered_to: AgentId | None = None
    """...and to whom."""
    answered_by: AgentId | None = None
    answered_in: RegionCode | None = None
    wait_ms: int | None = None
    """Until first connected, or over."""
    outcome: Outcome | None = None

    @property
    def has_waited_in_vain(self) -> bool:
        """It is over, and nobody has answered it."""
        return self.outcome is not None and self.answered_by is None


class Books:
    """Follows records; keeps a few words of each contact."""

    def __init__(self) -> None:
        self.stories: dict[ContactId, Story] = {}
        self.offers = 0
        self._regions: dict[AgentId, RegionCode] = {}

    def follow(self, record: Record) -> None:
        """Takes in the next record."""
        for event in record.events:
            match event:
                case ev.AgentSignedOn():
                    self._regions[event.agent_id] = event.region
                case ev.ContactEnqueued() | ev.ContactRestored():
                    if event.contact_id not in self.stories:
                        self.stories[event.contact_id] = Story(
                            event.home_region, event.priority, event.arrived_ms
                        )
                case ev.ContactPriorityChanged():
                    story = self.stories[event.contact_id]
                    if story.answered_by is None:
                        story.priority = event.priority
                case ev.ContactOffered():
                    self._offered(event, record.at_ms)
                case ev.ContactConnected():
                    self._connected(event)
                case ev.ContactEnded():
                    self._ended(event)
                case _:
                    pass

    def _offered(self, event: ev.ContactOffered, at_ms: int) -> None:
        self.offers += 1
        story = self.stories[event.contact_id]
        if story.offered_ms is None:
            story.offered_ms, story.offered_to = at_ms, event.agent_id

    def _connected(self, event: ev.ContactConnected) -> None:
        story = self.stories[event.contact_id]
        if story.answered_by is None:
            story.answered_by = event.agent_id
            story.answered_in = self._regions.get(event.agent_id)
            story.wait_ms = event.wait_ms

    def _ended(self, event: ev.ContactEnded) -> None:
        story = self.stories[event.contact_id]
        story.outcome = event.outcome
        if story.wait_ms is None:
            story.wait_ms = event.wait_ms
