"""A seed means the same next year, and the shapes are what they are called."""

from __future__ import annotations

from collections import Counter
from math import exp, sqrt
from statistics import NormalDist, fmean, median

import pytest

from simulations.draws import Draws, Shape, Spread, inverse_normal

MANY = 20_000
STANDARD_ERRORS = 4
PINNED_UNITS = [0.0012206722234812117, 0.6420842250569493, 0.4785422683253787]
PINNED_TALKS_MS = [339_370, 573_806, 494_743]
PINNED_WAITS_MS = [48_891, 100_417, 9_169]


def test_a_seed_and_a_name_give_these_numbers_for_ever() -> None:
    draws = Draws(1, "callers/14")
    assert [draws.unit() for _ in range(3)] == PINNED_UNITS
    talk = Spread(Shape.LOGNORMAL, 390_000, 0.6)
    wait = Spread(Shape.EXPONENTIAL, 60_000)
    assert [draws.duration_ms(talk) for _ in range(3)] == PINNED_TALKS_MS
    assert [draws.duration_ms(wait) for _ in range(3)] == PINNED_WAITS_MS


def test_other_seeds_and_other_names_are_other_streams() -> None:
    streams = [Draws(1, "a"), Draws(2, "a"), Draws(1, "b"), Draws(11, ""), Draws(1, "1/")]
    assert len({stream.unit() for stream in streams}) == len(streams)


@pytest.mark.parametrize(
    "probability", [2**-54, 1e-9, 0.001, 0.02425, 0.3, 0.5, 0.9, 0.975, 0.999999]
)
def test_inverse_normal_is_that_of_the_normal_distribution(probability: float) -> None:
    exact = NormalDist().inv_cdf(probability)
    assert inverse_normal(probability) == pytest.approx(exact, rel=1e-11, abs=1e-12)


def test_exponential_has_its_mean_and_no_memory() -> None:
    draws = Draws(3, "exponential")
    times = [draws.exponential(1.0) for _ in range(MANY)]
    assert fmean(times) == pytest.approx(1, abs=STANDARD_ERRORS / sqrt(MANY))
    rest = [time - 2 for time in times if time > 2]
    assert fmean(rest) == pytest.approx(1, abs=STANDARD_ERRORS / sqrt(len(rest)))


def test_lognormal_has_its_mean_and_a_median_below_it() -> None:
    draws, sigma = Draws(4, "lognormal"), 0.6
    times = [draws.lognormal(10.0, sigma) for _ in range(MANY)]
    spread = 10 * sqrt(exp(sigma**2) - 1)
    assert fmean(times) == pytest.approx(10, abs=STANDARD_ERRORS * spread / sqrt(MANY))
    assert median(times) == pytest.approx(10 * exp(-(sigma**2) / 2), rel=0.03)


class _OtherPython:
    """Reckons the inverse with other last digits than ours."""

    def inv_cdf(self, probability: float) -> float:
        return inverse_normal(probability) + 1e-9


def test_what_python_makes_of_the_inverse_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    talk, ours = Spread(Shape.LOGNORMAL, 390_000, 0.6), Draws(7, "talks")
    wanted = [round(ours.lognormal(talk.mean_ms, talk.sigma)) for _ in range(MANY)]
    as_it_is, other = Draws(7, "talks"), Draws(7, "talks")
    assert [as_it_is.duration_ms(talk) for _ in range(MANY)] == wanted
    monkeypatch.setattr("simulations.draws._NORMAL", _OtherPython())
    assert [other.duration_ms(talk) for _ in range(MANY)] == wanted


def test_choice_goes_by_weights_that_need_not_add_up_to_one() -> None:
    draws = Draws(5, "choice")
    drawn = Counter(draws.choice([("a", 1), ("never", 0), ("b", 3)]) for _ in range(MANY))
    error = sqrt(0.25 * 0.75 / MANY)
    assert drawn["a"] / MANY == pytest.approx(0.25, abs=STANDARD_ERRORS * error)
    assert drawn["never"] == 0


def test_fixed_is_fixed() -> None:
    assert Draws(6, "fixed").duration_ms(Spread(Shape.FIXED, 1234)) == 1234
