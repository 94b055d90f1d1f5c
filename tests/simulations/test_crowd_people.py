"""Who calls and what he presses: the same by seed, from no real number, and what he wants."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from ivr.dialogue import Ask, Enqueue, Key, advance, begin
from ivr.menu import Choice
from queue_engine.config.load import Configuration
from routing.vocabulary import HomeRegionSource, RegionCode, Skill
from simulations.crowd.arrivals import HOUR_MS, Arrival, arrivals
from simulations.crowd.people import Habits, Person, Population
from simulations.crowd.rota import Inhabited
from simulations.crowd.wishes import Wishes, key_for
from simulations.draws import Draws
from tests.simulations.crowd_world import TUESDAY_10

WEST = RegionCode("14")
PTS_FICTION = re.compile(
    r"08465004\d\d|03139006\d\d|04062804\d\d|09803192\d\d|07017406(0[5-9]|[1-9]\d)"
)


def crowd(country: Configuration, seed: int, count: int) -> list[tuple[Arrival, Person]]:
    """The first callers of each region."""
    population = Population(Habits(), country.area_codes)
    return [
        (arrival, population.person(region.code, Draws(seed, arrival.name)))
        for region in country.regions
        for arrival in islice(
            arrivals(Inhabited(region.code, region.population), seed, TUESDAY_10, 1.0), count
        )
    ]


def test_the_same_seed_gives_the_same_people_and_another_seed_others(
    country: Configuration,
) -> None:
    assert crowd(country, 1, 20) == crowd(country, 1, 20)
    assert not set(crowd(country, 1, 20)) & set(crowd(country, 2, 20))


def test_whoever_begins_in_the_middle_of_an_hour_finds_the_rest_of_it() -> None:
    region = Inhabited(WEST, 1_744_859)
    whole = list(islice(arrivals(region, 1, TUESDAY_10, 1.0), 200))
    middle_ms = TUESDAY_10 + HOUR_MS // 2
    rest = list(islice(arrivals(region, 1, middle_ms, 1.0), 50))
    assert rest == [arrival for arrival in whole if arrival.at_ms >= middle_ms][:50]
    assert [arrival.at_ms for arrival in whole] == sorted(arrival.at_ms for arrival in whole)


def test_as_many_call_as_are_expected() -> None:
    region = Inhabited(WEST, 10_450_000)
    of_day = [
        arrival
        for arrival in islice(arrivals(region, 1, TUESDAY_10, 1.0), 20_000)
        if arrival.at_ms < TUESDAY_10 + 24 * HOUR_MS
    ]
    assert len(of_day) == pytest.approx(12_540, rel=0.03)  # 4.9 million a year, on a weekday


def test_numbers_are_only_those_kept_free_for_fiction(country: Configuration) -> None:
    people = [person for _, person in crowd(country, 1, 60)]
    told = [person.number for person in people if person.number is not None]
    assert len(told) > 1_000
    assert all(PTS_FICTION.fullmatch(number) for number in told)
    assert any(number.startswith("08") for number in told)
    assert len(told) < len(people), "some withhold their number"


def test_a_person_can_be_logged_without_telling_his_numbers(country: Configuration) -> None:
    for _, person in crowd(country, 1, 5):
        assert person.number is None or person.number not in repr(person)
        assert "19121" not in repr(person)


@pytest.mark.parametrize("service", ["advice", "child", "admin"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_region_service_and_language_is_found_in_the_shipped_menu(
    country: Configuration, service: str, language: str
) -> None:
    menu = country.menus["national"]
    for region in country.regions:
        wishes = Wishes(Skill(service), Skill(language), region.code)
        turn = begin(menu, service=Skill("advice"), region_known_by=HomeRegionSource.NONE)
        while isinstance(turn, Ask):
            step = menu.steps.get(turn.step)
            key = key_for(menu, step, wishes) if isinstance(step, Choice) else "*"
            assert key is not None
            turn = advance(turn, Key(key))
        assert isinstance(turn, Enqueue)
        answers = turn.answers
        assert (answers.service, answers.language) == (service, language)
        assert answers.region == region.code
        assert not answers.link


def test_who_is_nowhere_in_the_country_says_no_region(country: Configuration) -> None:
    menu = country.menus["national"]
    wishes = Wishes(Skill("advice"), Skill("sv"), None)
    where = menu.steps["part_of_country"]
    assert isinstance(where, Choice)
    assert key_for(menu, where, wishes) is None
