"""The auditor's books on what callers need: what it means for their place, and how it gets less.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from queue_engine.core import events as ev
from routing.policy import Policy
from routing.vocabulary import INTERPRETER, UNKNOWN_REGION, Requirement
from tests.properties.agreement import Agreement
from tests.properties.audit_gateways import gateway_of
from tests.properties.audit_rooms import ON_SCREEN
from tests.properties.books import Caller, Nurse, answer_within_ms, has_skills


def is_preferred(nurse: Nurse, caller: Caller) -> bool:
    """Whether the caller prefers her, or her unit."""
    return caller.preferred == nurse.name or is_of_unit(nurse, caller, caller.preferred_unit)


def is_of_unit(nurse: Nurse, caller: Caller, unit: str | None) -> bool:
    """Whether she works for that unit of his home; of an unknown home for any of that name."""
    is_there = caller.home in (nurse.region, UNKNOWN_REGION)
    return is_there and unit is not None and unit == nurse.unit


def relax(
    caller: Caller,
    event: ev.NeedsRelaxed,
    agreement: Agreement,
    nurses: Iterable[Nurse],
    now_ms: int,
) -> None:
    """He is content with less, because he has waited or nobody could ever answer him."""
    if event.reason is ev.RelaxReason.NOBODY_SPEAKS:
        assert event.language in {need.skill for need in caller.needs}, event
        for nurse in nurses:
            could_answer = has_skills(nurse, caller.needs) and _could_reach(
                caller, nurse, agreement
            )
            assert not could_answer, f"{nurse}: {event}"
    else:
        (rule,) = (rule for rule in agreement.rules.relax_rules if rule.name == event.rule)
        assert caller.arrived_ms + rule.after_ms <= now_ms, f"{caller}: too early"
    caller.asked = caller.asked or caller.needs
    caller.needs = event.needs


def check_spoken(
    callers: Iterable[Caller], nurses: Collection[Nurse], agreement: Agreement
) -> None:
    """Nobody waits for a language that none of them can speak with him who could be helped.

    Args:
        callers: who can be offered.
        nurses: all who are at work.
    """
    rules = agreement.rules
    for caller in callers if rules.interpreter_languages else ():
        needed = {need.skill for need in caller.needs}
        language = next((each for each in rules.languages if each in needed), None)
        if language is None or language in rules.interpreter_languages:
            continue
        reach = [nurse for nurse in nurses if _could_reach(caller, nurse, agreement)]
        if any(has_skills(nurse, caller.needs) for nurse in reach):
            continue
        others = [need for need in caller.needs if need.skill != language]
        for spoken in rules.interpreter_languages:
            needs = (*others, Requirement(spoken), Requirement(INTERPRETER))
            helped = [nurse.name for nurse in reach if has_skills(nurse, needs)]
            assert not helped, f"{caller} waits for {language}, and {helped} could call somebody"


def _could_reach(caller: Caller, nurse: Nurse, agreement: Agreement) -> bool:
    """Whether she could ever be rung for him, by switches and the regions' agreement."""
    is_anywhere = caller.is_away or caller.channel in ON_SCREEN
    joined = [{*trunk} for trunk in agreement.rules.trunks]
    can_ring = caller.link == nurse.link or {caller.link, nurse.link} in joined
    if not can_ring if not is_anywhere else gateway_of(nurse) is not None:
        return False
    return agreement.could_reach(caller, nurse)


def keep(
    caller: Caller, event: ev.ContactKept | ev.KeepingEnded, tier: int, rules: Policy, now_ms: int
) -> None:
    """He waits for those whom he prefers, for a time, or no longer does."""
    if isinstance(event, ev.KeepingEnded):
        caller.kept_until_ms = None
        return
    assert tier > 0, event
    since_ms = caller.arrived_ms if caller.promised_from_ms is None else caller.promised_from_ms
    promised_ms = since_ms + answer_within_ms(rules, caller)
    assert event.until_ms == min(now_ms + rules.preferred_wait_ms, promised_ms), event
    assert now_ms < event.until_ms, event
    caller.kept_until_ms, caller.is_to_be_kept = event.until_ms, False


def check_kept(callers: Iterable[Caller]) -> None:
    """At the end of a record: nobody was sent on to a nurse, or a unit, and is anybody's."""
    for caller in callers:
        assert not caller.is_to_be_kept, f"{caller} was sent on and is not kept"
