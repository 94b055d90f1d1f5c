"""One contact explained from the journal's records: its timeline, each offer, and its wait. Pure.

`Explainer` folds the records one by one and looks at the state just before each offer of its
contact. What it gives is what the API sends and the command line prints.
"""

from __future__ import annotations

from typing import Final

from queue_engine.console_api import explain_shapes as shapes
from queue_engine.console_api.chronicle import TOLD, Entry
from queue_engine.console_api.explain_text import offer_text, wait_text
from queue_engine.console_api.timeline import timeline
from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.core.explain import (
    Neighbour,
    OfferExplained,
    RegionStaff,
    StaffAround,
    WaitExplained,
    explain_offer,
    explain_wait,
)
from queue_engine.core.record import RULES_VERSION, Record
from queue_engine.core.state import State
from queue_engine.runtime.recovery import follow_on
from routing.vocabulary import AgentId, ContactId, RegionCode

ENTRIES_MAX: Final = 2_000
"""Of one contact; a broken call may come back again and again, and no answer is without end."""


_UNANSWERED: Final = (ContactState.WAITING, ContactState.OFFERED)


class Explainer:
    """Follows one contact through the records.

    Args:
        state: before the contact's first record; changed by following.
        contact_id: whose story is wanted.
    """

    def __init__(self, state: State, contact_id: ContactId) -> None:
        self.state = state
        self._contact_id = contact_id
        self._entries: list[tuple[Entry, shapes.OfferExplanation | None]] = []
        self._regions: dict[AgentId, RegionCode] = {}
        self._record: Record | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the contact waits or rings after the last record."""
        contact = self.state.contacts.get(self._contact_id)
        return contact is not None and contact.state in _UNANSWERED

    def follow(self, record: Record) -> None:
        """Folds the next record in.

        Raises:
            JournalCorrupt: it does not follow from those before it.
        """
        self._record = record
        follow_on(self.state, record, self._see)

    def explanation(self) -> shapes.Explanation | None:
        """What is known after the last record; None: no record has named the contact."""
        if not self._entries:
            return None
        told = timeline([entry for entry, _ in self._entries], self.state)
        entries: list[shapes.ExplainedEntry] = []
        for (happened, offer), said in zip(self._entries, told, strict=True):
            entry = shapes.ExplainedEntry(
                at_ms=said["at_ms"],
                kind=said["kind"],
                text_sv=said["text_sv"],
                text_en=said["text_en"],
                record=happened.record,
            )
            if "rule" in said:
                entry["rule"] = said["rule"]
            if offer is not None:
                entry["offer"] = offer
            entries.append(entry)
        return shapes.Explanation(
            contact_id=self._contact_id,
            at_ms=self.state.now_ms,
            record=self.state.record_number,
            entries=entries,
            wait=self._wait(),
        )

    def _see(self, state: State, event: ev.Event) -> None:
        """One event, just before it is applied."""
        if not isinstance(event, TOLD) or event.contact_id != self._contact_id:
            return
        record = self._record
        assert record is not None
        agent_id: AgentId | None = getattr(event, "agent_id", None)
        agent = state.agents.get(agent_id) if agent_id is not None else None
        if agent is not None:
            self._regions[agent.agent_id] = agent.region
        region = self._regions.get(agent_id) if agent_id is not None else None
        offer = None
        if isinstance(event, ev.ContactOffered):
            offer = _offer_shape(explain_offer(state, event), record, state)
        if len(self._entries) < ENTRIES_MAX:
            self._entries.append((Entry(record.at_ms, event, region, record.number), offer))

    def _wait(self) -> shapes.WaitExplanation | None:
        contact = self.state.contacts.get(self._contact_id)
        if contact is None or contact.state not in _UNANSWERED:
            return None
        return _wait_shape(explain_wait(self.state, contact), self.state)


def _offer_shape(found: OfferExplained, record: Record, state: State) -> shapes.OfferExplanation:
    contact, agent = found.contact, found.agent
    said = offer_text(found, record.rules_version, state, record.at_ms)
    return shapes.OfferExplanation(
        rules_version=record.rules_version,
        policy_version=found.policy_version,
        agent_id=found.agent_id,
        region=found.region,
        is_home=found.region == found.home_region,
        wait_ms=found.wait_ms,
        waiting=contact.waiting,
        answerable=contact.answerable,
        kept_from_her=[shapes.Reason(why=why, count=n) for why, n in contact.kept_from_her],
        passed=[shapes.Precedence(why=why, count=n) for why, n in contact.passed],
        next_contact=contact.next_contact,
        next_standing=contact.next_standing,
        candidates=agent.candidates,
        advantage=agent.advantage,
        next_best=agent.next_best.agent_id if agent.next_best else None,
        regions=_regions(found.others),
        nearest=_nearest(found.others),
        text_sv=[words.sv for words in said],
        text_en=[words.en for words in said],
    )


def _wait_shape(found: WaitExplained, state: State) -> shapes.WaitExplanation:
    said = wait_text(found, RULES_VERSION, state)
    share = found.next_share
    return shapes.WaitExplanation(
        rules_version=RULES_VERSION,
        policy_version=found.policy_version,
        hold=found.hold,
        hold_until_ms=found.hold_until_ms,
        ahead_at_home=found.ahead_at_home,
        ahead=found.ahead,
        next_share=shapes.NextShare(at_ms=share[0], rule=share[1]) if share else None,
        regions=_regions(found.others),
        nearest=_nearest(found.others),
        text_sv=[words.sv for words in said],
        text_en=[words.en for words in said],
    )


def _regions(around: StaffAround) -> list[shapes.RegionStaff]:
    return [_region(one) for one in around.regions]


def _region(one: RegionStaff) -> shapes.RegionStaff:
    return shapes.RegionStaff(
        region=one.region,
        at_work=one.at_work,
        could=one.could,
        kept=[shapes.Reason(why=why, count=count) for why, count in one.hindered],
    )


def _nearest(around: StaffAround) -> list[shapes.NearAgent]:
    return [_near(one) for one in around.nearest]


def _near(one: Neighbour) -> shapes.NearAgent:
    return shapes.NearAgent(
        agent_id=one.agent_id,
        region=one.region,
        why=one.hindrance,
        not_ready_reason=one.not_ready_reason,
        until_ms=one.until_ms,
    )
