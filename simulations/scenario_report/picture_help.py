"""Who helped whom: nurses' time by home and answering region, and what each gave and took."""

from __future__ import annotations

from typing import Final

from simulations.scenario_report.axes import Axis, number_shown, round_axis
from simulations.scenario_report.language import Language
from simulations.scenario_report.study import Study
from simulations.scenario_report.svg import Markup, Paper, cut, text_width

_STEPS: Final = 5


def matrix_picture(
    study: Study, language: Language, key: str, policy: str, *, narrow: bool
) -> Markup:
    """A row for each home region, a column for each that answered."""
    helped = study.helped(policy)
    codes = list(study.regions)
    most = _most_of_all(study)
    names = study.regions
    longest = max(text_width(name) for name in names.values())
    left = min(longest + 10, 84 if narrow else 140)
    room = (340 if narrow else 720) - left
    wide = min(room / len(codes), 70 if narrow else 96)
    is_turned = max(text_width(name) for name in names.values()) > wide - 6
    head = min(longest + 8, 90) if is_turned else 22
    high = min(max(wide * 0.6, 14), 34)
    paper = Paper(340 if narrow else 720, head + len(codes) * high + 2)
    for column, code in enumerate(codes):
        x = left + (column + 0.5) * wide
        name = cut(names[code], head - 8 if is_turned else wide)
        if is_turned:
            paper.text(x + 4, head - 6, name, "label", turn=-90)
        else:
            paper.text(x, head - 7, name, "label", "middle")
    for row, home in enumerate(codes):
        y = head + row * high
        paper.text(0, y + high * 0.5 + 4.5, cut(names[home], left - 6), "label")
        for column, answering in enumerate(codes):
            minutes = helped.get((home, answering), 0.0)
            step = "own" if home == answering else _step(minutes, most)
            told = f"{names[home]} → {names[answering]}: {language.hours(minutes)}"
            x = left + column * wide
            paper.rect(x + 0.5, y + 0.5, wide - 1, high - 1, f"cell {step}", told)
            figure = language.number(minutes / 60, 1 if minutes < 6_000 else 0)
            if text_width(figure, 12) < wide - 4 and minutes and high >= 16:
                paper.text(x + wide / 2, y + high * 0.5 + 4, figure, f"on {step}", "middle")
    title = language.say(
        f"Vem som hjälpte vem, {policy}: timmar", f"Who helped whom, {policy}: hours"
    )
    return paper.done(key, title, _told(study, language, helped))


def _most_of_all(study: Study) -> float:
    """One scale for all policies: pictures of them can be held against each other."""
    return max(
        (
            minutes
            for policy in study.policies
            for (home, answering), minutes in study.helped(policy).items()
            if home != answering
        ),
        default=0.0,
    )


def _step(minutes: float, most: float) -> str:
    if not minutes:
        return "m0"
    return f"m{min(_STEPS, 1 + int(minutes / most * _STEPS))}"


def _told(study: Study, language: Language, helped: dict[tuple[str, str], float]) -> str:
    lent = {pair: minutes for pair, minutes in helped.items() if pair[0] != pair[1]}
    if not any(lent.values()):
        return language.say("Ingen hjälpte någon annan.", "Nobody helped anybody else.")
    home, answering = max(lent, key=lambda pair: (lent[pair], pair))
    names, hours = study.regions, language.hours(lent[home, answering])
    return language.say(
        f"Mest: {names[answering]} svarade i {hours} på samtal från {names[home]}.",
        f"Most: {names[answering]} spent {hours} on calls from {names[home]}.",
    )


def balance_picture(
    study: Study, language: Language, key: str, policy: str, *, narrow: bool
) -> Markup:
    """What each region gave, to the right, and took, to the left; the sign is the balance."""
    high = 30
    left = 92 if narrow else 140
    paper = Paper(340 if narrow else 720, 24 + len(study.regions) * high + 24)
    given, taken = (
        {
            region: (study.measure(policy, figure, region).value or 0.0) / 60
            for region in study.regions
        }
        for figure in ("given_minutes", "taken_minutes")
    )
    most = max((*given.values(), *taken.values(), 0.01))
    along = round_axis(-most, most, left, paper.width - 14, 3 if narrow else 8)
    _balance_axis(paper, language, along, high * len(study.regions))
    for row, (region, name) in enumerate(study.regions.items()):
        y = 24 + row * high
        paper.text(0, y + high * 0.62, cut(name, left - 8), "label")
        zero = along.at(0)
        told = language.say("ger", "gives"), language.say("får", "takes")
        for minutes, width, word, class_ in (
            (given[region], along.at(given[region]) - zero, told[0], "given"),
            (taken[region], zero - along.at(-taken[region]), told[1], "taken"),
        ):
            begins = zero if class_ == "given" else zero - width
            shown = f"{name} {word} {language.hours(minutes * 60)}"
            paper.rect(begins, y + 6, max(width, 0.5), high - 12, class_, shown)
        net = given[region] - taken[region]
        hours = language.hours(net * 60, sign=True)
        paper.mark(along.at(net), y + high / 2, 2, "mark net", f"{name}: {hours}")
    title = language.say(
        f"Given och mottagen hjälp per region, {policy}: timmar",
        f"Help given and taken by region, {policy}: hours",
    )
    return paper.done(key, title, _told(study, language, study.helped(policy)))


def _balance_axis(paper: Paper, language: Language, along: Axis, height: float) -> None:
    for tick in along.ticks:
        x = along.at(tick)
        paper.line(x, 20, x, 26 + height, "base" if tick == 0 else "grid")
        shown = number_shown(abs(tick), language)
        paper.text(x, 26 + height + 15, f"{shown} h" if tick == 0 else shown, "tick", "middle")
    zero = along.at(0)
    paper.text(zero - 8, 13, f"◂ {language.say('får', 'takes')}", "small", "end")
    paper.text(zero + 8, 13, f"{language.say('ger', 'gives')} ▸", "small")
