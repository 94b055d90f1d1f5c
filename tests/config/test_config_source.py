"""Typed accessors: each fault's exact message and line, all of them at once, never an exception."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import pytest

from queue_engine.config.problems import ConfigError, Problem
from queue_engine.config.source import Faults, Item, Section

Opened = Callable[[str | bytes], tuple[Faults, Section]]


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def told(faults: Faults) -> list[str]:
    return [str(problem) for problem in faults.problems()]


READ: dict[str, Callable[[Item], object]] = {
    "text": lambda item: item.text(length_max=5),
    "identifier": Item.identifier,
    "pattern": lambda item: item.matching(re.compile(r"\d\d"), "two digits"),
    "private": lambda item: item.matching(re.compile(r"\d\d"), "two digits", is_private=True),
    "whole": lambda item: item.whole(least=1, most=9),
    "flag": Item.flag,
    "duration": lambda item: item.duration_ms(least_ms=1_000, most_ms=3_600_000),
    "share": Item.share_permille,
    "choice": lambda item: item.choice(Colour),
    "items": Item.items,
    "section": lambda item: item.section().entries(),
}

GOOD: list[tuple[str, str, object]] = [
    ("text", "Åre", "Åre"),
    ("text", "12345", "12345"),
    ("identifier", "north_1-b", "north_1-b"),
    ("pattern", "08", "08"),
    ("whole", "9", 9),
    ("flag", "true", True),
    ("flag", "false", False),
    ("duration", "30 s", 30_000),
    ("duration", "3 min", 180_000),
    ("duration", "1h", 3_600_000),
    ("duration", "1500 ms", 1_500),
    ("share", "20 %", 200),
    ("share", "12.5%", 125),
    ("share", "0.2", 200),
    ("share", "0.125", 125),
    ("share", "1", 1_000),
    ("share", "100 %", 1_000),
    ("share", "0", 0),
    ("choice", "green", Colour.GREEN),
    ("items", "[]", ()),
    ("section", "{}", ()),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_good_values_are_read(opened: Opened, kind: str, text: str, value: object) -> None:
    faults, top = opened(f"a: {text}\n")
    assert READ[kind](top.need("a")) == value
    assert told(faults) == []


WRONG: list[tuple[str, str, str]] = [
    ("text", '""', 'expected a text of at most 5 characters on one line, found ""'),
    ("text", "abcdef", 'expected a text of at most 5 characters on one line, found "abcdef"'),
    ("text", '"a\\nb"', 'expected a text of at most 5 characters on one line, found "a\\nb"'),
    ("text", "[a]", "expected a text of at most 5 characters on one line, found a list"),
    (
        "identifier",
        "North",
        'expected a name of lower-case letters, digits, "-" and "_", found "North"',
    ),
    ("pattern", "8", 'expected two digits, found "8"'),
    ("private", "hunter2", "expected two digits, found something else"),
    ("whole", "ten", 'expected a whole number from 1 to 9, found "ten"'),
    ("whole", "10", 'expected a whole number from 1 to 9, found "10"'),
    ("whole", "1.5", 'expected a whole number from 1 to 9, found "1.5"'),
    ("whole", "9" * 30, f'expected a whole number from 1 to 9, found "{"9" * 30}"'),
    ("whole", "٣", 'expected a whole number from 1 to 9, found "٣"'),
    ("flag", "yes", 'expected true or false, found "yes"'),
    ("duration", "soon", 'expected a time such as "3 min", found "soon"'),
    ("duration", "30", 'expected a time such as "3 min", found "30"'),
    ("duration", "-3 min", 'expected a time such as "3 min", found "-3 min"'),
    ("duration", "500 ms", 'expected a time from 1 s to 1 h, found "500 ms"'),
    ("duration", "2 h", 'expected a time from 1 s to 1 h, found "2 h"'),
    ("share", "120 %", 'expected a share of at most "100 %", found "120 %"'),
    ("share", "1.5", 'expected a share of at most "100 %", found "1.5"'),
    ("share", "0.12345", 'expected a share such as "20 %", found "0.12345"'),
    ("share", "half", 'expected a share such as "20 %", found "half"'),
    ("choice", "grene", 'expected one of red, green, found "grene"; did you mean "green"?'),
    ("choice", "42", 'expected one of red, green, found "42"'),
    ("choice", "{b: 1}", "expected one of red, green, found a mapping"),
    ("items", "x", 'expected a list, found "x"'),
    ("section", "[x]", "expected a mapping, found a list"),
]


@pytest.mark.parametrize(("kind", "text", "message"), WRONG)
def test_wrong_values_are_told_with_file_and_line(
    opened: Opened, kind: str, text: str, message: str
) -> None:
    faults, top = opened(f"# a comment\na: {text}\n")
    READ[kind](top.need("a"))
    assert told(faults) == [f"f.yaml:2: a: {message}"]


@pytest.mark.parametrize("kind", READ)
def test_no_value_is_told_once(opened: Opened, kind: str) -> None:
    faults, top = opened("a:\n")
    READ[kind](top.need("a"))
    (only,) = told(faults)
    assert only.startswith("f.yaml:1: a: expected ")
    assert only.endswith(", found nothing")


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize("text", ["a: ~", "a: null"])
def test_null_is_no_value_where_one_is_needed(opened: Opened, kind: str, text: str) -> None:
    faults, top = opened(text)
    READ[kind](top.need("a"))
    assert told(faults) == ["f.yaml:1: a: expected a value, found nothing"]


@pytest.mark.parametrize("text", ["a: null", "b: 1"])
def test_what_may_be_left_out_has_a_default(opened: Opened, text: str) -> None:
    faults, top = opened(text)
    top.may("b")
    a = top.may("a")
    assert not a.is_given
    assert (a.text("x"), a.identifier("y"), a.whole(7), a.flag(True)) == ("x", "y", 7, True)
    assert (a.duration_ms(5), a.share_permille(6)) == (5, 6)
    assert (a.choice(Colour), a.choice(Colour, Colour.GREEN)) == (Colour.RED, Colour.GREEN)
    assert (a.items(), a.sections(), a.section().entries()) == ((), (), ())
    assert a.section().need("deep").section().need("deeper").whole(3) == 3
    assert told(faults) == []


def test_faults_of_a_mapping(opened: Opened) -> None:
    faults, top = opened(
        "rules:\n"
        "  - name: a\n"
        "    aftr: 3 min\n"
        "  - name: b\n"
        "    name: c\n"
        "    after: soon\n"
        "  - just text\n"
        "  -\n"
        "  - ~\n"
        "extra key: 1\n"
    )
    for rule in top.need("rules").sections():
        rule.need("name").identifier()
        rule.need("after").duration_ms()
        rule.may("rule")
    assert told(faults) == [
        'f.yaml:2: rules[0]: the key "after" is missing',
        'f.yaml:3: rules[0]: unknown key "aftr"; did you mean "after"?',
        "f.yaml:5: rules[1].name: the key is given on line 4 already",
        'f.yaml:6: rules[1].after: expected a time such as "3 min", found "soon"',
        'f.yaml:7: rules[2]: expected a mapping, found "just text"',
        "f.yaml:8: rules[3]: expected a mapping, found nothing",
        "f.yaml:9: rules[4]: expected a value, found nothing",
        'f.yaml:10: unknown key "extra key"',
    ]


def test_a_needed_key_is_missed_once_however_often_it_is_asked_for(opened: Opened) -> None:
    faults, top = opened("lend:\n  x: 1\n")
    lend = top.need("lend").section()
    lend.may("x")
    assert lend.need("reserve").whole(4) == 4
    assert lend.need("reserve").whole(4) == 4
    assert told(faults) == ['f.yaml:1: lend: the key "reserve" is missing']


def test_entries_are_all_known_and_their_names_can_be_checked(opened: Opened) -> None:
    faults, top = opened('1: a\n"*": b\nNorth Pole: c\nsouth: ~\n')
    assert [key for key, _ in top.named_entries()] == ["1", "*", "North Pole", "south"]
    says = 'the key is not a name of lower-case letters, digits, "-" and "_"'
    assert told(faults) == [
        f"f.yaml:1: 1: {says}",
        f'f.yaml:2: "*": {says}',
        f'f.yaml:3: "North Pole": {says}',
        "f.yaml:4: south: expected a value, found nothing",
    ]


def test_own_faults_and_warnings(opened: Opened) -> None:
    faults, top = opened("a:\n  b: 1\n")
    a = top.need("a").section()
    a.fault("too little")
    a.need("b").fault("too much")
    a.need("b").warn("think again")
    assert told(faults) == ["f.yaml:1: a: too little", "f.yaml:2: a.b: too much"]
    assert [str(warning) for warning in faults.warnings] == ["f.yaml:2: a.b: think again"]


def test_what_is_found_is_shown_short_and_printable(opened: Opened) -> None:
    faults, top = opened('a: "\\e[31m\\u202e' + "x" * 100 + '"\n')
    top.need("a").flag()
    (only,) = told(faults)
    assert only.isprintable()
    assert only.endswith('..."')
    assert len(only) < 120


@pytest.mark.parametrize("text", ["", "- a\n", "just text\n", "a: 1\na: [\n"])
def test_a_file_that_is_no_mapping_is_told_once(opened: Opened, text: str) -> None:
    faults, top = opened(text)
    top.need("version").text()
    top.need("priorities").section().need("urgent").section().need("tier").whole()
    assert len(told(faults)) == 1


def test_messages_for_files_that_are_no_mapping(opened: Opened) -> None:
    assert told(opened("")[0]) == ["f.yaml:1: expected keys and values, found nothing"]
    assert told(opened("- a")[0]) == ["f.yaml:1: expected keys and values, found a list"]
    assert told(opened("x")[0]) == ['f.yaml:1: expected keys and values, found "x"']


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.yaml").mkdir()
    os.mkfifo("pipe.yaml")
    faults = Faults()
    for name in ("missing", "folder", "pipe"):
        faults.read(Path(f"{name}.yaml")).need("a").text()
    assert told(faults) == [
        "folder.yaml:1: cannot be read: not a regular file",
        "missing.yaml:1: cannot be read: No such file or directory",
        "pipe.yaml:1: cannot be read: not a regular file",
    ]


def test_problems_of_one_file_are_bounded(opened: Opened) -> None:
    faults, _ = opened("".join(f"key{number}: 1\n" for number in range(1_000)))
    problems = told(faults)
    assert len(problems) == 101
    assert problems[0] == "f.yaml:1: and 900 more problems in this file"


def test_an_error_carries_all_problems_and_prints_them(opened: Opened) -> None:
    faults, top = opened("b: 1\na: x\n")
    top.need("a").whole(most=3)
    with pytest.raises(ConfigError) as caught:
        faults.raise_if_any()
    assert [problem.line for problem in caught.value.problems] == [1, 2]
    assert str(caught.value) == (
        'f.yaml:1: unknown key "b"\nf.yaml:2: a: expected a whole number from 0 to 3, found "x"'
    )


def test_nothing_wrong_raises_nothing(opened: Opened) -> None:
    faults, top = opened("a: 1\n")
    top.need("a").whole()
    faults.raise_if_any()
    assert not faults.has_any


def test_a_config_error_comes_whole_out_of_another_process() -> None:
    error = ConfigError([Problem("b.yaml", 2, "second"), Problem("a.yaml", 1, "first")])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is ConfigError
    assert again.problems == error.problems
    assert str(again) == "a.yaml:1: first\nb.yaml:2: second"
