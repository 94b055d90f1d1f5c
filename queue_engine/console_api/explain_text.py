"""Explanations in sentences, Swedish and English. Pure; agents and contacts go by their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from queue_engine.console_api import explain_words as words
from queue_engine.console_api.timeline import region_name
from queue_engine.console_api.timeline_words import Words, span, who
from queue_engine.core.explain import (
    Absence,
    Hindrance,
    Neighbour,
    OfferExplained,
    RegionStaff,
    WaitExplained,
)
from queue_engine.core.state import State
from routing.explain import WhyAgent, WhyContact
from routing.may_answer import Obstacle
from routing.rules import Rules

_Why = TypeVar("_Why")


def offer_text(found: OfferExplained, rules_version: int, state: State, now_ms: int) -> list[Words]:
    """Why this contact, why this agent, who else was at work, and by which rules.

    Args:
        now_ms: the moment of the offer; the state is of just before it.
    """
    rules = state.rules
    home = [one for one in found.others.regions if one.region == found.home_region]
    away = [one for one in found.others.regions if one.region != found.home_region]
    return [
        *_why_contact(found.contact),
        _why_agent(found.agent, rules),
        *([_staff(_others_in(home, rules), home)] if home else []),
        *([_staff(Words("Övriga regioner", "Other regions"), away)] if away else []),
        *_named(found.others.nearest, rules, now_ms),
        _by_rules(rules_version, found.policy_version),
    ]


def wait_text(found: WaitExplained, rules_version: int, state: State) -> list[Words]:
    """What stands between the contact and an answer now."""
    rules = state.rules
    said = [words.HOLD[found.hold]] if found.hold else []
    if found.ahead_at_home is not None:
        home = region_name(rules, found.home_region)
        said.append(
            Words(
                f"Före det i kön: {found.ahead_at_home} från {home.sv},"
                f" {found.ahead} i hela landet.",
                f"Before it in the queue: {found.ahead_at_home} from {home.en},"
                f" {found.ahead} in the whole country.",
            )
        )
    could = sum(one.could for one in found.others.regions)
    said.append(
        Words(f"Lediga som får svara nu: {could}.", f"Ready agents who may answer now: {could}.")
    )
    if found.next_share is not None:
        at_ms, rule = found.next_share
        left = span(at_ms - state.now_ms)
        said.append(
            Words(
                f"Delas vidare om {left.sv} (regeln {rule}).",
                f"Is shared further in {left.en} (rule {rule}).",
            )
        )
    said += [_staff(_together(alike, rules), alike) for alike in _alike(found)]
    said += _named(found.others.nearest, rules, state.now_ms)
    return [*said, _by_rules(rules_version, found.policy_version)]


def _others_in(regions: Iterable[RegionStaff], rules: Rules) -> Words:
    name = _together(regions, rules)
    return Words(f"{name.sv}, övriga", f"{name.en}, the others")


def _alike(found: WaitExplained) -> list[list[RegionStaff]]:
    """The home region by itself, then the others, those together that are kept by the same."""
    groups: dict[object, list[RegionStaff]] = {}
    for one in found.others.regions:
        kinds = tuple(why for why, _ in one.hindered)
        is_home = one.region == found.home_region
        groups.setdefault((is_home, kinds, one.could > 0), []).append(one)
    return list(groups.values())


def _together(regions: Iterable[RegionStaff], rules: Rules) -> Words:
    names = [region_name(rules, one.region) for one in regions]
    return Words(", ".join(name.sv for name in names), ", ".join(name.en for name in names))


# --- why this contact -----------------------------------------------------------------------


def _why_contact(found: WhyContact) -> list[Words]:
    count = found.waiting
    said = [
        Words(
            f"Varför samtalet: det enda som sjuksköterskan fick svara, av {count} som väntade.",
            f"Why this contact: the only one that the agent might answer, of {count} that waited.",
        )
        if found.answerable == 1
        else Words(
            f"Varför samtalet: först av {found.answerable} som sjuksköterskan fick svara,"
            f" av {count} som väntade.",
            f"Why this contact: first of {found.answerable} that the agent might answer,"
            f" of {count} that waited.",
        )
    ]
    if found.next_standing is not None:
        why = words.STANDING[found.next_standing]
        said.append(
            Words(
                f"Före {found.next_contact}, som var näst: {why.sv}.",
                f"Before {found.next_contact}, which was next: {why.en}.",
            )
        )
    before = sum(count for _, count in (*found.kept_from_her, *found.passed))
    if before:
        kept = _counted(found.kept_from_her, words.CONTACTS_KEPT)
        why_not = _joined(kept, _counted(found.passed, words.PASSED))
        said.append(
            Words(
                f"Tidigare i landets ordning: {before} ({why_not.sv}).",
                f"Earlier in the national order: {before} ({why_not.en}).",
            )
        )
    return said


# --- why this agent, and who else -----------------------------------------------------------


def _why_agent(found: WhyAgent, rules: Rules) -> Words:
    if found.advantage is None or found.next_best is None:
        return Words(
            "Varför sjuksköterskan: den enda lediga som fick svara.",
            "Why this agent: the only ready one who might answer.",
        )
    why, other = words.ADVANTAGE[found.advantage], found.next_best
    region, next_best = region_name(rules, other.agent_class.region), who(other.agent_id)
    return Words(
        f"Varför sjuksköterskan: {why.sv}, av {found.candidates} lediga som fick svara"
        f" (näst: {next_best.sv} i {region.sv}).",
        f"Why this agent: {why.en}, of {found.candidates} ready ones who might answer"
        f" (next: {next_best.en} in {region.en}).",
    )


def _staff(name: Words, regions: Iterable[RegionStaff]) -> Words:
    """What the agents at work there did, but for the one who was chosen."""
    kept: Counter[Hindrance] = Counter()
    at_work = could = 0
    for region in regions:
        at_work += region.at_work
        could += region.could
        kept.update(dict(region.hindered))
    ordered = [(why, kept[why]) for why in (*Obstacle, *Absence) if kept[why]]
    said = _counted(ordered, words.AGENTS_KEPT)
    if could:
        said = _joined(Words(f"{could} som fick svara", f"{could} who might answer"), said)
    return Words(
        f"{name.sv} ({at_work} i arbete): {said.sv}.", f"{name.en} ({at_work} at work): {said.en}."
    )


def _named(nearest: Iterable[Neighbour], rules: Rules, now_ms: int) -> list[Words]:
    said = [_neighbour(one, rules, now_ms) for one in nearest]
    if not said:
        return []
    return [
        Words(
            "Närmast: " + "; ".join(one.sv for one in said) + ".",
            "Nearest: " + "; ".join(one.en for one in said) + ".",
        )
    ]


def _neighbour(one: Neighbour, rules: Rules, now_ms: int) -> Words:
    region, agent = region_name(rules, one.region), who(one.agent_id)
    why = Words("fick svara", "might answer")
    if one.hindrance is Absence.NOT_READY and one.not_ready_reason is not None:
        why = words.NOT_READY[one.not_ready_reason]
    elif one.hindrance is not None:
        why = words.AGENTS_KEPT[one.hindrance]
    if one.until_ms is not None:
        left = span(one.until_ms - now_ms)
        why = Words(f"{why.sv}, kan igen om {left.sv}", f"{why.en}, can again in {left.en}")
    return Words(f"{agent.sv} i {region.sv} ({why.sv})", f"{agent.en} in {region.en} ({why.en})")


def _by_rules(rules_version: int, policy_version: str) -> Words:
    return Words(
        f"Regler: version {rules_version}, avtal {policy_version}.",
        f"Rules: version {rules_version}, agreement {policy_version}.",
    )


def _counted(counts: Iterable[tuple[_Why, int]], table: Mapping[_Why, Words]) -> Words:
    said = Words("", "")
    for why, count in counts:
        said = _joined(said, Words(f"{count} {table[why].sv}", f"{count} {table[why].en}"))
    return said


def _joined(first: Words, second: Words) -> Words:
    if not first.sv or not second.sv:
        return first if first.sv else second
    return Words(f"{first.sv}, {second.sv}", f"{first.en}, {second.en}")
