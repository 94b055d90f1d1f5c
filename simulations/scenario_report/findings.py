"""What a regional manager should know of it, in sentences: what is good or bad, and how sure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from simulations.scenario_report.language import Language
from simulations.scenario_report.picture_heat import by_hour
from simulations.scenario_report.study import WITHIN, Measure, Study
from simulations.scenario_report.svg import Markup, joined, tag

GOOD: Final = 0.8
"""Of the calls within the target; a usual goal of call centres, and an assumption here."""
BAD: Final = 0.5
_NAMED_MAX: Final = 4
_CALLS_TOLD: Final = 20
"""An hour of fewer calls is no finding."""
_SMALL: Final = 0.0005
"""A share that is shown as 0.0 % is no difference."""


class Tone(StrEnum):
    """What a finding is, in colour and in a word."""

    GOOD = "good"
    MIXED = "mixed"
    BAD = "bad"
    PLAIN = "plain"


class Finding(NamedTuple):
    """One thing to know."""

    tone: Tone
    text: Markup


def findings(study: Study, language: Language) -> list[Finding]:
    """The most important first."""
    return [
        _best(study, language),
        *_unfinished(study, language),
        *_differences(study, language),
        *_regions(study, language),
        *_worst_hour(study, language),
        *_help(study, language),
        _sureness(study, language),
    ]


def best_policy(study: Study) -> str:
    """The one that answers most calls within the target; of equal ones the first."""
    return max(study.policies, key=lambda policy: study.measure(policy, WITHIN).value or 0.0)


def tone_of(share: float | None) -> Tone:
    """Of a share answered within the target."""
    if share is None:
        return Tone.PLAIN
    return Tone.GOOD if share >= GOOD else Tone.BAD if share < BAD else Tone.MIXED


def tone_word(tone: Tone, language: Language) -> str:
    """Colour alone says nothing to some."""
    words = {
        Tone.GOOD: language.say("bra", "good"),
        Tone.MIXED: language.say("ojämnt", "mixed"),
        Tone.BAD: language.say("dåligt", "bad"),
        Tone.PLAIN: language.say("att veta", "to know"),
    }
    return words[tone]


def sure_word(measure: Measure, language: Language) -> str:
    """How sure a difference is."""
    match measure.is_sure:
        case None:
            return language.say("osäkert: en enda körning", "unsure: a single run")
        case True:
            return language.say("säkert", "sure")
        case False:
            return language.say("kan vara slump", "may be chance")


def _name(policy: str) -> Markup:
    return tag("b", policy)


def _best(study: Study, language: Language) -> Finding:
    policy = best_policy(study)
    share, width = study.measure(policy, WITHIN)
    tone = tone_of(share)
    shown, target = language.percent(share, width), study.target
    whose = (
        joined((language.say("Bäst är ", "Best is "), _name(policy), ": "))
        if len(study.policies) > 1
        else joined((_name(policy), ": "))
    )
    wait = language.clock(*study.measure(policy, "mean_wait_ms"))
    text = language.say(
        f"{shown} av samtalen besvaras inom {target}, och medelväntan är {wait} (min:s)."
        f" Det är {tone_word(tone, language)}: här räknas 80 % eller mer som bra och under 50 %"
        " som dåligt.",
        f"{shown} of the calls are answered within {target}, and the mean wait is {wait} (min:s)."
        f" That is {tone_word(tone, language)}: 80 % or more is called good here, under 50 % bad.",
    )
    return Finding(tone, joined((whose, text)))


def _unfinished(study: Study, language: Language) -> Iterator[Finding]:
    """Who gave up or was answered is not all there is, where somebody waits for ever."""
    for policy in study.policies:
        whole = study.measure(policy, "unfinished").value or 0.0
        if not whole:
            continue
        by_region = {
            region: study.measure(policy, "unfinished", region).value or 0.0
            for region in study.regions
        }
        most = max(by_region, key=lambda region: by_region[region])
        number, where = language.number(whole), study.regions[most]
        part = language.number(by_region[most])
        text = language.say(
            f": {number} väntar än när körningen är slut, flest i {where} ({part}): varken"
            " besvarade eller räknade bland dem som gav upp.",
            f": {number} wait still when the run is over, most in {where} ({part}): neither"
            " answered nor counted among those who gave up.",
        )
        yield Finding(Tone.BAD, joined((_name(policy), text)))


def _differences(study: Study, language: Language) -> Iterator[Finding]:
    """Every policy against the first."""
    for policy in study.policies[1:]:
        within = study.difference(policy, WITHIN)
        wait = study.difference(policy, "mean_wait_ms")
        if within.value is None or wait.value is None:
            continue
        points = language.points(within.value, within.width)
        longer = wait.value > 0
        wait_shown = language.clock(abs(wait.value), wait.width)
        way = language.say("längre", "longer") if longer else language.say("kortare", "shorter")
        sure, wait_sure = (sure_word(each, language) for each in (within, wait))
        text = language.say(
            f": {points} procentenheter inom {study.target} ({sure}); medelväntan är"
            f" {wait_shown} {way} ({wait_sure}).",
            f": {points} percentage points within {study.target} ({sure}); the mean wait is"
            f" {wait_shown} {way} ({wait_sure}).",
        )
        against = language.say(" mot ", " against ")
        whole = joined((_name(policy), against, _name(study.policies[0]), text))
        yield Finding(_change_tone(within), whole)


def _change_tone(change: Measure) -> Tone:
    if change.value is None or abs(change.value) < _SMALL or change.is_sure is not True:
        return Tone.PLAIN
    return Tone.GOOD if change.value > 0 else Tone.BAD


def _regions(study: Study, language: Language) -> Iterator[Finding]:
    """Who gains and who loses by sharing, and who loses more than was agreed."""
    if len(study.regions) < 2:
        return
    for policy in study.policies[1:]:
        changes = {
            region: change
            for region in study.regions
            if (change := study.difference(policy, WITHIN, region)).value is not None
            and abs(change.value) >= _SMALL
            and change.is_sure is not False
        }
        yield _gains(study, language, policy, changes)
        yield from _beyond_tolerance(study, language, policy)


def _gains(study: Study, language: Language, policy: str, changes: dict[str, Measure]) -> Finding:
    ordered = sorted(changes, key=lambda region: -(changes[region].value or 0.0))
    gain = [region for region in ordered if (changes[region].value or 0.0) > 0]
    lose = [region for region in reversed(ordered) if (changes[region].value or 0.0) < 0]
    if not changes:
        text = language.say(
            ": i ingen region ändras säkert hur många som får svar i tid.",
            ": in no region it is sure that more or fewer are answered in time.",
        )
        return Finding(Tone.PLAIN, joined((_name(policy), text)))
    parts = [
        f"{words} {_some(study, language, regions, changes)}"
        for words, regions in (
            (language.say("fler får svar i tid i", "more are answered in time in"), gain),
            (language.say("färre i", "fewer in"), lose),
        )
        if regions
    ]
    tail = language.say("(procentenheter)", "(percentage points)")
    tone = Tone.GOOD if not lose else Tone.MIXED if gain else Tone.BAD
    if study.runs == 1:
        tone = Tone.PLAIN
    return Finding(tone, joined((_name(policy), f": {'; '.join(parts)} {tail}.")))


def _some(study: Study, language: Language, regions: list[str], changes: dict[str, Measure]) -> str:
    told = [
        f"{study.regions[region]} {language.points(*_known(changes[region]))}"
        for region in regions[:_NAMED_MAX]
    ]
    more = len(regions) - len(told)
    if more > 0:
        told.append(language.say(f"{more} till", f"{more} more"))
    return language.listed(told)


def _known(measure: Measure) -> tuple[float, float | None]:
    return measure.value or 0.0, measure.width


def _beyond_tolerance(study: Study, language: Language, policy: str) -> Iterator[Finding]:
    tolerated = study.setting["loss_tolerance"]
    losers = []
    for region in study.regions:
        wait = study.difference(policy, "mean_wait_ms", region)
        promise = study.difference(policy, "service_level", region)
        too_long = wait.is_sure is not False and (wait.value or 0.0) > tolerated["wait_ms"]
        fewer = -(promise.value or 0.0) * 1000 > tolerated["promise_permille"]
        if too_long or (fewer and promise.is_sure is not False):
            losers.append(region)
    if not losers:
        return
    wait_shown = language.wait(tolerated["wait_ms"])
    share = language.number(tolerated["promise_permille"] / 10, 0)
    names = study.named(losers[:_NAMED_MAX])
    if len(losers) > _NAMED_MAX:
        more = len(losers) - _NAMED_MAX
        names.append(language.say(f"{more} till", f"{more} more"))
    if study.runs == 1:
        seems = language.say("ser ut att förlora", "seem to lose")
    else:
        seems = language.say("förlorar", "lose")
    text = language.say(
        f": {language.listed(names)} {seems} mer än avtalet tål ({wait_shown} längre medelväntan"
        f" eller {share} procentenhet färre inom löftet) mot {study.policies[0]}.",
        f": {language.listed(names)} {seems} more than the agreement tolerates ({wait_shown} longer"
        f" mean wait, or {share} percentage point fewer within the promise) against"
        f" {study.policies[0]}.",
    )
    tone = Tone.BAD if study.runs > 1 else Tone.MIXED
    yield Finding(tone, joined((_name(policy), text)))


def _worst_hour(study: Study, language: Language) -> Iterator[Finding]:
    policy = best_policy(study)
    cells = [
        (share, hour, name)
        for region, name in study.regions.items()
        for hour, share in enumerate(by_hour(study, policy, region, _CALLS_TOLD))
        if share is not None
    ]
    if not cells:
        return
    share, hour, name = min(cells)
    low, span = language.percent(share, digits=0), f"{hour:02}–{(hour + 1) % 24:02}"
    text = language.say(
        f"Svåraste timmen med {policy}: {name} kl. {span}, då {low} besvaras inom {study.target}.",
        f"Hardest hour under {policy}: {name} at {span}, when {low} are answered within"
        f" {study.target}.",
    )
    # As it is shown: 80 % is good.
    yield Finding(tone_of(round(share, 2)), joined((text,)))


def _help(study: Study, language: Language) -> Iterator[Finding]:
    for policy in study.policies:
        if not study.shares(policy):
            continue
        net = {
            region: (study.measure(policy, "given_minutes", region).value or 0.0)
            - (study.measure(policy, "taken_minutes", region).value or 0.0)
            for region in study.regions
        }
        giver, taker = max(net, key=lambda code: net[code]), min(net, key=lambda code: net[code])
        given = language.hours(study.measure(policy, "given_minutes").value)
        most, least = (
            f"{study.regions[region]} ({language.hours(net[region], sign=True)})"
            for region in (giver, taker)
        )
        text = language.say(
            f": {given} av sköterskornas tid gick till andra regioners samtal. Störst nettogivare"
            f" är {most}, störst nettotagare {least}.",
            f": {given} of nurses' time went to other regions' calls. The largest net giver is"
            f" {most}, the largest net taker {least}.",
        )
        yield Finding(Tone.PLAIN, joined((_name(policy), text)))


def _sureness(study: Study, language: Language) -> Finding:
    if study.runs == 1:
        text = language.say(
            "En enda körning visar inte hur mycket som är slump. Kör om med --replications 10.",
            "A single run does not show how much of this is chance. Run it again with"
            " --replications 10.",
        )
        return Finding(Tone.MIXED, joined((text,)))
    text = language.say(
        f"Av {study.runs} körningar; ± är ett 95-procentigt intervall. Skillnader är tagna körning"
        " för körning, med samma samtal under varje regelverk: de är säkrare än de enskilda"
        " talens ± låter tro.",
        f"Of {study.runs} runs; ± is a 95 % interval. Differences are taken run by run, with the"
        " same calls under every policy: they are surer than the ± of single figures suggests.",
    )
    return Finding(Tone.PLAIN, joined((text,)))
