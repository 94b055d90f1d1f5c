"""What happened to a contact and why, in Swedish and English, from its events. Pure.

House rules: says what the rule was and not only that there was one; names no caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from queue_engine.console_api import (
    timeline_islands as islands,
    timeline_returns as returns,
    timeline_sharing as sharing,
    timeline_words as words,
)
from queue_engine.console_api.chronicle import Entry
from queue_engine.console_api.shapes import TimelineEntry
from queue_engine.console_api.timeline_callback import CALLBACK
from queue_engine.console_api.timeline_talk import TALK, Names
from queue_engine.console_api.timeline_texts import TEXTS
from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from queue_engine.core.state import State
from routing.region_policy import ShareRule
from routing.rules import Rules
from routing.vocabulary import UNKNOWN_REGION, AgentId, RegionCode, UnitId

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


def timeline(story: Sequence[Entry], state: State) -> list[TimelineEntry]:
    """The story in words, oldest first.

    Args:
        state: for the names of regions and the rules in force.
    """
    teller = _Teller(state)
    return [teller.entry(entry) for entry in story]


def kind_of(event: ev.Event) -> str:
    """The event's name as the API writes it: `contact_shared`."""
    return _CAPITAL.sub("_", type(event).__name__).lower()


def region_name(rules: Rules, code: RegionCode) -> Words:
    """What people call the region."""
    if code == UNKNOWN_REGION:
        return Words("okänd", "unknown")
    region = rules.regions.get(code)
    name = region.name if region else code
    return Words(name, name)


class _Teller:
    def __init__(self, state: State) -> None:
        self._rules = state.rules
        self._home: RegionCode = UNKNOWN_REGION
        self._unit: UnitId | None = None
        self._is_emergency = False
        self._is_on_screen = False

    def entry(self, entry: Entry) -> TimelineEntry:
        """One entry; those before it have been told already."""
        event = entry.event
        tell = _TELLERS[type(event)]
        said: Words = tell(self, event, entry)
        told = TimelineEntry(
            at_ms=entry.at_ms, kind=kind_of(event), text_sv=said.sv, text_en=said.en
        )
        if isinstance(event, ev.ContactShared | ev.ContactUnshared):
            told["rule"] = event.rule
        return told

    # --- a place in the queue ---------------------------------------------------------------

    def enqueued(self, event: ev.ContactEnqueued, entry: Entry) -> Words:
        self._begin(event)
        priority, region = words.PRIORITY[event.priority], self.region(event.home_region)
        source = words.SOURCE[event.home_region_source]
        self._is_on_screen = event.channel.is_on_screen
        what = words.CHANNEL[event.channel]
        told = Words(
            f"{what.sv} med prioritet {priority.sv}. Hemregion: {region.sv} ({source.sv}).",
            f"{what.en} with priority {priority.en}. Home region: {region.en} ({source.en}).",
        )
        return returns.continued(told, event)

    def restored(self, event: ev.ContactRestored, entry: Entry) -> Words:
        self._begin(event)
        if event.has_ticket:
            return Words(
                "Tillbaka på sin plats: växeln visar samtalet, och platsen stod i samtalet självt.",
                "Back at its place: the switch shows the call, which carried its place with it.",
            )
        return Words(
            "Tillbaka i kön: växeln visar samtalet; platsen räknas från när det kom in.",
            "Back in the queue: the switch shows the call; its place counts from when it came in.",
        )

    def _begin(self, event: ev.ContactEnqueued | ev.ContactRestored) -> None:
        self._home = event.home_region
        if isinstance(event, ev.ContactEnqueued):
            self._unit = event.home_unit
        self._set_priority(event)

    def _set_priority(
        self, event: ev.ContactEnqueued | ev.ContactRestored | ev.ContactPriorityChanged
    ) -> None:
        self._is_emergency = self._rules.priorities[event.priority].tier == 0

    def taken(self, event: ev.IslandContactTaken) -> Words:
        self._home, self._unit = event.fact.home_region, event.fact.home_unit
        self._is_emergency = self._rules.priorities[event.fact.priority].tier == 0
        return islands.taken(event)

    def refused(self, event: ev.ContactRefused, entry: Entry) -> Words:
        self._home = event.home_region
        return returns.refused(event, self.region(event.home_region))

    def in_fallback(self, event: ev.ContactSeenInFallback, entry: Entry) -> Words:
        return Words(
            "I växelns reservkö; hämtas tillbaka.",
            "In the switch's own fallback queue; is being taken back.",
        )

    def priority_changed(self, event: ev.ContactPriorityChanged, entry: Entry) -> Words:
        self._set_priority(event)
        priority, actor = words.PRIORITY[event.priority], words.ACTOR[event.actor]
        needs = Words("", "")
        if event.needs is not None:
            needed = ", ".join(need.skill for need in event.needs)
            needs = Words(f" och behovet {needed}", f" and the need {needed}")
        return Words(
            f"Prioriteten blev {priority.sv}{needs.sv}, genom {actor.sv} ({event.reason}).",
            f"Priority became {priority.en}{needs.en}, by {actor.en} ({event.reason}).",
        )

    def home_corrected(self, event: ev.HomeRegionCorrected, entry: Entry) -> Words:
        self._home = event.home_region
        region = self.region(event.home_region)
        return Words(
            f"Hemregionen rättades till {region.sv}; dess regler gäller från nu.",
            f"The home region was corrected to {region.en}; its rules hold from now on.",
        )

    def needs_relaxed(self, event: ev.NeedsRelaxed, entry: Entry) -> Words:
        needed = ", ".join(need.skill for need in event.needs)
        if event.reason is ev.RelaxReason.NOBODY_SPEAKS:
            why = Words(
                f"ingen i tjänst som kan hjälpa talar {event.language}",
                f"nobody at work who can help speaks {event.language}",
            )
        else:
            why = Words(f"väntat enligt regeln {event.rule}", f"waited, by the rule {event.rule}")
        return Words(
            f"Nöjer sig nu med {needed}: {why.sv}.", f"Is now content with {needed}: {why.en}."
        )

    def kept(self, event: ev.ContactKept, entry: Entry) -> Words:
        wait = words.span(event.until_ms - entry.at_ms)
        return Words(
            f"Väntar högst {wait.sv} på den sjuksköterska eller mottagning som samtalet hör till.",
            f"Waits at most {wait.en} for the nurse or unit that it prefers.",
        )

    def keeping_ended(self, event: ev.KeepingEnded, entry: Entry) -> Words:
        why = words.KEPT[event.reason]
        return Words(f"Vem som helst får svara nu: {why.sv}.", f"Anybody may answer now: {why.en}.")

    # --- sharing ----------------------------------------------------------------------------

    def shared(self, event: ev.ContactShared, entry: Entry) -> Words:
        return sharing.shared(event, self._rule(event.rule), self.region)

    def unshared(self, event: ev.ContactUnshared, entry: Entry) -> Words:
        return sharing.unshared(event, self.region)

    def _rule(self, name: str) -> ShareRule | None:
        try:
            return self._rules.share_rule(self._home, self._unit, name)
        except LookupError:
            return None

    # --- offers -----------------------------------------------------------------------------

    def offered(self, event: ev.ContactOffered, entry: Entry) -> Words:
        agent, why = self._agent(event.agent_id, entry), self._why_offered(event)
        if self._is_on_screen:
            return Words(f"Erbjuds {agent.sv}: {why.sv}.", f"Offered to {agent.en}: {why.en}.")
        return Words(f"Ringer hos {agent.sv}: {why.sv}.", f"Rings at {agent.en}: {why.en}.")

    def _why_offered(self, event: ev.ContactOffered) -> Words:
        if event.is_home:
            return Words("den egna regionen först", "its own region first")
        if event.is_sold:
            return Words("hemregionen köper tjänsten där", "its home region buys the service there")
        if self._rules.is_nobodys(self._home):
            return Words(
                "hemregionen är okänd, så den svarar som är ledig",
                "its home region is not known, so whoever is ready answers",
            )
        if self._is_emergency:
            return Words(
                "akut, och ingen i hemregionen som får svara är ledig",
                "emergency, and no own agent who may answer is ready",
            )
        return Words(
            "delad, och ingen i hemregionen som får svara är ledig",
            "shared, and no own agent who may answer is ready",
        )

    def rang_out(self, event: ev.OfferRangOut, entry: Entry) -> Words:
        agent = self._agent(event.agent_id, entry)
        return Words(
            f"Inget svar hos {agent.sv}. Platsen i kön är kvar.",
            f"No answer from {agent.en}. Its place is kept.",
        )

    def rejected(self, event: ev.OfferRejected, entry: Entry) -> Words:
        agent = self._agent(event.agent_id, entry)
        return Words(
            f"Avvisat eller upptaget hos {agent.sv}. Platsen i kön är kvar.",
            f"Declined or busy at {agent.en}. Its place is kept.",
        )

    def offer_failed(self, event: ev.OfferFailed, entry: Entry) -> Words:
        agent = self._agent(event.agent_id, entry)
        return Words(
            f"Telefonen hos {agent.sv} gick inte att nå. Platsen i kön är kvar.",
            f"The phone of {agent.en} could not be reached. Its place is kept.",
        )

    def revoked(self, event: ev.OfferRevoked, entry: Entry) -> Words:
        agent, why = self._agent(event.agent_id, entry), words.REVOKED[event.reason]
        if self._is_on_screen:
            if event.reason is ev.RevokeReason.CALLER_GONE:
                why = Words("den som väntade har lämnat", "whoever waited has left")
            return Words(
                f"Erbjuds inte längre {agent.sv}: {why.sv}.",
                f"No longer offered to {agent.en}: {why.en}.",
            )
        return Words(
            f"Ringer inte längre hos {agent.sv}: {why.sv}.",
            f"No longer rings at {agent.en}: {why.en}.",
        )

    def late_answer(self, event: ev.LateAnswer, entry: Entry) -> Words:
        agent = self._agent(event.agent_id, entry)
        return Words(
            f"{agent.sv} svarade sent, och de talar med varandra ändå.",
            f"{agent.en} answered late, and they talk all the same.",
        )

    def postponed(self, event: ev.ContactPostponed, entry: Entry) -> Words:
        rest = words.span(event.not_before_ms - entry.at_ms)
        return Words(
            f"LARM: för många misslyckade försök. Vilar {rest.sv}.",
            f"ALARM: too many failed offers. Rests {rest.en}.",
        )

    def postponement_ended(self, event: ev.PostponementEnded, entry: Entry) -> Words:
        return Words("Kan erbjudas igen.", "Can be offered again.")

    def emergency_overdue(self, event: ev.EmergencyOverdue, entry: Entry) -> Words:
        limit = words.span(self._rules.policy.emergency_alarm_ms)
        return Words(
            f"LARM: ett akut ärende har väntat längre än {limit.sv}.",
            f"ALARM: an emergency has waited longer than {limit.en}.",
        )

    # --- talking, ending --------------------------------------------------------------------

    def connected(self, event: ev.ContactConnected, entry: Entry) -> Words:
        agent, wait = self._agent(event.agent_id, entry), words.span(event.wait_ms)
        return Words(
            f"Besvarad av {agent.sv} efter {wait.sv}.", f"Answered by {agent.en} after {wait.en}."
        )

    def unknown_phone(self, event: ev.ConnectedUnknownPhone, entry: Entry) -> Words:
        return Words(
            "Besvarad genom reservkön, vid en telefon där ingen är inloggad.",
            "Answered through the fallback, at a phone where nobody is signed on.",
        )

    def returned(self, event: ev.ContactReturned, entry: Entry) -> Words:
        return Words("Väntar igen, på samma plats.", "Waits again, at the same place.")

    def of_talk(self, event: Any, entry: Entry) -> Words:
        if isinstance(event, ev.ContactTransferred) and event.to_region is not None:
            self._home = event.to_region
        names = Names(self._agent(event.agent_id, entry), self.region)
        return TALK[type(event)](event, names)

    def ended(self, event: ev.ContactEnded, entry: Entry) -> Words:
        wait, talk = words.span(event.wait_ms), words.span(event.talk_ms)
        outcomes = words.OUTCOME_ON_SCREEN if self._is_on_screen else words.OUTCOME
        outcome = outcomes[event.outcome]
        values = {"wait_sv": wait.sv, "wait_en": wait.en, "talk_sv": talk.sv, "talk_en": talk.en}
        return Words(outcome.sv.format(**values), outcome.en.format(**values))

    def wrap_up_started(self, event: ev.WrapUpStarted, entry: Entry) -> Words:
        agent = self._agent(event.agent_id, entry)
        return Words(f"Efterarbete hos {agent.sv}.", f"Wrap-up at {agent.en}.")

    def wrap_up_ended(self, event: ev.WrapUpEnded, entry: Entry) -> Words:
        took = words.span(event.wrap_up_ms)
        return Words(f"Efterarbetet klart efter {took.sv}.", f"Wrap-up done after {took.en}.")

    # --- names ------------------------------------------------------------------------------

    def _agent(self, agent_id: AgentId, entry: Entry) -> Words:
        who = words.who(agent_id)
        if entry.agent_region is None:
            return who
        region = self.region(entry.agent_region)
        return Words(f"{who.sv} i {region.sv}", f"{who.en} in {region.en}")

    def region(self, code: RegionCode) -> Words:
        """What people call it."""
        return region_name(self._rules, code)


_TELLERS: Final[dict[type, Callable[[Any, Any, Entry], Words]]] = {
    ev.ContactEnqueued: _Teller.enqueued,
    ev.ContactRestored: _Teller.restored,
    ev.ContactSeenInFallback: _Teller.in_fallback,
    ev.ContactPriorityChanged: _Teller.priority_changed,
    ev.HomeRegionCorrected: _Teller.home_corrected,
    ev.ContactKept: _Teller.kept,
    ev.KeepingEnded: _Teller.keeping_ended,
    ev.NeedsRelaxed: _Teller.needs_relaxed,
    ev.ContactShared: _Teller.shared,
    ev.ContactUnshared: _Teller.unshared,
    ev.ContactPostponed: _Teller.postponed,
    ev.PostponementEnded: _Teller.postponement_ended,
    ev.EmergencyOverdue: _Teller.emergency_overdue,
    ev.ContactOffered: _Teller.offered,
    ev.OfferRangOut: _Teller.rang_out,
    ev.OfferRejected: _Teller.rejected,
    ev.OfferFailed: _Teller.offer_failed,
    ev.OfferRevoked: _Teller.revoked,
    ev.LateAnswer: _Teller.late_answer,
    ev.ContactConnected: _Teller.connected,
    ev.ConnectedUnknownPhone: _Teller.unknown_phone,
    ev.ContactReturned: _Teller.returned,
    ev.ContactRefused: _Teller.refused,
    **dict.fromkeys(CALLBACK, lambda _, event, entry: CALLBACK[type(event)](event, entry.at_ms)),
    **dict.fromkeys(TEXTS, lambda _, event, entry: TEXTS[type(event)](event, entry.at_ms)),
    ev.IslandContactMerged: lambda teller, event, _: islands.merged(event, teller.region),
    ev.IslandContactAwaited: lambda _, event, __: islands.awaited(event),
    ev.IslandContactTaken: lambda teller, event, _: teller.taken(event),
    ev.IslandTextTaken: lambda _, event, __: islands.text_taken(event),
    ev.MisuseMarked: lambda _, event, __: returns.misuse_marked(event),
    ev.EmergencyPressedAgain: lambda _, event, __: returns.pressed_again(event),
    ev.ContactEnded: _Teller.ended,
    ev.WrapUpStarted: _Teller.wrap_up_started,
    ev.WrapUpEnded: _Teller.wrap_up_ended,
    **dict.fromkeys(TALK, _Teller.of_talk),
}
