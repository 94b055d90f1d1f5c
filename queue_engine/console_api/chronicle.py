"""What has happened to contacts: their events, for timelines, read back from the journal at start.

Follows the journaled records. One that falls behind, or begins late, reads what it has missed from
the journal. Of ended contacts the latest `ENDED_MAX` are kept; of one contact's entries the first
few and the latest.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from queue_engine.console_api.ports import EnginePort, PastPort
from queue_engine.console_api.retold import retell
from queue_engine.core import events as ev
from queue_engine.core.contact import Contact
from queue_engine.core.errors import SamkoError
from queue_engine.core.record import Record
from routing.vocabulary import AgentId, ContactId, RegionCode

_log = logging.getLogger(__name__)

ENDED_MAX: Final = 5_000
ENTRIES_MAX: Final = 300
ENTRIES_FIRST: Final = 50
"""Of a contact with too many, so many from its beginning are kept."""
AGENTS_MAX: Final = 20_000
RECORDS_BACK: Final = 20_000
"""So far back it reads at the start: some hours of a national day."""
CHUNK: Final = 200
FEED_RECORDS_MAX: Final = 20_000
RETRY_S: Final = 1.0
CATCH_UP_S: Final = 0.2

_OF_TEXTS: Final = (
    *(ev.TextSent, ev.TextFailed, ev.TextAskedAgain, ev.TextGivenUp),
    ev.IslandTextTaken,
)
TOLD: Final = (
    ev.ContactEnqueued,
    ev.ContactRefused,
    ev.ContactRestored,
    ev.ContactSeenInFallback,
    ev.ContactPriorityChanged,
    ev.NeedsRelaxed,
    ev.ContactKept,
    ev.KeepingEnded,
    ev.ContactShared,
    ev.ContactUnshared,
    ev.ContactPostponed,
    ev.PostponementEnded,
    ev.EmergencyOverdue,
    ev.ContactOffered,
    ev.OfferRangOut,
    ev.OfferRejected,
    ev.OfferFailed,
    ev.OfferRevoked,
    ev.LateAnswer,
    ev.ContactConnected,
    ev.ConnectedUnknownPhone,
    ev.ContactReturned,
    *get_args(ev.TalkEvent),
    *get_args(ev.ConsultEvent),
    *get_args(ev.CallbackEvent),
    *_OF_TEXTS,
    ev.MisuseMarked,
    ev.EmergencyPressedAgain,
    ev.ContactEnded,
    ev.WrapUpStarted,
    ev.WrapUpEnded,
    ev.IslandContactMerged,
    ev.IslandContactAwaited,
    ev.IslandContactTaken,
)
"""The events that a timeline tells of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a contact."""

    at_ms: int
    event: ev.Event
    agent_region: RegionCode | None = None
    """Where the agent worked whom it names."""
    record: int = 0
    """The number of the record that it stands in."""


@dataclass(slots=True)
class Story:
    """What is known of one contact."""

    entries: list[Entry] = field(default_factory=list)
    offers: int = 0

    def add(self, entry: Entry) -> None:
        """One more; those in the middle give way."""
        if len(self.entries) >= ENTRIES_MAX:
            del self.entries[ENTRIES_FIRST]
        self.entries.append(entry)
        self.offers += type(entry.event) is ev.ContactOffered


class Chronicle:
    """Keeps the stories. `run` must be running.

    Args:
        engine: whose records are followed.
        past: the journal, if what was before may be read.
    """

    def __init__(
        self,
        engine: EnginePort,
        past: PastPort | None = None,
    ) -> None:
        self._engine = engine
        self._past = past
        self.on_record: Callable[[Record], None] = _ignore
        """Sees each record that is journaled after this was made, once the stories know of it."""
        self._stories: dict[ContactId, Story] = {}
        self._ended: OrderedDict[ContactId, None] = OrderedDict()
        self._regions: OrderedDict[AgentId, RegionCode] = OrderedDict()
        self._seen = 0
        """The last record that is told of."""
        self._journaled = 0
        """The last one of these that is the journal's: what an island decides is not."""
        self._told = asyncio.Event()
        self._began = engine.state.record_number
        """What was journaled later is news."""

    def story(self, contact_id: ContactId) -> Sequence[Entry]:
        """The contact's events, oldest first; empty if nothing is known of it."""
        story = self._stories.get(contact_id)
        return () if story is None else story.entries

    def offers(self, contact_id: ContactId) -> int:
        """How many times a phone has rung for it."""
        story = self._stories.get(contact_id)
        return 0 if story is None else story.offers

    def forgotten(self, contact_id: ContactId) -> Contact | None:
        """An ended contact that the engine has let go of, as its events tell it."""
        if contact_id not in self._ended:
            return None
        return retell((entry.at_ms, entry.event) for entry in self.story(contact_id))

    async def caught_up(self, within_s: float = CATCH_UP_S) -> None:
        """Waits until all is told that was decided by now; no longer than `within_s`."""
        number = self._engine.state.record_number
        try:
            async with asyncio.timeout(within_s):
                while self._seen < number:
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            pass  # it reads the past still, or the journal is slow: what there is must do

    async def run(self) -> None:
        """Follows the records until cancelled."""
        told = ""
        while True:
            try:
                await self._follow()
                told = ""
            except SamkoError as fault:
                if str(fault) != told:  # and not each second
                    told = str(fault)
                    _log.warning("timelines have a gap: the journal cannot be read: %s", fault)
                self._pass_over(self._engine.state.record_number)
            await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        self._seen = self._journaled
        await self._read_past()
        feed = self._engine.follow("timelines", FEED_RECORDS_MAX)
        try:
            await self._read_past()  # what came between
            self._drop_ghosts()
            async for record in feed:
                if record.number > self._seen:
                    self.tell(record)
        finally:
            feed.close()

    async def _read_past(self) -> None:
        if self._past is None:
            return
        after = max(self._seen, self._past.last_number() - RECORDS_BACK)
        while records := await self._past.read(after, CHUNK):
            for record in records:
                self.tell(record)
            after = records[-1].number

    def _drop_ghosts(self) -> None:
        """Contacts whose end was in a gap."""
        for contact_id in list(self._stories):
            if contact_id not in self._ended and self._engine.state.living(contact_id) is None:
                self._end(contact_id)

    def tell(self, record: Record) -> None:
        """Takes a record in; they come in order."""
        self._pass_over(record.number)
        self._told.set()
        self._take_in(record)
        # What is decided alone is told to all afterwards, and counts then: here, too.
        if record.number > self._began and not self._engine.state.island:
            self.on_record(record)

    def _pass_over(self, number: int) -> None:
        self._seen = number
        if not self._engine.state.island:
            self._journaled = number

    def _take_in(self, record: Record) -> None:
        for event in record.events:
            if isinstance(event, ev.AgentSignedOn):
                self._regions[event.agent_id] = event.region
                self._regions.move_to_end(event.agent_id)
                if len(self._regions) > AGENTS_MAX:
                    self._regions.popitem(last=False)
            elif isinstance(event, TOLD):
                self._tell(record, event)

    def _tell(self, record: Record, event: ev.Event) -> None:
        contact_id: ContactId = getattr(event, "contact_id")  # noqa: B009  all of TOLD have one
        story = self._stories.get(contact_id)
        if story is None:
            if isinstance(event, _OF_TEXTS):
                return  # of one that has ended long ago: nothing would ever end this story
            story = self._stories[contact_id] = Story()
        region = self._region_of(getattr(event, "agent_id", None))
        story.add(Entry(record.at_ms, event, region, record.number))
        if isinstance(event, ev.ContactRestored | ev.ContactEnqueued | ev.IslandContactTaken):
            self._ended.pop(contact_id, None)
        elif isinstance(event, ev.ContactEnded | ev.ContactRefused | ev.IslandContactMerged):
            self._end(contact_id)

    def _region_of(self, agent_id: AgentId | None) -> RegionCode | None:
        if agent_id is None:
            return None
        agent = self._engine.state.agents.get(agent_id)
        return self._regions.get(agent_id) or (agent.region if agent else None)

    def _end(self, contact_id: ContactId) -> None:
        self._ended[contact_id] = None
        self._ended.move_to_end(contact_id)
        if len(self._ended) > ENDED_MAX:
            oldest, _ = self._ended.popitem(last=False)
            self._stories.pop(oldest, None)


def _ignore(record: Record) -> None:
    """Nobody counts."""
