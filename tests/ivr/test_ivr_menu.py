"""Faults of menus are found before a caller meets them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.menu import Choice, Closed, Menu, NumberStep, Option, Spoken, WaitingKeys, problems
from tests.ivr.fakes import shipped

ASK = (Spoken("ask"),)
WAITING = WaitingKeys(ASK, worse="7", place="5")


def menu(**steps: Choice | NumberStep) -> Menu:
    steps = steps or {"one": Choice(ASK, silence="nurse", keys=(("1", Option("nurse")),))}
    return Menu("m", ASK, "9", next(iter(steps)), steps, WAITING)


def choice(silence: str = "nurse", **keys: str) -> Choice:
    return Choice(ASK, silence, tuple((key[1:], Option(then)) for key, then in keys.items()))


@pytest.mark.parametrize("name", sorted(shipped()[0]))
def test_the_shipped_menus_have_none(name: str) -> None:
    assert list(problems(shipped()[0][name])) == []


@pytest.mark.parametrize(
    ("faulty", "where", "word"),
    [
        (replace(menu(), opening=()), "opening", "112"),
        (replace(menu(), emergency_key="99"), "emergency_key", "expected one of"),
        (replace(menu(), emergency_key=""), "emergency_key", "expected one of"),
        (replace(menu(), first="nowhere"), "first", "no step 'nowhere'"),
        (replace(menu(), waiting=WaitingKeys(ASK, worse="9")), "waiting.worse", "emergency"),
        (replace(menu(), waiting=WaitingKeys(ASK, "7", "7")), "waiting.place", "worse"),
        (replace(menu(), waiting=WaitingKeys(ASK, "A")), "waiting.worse", "expected one of"),
        (replace(menu(), closed=Closed(ASK, "nowhere")), "closed.then", "no step 'nowhere'"),
        (menu(one=choice(_9="nurse")), "steps.one.keys", "emergency key"),
        (menu(one=choice(_x="nurse")), "steps.one.keys", "expected one of"),
        (menu(one=choice(_1="nowhere")), "steps.one.keys.1", "no step 'nowhere'"),
        (menu(one=choice("nowhere")), "steps.one", "no step 'nowhere'"),
        (menu(one=choice(), two=choice()), "steps.two", "leads here"),
        (menu(nurse=choice()), "steps.nurse", "cannot have this name"),
        (menu(goodbye=choice()), "steps.goodbye", "cannot have this name"),
        (menu(one=Choice((), "nurse")), "steps.one", "at least one prompt"),
        (menu(one=NumberStep(ASK, ASK, "nowhere")), "steps.one", "no step 'nowhere'"),
    ],
)
def test_a_fault_names_its_place(faulty: Menu, where: str, word: str) -> None:
    found = [message for place, message in problems(faulty) if place == where]
    assert any(word in message for message in found), list(problems(faulty))


@pytest.mark.parametrize(
    "faulty",
    [
        menu(one=choice("one")),
        menu(one=choice("two"), two=choice("one")),
        menu(one=choice("two"), two=NumberStep(ASK, ASK, "one")),
    ],
)
def test_silence_must_not_go_round_in_circles(faulty: Menu) -> None:
    assert ("steps.one", "silence goes round in circles; it must end at `nurse`") in list(
        problems(faulty)
    )


def test_no_key_can_end_a_call() -> None:
    faulty = menu(one=choice(_1="goodbye"))
    assert list(problems(faulty)) == [("steps.one.keys.1", "there is no step 'goodbye'")]
