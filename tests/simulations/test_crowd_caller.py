"""One caller at a time: what he does with what he hears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from ivr.menu import Menu
from queue_engine.config.load import Configuration
from queue_engine.telephony.embedded.call import CallState, Pace
from queue_engine.telephony.embedded.call_news import (
    CallNews,
    EndReason,
    Listening,
    Prompt,
    Talking,
    Waiting,
)
from routing.vocabulary import PhoneId, RegionCode, Skill
from simulations.crowd.callers import Callers
from simulations.crowd.happenings import Happenings
from simulations.crowd.people import Act, Habits, Person, Population
from simulations.crowd.wishes import Wishes
from simulations.draws import Draws
from tests.simulations.crowd_scene import FakeCall, FakeNetwork, made_up_clock
from tests.simulations.virtual_time import in_no_time

SOMEBODY = Person(
    name="somebody",
    number="0701740605",
    wishes=Wishes(Skill("child"), Skill("sv"), RegionCode("14")),
    cries_for_help=False,
    presses_nothing=False,
    knows_menu=False,
    personal_number="*",
    reaction_ms=1_000,
    patience_ms=600_000,
    content_ms=300_000,
    acts=(),
    redials_ms=None,
)
TALKING = Talking(PhoneId("p14-003"))


class OneCaller(Population):
    """Makes up the same person again and again."""

    def __init__(self, person: Person) -> None:
        super().__init__(Habits(), {})
        self._person = person

    def person(self, region: RegionCode, draws: Draws) -> Person:
        return self._person

    def again(self, person: Person, draws: Draws) -> Person:
        return replace(self._person, redials_ms=None)


def prompt(name: str) -> CallNews:
    return Prompt(name, "…", "…", "…", "sv", 3_000)


def scene(
    menu: Menu, person: Person, act: Callable[[FakeNetwork, Callers], Awaitable[None]]
) -> None:
    """Lets it happen, with one call that is found: that of `person`."""

    async def main() -> None:
        network = FakeNetwork(found=[FakeCall("emb1-0.1", None)])
        happenings = Happenings(made_up_clock())
        callers = Callers(network, happenings, OneCaller(person), menu, seed=1, load=1.0)
        callers.take_over(network.calls())
        running = asyncio.create_task(happenings.run())
        await act(network, callers)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    in_no_time(main())


def test_he_presses_what_he_wants_once_the_question_is_over(country: Configuration) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        call.tell(prompt("choose_service"))
        call.tell(prompt("silence_is_nurse"))
        await asyncio.sleep(5)
        assert call.keys == "", "the question goes on"
        call.tell(Listening(6_000))
        await asyncio.sleep(2)
        assert call.keys == "2", "about a child"
        call.tell(Listening(250))  # as after a key, to hear whether a hand slipped
        await asyncio.sleep(5)
        for question in ("choose_part_of_country", "choose_region_west", "ask_personal_number"):
            call.tell(prompt(question))
            call.tell(Listening(6_000))
            await asyncio.sleep(2)
        assert call.keys == "231*"

    scene(country.menus["national"], SOMEBODY, act)


def test_who_knows_the_menu_does_not_wait_for_its_end(country: Configuration) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        call.tell(prompt("opening"))
        await asyncio.sleep(5)
        call.tell(prompt("choose_service"))
        await asyncio.sleep(2)
        assert call.keys == "2"

    scene(country.menus["national"], replace(SOMEBODY, knows_menu=True), act)


def test_who_presses_nothing_presses_nothing(country: Configuration) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        for question in ("choose_language", "choose_service"):
            call.tell(prompt(question))
            call.tell(Listening(6_000))
            await asyncio.sleep(10)
        assert call.keys == ""

    silent = replace(SOMEBODY, presses_nothing=True, knows_menu=True)
    scene(country.menus["national"], silent, act)


def test_who_is_in_danger_presses_the_emergency_key_and_nothing_else(
    country: Configuration,
) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        call.tell(prompt("opening"))
        call.tell(Listening(1_000))
        await asyncio.sleep(3)
        call.tell(prompt("ring_112_now"))
        await asyncio.sleep(3)
        assert call.keys == "9"

    scene(country.menus["national"], replace(SOMEBODY, cries_for_help=True), act)


def test_a_personal_number_is_keyed_in_digit_by_digit(country: Configuration) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        call.tell(prompt("ask_personal_number"))
        call.tell(Listening(10_000))
        await asyncio.sleep(3)
        assert 1 < len(call.keys) < 12
        await asyncio.sleep(5)
        assert call.keys == "191212121212"

    scene(country.menus["national"], replace(SOMEBODY, personal_number="191212121212"), act)


def test_he_asks_for_his_place_gets_worse_and_cries_for_help_while_he_waits(
    country: Configuration,
) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        call.tell(Waiting(), CallState.WAITING)
        await asyncio.sleep(90)
        call.tell(Waiting())  # an offer came to nothing: he does not begin anew
        await asyncio.sleep(240)
        assert call.keys == "579"

    acts = ((60_000, Act.ASK_PLACE), (120_000, Act.GET_WORSE), (180_000, Act.CRY_FOR_HELP))
    scene(country.menus["national"], replace(SOMEBODY, acts=acts), act)


def test_he_gives_up_when_his_patience_ends_and_calls_again(country: Configuration) -> None:
    async def act(network: FakeNetwork, callers: Callers) -> None:
        call = network.found[0]
        call.tell(Waiting(), CallState.WAITING)
        await asyncio.sleep(599)
        assert not call.is_over
        await asyncio.sleep(2)
        assert call.is_over
        assert len(callers) == 0
        await asyncio.sleep(61)
        assert network.numbers == ["0701740605"]
        assert len(callers) == 1
        await asyncio.sleep(700)
        assert len(network.dialled) == 1, "this time he leaves it at that"

    scene(country.menus["national"], replace(SOMEBODY, redials_ms=60_000), act)


def test_who_talks_has_all_the_patience_of_the_world_and_something_to_say(
    country: Configuration,
) -> None:
    async def act(network: FakeNetwork, callers: Callers) -> None:
        call = network.found[0]
        call.tell(Waiting(), CallState.WAITING)
        await asyncio.sleep(550)
        call.tell(TALKING, CallState.TALKING)
        await asyncio.sleep(299)
        assert not call.is_over
        await asyncio.sleep(2)
        assert call.is_over
        await asyncio.sleep(120)
        assert not network.dialled, "he was helped: he does not call again"
        assert len(callers) == 0

    scene(country.menus["national"], replace(SOMEBODY, redials_ms=60_000), act)


def test_a_talk_that_was_cut_is_no_reason_to_call_again(country: Configuration) -> None:
    async def act(network: FakeNetwork, callers: Callers) -> None:
        network.found[0].end(EndReason.AGENT_HUNG_UP)
        await asyncio.sleep(120)
        assert not network.dialled
        assert len(callers) == 0

    scene(country.menus["national"], replace(SOMEBODY, redials_ms=60_000), act)


def test_a_call_that_somebody_else_has_taken_is_left_alone(country: Configuration) -> None:
    async def act(network: FakeNetwork, _callers: Callers) -> None:
        call = network.found[0]
        call.listener = lambda _news: None
        await asyncio.sleep(700)
        assert not call.is_over

    scene(country.menus["national"], SOMEBODY, act)


def test_calls_of_people_at_a_browser_are_not_taken_over(country: Configuration) -> None:
    async def main() -> None:
        of_page = FakeCall("emb1-0.r1", None, Pace.REAL)
        claimed = FakeCall("emb1-0.2", lambda _news: None)
        happenings = Happenings(made_up_clock())
        menu = country.menus["national"]
        callers = Callers(FakeNetwork(), happenings, OneCaller(SOMEBODY), menu, seed=1, load=1.0)
        callers.take_over([of_page, claimed])
        assert len(callers) == 0
        assert of_page.listener is None

    in_no_time(main())
