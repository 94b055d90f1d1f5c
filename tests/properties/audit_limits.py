"""The auditor's books on limits: what was measured, worked out again from its own rows.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import ceil, floor
from typing import Final, NamedTuple

from queue_engine.core import events as ev
from routing.limits import Levels, LimitKind
from routing.policy import Policy
from routing.region_policy import RegionPolicy
from routing.vocabulary import Requirement, Skill

QUARTER_MS: Final = 900_000


class Staff(NamedTuple):
    """What of a nurse counts for the waits of her region."""

    region: str
    takes_calls: bool
    is_free: bool
    has: Callable[[tuple[Requirement, ...]], bool]
    """Whether she has the skills that are needed."""


class Span(NamedTuple):
    """Work of one kind, of a region, from one moment to another, or to now."""

    region: str
    sign: int
    """1: given, -1: taken, 0: own nurses signed on."""
    from_ms: int
    until_ms: int


class LimitBooks:
    """Which limits are on, as the events say; each turn is held against the auditor's rows."""

    def __init__(
        self,
        waiting: Callable[[str], Iterable[tuple[tuple[Requirement, ...], int]]],
        staff: Callable[[], Iterator[Staff]],
        home_of: Callable[[str], str | None],
    ) -> None:
        """Args:
        waiting: of each of a home region's contacts that can be offered its needs and arrival.
        staff: everybody who is signed on.
        home_of: a contact's home region; None: it is nobody's, or forgotten.
        """
        self.on: set[tuple[str, LimitKind, str]] = set()
        self._waiting = waiting
        self._staff = staff
        self._home_of = home_of
        self._now_ms = 0
        self._rules: Policy
        self._regions: dict[str, str] = {}
        self._at_work: dict[str, int] = {}
        self._busy: dict[tuple[str, str], int] = {}
        """Since when an agent talks with a contact, or wraps it up."""
        self._sent_on: dict[tuple[str, str], str | None] = {}
        """Whose contact it was when an agent transferred it to another region."""
        self._sold: dict[tuple[str, str], str | None] = {}
        """Which region paid when an agent was offered a contact, or asked about it."""
        self._done: list[Span] = []

    # --- the books --------------------------------------------------------------------------

    def see(self, event: ev.Event, rules: Policy, now_ms: int) -> None:
        """One more event, which the auditor has not booked yet."""
        self._rules, self._now_ms = rules, now_ms
        match event:
            case ev.LimitTurned():
                self._turned(event)
            case ev.LendingSet():
                row = (event.region, LimitKind.LOSS, "")
                assert (row in self.on) != event.is_cut, f"{event}: it is so already"
                self.on ^= {row}
            case ev.AgentSignedOn():
                self._regions[event.agent_id] = event.region
                self._at_work[event.agent_id] = now_ms
            case ev.AgentSignedOff():
                since_ms = self._at_work.pop(event.agent_id)
                self._keep(Span(self._regions[event.agent_id], 0, since_ms, now_ms))
            case ev.ContactOffered() | ev.ConsultOffered():
                self._sold.pop((event.agent_id, event.contact_id), None)
                if event.is_sold:
                    home = self._home_of(event.contact_id)
                    self._sold[event.agent_id, event.contact_id] = home
            case ev.ContactForgotten():
                gone = [known for known in self._sold if known[1] == event.contact_id]
                for known in gone:
                    del self._sold[known]
            case ev.ContactTransferred() if event.to_region is not None:
                self._over(event.agent_id, event.contact_id)
                home = self._home_of(event.contact_id)
                self._sent_on[event.agent_id, event.contact_id] = home
            case ev.ContactConnected() | ev.ConsultAnswered() | ev.WrapUpStarted():
                self._over(event.agent_id, event.contact_id)
                if not isinstance(event, ev.WrapUpStarted):
                    self._sent_on.pop((event.agent_id, event.contact_id), None)
                self._busy[event.agent_id, event.contact_id] = now_ms
            case ev.ContactReturned() | ev.WrapUpEnded() | ev.ConsultEnded():
                self._over(event.agent_id, event.contact_id)

    def _over(self, agent: str | None, contact: str) -> None:
        if agent is not None and (agent, contact) in self._busy:
            for span in self._lent(agent, contact, self._busy.pop((agent, contact))):
                self._keep(span)

    def _keep(self, span: Span) -> None:
        if any(region.lend.balance for region in self._rules.regions):
            self._done.append(span)

    def _lent(self, agent: str, contact: str, since_ms: int) -> Iterator[Span]:
        region, row = self._regions[agent], (agent, contact)
        home = self._sent_on[row] if row in self._sent_on else self._home_of(contact)
        if home not in (None, region, self._sold.get(row)):
            yield Span(region, 1, since_ms, self._now_ms)
            yield Span(str(home), -1, since_ms, self._now_ms)

    # --- turning ----------------------------------------------------------------------------

    def _turned(self, event: ev.LimitTurned) -> None:
        """Only if its value says so, or the rules have dropped it."""
        row = (event.region, event.limit, event.part)
        assert (row in self.on) != event.is_on, f"{event}: it is so already"
        self.on ^= {row}
        levels = self._levels(event)
        if levels is None:
            assert not event.is_on, f"{event}: no rule asks for it"
            return
        value = self._value(event)
        if event.limit is LimitKind.OVERLOAD:
            value = value or 0
        assert event.value == value, f"{event}: it is {value}"
        if event.is_on:
            assert value is None or value > levels.above, f"{event}: on above {levels}"
        else:
            assert value is not None, event
            assert value < levels.below, f"{event}: off below {levels}"

    def _levels(self, event: ev.LimitTurned) -> Levels | None:
        region = next((each for each in self._rules.regions if each.code == event.region), None)
        if region is None:
            return None
        if event.limit is LimitKind.LONGEST_WAIT:
            return region.lend.own_wait
        if event.limit is LimitKind.BALANCE:
            return region.lend.balance
        if event.limit is LimitKind.OVERLOAD:
            return region.guard.own_wait
        return next((r.own_wait for r in region.share_rules if r.name == event.part), None)

    def _value(self, event: ev.LimitTurned) -> int | None:
        if event.limit is LimitKind.LONGEST_WAIT:
            waits = [
                self._now_ms - arrived_ms
                for needs, arrived_ms in self._waiting(event.region)
                if _named(_part(self._rules, needs)) == event.part
            ]
            return max(waits, default=0)
        if event.limit is LimitKind.BALANCE:
            return self._balance(event.region)
        return self._own_wait(event.region)

    def _own_wait(self, region: str) -> int | None:
        """The mean, over those who wait, of what one more like each would wait."""
        own = [nurse for nurse in self._staff() if nurse.region == region]
        takers = {place for place, nurse in enumerate(own) if nurse.takes_calls}
        if not takers:
            return None
        handle_ms = self._rules.handle_ms_assumed
        needed = [needs for needs, _ in self._waiting(region)]
        helpers = [{place for place in takers if own[place].has(needs)} for needs in needed]
        waits = []
        for needs, able in zip(needed, helpers, strict=True):
            ahead = sum(bool(others) and others <= able for others in helpers)
            staff = len(able)
            if not able:
                ahead, staff = needed.count(needs), sum(nurse.has(needs) for nurse in own)
            free = sum(own[place].is_free for place in able)
            if staff:
                waits.append(max(0, ahead + 1 - free) * handle_ms // staff)
        if waits:
            return sum(waits) // len(waits)
        return max(0, 1 - sum(nurse.is_free for nurse in own)) * handle_ms // len(takers)

    def _balance(self, code: str) -> int:
        region = next(each for each in self._rules.regions if each.code == code)
        begin_ms = self._now_ms - region.lend.balance_window_ms
        begin_ms = floor(begin_ms / QUARTER_MS) * QUARTER_MS
        spans = list(self._done)
        for (agent, contact), since_ms in self._busy.items():
            spans += self._lent(agent, contact, since_ms)
        for agent, since_ms in self._at_work.items():
            spans.append(Span(self._regions[agent], 0, since_ms, self._now_ms))
        lengths = [
            (span.sign, max(0, span.until_ms - max(span.from_ms, begin_ms)))
            for span in spans
            if span.region == code
        ]
        staffed = sum(length for sign, length in lengths if not sign)
        more = sum(sign * length for sign, length in lengths)
        return floor(more * 1000 / staffed) if staffed else 0

    # --- lending ----------------------------------------------------------------------------

    def lends(
        self,
        rules: Policy,
        region: RegionPolicy,
        needs: tuple[Requirement, ...],
        tier: int,
        able: list[bool],
    ) -> bool:
        """Whether one of the region's nurses may be lent.

        Args:
            able: of each of its nurses who meet the needs whether she is free.
        """
        service, language = _part(rules, needs)
        part = _named((service, language))
        for kind, of in (
            (LimitKind.LOSS, ""),
            (LimitKind.BALANCE, ""),
            (LimitKind.LONGEST_WAIT, part),
        ):
            if tier >= 2 and (region.code, kind, of) in self.on:
                return False
        lend = region.lend
        keeps = (lend.reserve_agents, lend.reserve_permille)
        for reserve in reversed(lend.reserves):
            if reserve.service in (service, "") and reserve.language in (language, ""):
                keeps = (reserve.agents, reserve.permille)
        kept = max(keeps[0], ceil(len(able) * keeps[1] / 1000))
        return sum(able) > kept or (kept == 0 and not lend.reserves)


def _named(part: tuple[Skill, Skill]) -> str:
    """As events name it: `advice/ar`, `advice`, and `/ar` for whoever needs a language alone."""
    service, language = part
    return f"{service}/{language}" if language else service


def _part(rules: Policy, needs: tuple[Requirement, ...]) -> tuple[Skill, Skill]:
    words = [need.skill for need in needs]
    service = next((each for each in rules.services if each in words), Skill(""))
    language = next((each for each in rules.languages if each in words), Skill(""))
    return service, language
