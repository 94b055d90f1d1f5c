"""`samko top` as it looks: pure pictures at 80 columns."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from queue_engine.cli.top_picture import Picture
from queue_engine.cli.top_screen import Look, View, screen, whole
from queue_engine.cli.top_tables import short_name
from tests.cli.fake_engine import AT_MS, agent, agents, contact, country, load, queue

HEIGHT = 24
WIDTH = 80


class Stopwatch:
    """Real seconds, as a test wants them."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def shown(picture: Picture, look: Look | None = None, *, colour: bool = False) -> list[str]:
    """The lines of the terminal."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, height=HEIGHT, force_terminal=colour, highlight=False)
    console.print(screen(picture, look or Look(), HEIGHT))
    return out.getvalue().splitlines()


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def picture(watch: Stopwatch) -> Picture:
    """A country with trouble in the west, help from the south, and quiet elsewhere."""
    at_work = {"ready": 0, "not_ready": 1, "ringing": 0, "talking": 9, "wrap_up": 2, "total": 12}
    nation = load(
        waiting={"emergency": 1, "standard": 14},
        longest_wait_ms=372_000,
        past_promise=2,
        ringing=4,
        talking=212,
        agents=at_work,
    )
    west = {
        "waiting": {"emergency": 1, "standard": 11},
        "longest_wait_ms": 65_000,
        "agents": at_work,
        "helped_by": [{"region": "12", "calls": 3}, {"region": "13", "calls": 1}],
    }
    south = {
        "waiting": {"standard": 3},
        "longest_wait_ms": 372_000,
        "past_promise": 2,
        "talking": 9,
        "agents": at_work,
        "helps": [{"region": "14", "calls": 3}],
    }
    made = Picture("http://127.0.0.1:1177", monotonic_s=watch)
    made.heard("regions", AT_MS, country(nation, r14=west, r12=south))
    return made


def test_the_nation_stands_above_and_everything_fits(picture: Picture) -> None:
    lines = shown(picture)
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH
    assert "2026-11-21 23:14:05" in lines[0], "Swedish time"
    assert "live" in lines[0]
    assert "waiting 15   longest 6:12   past promise 2   ringing 4   talking 212" in lines[1]
    assert lines[2].startswith("emergency 1   urgent 0")
    assert "agents 12   ready 0" in lines[3]


def test_an_emergency_comes_before_a_broken_promise_and_both_before_the_rest(
    picture: Picture,
) -> None:
    west, south, third = shown(picture)[5:8]
    assert west.split() == ["E", "Västra", "Götaland", "12", "1:05", "0", "12", "4"]
    assert south.split() == ["!", "Skåne", "3", "6:12", "2", "9", "0", "12", "3"]
    assert third.split()[0] == "Stockholm", "those that fare equally by code"


def test_regions_can_be_in_the_order_of_their_codes(picture: Picture) -> None:
    lines = shown(picture, Look(is_worst_first=False))
    assert [line.split()[0] for line in lines[5:8]] == ["Stockholm", "Uppsala", "Sörmland"]


def test_what_does_not_fit_is_counted_and_comes_by_scrolling(picture: Picture) -> None:
    assert "↑↓ 1-17 of 21" in shown(picture)[-1]
    look = Look(is_worst_first=False, first=1_000)
    lines = shown(picture, look)
    assert "↑↓ 5-21 of 21" in lines[-1]
    assert look.first == 4, "it stops at the end, so that the way back begins at once"
    assert "Norrbotten" in lines[-3]


def test_the_queue_tells_who_waits_and_what_was_promised(picture: Picture) -> None:
    late = contact("ast1-1700000000.1", priority="emergency", answer_by_ms=AT_MS - 20_000)
    rings = contact("ast1-1700000000.2", state="offered", position=None, home_region="23")
    talks = contact("ast1-1700000000.3", state="connected", position=None)
    picture.heard("queue", AT_MS, {**queue(late, rings, talks), "total": 103})
    lines = shown(picture, Look(View.QUEUE))
    assert lines[5].split() == [
        *("1", "Västra", "Götaland", "emergency", "waiting"),
        *("2:05", "late", "0:20", "sv", "ast1-1700000000.1"),
    ]
    assert "ringing" in lines[6]
    assert "in 5:55" in lines[6]
    assert not any("ast1-1700000000.3" in line for line in lines), "who talks does not wait"
    assert "and 100 more" in lines[-1]
    assert len(lines) == HEIGHT, "the last line is where it is with a long queue"


def test_regions_go_by_the_names_that_set_them_apart() -> None:
    assert short_name("12", "Region Skåne") == "Skåne"
    assert short_name("14", "Västra Götalandsregionen") == "Västra Götaland"
    assert short_name("unknown", "Okänd region") == "unknown"


def test_the_agents_tell_since_when_and_for_whom(picture: Picture) -> None:
    listed = agents(
        agent("n1401"),
        agent("n1402", state="not_ready", presence="not_ready", not_ready_reason="no_answer"),
        agent("n1201", region="12", state="talking", contact_region="14"),
    )
    picture.heard("agents", AT_MS, listed)
    ready, away, helps = shown(picture, Look(View.AGENTS))[5:8]
    assert ready.split() == ["n1401", "Västra", "Götaland", "ready", "1:05", "phone-n1401"]
    assert "not ready: no answer" in away
    assert helps.split()[:5] == ["n1201", "Skåne", "talking", "1:05", "Västra"]


def test_time_goes_on_between_two_messages_at_the_engines_speed(
    picture: Picture, watch: Stopwatch
) -> None:
    assert picture.regions is not None
    picture.regions["speed"] = 60.0
    watch.now_s += 2
    lines = shown(picture)
    assert "23:16:05" in lines[0]
    assert "60 x speed" in lines[0]
    assert "longest 8:12" in lines[1]


def test_old_figures_are_never_taken_for_new_ones(picture: Picture, watch: Stopwatch) -> None:
    watch.now_s += 5
    picture.lost("no engine answers")
    watch.now_s += 65
    lines = shown(picture)
    assert "NO CONNECTION for 1:05" in lines[0]
    assert "23:14:05" in lines[0], "the moment of the figures, not of the wall"
    assert "longest 6:12" in lines[1]
    picture.heard("regions", AT_MS + 70_000, country())
    assert "NO CONNECTION" not in shown(picture)[0]


def test_an_engine_begun_anew_may_be_behind_the_former(picture: Picture) -> None:
    picture.lost("the engine has ended the connection")
    again = country()
    again["at_ms"] = AT_MS - 3_600_000
    picture.heard("regions", again["at_ms"], again)
    assert "22:14:05" in shown(picture)[0]


def test_what_keeps_the_engine_from_serving_stands_above_all(picture: Picture) -> None:
    picture.alarms = ("link ast1: out of reach", "journal: records are in memory only")
    lines = shown(picture)
    assert "NOT READY: link ast1: out of reach; journal: records are in memory" in lines[0]
    assert "live" in lines[1]
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH


def test_before_the_first_answer_it_says_why_there_is_none() -> None:
    picture = Picture("http://127.0.0.1:1177")
    assert "asking" in "\n".join(shown(picture))
    picture.lost("no engine answers at http://127.0.0.1:1177 (Connection refused)")
    assert "Connection refused" in "\n".join(shown(picture))


def test_colour_is_on_a_terminal_only(picture: Picture) -> None:
    assert "\x1b[" in "".join(shown(picture, colour=True))
    assert "\x1b[" not in "".join(shown(picture))


def test_printed_once_nothing_is_left_out(picture: Picture) -> None:
    picture.heard("queue", AT_MS, queue(contact("ast1-1700000000.1")))
    out = io.StringIO()
    Console(file=out, width=WIDTH, highlight=False).print(whole(picture))
    assert out.getvalue().count("\n") > 26
    assert "Norrbotten" in out.getvalue()
    assert "ast1-1700000000.1" in out.getvalue()
