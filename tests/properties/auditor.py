"""An auditor that keeps its own books from the records alone.

House rules: it reads events and the policy as written, and may not import the state, what decides,
what applies, or the match. It says the queue's rules a second time, in the slowest way.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.commands import Command, EnqueueContact
from queue_engine.core.record import Record
from routing.limits import LimitKind
from routing.policy import Order, Policy
from routing.vocabulary import Outcome, Priority, Requirement
from tests.properties import (
    audit_callbacks,
    audit_islands,
    audit_returns,
    audit_rooms,
    audit_talks,
    audit_trunks,
)
from tests.properties.agreement import Agreement, reaches
from tests.properties.audit_choice import check_choice
from tests.properties.audit_gateways import Gateways, gateway_of
from tests.properties.audit_islands import IslandBooks
from tests.properties.audit_ledger import LedgerBooks
from tests.properties.audit_limits import LimitBooks, Staff
from tests.properties.audit_needs import check_kept, check_spoken, is_preferred, keep, relax
from tests.properties.audit_returns import check_key, mark_misuse, press_again
from tests.properties.audit_strain import StrainBooks, is_spared
from tests.properties.audit_texts import TextBooks
from tests.properties.books import Caller, Nurse, due_after_ms, has_skills, new_caller

RING_GRACE_MS: Final = 3_000
NEED: Final = list(Priority)


class Auditor:
    """Follows records; raises AssertionError at the first that cannot be right."""

    def __init__(self) -> None:
        self.offers = 0
        self.ledger = LedgerBooks()
        self._callers: dict[str, Caller] = {}
        self._nurses: dict[str, Nurse] = {}
        self._links: set[str] = set()
        self._is_island = False
        self._trunks = audit_trunks.Trunks()
        self._gateways = Gateways(self._is_emergency)
        self._limits = LimitBooks(self._waiting_of, self._staff, self._home_of)
        self._agreement = Agreement(self._limits.on)
        self._strain = StrainBooks(self._nurses, self._callers, self._agreement)
        self._returns = audit_returns.Returns()
        self._texts = TextBooks()
        self._islands = IslandBooks()
        self._command: Command
        self._number = 0
        self._now_ms = 0

    def _is_emergency(self, name: str) -> bool:
        return self._tier(self._callers[name]) == 0

    def follow(self, record: Record) -> None:
        """One more record."""
        assert record.number == self._number + 1, f"{record.number} after {self._number}"
        assert record.at_ms >= self._now_ms, f"record {record.number}: time goes back"
        self._number, self._now_ms = record.number, record.at_ms
        self._command = record.command
        for event in record.events:
            if not isinstance(event, ev.PolicyLoaded):
                self._limits.see(event, self._rules, self._now_ms)
                self.ledger.see(event, self._rules, self._now_ms)
                self._gateways.see(event, self._nurses, self._now_ms)
                self._strain.see(event, self._now_ms)
            self._book(event)
        self._returns.check_raised(record.events)
        audit_callbacks.check_settled(self._callers.values())
        check_kept(self._callers.values())
        self._texts.check_times(self._now_ms)
        self._islands.check_settled(self._callers)
        self._strain.check()
        self._check_idle()
        self._check_times()
        waiting = [caller for caller in self._callers.values() if self._can_be_offered(caller)]
        check_spoken(waiting, self._nurses.values(), self._agreement)
        free = [nurse for nurse in self._nurses.values() if self._is_free(nurse)]
        self._gateways.check(self._rules, self._nurses.values(), free, self._now_ms)

    # --- the books --------------------------------------------------------------------------

    def _book(self, event: ev.Event) -> None:
        match event:
            case ev.PolicyLoaded() | ev.WindowSet() | ev.LineOpened() | ev.LineClosed():
                self._agreement.note(event)
            case ev.LinkRestored():
                self._links.add(event.link_id)
            case ev.LinkLost():
                self._freeze(event.link_id)
            case ev.IslandBegan():
                self._is_island = True
            case ev.TrunkFailed() | ev.TrunkRestEnded():
                self._trunks.book(event, self._command, self._now_ms)
            case ev.GatewayRestored() | ev.GatewayLost() | ev.GatewaySeatsSet():
                self._gateways.book(event, self._command, self._rules)
            case ev.ContactEnqueued() | ev.ContactRestored():
                self._enter(event)
            case (
                ev.AgentSignedOn()
                | ev.AgentSignedOff()
                | ev.AgentBecameReady()
                | ev.AgentBecameNotReady()
                | ev.AgentForced()
                | ev.AgentStrained()
                | ev.StrainEased()
                | ev.SignOffAwaited()
                | ev.SignOffTakenBack()
                | ev.WrapUpStarted()
                | ev.WrapUpProlonged()
                | ev.WrapUpEnded()
            ):
                self._book_nurse(event)
            case ev.ContactOffered():
                self._offered(event)
            case ev.ContactRefused():
                self._refused(event)
            case ev.CallsForgotten():
                return
            case ev.ContactForgotten():
                del self._callers[event.contact_id]
            case ev.LimitTurned() | ev.LendingSet() | ev.DispositionSet() | ev.CommandFailed():
                return
            case ev.LateAnswer() | ev.LateReport() | ev.LinkReconciled():
                return
            case (
                ev.IslandMerged()
                | ev.IslandForgotten()
                | ev.IslandContactAwaited()
                | ev.IslandContactTaken()
                | ev.IslandContactMerged()
                | ev.IslandTextTaken()
            ):
                self._book_island(event)
            case (
                ev.TextSent()
                | ev.TextFailed()
                | ev.TextAskedAgain()
                | ev.TextGivenUp()
                | ev.TextForgotten()
            ):
                self._texts.book(event, self._command, self._now_ms)
            case _:
                self._book_caller(self._callers[event.contact_id], event)

    def _book_island(self, event: ev.IslandEvent) -> None:
        self._islands.see(event, self._command, self._now_ms)
        match event:
            case ev.IslandTextTaken():
                self._texts.take(event, self._now_ms)
            case ev.IslandContactAwaited():
                audit_islands.note_chain(self._callers, event)
            case ev.IslandContactTaken() | ev.IslandContactMerged():
                caller = audit_islands.book(self._callers, event)
                if isinstance(event, ev.IslandContactTaken):
                    caller.entered_ms = self._now_ms
                if isinstance(event, ev.IslandContactMerged):
                    self._returns.count_there(event)
                self._callers[caller.name] = caller

    def _freeze(self, link: str) -> None:
        self._links.discard(link)
        for caller in self._callers.values():
            if caller.link == link:
                caller.is_seen = False
                caller.ring_until_ms = None
                caller.consult_until_ms = None

    def _enter(self, event: ev.ContactEnqueued | ev.ContactRestored) -> None:
        known = self._callers.get(event.contact_id)
        assert known is None or known.place == "over", f"{event.contact_id} is in two places"
        caller = new_caller(event, known)
        caller.entered_ms = self._now_ms
        for other in self._callers.values():
            assert other.sequence != caller.sequence or other is known, f"{caller}: sequence"
        if isinstance(event, ev.ContactEnqueued):
            assert isinstance(self._command, EnqueueContact), self._command
            books, rules = self._callers.values(), self._rules.returns
            self._returns.enter(caller, event, self._command, books, rules, self._now_ms)
        elif known is not None:
            caller.key, caller.is_continued = known.key, known.is_continued
            caller.is_misuse, caller.told_112 = known.is_misuse, known.told_112
        if caller.priority is Priority.EMERGENCY:
            alarm_ms = event.arrived_ms + self._rules.emergency_alarm_ms
            if getattr(event, "continues", None) is not None:
                alarm_ms = self._now_ms + self._rules.emergency_alarm_ms
            caller.alarm_at_ms = max(alarm_ms, self._now_ms)
        self._callers[caller.name] = caller

    def _refused(self, event: ev.ContactRefused) -> None:
        assert event.contact_id not in self._callers, f"{event.contact_id} has a place"
        assert isinstance(self._command, EnqueueContact), self._command
        region, is_long = event.home_region, (event.home_region, LimitKind.OVERLOAD, "")
        guard = next(one.guard for one in self._rules.regions if one.code == region)
        waiting, is_on = len(list(self._waiting_of(region))), is_long in self._limits.on
        audit_returns.check_refused(event, self._command, guard, is_on, waiting)
        self._callers[event.contact_id] = Caller(
            name=event.contact_id,
            arrived_ms=event.arrived_ms,
            sequence=event.sequence,
            priority=event.priority,
            needs=event.needs,
            home=region,
            link=event.link_id,
            line=event.line_id,
            place="over",
            entered_ms=self._now_ms,
            ended_ms=self._now_ms,
            outcome=Outcome.REFUSED,
        )

    def _book_nurse(self, event: ev.Event) -> None:
        if isinstance(event, ev.AgentSignedOn):
            assert event.agent_id not in self._nurses, f"{event.agent_id} twice"
            self._nurses[event.agent_id] = Nurse(
                event.agent_id,
                event.region,
                event.unit,
                event.skills,
                event.link_id,
                event.sequence,
            )
            return
        nurse = self._nurses[getattr(event, "agent_id")]  # noqa: B009  all of them have one
        match event:
            case ev.AgentSignedOff():
                assert nurse.contact is None, f"{nurse.name} left {nurse.contact}"
                assert nurse.wrap_up_until_ms is None, nurse.name
                assert not nurse.chats, f"{nurse.name} left {nurse.chats}"
                del self._nurses[nurse.name]
            case ev.AgentBecameReady():
                nurse.is_ready, nurse.idle_since_ms = True, self._now_ms
            case ev.AgentBecameNotReady():
                nurse.is_ready = False
            case ev.SignOffAwaited():
                nurse.is_leaving = True
            case ev.SignOffTakenBack():
                nurse.is_leaving = False
            case ev.WrapUpStarted() if audit_rooms.is_chat(self._callers[event.contact_id]):
                audit_rooms.wrap_up_chat(nurse, event)
            case ev.WrapUpStarted():
                nurse.contact = None
                nurse.wrap_up_since_ms = self._now_ms
                nurse.wrap_up_until_ms = event.wrap_up_until_ms
            case ev.WrapUpProlonged() if event.contact_id in nurse.chats:
                audit_rooms.wrap_up_chat(nurse, event)
            case ev.WrapUpEnded() if event.contact_id in nurse.chats:
                del nurse.chats[event.contact_id]
                nurse.idle_since_ms = self._now_ms
            case ev.WrapUpProlonged():
                assert nurse.wrap_up_until_ms is not None, nurse
                assert event.wrap_up_until_ms > nurse.wrap_up_until_ms, nurse
                longest_ms = self._rules.talks.wrap_up_prolonged_ms_max
                assert event.wrap_up_until_ms <= nurse.wrap_up_since_ms + longest_ms, nurse
                nurse.wrap_up_until_ms = event.wrap_up_until_ms
            case ev.WrapUpEnded():
                nurse.wrap_up_until_ms, nurse.idle_since_ms = None, self._now_ms

    def _book_caller(self, caller: Caller, event: ev.Event) -> None:
        match event:
            case ev.ContactSeenWaiting():
                caller.is_seen = True
            case ev.ContactSeenInFallback():
                caller.is_seen = False
            case ev.ContactPriorityChanged():
                self._reprioritise(caller, event)
            case ev.HomeRegionCorrected():
                audit_talks.go_home(caller, event.home_region, event.home_unit)
            case (
                ev.ConsultOffered()
                | ev.ConsultAnswered()
                | ev.ConferenceStarted()
                | ev.ConsultEnded()
                | ev.ContactHandedOver()
            ):
                self._consult(caller, event)
            case ev.ContactHeld() | ev.HoldOverdue() | ev.ContactRetrieved():
                audit_talks.hold(caller, event, self._now_ms + self._rules.talks.hold_recall_ms)
            case ev.NeedsRelaxed():
                relax(caller, event, self._agreement, self._nurses.values(), self._now_ms)
            case ev.ContactKept() | ev.KeepingEnded():
                keep(caller, event, self._tier(caller), self._rules, self._now_ms)
            case ev.ContactShared():
                self._check_shared(caller, event)
                caller.rings.append((event.ring, event.rule))
            case ev.ContactUnshared():
                caller.rings.remove((event.ring, event.rule))
            case ev.ContactPostponed():
                caller.rests_until_ms = event.not_before_ms
            case ev.PostponementEnded():
                caller.rests_until_ms = 0
            case ev.TriedForgotten():
                assert caller.tried.pop(event.agent_id) <= self._now_ms, f"{caller}: too early"
            case ev.EmergencyOverdue():
                caller.alarm_at_ms = None
            case ev.OfferSeen():
                caller.ring_until_ms = event.ring_until_ms
            case ev.OfferRangOut() | ev.OfferRejected() | ev.OfferFailed():
                caller.tried[event.agent_id] = self._now_ms + self._rules.tried_ms
                self._take_back(caller, event.agent_id)
            case ev.OfferRevoked():
                self._take_back(caller, event.agent_id)
            case ev.ContactConnected() | ev.ConnectedUnknownPhone():
                self._connected(caller, event)
            case ev.ContactReturned() | ev.ContactSentBack() | ev.ContactTransferred():
                assert caller.place == "talking", caller
                assert caller.consulted is None, caller
                if caller.agent is not None and isinstance(event, ev.ContactReturned):
                    self._nurses[caller.agent].idle_since_ms = self._now_ms
                self._free(caller)
                caller.recall_at_ms = None
                caller.place, caller.is_seen = "waiting", False
                if isinstance(event, ev.ContactTransferred):
                    audit_talks.transfer(caller, event, self._now_ms)
                    caller.is_to_be_kept = self._is_to_be_kept(caller, event.agent_id)
                if not isinstance(event, ev.ContactReturned):
                    caller.tried[event.agent_id] = self._now_ms + self._rules.tried_ms
                if caller.priority is Priority.EMERGENCY:
                    caller.alarm_at_ms = self._now_ms + self._rules.emergency_alarm_ms
            case (
                ev.CallbackPromised()
                | ev.CallbackAwaited()
                | ev.CallerOnLine()
                | ev.CallbackDialled()
                | ev.CallbackNotReached()
                | ev.CallbackOverdue()
                | ev.CallbackTextAsked()
            ):
                audit_callbacks.book(caller, event, self._command, self._rules, self._now_ms)
                if isinstance(event, ev.CallbackNotReached):
                    self._take_back(caller, event.agent_id)
                elif isinstance(event, ev.CallbackTextAsked):
                    self._texts.ask(event, self._number, self._now_ms)
                elif isinstance(event, ev.CallbackDialled) and caller.link not in self._links:
                    caller.ring_until_ms = None
            case ev.MisuseMarked():
                mark_misuse(caller, event)
            case ev.EmergencyPressedAgain():
                press_again(caller)
            case ev.ContactEnded():
                assert caller.place in ("waiting", "talking"), f"{caller} ended"
                assert caller.consulted is None, caller
                audit_callbacks.end(caller, event)
                caller.place, caller.agent = "over", None
                caller.recall_at_ms = None
                audit_returns.end(caller, event, self._now_ms)
                self._leave_waiting(caller)
            case _:
                raise AssertionError(f"{event} is not in the books")

    def _consult(self, caller: Caller, event: ev.ConsultEvent) -> None:
        nurse = self._nurses[event.agent_id]
        if isinstance(event, ev.ConsultOffered):
            assert self._is_free(nurse), f"{nurse} was asked about {caller.name}"
            assert event.ring_until_ms == self._now_ms + self._rules.ring_ms + RING_GRACE_MS, event
            is_sold = self._agreement.is_sold(caller, nurse, self._tier(caller) == 0)
            assert event.is_sold == is_sold, event
        if isinstance(event, ev.ConsultEnded) and caller.is_consulted:
            nurse.idle_since_ms = self._now_ms
        audit_talks.consult(caller, nurse, event)

    def _reprioritise(self, caller: Caller, event: ev.ContactPriorityChanged) -> None:
        check_key(caller, event)
        if event.needs is not None:
            caller.needs, caller.asked = event.needs, None
        if event.priority is not caller.priority:
            caller.priority = event.priority
            caller.alarm_at_ms = None
            if event.priority is Priority.EMERGENCY and caller.place != "talking":
                caller.alarm_at_ms = self._now_ms + self._rules.emergency_alarm_ms

    def _take_back(self, caller: Caller, agent: str) -> None:
        assert (caller.place, caller.agent) == ("ringing", agent), f"{caller} came back"
        self._free(caller)
        caller.place, caller.is_seen, caller.ring_until_ms = "waiting", False, None
        caller.is_dialled = False

    def _connected(
        self, caller: Caller, event: ev.ContactConnected | ev.ConnectedUnknownPhone
    ) -> None:
        agent = event.agent_id if isinstance(event, ev.ContactConnected) else None
        assert caller.place == "waiting" or caller.agent == agent, f"{caller} connected"
        caller.place, caller.agent, caller.has_talked = "talking", agent, True
        audit_callbacks.keep(caller)
        self._leave_waiting(caller)
        if agent is not None:
            nurse = self._nurses[agent]
            nurse.rests_until_ms = None
            if not audit_rooms.is_chat(caller):
                assert nurse.contact in (None, caller.name), f"{nurse} has two calls"
                nurse.wrap_up_until_ms = None
            audit_rooms.take(nurse, caller)

    def _leave_waiting(self, caller: Caller) -> None:
        caller.is_seen, caller.ring_until_ms, caller.alarm_at_ms = False, None, None
        caller.kept_until_ms = None
        caller.rests_until_ms = 0
        caller.tried.clear()

    def _free(self, caller: Caller) -> None:
        if caller.agent is not None:
            audit_rooms.drop(self._nurses[caller.agent], caller)
        caller.agent = None

    @property
    def _rules(self) -> Policy:
        return self._agreement.rules

    # --- the rules, said a second time ------------------------------------------------------

    def _tier(self, caller: Caller) -> int:
        return dict(self._rules.priorities)[caller.priority].tier

    def _key(self, nurse: Nurse, caller: Caller) -> tuple[int, ...]:
        policy = self._rules
        if policy.order is not Order.DUE:
            need = NEED.index(caller.priority) if policy.order is Order.STRICT else 0
            return need, caller.arrived_ms, caller.sequence
        due_ms = caller.arrived_ms + due_after_ms(policy, caller)
        tier = self._tier(caller)
        is_own = (
            tier < 2
            or caller.home == nurse.region
            or self._agreement.region(caller.home) is None
            or caller.preferred == nurse.name
            or self._agreement.is_sold(caller, nurse, tier == 0)
        )
        if policy.home_advantage_ms is None:
            return tier, 0 if is_own else 1, due_ms, caller.sequence
        return tier, due_ms + (0 if is_own else policy.home_advantage_ms), caller.sequence

    def _may(self, nurse: Nurse, caller: Caller) -> bool:
        if not self._may_at_all(nurse, caller):
            return False
        if caller.tried.get(nurse.name, 0) <= self._now_ms:
            return True
        return not any(
            caller.tried.get(other.name, 0) <= self._now_ms and self._may_at_all(other, caller)
            for other in self._nurses.values()
            if self._is_free(other)
        )

    def _may_at_all(self, nurse: Nurse, caller: Caller, but: str | None = None) -> bool:
        if caller.name in nurse.chats and caller.name != but:
            return False
        if not audit_rooms.has_room(nurse, caller, self._tier(caller), self._rules.rooms, but):
            return False
        is_anywhere = caller.is_away or caller.channel in audit_rooms.ON_SCREEN
        can_ring = is_anywhere or self._can_ring(nurse, caller)
        if not can_ring or not has_skills(nurse, caller.needs):
            return False
        if is_anywhere and gateway_of(nurse):
            return False
        if caller.kept_until_ms is not None and not is_preferred(nurse, caller):
            return False
        if self._tier(caller) and is_spared(nurse, caller, self._agreement):
            return False
        if nurse.region == caller.home:
            return self._tier(caller) == 0 or not self._agreement.is_kept_from(caller, nurse)
        if self._agreement.is_sold(caller, nurse, self._tier(caller) == 0):
            return True
        own, home = self._agreement.region(nurse.region), self._agreement.region(caller.home)
        if own is None or not self._agreement.takes_part(own):
            return False
        if home is None:
            return True
        if not self._agreement.takes_part(home):
            return False
        if self._tier(caller) == 0:
            return True
        waiting = len(list(self._waiting_of(caller.home)))
        is_reached = any(
            reaches(ring, home, own) and waiting >= ring.waiting_min for ring, _ in caller.rings
        )
        if not is_reached or self._agreement.is_kept(caller):
            return False
        free = [
            self._could_take_any(nurse)
            for nurse in self._nurses.values()
            if nurse.region == own.code and has_skills(nurse, caller.needs)
        ]
        return self._limits.lends(self._rules, own, caller.needs, self._tier(caller), free)

    def _can_ring(self, nurse: Nurse, caller: Caller) -> bool:
        return self._trunks.can_ring(self._rules, caller, nurse, self._tier(caller) == 0)

    def _is_to_be_kept(self, caller: Caller, sender: str) -> bool:
        """Whether somebody of his home whom he prefers is at work and could answer him."""
        return (
            self._rules.preferred_wait_ms > 0
            and self._tier(caller) > 0
            and any(
                is_preferred(nurse, caller)
                and nurse.name != sender
                and nurse.region == caller.home
                and nurse.is_ready
                and not nurse.is_leaving
                and nurse.rests_until_ms is None
                and has_skills(nurse, caller.needs)
                and self._can_ring(nurse, caller)
                and not self._agreement.is_kept_from(caller, nurse)
                for nurse in self._nurses.values()
            )
        )

    def _is_free(self, nurse: Nurse) -> bool:
        return (
            nurse.is_ready
            and not nurse.is_leaving
            and nurse.contact is None
            and nurse.wrap_up_until_ms is None
            and nurse.link in self._links
            and not audit_rooms.is_asked(nurse, self._callers)
        )

    def _could_take_any(self, nurse: Nurse) -> bool:
        return self._is_free(nurse) and nurse.rests_until_ms is None and not nurse.chats

    def _waiting_of(self, region: str) -> Iterator[tuple[tuple[Requirement, ...], int]]:
        for caller in self._callers.values():
            if caller.home == region and self._can_be_offered(caller):
                yield caller.needs, caller.arrived_ms

    def _home_of(self, contact: str) -> str | None:
        caller = self._callers.get(contact)
        return caller.home if caller and self._agreement.region(caller.home) else None

    def _staff(self) -> Iterator[Staff]:
        for nurse in self._nurses.values():
            is_away = gateway_of(nurse) and nurse.rests_until_ms is not None
            takes_calls = nurse.is_ready and not (nurse.is_leaving or is_away)
            has = partial(has_skills, nurse)
            yield Staff(nurse.region, takes_calls, self._could_take_any(nurse), has)

    def _can_be_offered(self, caller: Caller) -> bool:
        if caller.place != "waiting" or caller.rests_until_ms:
            return False
        if caller.is_away or caller.channel in audit_rooms.ON_SCREEN:
            return not self._is_island
        return caller.is_seen and caller.link in self._links

    # --- the checks -------------------------------------------------------------------------

    def _check_shared(self, caller: Caller, event: ev.ContactShared) -> None:
        staff = self._nurses.values()
        if event.rule != "tier_1":
            self._agreement.check_shared(caller, event, staff, self._now_ms)
            return
        assert self._tier(caller) == 1, f"{caller} is not urgent"
        for nurse in staff:
            is_own = nurse.region == caller.home or self._agreement.is_sold(caller, nurse, False)
            if is_own and self._is_free(nurse):
                assert not self._may(nurse, caller), f"{caller} has {nurse}"

    def _offered(self, event: ev.ContactOffered) -> None:
        caller, nurse = self._callers[event.contact_id], self._nurses[event.agent_id]
        assert self._can_be_offered(caller), f"{caller} was offered"
        assert self._is_free(nurse), f"{nurse} was offered {caller.name}"
        assert self._may(nurse, caller), f"{nurse} may not answer {caller}"
        key = self._key(nurse, caller)
        for other in self._callers.values():
            if other is not caller and self._can_be_offered(other):
                assert self._key(nurse, other) > key or not self._may(nurse, other), (
                    f"{caller.name} was offered to {nurse.name} before {other.name}"
                )
        self._check_chosen(nurse, caller, key)
        assert event.ring_until_ms == self._now_ms + self._rules.ring_ms + RING_GRACE_MS, event
        assert event.is_home == (caller.home == nurse.region), event
        is_sold = self._agreement.is_sold(caller, nurse, self._tier(caller) == 0)
        assert event.is_sold == is_sold, event
        assert event.is_callback == caller.is_away, event
        audit_trunks.check_offer(caller, nurse, event)
        self.offers += 1
        caller.place, caller.agent, caller.is_seen = "ringing", nurse.name, False
        caller.ring_until_ms = event.ring_until_ms
        audit_rooms.check_offer(caller, event)
        audit_rooms.take(nurse, caller)

    def _check_chosen(self, nurse: Nurse, caller: Caller, key: tuple[int, ...]) -> None:
        others = [each for each in self._nurses.values() if each is not nurse]
        rivals = [each for each in others if self._is_free(each) and self._may(each, caller)]
        for each in rivals:
            assert self._key(each, caller) >= key, f"{caller} stood earlier at {each}"
        equals = [each for each in rivals if self._key(each, caller) == key]
        free = [each for each in self._nurses.values() if self._could_take_any(each)]
        check_choice(self._rules, caller, nurse, equals, free)

    def _check_idle(self) -> None:
        """Work-conserving, and no emergency behind an offer of tier 2 or 3 or a question."""
        free = [nurse for nurse in self._nurses.values() if self._is_free(nurse)]
        for caller in self._callers.values():
            if not self._can_be_offered(caller):
                continue
            for nurse in free:
                assert not self._may(nurse, caller), f"{nurse.name} idles, {caller.name} waits"
            if self._tier(caller) == 0 and self._rules.order is not Order.FIFO:
                self._check_no_lesser_rings(caller)

    def _check_no_lesser_rings(self, emergency: Caller) -> None:
        for caller in self._callers.values():
            is_lesser = self._tier(caller) >= 2 and not caller.is_dialled
            rung = caller.agent if caller.place == "ringing" and is_lesser else None
            if caller.consulted and not caller.is_consulted and self._tier(caller):
                rung = caller.consulted
            if rung is not None:
                nurse = self._nurses[rung]
                assert not (
                    nurse.is_ready
                    and not nurse.is_leaving
                    and nurse.link in self._links
                    and nurse.contact in (None, caller.name)
                    and nurse.wrap_up_until_ms is None
                    and self._may_at_all(nurse, emergency, but=caller.name)
                ), f"{emergency.name} waits, {nurse.name} rings for {caller.name}"

    def _check_times(self) -> None:
        """Nothing is overdue that had its moment before this record's."""
        for caller in self._callers.values():
            late = [
                at_ms
                for at_ms in (
                    caller.ring_until_ms,
                    caller.alarm_at_ms,
                    caller.recall_at_ms,
                    caller.promise_due_ms,
                    caller.consult_until_ms,
                    caller.kept_until_ms,
                    caller.rests_until_ms or None,
                    *caller.tried.values(),
                )
                if at_ms is not None and at_ms < self._now_ms
            ]
            assert not late or caller.place == "over", f"{caller} at {self._now_ms}"
        self._trunks.check_times(self._now_ms)
        for nurse in self._nurses.values():
            assert (nurse.wrap_up_until_ms or self._now_ms) >= self._now_ms, f"{nurse}"
            audit_rooms.check_times(nurse, self._now_ms)
