"""The auditor's books on which nurse is chosen for a caller.

House rules: those of `auditor`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterable

from routing.policy import AgentChoice, Policy
from tests.properties.audit_needs import is_of_unit
from tests.properties.books import Caller, Nurse, has_skills


def check_choice(
    rules: Policy, caller: Caller, nurse: Nurse, rivals: Iterable[Nurse], free: Iterable[Nurse]
) -> None:
    """Nobody at whom he stands as early comes before her.

    Args:
        rivals: who might answer him besides her, his key at each of them being hers.
        free: all who could take any call.
    """
    able = [each.region for each in free if has_skills(each, caller.needs)]
    chosen = _order(rules, caller, nurse, able)
    for rival in rivals:
        other = _order(rules, caller, rival, able)
        assert chosen < other, f"{nurse.name} {chosen} was chosen for {caller}, {rival} {other}"


def _order(rules: Policy, caller: Caller, nurse: Nurse, able: list[str]) -> list[int]:
    order: list[int] = [caller.preferred != nurse.name, bool(nurse.chats)]
    if rules.agent_choice is not AgentChoice.LONGEST_IDLE_OF_ALL:
        order += [not is_of_unit(nurse, caller, caller.unit), nurse.region != caller.home]
    if rules.agent_choice is AgentChoice.MOST_IDLE_REGION:
        codes: list[str] = [region.code for region in rules.regions]
        place = codes.index(nurse.region) if nurse.region in codes else len(codes)
        order += [-able.count(nurse.region), place]
    if rules.agent_choice is not AgentChoice.LONGEST_IDLE_OF_ALL:
        order.append(len(nurse.skills))
    return [*order, nurse.idle_since_ms, nurse.sequence]
