"""Walks a menu: what to say and listen for next, given what was heard. The pure half of a call.

    opening -> (closed) -> steps ... -> Enqueue
        |          +-> Goodbye, only where a closed line ends its calls
        +-- emergency key, here and at every step -> Enqueue with priority emergency

House rules: no I/O, no clock, and no personal number: only whether one was given. Every road ends:
a caller who has been asked `TURNS_MAX` times goes to the nurse with what he has said so far. What
was pressed can only help: keys that mean nothing here are as silence, after one more try.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ivr.agi_wire import KEYS
from ivr.menu import GOODBYE, NURSE, Choice, Menu, NumberStep, Option, Spoken
from ivr.prompts import NO_SUCH_CHOICE
from routing.vocabulary import HomeRegionSource, Priority, RegionCode, Skill

TURNS_MAX: Final = 24
"""Questions to one caller, repeated ones included."""
TRIES_MAX: Final = 2
"""Times that one question is asked of a caller who answers wrongly."""
OPENING: Final = "opening"
CLOSED: Final = "closed"


class Heard(StrEnum):
    """What was heard, if it was no key."""

    SILENCE = "silence"
    NUMBER_GOOD = "number_good"
    """A personal number whose check digit is right."""
    NUMBER_BAD = "number_bad"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was pressed: one of `0123456789*#`."""

    key: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the caller has said so far; silence says nothing and so lowers nothing."""

    service: Skill
    language: Skill
    """To speak."""
    prompts: str
    """The language of the prompts."""
    region: RegionCode | None = None
    priority: Priority = Priority.STANDARD
    link: bool = False
    has_chosen: bool = False
    """He has pressed a key that means something."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Say this, listen, and come back with what was heard."""

    menu: Menu
    answers: Answers
    step: str
    """Its name, or `OPENING` or `CLOSED`."""
    say: tuple[Spoken, ...]
    listen_ms: int
    default_service: Skill
    region_known_by: HomeRegionSource
    is_line_open: bool
    tries: int = 1
    turns: int = 1

    @property
    def number(self) -> NumberStep | None:
        """The step, if it asks for a personal number rather than for a key."""
        step = self.menu.steps.get(self.step)
        return step if isinstance(step, NumberStep) else None

    @property
    def barge_in(self) -> str:
        """Keys that stop what is being said. Nothing but the emergency stops the 112 message."""
        return self.menu.emergency_key if self.step in (OPENING, CLOSED) else KEYS


@dataclass(frozen=True, slots=True)
class Enqueue:
    """The caller wants a nurse."""

    answers: Answers


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The line is closed and ends its calls; everything has been said."""

    answers: Answers


Turn = Ask | Enqueue | Goodbye


def begin(
    menu: Menu,
    *,
    service: Skill,
    language: str = "sv",
    region_known_by: HomeRegionSource = HomeRegionSource.NONE,
    is_line_open: bool = True,
) -> Turn:
    """The first turn of a call: the opening.

    Args:
        service: what the line gives those who choose nothing.
        language: to speak and of the prompts, unless chosen.
        region_known_by: how the home region is known before anything is asked.
        is_line_open: whether the line is open now.
    """
    return Ask(
        menu,
        Answers(service, Skill(language), language),
        OPENING,
        menu.opening,
        menu.opening_listen_ms,
        service,
        region_known_by,
        is_line_open,
    )


def advance(ask: Ask, heard: Key | Heard) -> Turn:
    """The turn that follows when `heard` is the answer to `ask`."""
    if heard == Key(ask.menu.emergency_key):
        return Enqueue(as_emergency(ask.answers, ask.default_service))
    if ask.step == OPENING:
        return _after_opening(ask)
    if ask.step == CLOSED:
        assert ask.menu.closed is not None
        return _go(ask, ask.menu.closed.then)
    step = ask.menu.steps[ask.step]
    if isinstance(step, NumberStep):
        if heard is Heard.NUMBER_BAD and ask.tries < TRIES_MAX:
            return _again(ask, step.again)
        return _go(ask, step.then)
    return _after_choice(ask, step, heard)


def as_emergency(answers: Answers, service: Skill) -> Answers:
    """What has been said, but for the line's own service: it has the most nurses, while one that
    was chosen before it got urgent (fees, say) may have none."""
    return replace(answers, service=service, priority=Priority.EMERGENCY, link=False)


def _after_opening(ask: Ask) -> Turn:
    closed = ask.menu.closed
    if ask.is_line_open or closed is None:
        return _go(ask, ask.menu.first)
    return replace(ask, step=CLOSED, say=closed.say, turns=ask.turns + 1)


def _after_choice(ask: Ask, step: Choice, heard: Key | Heard) -> Turn:
    option = step.option(heard.key) if isinstance(heard, Key) else None
    if option is not None:
        return _go(replace(ask, answers=_answered(ask.answers, option)), option.then)
    if isinstance(heard, Key) and step.keys and ask.tries < TRIES_MAX:
        return _again(ask, (Spoken(NO_SUCH_CHOICE), *step.ask))
    return _go(ask, step.silence)


def _answered(answers: Answers, option: Option) -> Answers:
    language = option.language or answers.language
    return Answers(
        service=option.service or answers.service,
        language=language,
        prompts=option.prompts or option.language or answers.prompts,
        region=option.region or answers.region,
        priority=option.priority or answers.priority,
        link=option.link or answers.link,
        has_chosen=True,
    )


def _again(ask: Ask, say: tuple[Spoken, ...]) -> Turn:
    if ask.turns >= TURNS_MAX:
        return Enqueue(ask.answers)
    return replace(ask, say=say, tries=ask.tries + 1, turns=ask.turns + 1)


def _go(ask: Ask, name: str) -> Turn:
    if name == GOODBYE:
        return Goodbye(ask.answers)
    if name == NURSE or ask.turns >= TURNS_MAX:
        return Enqueue(ask.answers)
    step = ask.menu.steps[name]
    if isinstance(step, Choice) and ask.region_known_by in step.unless_known_by:
        return _go(ask, step.silence)
    return replace(
        ask, step=name, say=step.ask, listen_ms=step.listen_ms, tries=1, turns=ask.turns + 1
    )
