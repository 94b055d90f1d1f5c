"""The auditor's books on what nurses are spared, and whether it was due.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from queue_engine.core import events as ev
from routing.room_policy import RoomPolicy
from routing.strain_policy import StrainPolicy
from routing.vocabulary import Priority
from tests.properties.agreement import Agreement
from tests.properties.audit_gateways import gateway_of
from tests.properties.books import Caller, Nurse


@dataclass
class Work:
    """What a nurse has had to do."""

    has: set[str] = field(default_factory=set)
    """Contacts with which she talks, of which she is asked, or that she wraps up."""
    free_since_ms: int | None = None
    """When she was last done with one; None: she is rested."""
    begun_ms: list[int] = field(default_factory=list)
    """When each contact began, from the first after a rest."""
    answered: list[bool] = field(default_factory=list)
    """Of those that are hers, from the first after a rest, which were emergencies."""
    others: list[bool] = field(default_factory=list)
    """Of all that were hers, which were other regions'."""


class StrainBooks:
    """What was too much for whom, worked out again from what each nurse was given."""

    def __init__(
        self, nurses: Mapping[str, Nurse], callers: Mapping[str, Caller], agreement: Agreement
    ) -> None:
        self._nurses, self._callers, self._agreement = nurses, callers, agreement
        self._work: dict[str, Work] = {}
        self._freed: dict[str, None] = {}
        """Who has been done with something in this record, and has not been judged."""
        self._now_ms = 0

    def see(self, event: ev.Event, now_ms: int) -> None:
        """One more event, which the auditor has not booked yet."""
        self._now_ms = now_ms
        match event:
            case ev.AgentSignedOn():
                self._work[event.agent_id] = Work()
            case ev.AgentSignedOff():
                del self._work[event.agent_id]
                self._freed.pop(event.agent_id, None)
            case ev.ContactConnected():
                if event.contact_id not in self._work[event.agent_id].has:
                    self._begin(event.agent_id, event.contact_id)
                    self._answer(event.agent_id, event.contact_id)
            case ev.ConsultAnswered():
                self._begin(event.agent_id, event.contact_id)
            case ev.ContactHandedOver():
                self._answer(event.agent_id, event.contact_id)
            case ev.ContactReturned() | ev.WrapUpEnded() | ev.ConsultEnded():
                self._done(event.agent_id, event.contact_id)
            case ev.AgentStrained():
                self._check_strained(event)
            case ev.StrainEased():
                self._check_eased(event)
            case ev.ContactOffered():
                self.check()

    def check(self) -> None:
        """Whoever is free by now for more has been judged: a rest that was due was given."""
        rules = self._agreement.rules.strain
        for name in self._freed:
            nurse, work = self._nurses[name], self._work[name]
            if gateway_of(nurse) or not self._has_room(nurse):
                continue
            if nurse.rests_until_ms is None:
                assert not _is_too_much(work, rules, self._now_ms), f"{nurse} is due a rest"
            assert nurse.has_own_only == _are_too_many(work, rules), f"{nurse}: others'"
        self._freed.clear()

    # --- the books --------------------------------------------------------------------------

    def _begin(self, name: str, contact: str) -> None:
        work, rules = self._work[name], self._agreement.rules.strain
        if not rules.has_limits:  # of such work nobody takes note
            work.begun_ms, work.answered, work.others = [], [], []
        else:
            free_ms = None if work.free_since_ms is None else self._now_ms - work.free_since_ms
            has_rested = free_ms is None or free_ms >= rules.rest_ms
            if not work.begun_ms or (has_rested and not work.has):
                work.begun_ms, work.answered = [], []
            work.begun_ms.append(self._now_ms)
        work.has.add(contact)

    def _answer(self, name: str, contact: str) -> None:
        if self._agreement.rules.strain.has_limits:
            work, caller = self._work[name], self._callers[contact]
            is_emergency = caller.priority is Priority.EMERGENCY
            work.answered.append(is_emergency)
            is_anothers = is_others(self._nurses[name], caller, self._agreement, is_emergency)
            work.others.append(is_anothers)

    def _done(self, name: str | None, contact: str) -> None:
        if name is not None and contact in self._work[name].has:
            self._work[name].has.remove(contact)
            self._work[name].free_since_ms = self._now_ms
            self._freed[name] = None

    def _has_room(self, nurse: Nurse) -> bool:
        if nurse.contact is not None or nurse.wrap_up_until_ms is not None:
            return False
        rung = [self._callers[name] for name in nurse.chats if name in self._callers]
        if any((each.place, each.agent) == ("ringing", nurse.name) for each in rung):
            return False
        return not nurse.chats or _is_room_beside(nurse, self._agreement.rules.rooms)

    # --- what was said ----------------------------------------------------------------------

    def _check_strained(self, event: ev.AgentStrained) -> None:
        """It was too much for her."""
        nurse, rules = self._nurses[event.agent_id], self._agreement.rules.strain
        if gateway_of(nurse):  # `Gateways` sees whether it was due
            assert nurse.rests_until_ms is None, event
            nurse.rests_until_ms = event.until_ms
            return
        assert event.agent_id in self._freed, event
        assert self._has_room(nurse), event
        work = self._work[event.agent_id]
        if event.strain is ev.Strain.OTHERS:
            assert _are_too_many(work, rules), f"{event}: {work}"
            nurse.has_own_only = True
            return
        assert nurse.rests_until_ms is None, event
        assert _is_too_much(work, rules, self._now_ms), f"{event}: {work}"
        assert event.until_ms == self._now_ms + rules.rest_ms, event
        nurse.rests_until_ms = event.until_ms

    def _check_eased(self, event: ev.StrainEased) -> None:
        """She has rested, or answers others again."""
        nurse, work = self._nurses[event.agent_id], self._work[event.agent_id]
        if event.strain is ev.Strain.OTHERS:
            assert not _are_too_many(work, self._agreement.rules.strain), f"{event}: {work}"
            nurse.has_own_only = False
            return
        assert nurse.rests_until_ms == self._now_ms, f"{nurse}: too early or late"
        nurse.rests_until_ms = work.free_since_ms = None
        work.begun_ms, work.answered = [], []


def _is_too_much(work: Work, rules: StrainPolicy, now_ms: int) -> bool:
    if not work.begun_ms:
        return False
    longest_ms, most = rules.unbroken_work_ms_max, rules.emergencies_max
    if longest_ms and now_ms - work.begun_ms[0] >= longest_ms:
        return True
    return bool(most) and len(work.answered) >= most and all(work.answered[-most:])


def _are_too_many(work: Work, rules: StrainPolicy) -> bool:
    last = work.others[-rules.others_of :]
    if not rules.others_permille_max or len(last) < rules.others_of:
        return False
    return sum(last) > rules.others_permille_max * rules.others_of / 1000


def _is_room_beside(nurse: Nurse, rooms: RoomPolicy) -> bool:
    return len(nurse.chats) < rooms.chats_max or rooms.pressing_calls_on_chats


def is_spared(nurse: Nurse, caller: Caller, agreement: Agreement) -> bool:
    """Whether she is spared this caller, who is no emergency."""
    if nurse.rests_until_ms is not None:
        return True
    return nurse.has_own_only and is_others(nurse, caller, agreement, is_emergency=False)


def is_others(nurse: Nurse, caller: Caller, agreement: Agreement, is_emergency: bool) -> bool:
    """Whether he is of another region that is known, and does not pay hers for him."""
    if caller.home == nurse.region or agreement.region(caller.home) is None:
        return False
    return not agreement.is_sold(caller, nurse, is_emergency)
