"""Whatever is pressed in a menu, a nurse is at the end of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from ivr.dialogue import (
    TURNS_MAX,
    Ask,
    Enqueue,
    Goodbye,
    Heard,
    Key,
    Turn,
    advance,
    begin,
)
from ivr.menu import Choice, Menu, NumberStep, Option, Spoken, WaitingKeys
from routing.vocabulary import HomeRegionSource, Priority, RegionCode, Skill
from tests.ivr.fakes import shipped

ADVICE = Skill("advice")
KEYS = "0123456789*#"
MENUS = [*shipped()[0].values()]

menus = st.sampled_from(MENUS)
keys = st.sampled_from(KEYS).map(Key)
heards = st.one_of(keys, st.sampled_from(list(Heard)))
sources = st.sampled_from(list(HomeRegionSource))


def start(
    menu: Menu, source: HomeRegionSource = HomeRegionSource.NONE, is_open: bool = True
) -> Ask:
    turn = begin(menu, service=ADVICE, region_known_by=source, is_line_open=is_open)
    assert isinstance(turn, Ask)
    return turn


def answer(ask: Ask, heard: Key | Heard) -> Turn:
    """What the flow would hand in: a key at a number's question is no answer of the machine's."""
    if ask.number is not None and isinstance(heard, Key) and heard.key != ask.menu.emergency_key:
        heard = Heard.NUMBER_BAD
    return advance(ask, heard)


@settings(max_examples=300)
@given(menus, st.lists(heards, max_size=60), sources, st.booleans())
def test_every_sequence_of_keys_ends_at_a_nurse(
    menu: Menu, sequence: list[Key | Heard], source: HomeRegionSource, is_open: bool
) -> None:
    turn: Turn = start(menu, source, is_open)
    for heard in [*sequence, *[Heard.SILENCE] * TURNS_MAX]:
        if not isinstance(turn, Ask):
            break
        assert turn.turns <= TURNS_MAX
        assert turn.say
        turn = answer(turn, heard)
    assert isinstance(turn, Enqueue)


@given(menus, sources, st.booleans())
def test_silence_alone_ends_at_a_nurse_at_standard_priority(
    menu: Menu, source: HomeRegionSource, is_open: bool
) -> None:
    turn: Turn = start(menu, source, is_open)
    while isinstance(turn, Ask):
        turn = advance(turn, Heard.SILENCE)
    assert isinstance(turn, Enqueue)
    assert turn.answers.priority is Priority.STANDARD
    assert turn.answers.service == ADVICE
    assert turn.answers.language == "sv"
    assert not turn.answers.link


@settings(max_examples=300)
@given(menus, st.lists(heards, max_size=30), sources, st.booleans())
def test_the_emergency_key_works_at_every_prompt(
    menu: Menu, sequence: list[Key | Heard], source: HomeRegionSource, is_open: bool
) -> None:
    turn: Turn = start(menu, source, is_open)
    for heard in sequence:
        if not isinstance(turn, Ask):
            return
        pressed = advance(turn, Key(menu.emergency_key))
        assert isinstance(pressed, Enqueue)
        assert pressed.answers.priority is Priority.EMERGENCY
        assert pressed.answers.service == ADVICE
        assert menu.emergency_key in turn.barge_in
        turn = answer(turn, heard)


@settings(max_examples=200)
@given(menus, st.lists(st.sampled_from([Heard.SILENCE, Heard.NUMBER_BAD, Key("0")]), max_size=40))
def test_what_means_nothing_lowers_nothing(menu: Menu, sequence: list[Key | Heard]) -> None:
    turn: Turn = start(menu)
    for heard in [*sequence, *[Heard.SILENCE] * TURNS_MAX]:
        if not isinstance(turn, Ask):
            break
        turn = answer(turn, heard)
    assert isinstance(turn, Enqueue)
    assert turn.answers.priority is Priority.STANDARD


def test_going_back_and_forth_ends_too() -> None:
    turn: Turn = start(shipped()[0]["national"])
    to_the_regions: list[Key | Heard] = [Heard.SILENCE, Heard.SILENCE, Key("1")]
    for heard in [*to_the_regions, *[Key("1"), Key("*")] * 100]:
        if not isinstance(turn, Ask):
            break
        turn = advance(turn, heard)
    assert isinstance(turn, Enqueue)


def small(**changed: object) -> Menu:
    ask = (Spoken("ask"),)
    steps: dict[str, Choice | NumberStep] = {
        "one": Choice(
            ask,
            silence="two",
            keys=(
                ("1", Option("two", service=Skill("child"))),
                ("2", Option("two", language=Skill("ar"), prompts="en")),
                ("3", Option("two", region=RegionCode("14"), link=True)),
                ("4", Option("two", priority=Priority.EMERGENCY)),
            ),
        ),
        "two": NumberStep(ask, (Spoken("again"),), then="nurse"),
    }
    menu = Menu("small", ask, "0", "one", steps, WaitingKeys(ask))
    return replace(menu, **changed)  # type: ignore[arg-type]


def at_one() -> Ask:
    turn = advance(start(small()), Heard.SILENCE)
    assert isinstance(turn, Ask)
    return turn


def ended(turn: Turn, *heards: Key | Heard) -> Enqueue:
    for heard in heards:
        assert isinstance(turn, Ask)
        turn = advance(turn, heard)
    assert isinstance(turn, Enqueue)
    return turn


def test_each_key_says_one_thing() -> None:
    good = Heard.NUMBER_GOOD
    assert ended(at_one(), Key("1"), good).answers.service == "child"
    arabic = ended(at_one(), Key("2"), good).answers
    assert (arabic.language, arabic.prompts) == ("ar", "en")
    west = ended(at_one(), Key("3"), good).answers
    assert (west.region, west.link) == ("14", True)
    assert ended(at_one(), Key("4"), good).answers.priority is Priority.EMERGENCY


def test_a_wrong_key_is_told_once_and_then_taken_for_silence() -> None:
    again = advance(at_one(), Key("8"))
    assert isinstance(again, Ask)
    assert (again.step, again.say[0]) == ("one", Spoken("no_such_choice"))
    after = advance(again, Key("8"))
    assert isinstance(after, Ask)
    assert after.step == "two"


def test_a_wrong_number_is_asked_for_twice_in_all() -> None:
    first = advance(at_one(), Heard.SILENCE)
    assert isinstance(first, Ask)
    second = advance(first, Heard.NUMBER_BAD)
    assert isinstance(second, Ask)
    assert second.say == (Spoken("again"),)
    assert isinstance(advance(second, Heard.NUMBER_BAD), Enqueue)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (HomeRegionSource.NETWORK, False),
        (HomeRegionSource.AREA_CODE, False),
        (HomeRegionSource.NONE, True),
    ],
)
def test_the_region_is_asked_for_only_when_it_is_not_known(
    source: HomeRegionSource, asked: bool
) -> None:
    turn: Turn = start(shipped()[0]["national"], source)
    for heard in (Heard.SILENCE, Key("1"), Key("1")):
        assert isinstance(turn, Ask)
        turn = advance(turn, heard)
    assert isinstance(turn, Ask)
    assert turn.step == ("part_of_country" if asked else "person")


def test_only_the_hours_of_a_line_can_end_in_goodbye() -> None:
    from ivr.menu import Closed

    menu = small(closed=Closed((Spoken("closed"),), "goodbye"))
    closed = advance(start(menu, is_open=False), Key("1"))
    assert isinstance(closed, Ask)
    assert isinstance(advance(closed, Heard.SILENCE), Goodbye)
    assert isinstance(advance(closed, Key("0")), Enqueue)
    opened = advance(start(menu, is_open=True), Heard.SILENCE)
    assert isinstance(opened, Ask)
    assert opened.step == "one"
