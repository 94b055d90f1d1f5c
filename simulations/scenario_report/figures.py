"""The page's tables: the same figures as in the pictures, to be read and copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from simulations.scenario_report.findings import sure_word, tone_of, tone_word
from simulations.scenario_report.language import NOTHING, Language
from simulations.scenario_report.picture_heat import by_hour
from simulations.scenario_report.study import WITHIN, Study
from simulations.scenario_report.svg import Markup, joined, sign, tag

_UNFINISHED: Final = ("Väntar än", "Still waiting")
"""When the run was over."""


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table whose rows are told by their first cell; wider ones can be moved to and fro."""
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    ]
    whole = tag(
        "table",
        tag("caption", caption),
        tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
        tag("tbody", *body),
    )
    return tag("div", whole, class_="scroll", tabindex=0, role="group", aria_label=caption)


def folded(language: Language, inside: Markup) -> Markup:
    """Shown to whoever asks for it."""
    summary = tag("summary", language.say("Siffrorna", "The figures"))
    return tag("details", summary, inside)


def overview(study: Study, language: Language) -> Markup:
    """The policies beside each other."""
    say = language.say
    heads = [
        say("Regelverk", "Policy"),
        say("Samtal", "Calls"),
        say(f"Inom {study.target}", f"Within {study.target}"),
        say("Omdöme", "Verdict"),
        say("Medel\u00adväntan", "Mean wait"),
        say("95 % väntar högst", "95 % wait at most"),
        say("Gav upp", "Gave up"),
        say("Beläggning", "Busy"),
        say("Sköterske\u00adtid", "Nurses' time"),
    ]
    more: tuple[str, ...] = ()
    if study.has_callbacks:
        more += ("callbacks", "not_reached")
        heads += [say("Bad bli uppringda", "Asked for a callback"), say("Nåddes inte", "Missed it")]
    if study.has_unfinished:
        more += ("unfinished",)
        heads.append(say(*_UNFINISHED))
    rows = []
    for policy in study.policies:
        within = study.measure(policy, WITHIN)
        rows.append(
            [
                policy,
                language.number(study.measure(policy, "offered").value or 0.0),
                language.percent(*within),
                tone_word(tone_of(within.value), language),
                language.clock(*study.measure(policy, "mean_wait_ms")),
                language.clock(study.measure(policy, "p95_wait_ms").value),
                language.percent(study.gave_up(policy)),
                language.percent(*study.measure(policy, "occupancy")),
                language.hours(study.measure(policy, "staffed_minutes").value),
                *(language.number(study.measure(policy, each).value or 0.0) for each in more),
            ]
        )
    return table(
        say("Regelverken sida vid sida (väntan i min:s)", "The policies side by side (min:s)"),
        heads,
        rows,
    )


def region_table(study: Study, language: Language) -> Markup:
    """Every region under every policy, and how it differs from the first."""
    say = language.say
    heads = [
        say("Region", "Region"),
        say("Regelverk", "Policy"),
        say("Samtal", "Calls"),
        say(f"Inom {study.target}", f"Within {study.target}"),
        say("Skillnad", "Difference"),
        say("Säkerhet", "Sureness"),
        say("Medelväntan", "Mean wait"),
        say("Gav upp", "Gave up"),
        *([say(*_UNFINISHED)] if study.has_unfinished else ()),
    ]
    rows = []
    for region, name in study.regions.items():
        for policy in study.policies:
            changes = ["", ""]
            if policy != study.policies[0]:
                change = study.difference(policy, WITHIN, region)
                if change.value is not None:
                    points = language.points(change.value, change.width)
                    changes = [points, sure_word(change, language)]
            rows.append(
                [
                    name,
                    policy,
                    language.number(study.measure(policy, "offered", region).value or 0.0),
                    language.percent(*study.measure(policy, WITHIN, region)),
                    *changes,
                    language.clock(*study.measure(policy, "mean_wait_ms", region)),
                    language.percent(study.gave_up(policy, region)),
                    *(
                        [language.number(study.measure(policy, "unfinished", region).value or 0.0)]
                        if study.has_unfinished
                        else ()
                    ),
                ]
            )
    caption = say(
        f"Regionerna; skillnad i procentenheter mot {study.policies[0]}",
        f"The regions; difference in percentage points against {study.policies[0]}",
    )
    return table(caption, heads, rows)


def course_table(study: Study, language: Language) -> Markup:
    """Mean wait and calls by the hour."""
    say = language.say
    courses = {
        policy: {point.at_minute: point for point in study.course(policy, every=60, over=1440)}
        for policy in study.policies
    }
    first = courses[study.policies[0]]
    rows = [
        [
            f"{minute // 60:02}–{minute // 60 + 1:02}",
            language.number(point.calls),
            *(
                language.clock(course[minute].mean_wait_ms) if minute in course else NOTHING
                for course in courses.values()
            ),
        ]
        for minute, point in first.items()
    ]
    heads = [say("Timme", "Hour"), say("Samtal", "Calls"), *study.policies]
    return table(say("Medelväntan per timme (min:s)", "Mean wait by hour (min:s)"), heads, rows)


def heat_table(study: Study, language: Language, policy: str) -> Markup:
    """The heat map's figures."""
    heads = [language.say("Region", "Region"), *(f"{hour:02}" for hour in range(24))]
    rows = [
        [name, *(language.percent(share, digits=0) for share in by_hour(study, policy, region))]
        for region, name in study.regions.items()
    ]
    return table(
        language.say(f"Inom {study.target}, {policy}", f"Within {study.target}, {policy}"),
        heads,
        rows,
    )


def help_table(study: Study, language: Language, policy: str) -> Markup:
    """Who answered for whom, those pairs alone that did."""
    helped = study.helped(policy)
    pairs = sorted(
        (pair for pair in helped if pair[0] != pair[1]), key=lambda pair: (-helped[pair], pair)
    )
    heads = [
        language.say("Samtal från", "Calls from"),
        language.say("besvarade i", "answered in"),
        language.say("tid", "time"),
    ]
    rows = [
        [study.regions[home], study.regions[answering], language.hours(helped[home, answering])]
        for home, answering in pairs
    ]
    caption = language.say(f"Vem som hjälpte vem, {policy}", f"Who helped whom, {policy}")
    return table(caption, heads, rows)


def cost_table(study: Study, language: Language) -> Markup:
    """What each policy costs each region."""
    say = language.say
    heads = [
        say("Region", "Region"),
        say("Regelverk", "Policy"),
        say("Skötersketid", "Nurses' time"),
        say("Beläggning", "Busy"),
        say("Ger", "Gives"),
        say("Får", "Takes"),
        say("Saldo", "Balance"),
    ]
    rows = []
    places = [(None, say("Alla", "All")), *study.regions.items()]
    for region, name in places if len(study.regions) > 1 else places[:1]:
        for policy in study.policies:
            given = study.measure(policy, "given_minutes", region).value or 0.0
            taken = study.measure(policy, "taken_minutes", region).value or 0.0
            rows.append(
                [
                    name,
                    policy,
                    language.hours(study.measure(policy, "staffed_minutes", region).value),
                    language.percent(*study.measure(policy, "occupancy", region)),
                    language.hours(given),
                    language.hours(taken),
                    language.hours(given - taken, sign=True),
                ]
            )
    return table(
        say("Vad regelverken kostar (timmar)", "What the policies cost (hours)"), heads, rows
    )


def legend(names: Iterable[str]) -> Markup:
    """Which sign and colour is which policy's."""
    items = []
    for index, name in enumerate(names):
        swatch = tag(
            "svg",
            tag("path", d="M1 8H29", class_=f"line s{index % 8}"),
            tag("path", d=sign(15, 8, index), class_=f"mark s{index % 8}"),
            viewBox="0 0 30 16",
            width=30,
            height=16,
            aria_hidden="true",
        )
        items.append(tag("li", swatch, name))
    return tag("ul", joined(items), class_="legend")
