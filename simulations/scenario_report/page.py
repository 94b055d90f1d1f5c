"""The whole page: every section in Swedish and in English, one of the two shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from simulations.scenario_report import figures
from simulations.scenario_report.findings import findings, tone_word
from simulations.scenario_report.language import LANGUAGES, Language
from simulations.scenario_report.picture_course import course_picture
from simulations.scenario_report.picture_dots import Shown, dots_picture
from simulations.scenario_report.picture_heat import heat_picture, step_texts
from simulations.scenario_report.picture_help import balance_picture, matrix_picture
from simulations.scenario_report.study import DAY_MINUTES, WITHIN, Study
from simulations.scenario_report.svg import Markup, tag

_FOLDER: Final = Path(__file__).parent
_DRAWN: Final = (("wide", False), ("narrow", True))
_UNFOLDED_MAX: Final = 5
"""Regions in a table that everybody sees."""


class _PolicyPicture(Protocol):
    def __call__(
        self, study: Study, language: Language, key: str, policy: str, *, narrow: bool
    ) -> Markup: ...


Draw = Callable[[str, bool], Markup]
"""A picture by its key in the page, for a phone or not."""


def report(whole: dict[str, Any]) -> str:
    """The page of a result.json, as one file that needs no other.

    Args:
        whole: what `simulations.scenario.whole.whole` gives.
    """
    study = Study(whole)
    style = (_FOLDER / "page.css").read_text("utf-8")
    script = (_FOLDER / "page.js").read_text("utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{study.name}: Samkö"),
        tag("style", Markup(style)),
    )
    body = tag(
        "body",
        tag("main", *_switch(), *(_in_language(study, language) for language in LANGUAGES)),
        tag("script", Markup(script)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='sv')}\n"


def _switch() -> list[Markup]:
    """Radio buttons beside both texts: the style shows one of them, with or without scripts."""
    inputs = [
        tag(
            "input",
            type="radio",
            name="language",
            id=f"in-{language.code}",
            class_="pick",
            checked="checked" if language is LANGUAGES[0] else None,
            aria_label=language.name,
        )
        for language in LANGUAGES
    ]
    labels = [
        tag("label", language.name, for_=f"in-{language.code}", lang=language.code)
        for language in LANGUAGES
    ]
    return [*inputs, tag("div", *labels, class_="languages", aria_hidden="true")]


def _in_language(study: Study, language: Language) -> Markup:
    say = language.say
    several = len(study.regions) > 1
    parts = [
        _summary(study, language),
        _section(say("Regelverken", "The policies"), figures.overview(study, language)),
        _course(study, language),
        _heat(study, language),
        *([_regions(study, language)] if several else []),
        *([_help(study, language)] if any(map(study.shares, study.policies)) else []),
        _occupancy(study, language),
        _cost(study, language),
        _method(study, language),
    ]
    head = tag(
        "header",
        tag("p", say("Samkö · simulering", "Samkö · simulation"), class_="kicker"),
        tag("h1", study.name),
        tag("p", _setting(study, language), class_="lead"),
    )
    return tag("div", head, *parts, lang=language.code, id=language.code)


def _setting(study: Study, language: Language) -> str:
    number, say = language.number, language.say
    calls = number(study.measure(study.policies[0], "offered").value or 0.0)
    regions, policies, runs = len(study.regions), len(study.policies), study.runs
    return say(
        f"{calls} samtal i {regions} region{'er' if regions > 1 else ''} under {policies}"
        f" regelverk; {runs} körning{'ar' if runs > 1 else ''}. Målet är svar inom {study.target}.",
        f"{calls} calls in {regions} region{'s' if regions > 1 else ''} under {policies}"
        f" polic{'ies' if policies > 1 else 'y'}; {runs} run{'s' if runs > 1 else ''}. The target"
        f" is an answer within {study.target}.",
    )


def _section(title: str, *inside: Markup) -> Markup:
    return tag("section", tag("h2", title), *inside)


def _figure(key: str, draw: Draw, caption: str) -> Markup:
    """A picture for a screen and one for a phone, of which the style shows one."""
    drawn = [
        tag("div", draw(f"{key}-{name}", narrow), class_=f"drawn {name}") for name, narrow in _DRAWN
    ]
    return tag("figure", *drawn, *([tag("figcaption", caption)] if caption else []))


def _summary(study: Study, language: Language) -> Markup:
    items = [
        tag("li", tag("span", tone_word(tone, language), class_=f"tone {tone}"), tag("p", text))
        for tone, text in findings(study, language)
    ]
    return _section(
        language.say("Det viktigaste", "In short"), tag("ul", *items, class_="findings")
    )


def _course(study: Study, language: Language) -> Markup:
    say, code = language.say, language.code
    parts = [
        tag(
            "p",
            say(
                "Så länge väntade de som ringde då, på svar eller tills de gav upp.",
                "How long those who called then waited, for an answer or until they gave up.",
            ),
        ),
        figures.legend(study.policies),
        _figure(
            f"{code}-day",
            lambda key, narrow: course_picture(study, language, key, narrow=narrow),
            say("Alla dagar sammanlagda.", "All days together.") if study.days > 1 else "",
        ),
    ]
    if study.days > 1:
        parts.append(
            _figure(
                f"{code}-week",
                lambda key, narrow: course_picture(
                    study, language, key, narrow=narrow, over=study.days * DAY_MINUTES
                ),
                say("Dag för dag.", "Day by day."),
            )
        )
    parts.append(figures.folded(language, figures.course_table(study, language)))
    return _section(say("Väntan över dygnet", "Waits over the day"), *parts)


def _heat(study: Study, language: Language) -> Markup:
    say = language.say
    key = [
        tag("li", tag("span", class_=f"swatch {step}"), text) for step, text in step_texts(language)
    ]
    parts = []
    for number, policy in enumerate(study.policies):

        def draw(key: str, narrow: bool, policy: str = policy) -> Markup:
            return heat_picture(study, language, key, policy, narrow=narrow)

        parts.append(tag("h3", policy))
        parts.append(_figure(f"{language.code}-heat{number}", draw, ""))
        parts.append(figures.folded(language, figures.heat_table(study, language, policy)))
    return _section(
        say(f"Svar inom {study.target}, timme för timme", f"Within {study.target}, hour by hour"),
        tag(
            "p",
            say(
                "Andel av dem som ringde den timmen som fick svar i tid, i procent.",
                "Of those who called in that hour, the share answered in time, in percent.",
            ),
        ),
        tag("ul", *key, class_="legend steps"),
        *parts,
    )


def _regions(study: Study, language: Language) -> Markup:
    say = language.say
    within = Shown(
        say(f"Andel besvarade inom {study.target}", f"Share answered within {study.target}"),
        lambda policy, region: study.measure(policy, WITHIN, region),
        lambda measure: language.percent(*measure),
        True,
    )
    waits = Shown(
        say("Medelväntan", "Mean wait"),
        lambda policy, region: study.measure(policy, "mean_wait_ms", region),
        lambda measure: language.clock(*measure),
        False,
    )
    return _section(
        say("Region för region", "Region by region"),
        tag("p", _whiskers(study, language)),
        figures.legend(study.policies),
        *_dots(study, language, "within", within),
        *_dots(study, language, "waits", waits),
        figures.folded(language, figures.region_table(study, language)),
    )


def _whiskers(study: Study, language: Language) -> str:
    if study.runs == 1:
        return language.say("En körning: inga intervall.", "One run: there are no intervals.")
    return language.say("Strecken är 95-procentiga intervall.", "The bars are 95 % intervals.")


def _dots(study: Study, language: Language, name: str, shown: Shown) -> list[Markup]:
    return [
        tag("h3", shown.title),
        _figure(
            f"{language.code}-{name}",
            lambda key, narrow: dots_picture(study, language, key, shown, narrow=narrow),
            "",
        ),
    ]


def _of_sharing(
    study: Study, language: Language, name: str, picture: _PolicyPicture, caption: str = ""
) -> Iterator[tuple[str, Markup]]:
    """The same figure for every policy under which regions answer for each other."""
    for number, policy in enumerate(study.policies):
        if not study.shares(policy):
            continue

        def draw(key: str, narrow: bool, policy: str = policy) -> Markup:
            return picture(study, language, key, policy, narrow=narrow)

        yield policy, _figure(f"{language.code}-{name}{number}", draw, caption)


def _help(study: Study, language: Language) -> Markup:
    say = language.say
    parts = [
        part
        for policy, figure in _of_sharing(study, language, "help", matrix_picture)
        for part in (
            tag("h3", policy),
            figure,
            figures.folded(language, figures.help_table(study, language, policy)),
        )
    ]
    return _section(
        say("Vem som hjälpte vem", "Who helped whom"),
        tag(
            "p",
            say(
                "Rader: vems samtal. Kolumner: var sköterskan satt. Timmar med samtal och"
                " efterarbete; i grått regionens egna.",
                "Rows: whose calls. Columns: where the nurse sat. Hours of talk and wrap-up; in"
                " grey a region's own.",
            ),
        ),
        *parts,
    )


def _occupancy(study: Study, language: Language) -> Markup:
    say = language.say
    shown = Shown(
        say("Beläggning", "Occupancy"),
        lambda policy, region: study.measure(policy, "occupancy", region),
        lambda measure: language.percent(*measure),
        True,
    )
    return _section(
        say("Beläggning", "Occupancy"),
        tag(
            "p",
            say(
                "Så stor del av sin tid sköterskorna talar eller skriver. Över 85–90 % växer köerna"
                " fort.",
                "How much of their time nurses talk or write. Beyond 85–90 % queues grow fast.",
            ),
        ),
        figures.legend(study.policies),
        *_dots(study, language, "busy", shown)[1:],
    )


def _cost(study: Study, language: Language) -> Markup:
    say = language.say
    caption = say(
        "Romben är saldot: gett minus fått.",
        "The diamond is the balance: given less taken.",
    )
    parts = [
        part
        for policy, figure in _of_sharing(study, language, "cost", balance_picture, caption)
        for part in (tag("h3", policy), figure)
    ]
    costs = figures.cost_table(study, language)
    if len(study.regions) > _UNFOLDED_MAX:
        costs = figures.folded(language, costs)
    return _section(say("Vad det kostar", "What it costs"), *parts, costs)


def _method(study: Study, language: Language) -> Markup:
    say = language.say
    seeds = str(study.seeds[0]) if study.runs == 1 else f"{study.seeds[0]}–{study.seeds[-1]}"
    text = say(
        f"Frön {seeds}. Samma kärna som i drift har avgjort vem som svarar vem. Samma personer"
        " ringer under varje regelverk, med samma tålamod och samma ärende. Väntan räknas från"
        " att samtalet kom tills någon svarade eller den som ringde gav upp; andelar är av alla"
        " samtal. Samtal räknas till sin hemregion var de än besvaras.",
        f"Seeds {seeds}. The core that runs live has decided who answers whom. The same people"
        " call under every policy, as patient and with the same errand. A wait is from the call's"
        " arrival until somebody answered or the caller gave up; shares are of all calls. A call"
        " is counted in its home region wherever it is answered.",
    )
    return _section(say("Så är det räknat", "How it was counted"), tag("p", text))
