"""The auditor's books on what agents do with callers; see `auditor`."""

from __future__ import annotations

from queue_engine.core import events as ev
from tests.properties.audit_trunks import check_phone
from tests.properties.books import Caller, Nurse


def go_home(caller: Caller, region: str, unit: str | None) -> None:
    """Another region's from now on: with whom the former one shared counts no more."""
    if caller.home != region:
        caller.home, caller.rings = region, []
    caller.unit = unit


def transfer(caller: Caller, event: ev.ContactTransferred, now_ms: int) -> None:
    """He waits for somebody else."""
    caller.asked = caller.asked if caller.needs == event.needs else None
    caller.needs = event.needs
    caller.preferred, caller.preferred_unit = event.to_agent, event.to_unit
    caller.promised_from_ms = now_ms
    if event.to_region is not None:
        go_home(caller, event.to_region, event.to_unit)
    elif event.to_unit is not None:
        caller.unit = event.to_unit


def hold(
    caller: Caller, event: ev.ContactHeld | ev.HoldOverdue | ev.ContactRetrieved, recall_at_ms: int
) -> None:
    """He is put on hold, remembered, or taken back."""
    assert (caller.place, caller.agent) == ("talking", event.agent_id), caller
    assert (caller.recall_at_ms is None) == isinstance(event, ev.ContactHeld), caller
    caller.recall_at_ms = None
    if not isinstance(event, ev.ContactRetrieved):
        assert event.recall_at_ms == recall_at_ms, event
        caller.recall_at_ms = recall_at_ms


def consult(caller: Caller, nurse: Nurse, event: ev.ConsultEvent) -> None:
    """A colleague is asked about a caller on hold, joins, takes over or is let go."""
    assert caller.place == "talking", caller
    match event:
        case ev.ConsultOffered():
            assert caller.recall_at_ms is not None, f"{caller} is not on hold"
            assert (caller.consulted, caller.agent) == (None, event.asking), caller
            assert nurse.contact is None, nurse
            check_phone(caller, nurse, event)
            caller.consulted, nurse.contact = nurse.name, caller.name
            caller.consult_until_ms, caller.is_consulted = event.ring_until_ms, False
            return
        case ev.ConsultAnswered():
            caller.consult_until_ms, caller.is_consulted = None, True
            nurse.rests_until_ms = None
        case ev.ConferenceStarted():
            caller.recall_at_ms = None
        case ev.ConsultEnded():
            nurse.contact = caller.consult_until_ms = None
        case ev.ContactHandedOver():
            assert caller.agent == event.former, caller
            caller.agent, caller.recall_at_ms = nurse.name, None
    assert caller.consulted == nurse.name, caller
    if isinstance(event, ev.ConsultEnded | ev.ContactHandedOver):
        caller.consulted = None
