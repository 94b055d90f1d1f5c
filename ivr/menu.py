"""The menu as data: what is asked, and what each key means.

House rules: a menu cannot take the 112 message or the emergency key away: they are not among its
steps but stand before and above them. Silence always leads on, at last to a nurse, and can lower
nothing. `problems` finds every fault before a menu is used; `dialogue.py` walks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.agi_wire import KEYS
from routing.vocabulary import HomeRegionSource, Priority, RegionCode, Skill

NURSE: Final = "nurse"
"""The end of every road: the queue."""
GOODBYE: Final = "goodbye"
"""The end of the call, for a closed line only."""


LISTEN_MS: Final = 8_000
"""How long to wait for a key after a question, unless a step says otherwise."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A prompt, in the caller's language or always in the one given."""

    name: str
    language: str | None = None

    def __str__(self) -> str:
        return f"{self.language}:{self.name}" if self.language else self.name


@dataclass(frozen=True, slots=True)
class Option:
    """What one key does before it leads on."""

    then: str
    """The next step, or `nurse`."""
    service: Skill | None = None
    language: Skill | None = None
    """The language that the caller wants to speak."""
    prompts: str | None = None
    """The language of the prompts from now on, if another than `language`."""
    region: RegionCode | None = None
    priority: Priority | None = None
    link: bool = False
    """The caller wants a link to 1177 direkt; he keeps his place in the queue."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A question that one key answers. Without keys: something that is only said."""

    ask: tuple[Spoken, ...]
    silence: str
    """Where no key leads: a step or `nurse`."""
    keys: tuple[tuple[str, Option], ...] = ()
    listen_ms: int = LISTEN_MS
    """How long to wait for a key after the question; by a relay service it comes slowly."""
    unless_known_by: tuple[HomeRegionSource, ...] = ()
    """Not asked (as by silence) when the home region is known by one of these already."""

    def option(self, key: str) -> Option | None:
        """What the key does here, or None."""
        return dict(self.keys).get(key)


@dataclass(frozen=True, slots=True)
class NumberStep:
    """The question for a personal number: may be skipped with `*` or silence, is asked twice."""

    ask: tuple[Spoken, ...]
    again: tuple[Spoken, ...]
    """Said when it was no number, before it is asked for once more."""
    then: str
    listen_ms: int = 10_000
    between_ms: int = 6_000


Step = Choice | NumberStep


@dataclass(frozen=True, slots=True)
class Closed:
    """What a caller hears when the line is closed, after the 112 message and its key."""

    say: tuple[Spoken, ...]
    then: str
    """A step, `nurse`, or `goodbye`: the call ends. No key leads to that, only the hours do."""


@dataclass(frozen=True, slots=True)
class WaitingKeys:
    """Keys while waiting in the queue, beside the emergency key; None: there is no such key."""

    say: tuple[Spoken, ...]
    """Tells them to the caller."""
    worse: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """All that a caller of a line can hear and press."""

    name: str
    opening: tuple[Spoken, ...]
    """Said first in every call: ring 112 when life is in danger, and the emergency key."""
    emergency_key: str
    first: str
    """The first step, or `nurse`."""
    steps: Mapping[str, Step]
    waiting: WaitingKeys
    opening_listen_ms: int = 1_000
    """For the emergency key, after the opening."""
    closed: Closed | None = None
    """None: the menu is the same when its line is closed."""


def spoken(menu: Menu) -> Iterator[Spoken]:
    """Yields all that the menu says."""
    yield from menu.opening
    yield from menu.waiting.say
    if menu.closed is not None:
        yield from menu.closed.say
    for step in menu.steps.values():
        yield from step.ask
        if isinstance(step, NumberStep):
            yield from step.again


def options(menu: Menu) -> Iterator[tuple[str, str, Option]]:
    """Yields step, key and option of every key of the menu."""
    for name, step in menu.steps.items():
        if isinstance(step, Choice):
            for key, option in step.keys:
                yield name, key, option


def problems(menu: Menu) -> Iterator[tuple[str, str]]:
    """Yields each fault as where (`steps.service`) and a sentence; none: it may be used."""
    if not menu.opening:
        yield "opening", "the 112 message and the emergency key are told first: expected a prompt"
    if not _is_key(menu.emergency_key):
        yield "emergency_key", f"expected one of {KEYS}, found {menu.emergency_key!r}"
    yield from _waiting_problems(menu)
    if menu.closed is not None and menu.closed.then not in (*menu.steps, NURSE, GOODBYE):
        yield "closed.then", f"there is no step {menu.closed.then!r}"
    if menu.first not in menu.steps and menu.first != NURSE:
        yield "first", f"there is no step {menu.first!r}"
    for reserved in sorted({NURSE, GOODBYE} & set(menu.steps)):
        yield f"steps.{reserved}", "a step cannot have this name"
    for name, step in menu.steps.items():
        yield from _step_problems(menu, f"steps.{name}", step)
    for name in sorted(set(menu.steps) - _reachable(menu)):
        yield f"steps.{name}", "no key and no silence leads here"
    for name in menu.steps:
        if not _silence_ends(menu, name):
            yield f"steps.{name}", f"silence goes round in circles; it must end at `{NURSE}`"


def _is_key(key: str) -> bool:
    return len(key) == 1 and key in KEYS


def _waiting_problems(menu: Menu) -> Iterator[tuple[str, str]]:
    taken = {menu.emergency_key: "emergency"}
    for word, key in (("worse", menu.waiting.worse), ("place", menu.waiting.place)):
        if key is None:
            continue
        if not _is_key(key):
            yield f"waiting.{word}", f"expected one of {KEYS}, found {key!r}"
        if taken.setdefault(key, word) != word:
            yield f"waiting.{word}", f"{key!r} is the key for {taken[key]} already"


def _step_problems(menu: Menu, where: str, step: Step) -> Iterator[tuple[str, str]]:
    if not step.ask:
        yield where, "expected at least one prompt to ask"
    leads = (step.silence,) if isinstance(step, Choice) else (step.then,)
    for then in leads:
        if then not in menu.steps and then != NURSE:
            yield where, f"there is no step {then!r}"
    if not isinstance(step, Choice):
        return
    for key, option in step.keys:
        if not _is_key(key):
            yield f"{where}.keys", f"expected one of {KEYS}, found {key!r}"
        if key == menu.emergency_key:
            yield f"{where}.keys", f"{key!r} is the emergency key, in every step"
        if option.then not in menu.steps and option.then != NURSE:
            yield f"{where}.keys.{key}", f"there is no step {option.then!r}"


def _ways(step: Step) -> Iterator[str]:
    if isinstance(step, NumberStep):
        yield step.then
        return
    yield step.silence
    for _, option in step.keys:
        yield option.then


def _reachable(menu: Menu) -> set[str]:
    seen: set[str] = set()
    ahead = [menu.first, *([menu.closed.then] if menu.closed is not None else [])]
    while ahead:
        name = ahead.pop()
        if name in menu.steps and name not in seen:
            seen.add(name)
            ahead.extend(_ways(menu.steps[name]))
    return seen


def _silence_ends(menu: Menu, name: str) -> bool:
    seen: set[str] = set()
    while name in menu.steps:
        if name in seen:
            return False
        seen.add(name)
        step = menu.steps[name]
        name = step.silence if isinstance(step, Choice) else step.then
    return True
