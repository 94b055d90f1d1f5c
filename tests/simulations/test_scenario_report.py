"""The page of a scenario's results: whole, self-contained, in both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import pytest

from simulations.scenario_report.axes import round_axis, wait_axis, wait_shown
from simulations.scenario_report.findings import Tone, findings
from simulations.scenario_report.language import ENGLISH, LANGUAGES, SWEDISH
from simulations.scenario_report.page import report
from simulations.scenario_report.study import WITHIN, Study
from simulations.scenario_report.svg import Markup, cut, tag, text_width
from tests.simulations.small_scenario import small_whole

VOID: Final = frozenset(("meta", "input"))


class Outline(HTMLParser):
    """Which elements a page has; fails if one is not closed where it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("replications", [1, 3])
def test_the_page_is_well_formed_and_fetches_nothing(replications: int) -> None:
    page = report(small_whole(replications))
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert not outline.names & {"link", "img", "iframe", "object", "base"}
    assert not [name for name, _ in outline.attributes if name in ("src", "href", "style")]
    assert not re.search(r"https?://|url\(|@import", page)
    assert "None" not in page
    assert "nan" not in re.findall(r"[a-z]+", page)
    for reference in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page):
        assert reference in outline.ids


def test_what_comes_from_a_file_is_text_and_never_markup() -> None:
    page = report(small_whole(1))
    assert "small &lt;b&gt;storm&lt;/b&gt;" in page
    assert "<b>storm" not in page
    assert "Norr &amp; Öst" in page


def test_the_same_figures_give_the_same_page() -> None:
    assert report(small_whole(3)) == report(small_whole(3))


def test_findings_say_what_is_good_and_how_sure_it_is() -> None:
    study = Study(small_whole(3))
    change = study.difference("together", WITHIN)
    assert change.value is not None
    assert change.value > 0
    told = [text for _, text in findings(study, ENGLISH)]
    assert told[0].startswith("Best is <b>together</b>")
    word = "sure" if change.is_sure else "may be chance"
    assert any("against <b>alone</b>" in text and f"({word})" in text for text in told)
    assert len(told) == len(findings(study, SWEDISH))


def test_a_single_run_claims_nothing() -> None:
    found = findings(Study(small_whole(1)), ENGLISH)
    assert "A single run does not show" in found[-1].text
    assert any("unsure: a single run" in text for _, text in found)
    assert not [text for tone, text in found[1:] if tone is Tone.GOOD and "against" in text]


def test_what_nurses_did_for_each_region_adds_up() -> None:
    study = Study(small_whole(3))
    for policy in study.policies:
        helped = study.helped(policy)
        for region in study.regions:
            handled = study.measure(policy, "handled_minutes", region).value
            home = sum(minutes for (of, _), minutes in helped.items() if of == region)
            assert home == pytest.approx(handled, abs=0.05)
    assert study.shares("together")
    assert not study.shares("alone")


@pytest.mark.parametrize(
    ("most_ms", "last", "shown"),
    [(700.0, 1_000, "1 s"), (95_000.0, 100_000, "100 s"), (290_000.0, 300_000, "5 min")],
)
def test_axes_of_waits_end_at_round_numbers(most_ms: float, last: int, shown: str) -> None:
    axis = wait_axis(most_ms, 0, 100)
    assert axis.ticks[-1] == last
    assert wait_shown(last, axis) == shown
    assert axis.at(0) == 0
    assert axis.at(last) == 100


def test_plain_axes_have_round_steps() -> None:
    assert round_axis(-3.4, 7.7, 0, 1).ticks == (-5.0, 0.0, 5.0, 10.0)
    assert round_axis(0.0, 0.0, 0, 1).ticks == (0.0, 1.0)


def test_each_language_writes_numbers_its_own_way() -> None:
    hard = "\N{NO-BREAK SPACE}"
    assert SWEDISH.number(12_345.6, 1) == f"12{hard}345,6"
    assert ENGLISH.number(-12_345.6, 1) == "\N{MINUS SIGN}12,345.6"
    assert ENGLISH.number(-0.01, 1) == "0.0"
    assert SWEDISH.percent(0.845, 0.012) == f"84,5{hard}±{hard}1,2{hard}%"
    assert ENGLISH.clock(205_000, 12_000) == f"3:25{hard}±{hard}0:12"
    assert [language.listed(["a", "b", "c"]) for language in LANGUAGES] == [
        "a, b och c",
        "a, b and c",
    ]


def test_text_is_cut_to_its_room() -> None:
    assert cut("Syd", 100) == "Syd"
    short = cut("Västra Götalandsregionen", 60)
    assert short.endswith("…")
    assert text_width(short) <= 60


def test_markup_is_escaped_once() -> None:
    inner = tag("b", "a < b", title='"x"')
    assert inner == '<b title="&quot;x&quot;">a &lt; b</b>'
    assert tag("p", inner, Markup("&amp;"), "&") == f"<p>{inner}&amp;&amp;</p>"
