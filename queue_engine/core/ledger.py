"""What each region has done for each other: calls, talk and wrap-up, by service.

A pure fold over records. A contact's work is booked when the contact ends, on the home region that
it then has: whoever corrects a home region corrects the account of all that was done before. A
wrap-up is booked when it ends. What no region is home to stands on the nation's own account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from queue_engine.core import events as ev
from queue_engine.core.policy_codec import read_policy
from queue_engine.core.record import Record
from routing.skills import first_needed
from routing.vocabulary import (
    UNKNOWN_REGION,
    AgentId,
    ContactId,
    RegionCode,
    Requirement,
    Skill,
)

NATION: Final = UNKNOWN_REGION
"""Stands for the home region of what is nobody's."""


class Account(NamedTuple):
    """Who did something for whom."""

    giver: RegionCode
    taker: RegionCode
    """`NATION`: nobody's contacts, paid for by all."""
    service: Skill


class Sums(NamedTuple):
    """What was done."""

    calls: int = 0
    """Talks that ended; a contact that talked with two agents counts for both."""
    talk_ms: int = 0
    wrap_up_ms: int = 0

    def __add__(self, other: object) -> Sums:
        assert isinstance(other, Sums)
        return Sums(
            self.calls + other.calls,
            self.talk_ms + other.talk_ms,
            self.wrap_up_ms + other.wrap_up_ms,
        )


@dataclass(slots=True)
class _Contact:
    """What is known of a contact until it is forgotten."""

    home: RegionCode
    needs: tuple[Requirement, ...]
    talks: dict[AgentId, int] = field(default_factory=dict)
    """Since when those talk with it who do."""
    done: list[tuple[RegionCode, int]] = field(default_factory=list)
    """Talks that are over and not booked: by agents of which region, and how long."""


class Ledger:
    """The accounts, of contacts that ended from one moment to before another.

    Args:
        from_ms: what ended earlier is not booked.
        to_ms: nor what ended then or later; None: there is no end.
    """

    def __init__(self, from_ms: int = 0, to_ms: int | None = None) -> None:
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._now_ms = 0
        self._accounts: dict[Account, Sums] = {}
        self._contacts: dict[ContactId, _Contact] = {}
        self._agents: dict[AgentId, RegionCode] = {}
        self._regions: frozenset[RegionCode] = frozenset()
        self._services: tuple[Skill, ...] = ()

    def follow(self, record: Record) -> None:
        """One more record, from the journal's first on."""
        self._now_ms = record.at_ms
        for event in record.events:
            self._follow(event)

    def accounts(self) -> Iterator[tuple[Account, Sums]]:
        """Every account, in order."""
        yield from sorted(self._accounts.items())

    def _follow(self, event: ev.Event) -> None:
        match event:
            case ev.PolicyLoaded():
                policy = read_policy(event.policy)
                self._regions = frozenset(region.code for region in policy.regions)
                self._services = policy.services
            case ev.AgentSignedOn():
                self._agents[event.agent_id] = event.region
            case ev.ContactEnqueued() | ev.ContactRestored():
                self._enter(event)
            case ev.ContactForgotten():
                self._contacts.pop(event.contact_id, None)
            case ev.WrapUpEnded():
                sums = Sums(wrap_up_ms=event.wrap_up_ms)
                self._book(self._agents[event.agent_id], event.contact_id, sums)
            case ev.WrapUpStarted() if event.contact_id in self._contacts:
                self._hang_up(self._contacts[event.contact_id], self._now_ms, event.agent_id)
            case (
                ev.HomeRegionCorrected()
                | ev.ContactPriorityChanged()
                | ev.ContactTransferred()
                | ev.ContactConnected()
                | ev.ContactReturned()
                | ev.ContactSentBack()
                | ev.ContactEnded()
                | ev.ConsultAnswered()
                | ev.ConsultEnded()
            ):
                self._follow_contact(self._contacts[event.contact_id], event)

    def _enter(self, event: ev.ContactEnqueued | ev.ContactRestored) -> None:
        known = self._contacts.get(event.contact_id)
        self._contacts[event.contact_id] = contact = _Contact(event.home_region, event.needs)
        if known is not None:
            contact.done = known.done

    def _follow_contact(self, contact: _Contact, event: ev.Event) -> None:
        match event:
            case ev.HomeRegionCorrected():
                contact.home = event.home_region
            case ev.ContactPriorityChanged():
                contact.needs = contact.needs if event.needs is None else event.needs
            case ev.ContactTransferred():
                contact.home = event.to_region or contact.home
                contact.needs = event.needs
                self._hang_up(contact, self._now_ms)
            case ev.ContactConnected() | ev.ConsultAnswered():
                contact.talks.setdefault(event.agent_id, self._now_ms)
            case ev.ConsultEnded():
                self._hang_up(contact, self._now_ms, event.agent_id)
            case ev.ContactReturned() | ev.ContactSentBack():
                self._hang_up(contact, self._now_ms)
            case ev.ContactEnded():
                self._hang_up(contact, self._now_ms if event.ended_ms is None else event.ended_ms)
                for giver, talk_ms in contact.done:
                    self._book(giver, event.contact_id, Sums(calls=1, talk_ms=talk_ms))
                contact.done = []

    def _hang_up(self, contact: _Contact, until_ms: int, only: AgentId | None = None) -> None:
        """Whoever talks with it does so no longer; one of them, or all."""
        for agent_id in [each for each in contact.talks if only in (None, each)]:
            talk_ms = max(0, until_ms - contact.talks.pop(agent_id))
            contact.done.append((self._agents[agent_id], talk_ms))

    def _book(self, giver: RegionCode, contact_id: ContactId, sums: Sums) -> None:
        contact = self._contacts.get(contact_id)
        if contact is None or not self._is_within():
            return
        taker = contact.home if contact.home in self._regions else NATION
        if taker != giver:
            account = Account(giver, taker, first_needed(contact.needs, self._services))
            self._accounts[account] = self._accounts.get(account, Sums()) + sums

    def _is_within(self) -> bool:
        return self._from_ms <= self._now_ms and (self._to_ms is None or self._now_ms < self._to_ms)
