"""The auditor's books on what nurses are spared.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from queue_engine.core import events as ev
from routing.strain_policy import StrainPolicy
from tests.properties.agreement import Agreement
from tests.properties.books import Caller, Nurse


def strain(nurse: Nurse, event: ev.AgentStrained, rules: StrainPolicy, now_ms: int) -> None:
    """It was too much for her."""
    assert nurse.contact is None, event
    assert rules.has_limits, event
    if event.strain is ev.Strain.OTHERS:
        nurse.has_own_only = True
    else:
        assert event.until_ms == now_ms + rules.rest_ms, event
        nurse.rests_until_ms = event.until_ms


def ease(nurse: Nurse, event: ev.StrainEased, now_ms: int) -> None:
    """She has rested, or answers others again."""
    if event.strain is ev.Strain.OTHERS:
        nurse.has_own_only = False
    else:
        assert nurse.rests_until_ms == now_ms, f"{nurse}: too early or late"
        nurse.rests_until_ms = None


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
