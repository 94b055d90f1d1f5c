"""One caller on the line: hears what is asked, presses what he wants, waits, talks, gives up.

House rules: he knows only what he hears (`CallNews`); he acts only on his own call, and no more
once somebody else listens to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, assert_never

from ivr.menu import Choice, Menu, Step
from queue_engine.telephony.embedded.call import CallState
from queue_engine.telephony.embedded.call_news import (
    CallNews,
    Ended,
    EndReason,
    Listening,
    Prompt,
    Ringing,
    Talking,
    Waiting,
)
from simulations.crowd.happenings import Happening, Happenings
from simulations.crowd.people import Act, Person
from simulations.crowd.ports import Call
from simulations.crowd.wishes import key_for

_NEXT_DIGIT_MS: Final = 450


class Script:
    """A menu as a caller hears it: which question a prompt begins."""

    def __init__(self, menu: Menu) -> None:
        self.menu: Final = menu
        self._questions: Mapping[str, Step] = {
            step.ask[0].name: step for step in menu.steps.values()
        }

    def question(self, prompt: str) -> Step | None:
        """The question that begins with this prompt, if one does."""
        return self._questions.get(prompt.rpartition(":")[2])

    def key(self, person: Person, step: Step) -> str:
        """The keys that this person presses there; empty: none."""
        if isinstance(step, Choice):
            return key_for(self.menu, step, person.wishes) or ""
        return person.personal_number

    def key_of(self, act: Act) -> str | None:
        """The key for what a waiting caller may do, if there is one."""
        match act:
            case Act.ASK_PLACE:
                return self.menu.waiting.place
            case Act.GET_WORSE:
                return self.menu.waiting.worse
            case Act.CRY_FOR_HELP:
                return self.menu.emergency_key


class OnTheLine:
    """A person with a telephone at the ear.

    Args:
        person: who it is.
        script: the menu of the line that was called.
        happenings: what he is going to do.
        on_ended: told once, when the call is over, why.
    """

    __slots__ = (
        "_asked",
        "_call",
        "_happenings",
        "_hopes",
        "_on_ended",
        "_plans",
        "_script",
        "_waits",
        "has_talked",
        "person",
    )

    def __init__(
        self,
        person: Person,
        script: Script,
        happenings: Happenings,
        on_ended: Callable[[OnTheLine, EndReason], None],
    ) -> None:
        self.person: Final = person
        self.has_talked = False
        """Whether a nurse has ever answered."""
        self._script = script
        self._happenings = happenings
        self._on_ended = on_ended
        self._call: Call | None = None
        self._asked: Step | None = None
        """The question that has not been answered yet."""
        self._hopes: Happening | None = None
        """His patience, or what he has to say: at its end he hangs up."""
        self._plans: list[Happening] = []
        """What he is going to press."""
        self._waits = False

    @property
    def call(self) -> Call:
        """His call."""
        assert self._call is not None, "not connected to the network yet"
        return self._call

    def holds(self, call: Call) -> None:
        """This is his call: just dialled, or found waiting or talking after a restart."""
        self._call = call
        if call.state is CallState.TALKING:
            self._talks()
        elif call.state is not CallState.ENDED:
            self._hope(self.person.patience_ms)

    def hear(self, news: CallNews) -> None:
        """The call's listener."""
        match news:
            case Prompt():
                self._hears_prompt(news)
            case Listening():
                if self._asked is not None and not self.person.presses_nothing:
                    self._answer(self._asked, self.person.reaction_ms)
            case Waiting():
                self._waiting()
            case Ringing():
                pass  # to him it is the same music
            case Talking():
                self._talks()
            case Ended():
                self._ended(news.reason)
            case _:
                assert_never(news)

    # --- in the menu ------------------------------------------------------------------------

    def _hears_prompt(self, news: Prompt) -> None:
        person, question = self.person, self._script.question(news.name)
        if person.cries_for_help and not self._waits:
            if not self._plans:
                self._press(self._script.menu.emergency_key, person.reaction_ms)
            return
        if question is None:
            return  # more words of the same question, or nothing that asks for a key
        self._asked = question
        if person.knows_menu and not person.presses_nothing:
            self._answer(question, person.reaction_ms)

    def _answer(self, step: Step, reaction_ms: int) -> None:
        self._asked = None
        for place, key in enumerate(self._script.key(self.person, step)):
            self._press(key, reaction_ms + place * _NEXT_DIGIT_MS)

    def _press(self, key: str, after_ms: int) -> None:
        self._plans.append(self._happenings.after(after_ms, partial(self._do_press, key)))

    def _do_press(self, key: str) -> None:
        if self._is_mine():
            self.call.press(key)

    # --- waiting and talking ----------------------------------------------------------------

    def _waiting(self) -> None:
        if self._waits:
            return  # once more, after an offer that came to nothing
        self._waits = True
        self._asked = None
        self._forget_plans()
        for after_ms, act in self.person.acts:
            key = self._script.key_of(act)
            if key is not None:
                self._press(key, after_ms)

    def _talks(self) -> None:
        self.has_talked = True
        self._forget_plans()
        self._hope(self.person.content_ms)

    def _hope(self, for_ms: int) -> None:
        if self._hopes is not None:
            self._hopes.cancel()
        self._hopes = self._happenings.after(for_ms, self._had_enough)

    def _had_enough(self) -> None:
        if self._is_mine():
            self.call.hang_up()

    def _is_mine(self) -> bool:
        """Whether nobody else has taken the call over, as a browser that came back may."""
        return self.call.listener == self.hear

    def _forget_plans(self) -> None:
        for plan in self._plans:
            plan.cancel()
        self._plans.clear()

    def _ended(self, reason: EndReason) -> None:
        if self._hopes is not None:
            self._hopes.cancel()
        self._forget_plans()
        self._on_ended(self, reason)
