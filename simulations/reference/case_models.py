"""The models that a case may name, each as a scenario.

`model` decides. A queue of one kind of nurses is named as Kendall did, `M/M/n+M FIFO`: arrivals
(M), service (M, G or D), nurses (n or a number), places with those of the calls that are answered
(K or a number; n: `loss`, nobody waits), patience (`+M`, `+G`, `+D`; without it nobody gives up),
and `FIFO` or `non-preemptive priority`. The others are known by their words; see `_BY_WORDS`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from queue_engine.core.errors import BadInput
from simulations.reference.case_params import (
    Given,
    Part,
    duration_written,
    mean_of,
    number_written,
    unit_ms_for,
    written,
)

HOUR_MS: Final = 3_600_000
_KENDALL: Final = re.compile(
    r"m/(?P<service>[mgd])/(?P<nurses>[a-z]|\d+)(?:/(?P<places>[a-z]|\d+))?"
    r"(?: ?\+ ?(?P<patience>[mgd]))?(?P<order>(?: .*)?)"
)
_FIRST_COME: Final = ("", "fifo", "fcfs", "first-come", "first come first served")
_PRIORITY: Final = ("non-preemptive priority", "nonpreemptive priority")
_SHAPE: Final = {"m": "exponential", "d": "fixed"}
_NAMED: Final = {
    "m": "what is exponential",
    "g": "a spread in words, under 'service'",
    "d": "what is always the same",
}


@dataclass(frozen=True, slots=True)
class Body:
    """A model as a scenario: all of the file but its name, its length and its warm-up."""

    yaml: str
    unit_ms: float
    """The case's unit of time."""
    t_ms: int | None = None
    """The case's `t`."""
    has_few_places: bool = False
    """Who finds them all taken is turned away."""


@dataclass(frozen=True, slots=True)
class _Callers:
    """Calls and patience, by class or region."""

    handling: list[list[Part]]
    patience: list[list[Part] | None]

    @property
    def unit_ms(self) -> float:
        return unit_ms_for(sum(map(mean_of, self.handling)) / len(self.handling))

    @property
    def are_alike(self) -> bool:
        pairs = list(zip(self.handling, self.patience, strict=True))
        return all(pair == pairs[0] for pair in pairs)

    def cells(self, index: int) -> str:
        """As keys of a kind or of all callers."""
        patience = self.patience[index]
        handling = f"handling: {written(self.handling[index], self.unit_ms)}"
        if patience is None:
            return handling
        return f"{handling}, patience: {written(patience, self.unit_ms)}"


def body_of(model: str, given: Given, where: str) -> Body:
    """The scenario of a model, but for those whose arrivals vary.

    Raises:
        BadInput: the model is not known here, or its parameters are not what it needs.
    """
    name = " ".join(model.lower().split())
    kendall = _KENDALL.fullmatch(name)
    if kendall is not None:
        return _one_region(given, kendall, where, model)
    for words, build in _BY_WORDS:
        if re.search(words, name):
            return build(given)
    raise BadInput(f"{where}: the model {model!r:.80} is not known here")


# --- one kind of nurses ---------------------------------------------------------------------


def _one_region(given: Given, kendall: re.Match[str], where: str, model: str) -> Body:
    order = kendall["order"].strip()
    is_loss, is_priority = order.startswith("loss"), order in _PRIORITY
    if order not in ("loss", "loss system", *_FIRST_COME, *_PRIORITY):
        raise BadInput(f"{where}: the order {order!r:.40} of {model!r:.80} is not known here")
    name = given.need("lam", "lams")
    lams = given.rates(name) if name == "lams" else [given.number(name, above=True)]
    callers = _callers(given, len(lams), kendall["service"], kendall["patience"] or "")
    nurses = _sized(given, "n", kendall["nurses"])
    places = kendall["places"]
    if is_loss and places is None:
        places = "n"
    if places is None:
        most = None
    elif places == kendall["nurses"] or (is_loss and places.isalpha()):
        most = _sized(given, "K", str(nurses), default=nurses)
    else:
        most = _sized(given, "K", places)
    if most is not None and (most < nurses or (is_loss and most > nurses)):
        raise given.fault("K", f"{'exactly' if is_loss else 'at least'} {nurses}")
    unit_ms = callers.unit_ms
    kinds = "".join(
        f"    - {{name: class_{index}, weight: {number_written(lam)},"
        f" rank: {index if is_priority else 0}, {callers.cells(index)}}}\n"
        for index, lam in enumerate(lams)
    )
    t_ms = _target(given, unit_ms)
    limit = "" if most is None else f"    queue_places: {most - nurses}\n"
    yaml = (
        f"{_targets(t_ms)}callers:\n  kinds:\n{kinds}regions:\n  one:\n"
        f"    calls_per_hour: {_per_hour(sum(lams), unit_ms)}\n    nurses: {nurses}\n{limit}"
    )
    return Body(yaml, unit_ms, t_ms, has_few_places=most is not None)


def _sized(given: Given, name: str, written_as: str, default: int | None = None) -> int:
    """A number that the model's name has, or the parameter of this name."""
    if written_as.isdigit():
        number = int(written_as)
        if given.has(name) and given.whole(name) != number:
            raise given.fault(name, str(number))
        if number < 1:
            raise given.fault(name, "at least 1")
        return number
    if default is not None and not given.has(name):
        return default
    given.need(name)
    return given.whole(name, 1)


def _callers(given: Given, count: int, service: str = "", patience: str | None = None) -> _Callers:
    """Of `count` classes or regions.

    Args:
        service: m, g or d, as the model names it; empty: any.
        patience: likewise; empty: nobody gives up; None: any.
    """
    name = given.need("mu", "mus", "service")
    handling = []
    for value in given.each(name, count):
        if name == "service":
            parts = given.spread(name, value)
        else:
            rate = given.rate(name, value)
            if rate <= 0:
                raise given.fault(name, "a number above 0")
            shape = "fixed" if service == "d" else "exponential"
            parts = [Part(shape, 1 / rate, None, 100)]
        if (service and not _is_of(service, parts)) or (service == "g" and name != "service"):
            raise given.fault(name, _NAMED[service])
        if mean_of(parts) <= 0:
            raise given.fault(name, "a mean above 0")
        handling.append(parts)
    return _Callers(handling, _patience(given, count, patience))


def _patience(given: Given, count: int, patience: str | None) -> list[list[Part] | None]:
    there = [name for name in ("theta", "thetas", "patience") if given.has(name)]
    if len(there) > 1:
        raise given.fault(there[1], f"nothing, beside {there[0]}")
    if not there:
        if patience:
            given.need("theta" if patience == "m" else "patience")
        return [None] * count
    (name,) = there
    found: list[list[Part] | None] = []
    for value in given.each(name, count):
        if name == "patience":
            never = isinstance(value, str) and value.strip().lower() in ("never", "infinite", "inf")
            parts = None if never or value is None else given.spread(name, value)
        else:
            rate = given.rate(name, value)
            parts = [Part("exponential", 1 / rate, None, 100)] if rate else None
        if parts is not None and patience is not None and not _is_of(patience, parts):
            raise given.fault(name, _NAMED[patience] if patience else "nothing, in this model")
        found.append(parts)
    return found


def _is_of(letter: str, parts: list[Part]) -> bool:
    """Whether a duration is such as Kendall's letter says; empty: there is to be none."""
    return letter == "g" or (bool(letter) and [part.shape for part in parts] == [_SHAPE[letter]])


# --- several regions ------------------------------------------------------------------------


def _pooling(given: Given) -> Body:
    lams = given.rates(given.need("lams", "lam"))
    callers = _callers(given, len(lams))
    nurses = given.wholes(given.need("ns", "n"), len(lams))
    t_ms = _target(given, callers.unit_ms)
    yaml = (
        f"{_targets(t_ms)}{_regions(lams, nurses, callers)}"
        "policies:\n  separate: {share: never}\n"
        "  pooled: {order: fifo, home_first: never, share: at_once}\n"
    )
    return Body(yaml, callers.unit_ms, t_ms)


def _overflow(given: Given) -> Body:
    lams = given.rates(given.need("lam", "lams"))
    callers = _callers(given, len(lams))
    nurses = given.wholes(given.need("n", "ns"), len(lams))
    shares = "".join(
        f"      region_{index}: {{share: {_share_rule(given, k)}}}\n"
        for index, k in enumerate(given.each(given.need("k", "ks"), len(lams)))
    )
    t_ms = _target(given, callers.unit_ms)
    yaml = (
        f"{_targets(t_ms)}{_regions(lams, nurses, callers)}"
        f"policies:\n  overflow:\n    share: nothing\n    regions:\n{shares}"
    )
    return Body(yaml, callers.unit_ms, t_ms)


def _share_rule(given: Given, k: Any) -> str:
    is_word = isinstance(k, str) and k.lower() in ("inf", "infinity", "never")
    if k is None or is_word or k == math.inf:
        return "nothing"
    if not isinstance(k, int | float) or isinstance(k, bool) or k < 0 or k != int(k):
        raise given.fault("k", 'a whole number, or "inf"')
    return f"{{queue_longer_than: {int(k)}}}"


def _regions(lams: list[float], numbers: list[int], callers: _Callers) -> str:
    lines = f"callers: {{{callers.cells(0)}}}\nregions:\n" if callers.are_alike else "regions:\n"
    for index, (lam, nurses) in enumerate(zip(lams, numbers, strict=True)):
        own = f", kinds: [{{name: class_{index}, {callers.cells(index)}}}]"
        lines += (
            f"  region_{index}: {{calls_per_hour: {_per_hour(lam, callers.unit_ms)},"
            f" nurses: {nurses}{'' if callers.are_alike else own}}}\n"
        )
    return lines


# --- several skills -------------------------------------------------------------------------


def _specialists(given: Given) -> Body:
    """Two skills: nurses who have the first, the second, and both."""
    lams = given.rates(given.need("lam", "lams"), 2)
    callers = _callers(given, 2)
    nurses = given.wholes(given.need("n", "ns"), 3)
    kinds = "".join(
        f"    - {{name: class_{rank}, weight: {number_written(lam)}, rank: {rank},"
        f" needs: [skill_{rank}], {callers.cells(rank)}}}\n"
        for rank, lam in enumerate(lams)
    )
    skills = ("[skill_0]", "[skill_1]", "[skill_0, skill_1]")
    groups = "".join(
        f"      - {{nurses: {count}, skills: {has}}}\n"
        for count, has in zip(nurses, skills, strict=True)
    )
    t_ms = _target(given, callers.unit_ms)
    yaml = f"{_targets(t_ms)}{_skilled(kinds, lams, groups, callers.unit_ms)}"
    return Body(yaml, callers.unit_ms, t_ms)


def _servers(given: Given) -> Body:
    """First come, longest idle: each nurse has a speed and the classes that she takes."""
    lams = given.mapping("lams")
    rates = {name: given.rate("lams", lam) for name, lam in lams.items()}
    if not any(rates.values()):
        raise given.fault("lams", "a rate above 0 at least")
    servers = [_server(given, value, list(rates)) for value in given.values("servers")]
    usual = sum(rate for rate, _ in servers) / len(servers)
    handling = [[Part("exponential", 1 / usual, None, 100)]] * len(rates)
    callers = _Callers(handling, _patience(given, len(rates), None))
    kinds = "".join(
        f"    - {{name: class_{name}, weight: {number_written(lam)}, needs: [skill_{name}],"
        f" {callers.cells(index)}}}\n"
        for index, (name, lam) in enumerate(rates.items())
    )
    groups = "".join(
        f"      - {{nurses: 1, speed: {number_written(rate / usual)},"
        f" skills: [{', '.join(f'skill_{name}' for name in names)}]}}\n"
        for rate, names in servers
    )
    t_ms = _target(given, callers.unit_ms)
    yaml = (
        f"{_targets(t_ms)}{_skilled(kinds, list(rates.values()), groups, callers.unit_ms)}"
        "policies:\n  fcfs_alis: {order: fifo, choose: longest_idle_of_all}\n"
    )
    return Body(yaml, callers.unit_ms, t_ms)


def _server(given: Given, value: Any, names: list[str]) -> tuple[float, list[str]]:
    if isinstance(value, list) and len(value) == 2:
        rate, takes = value
        classes = list(takes) if isinstance(takes, str | list) else []
        if classes and all(name in names for name in classes) and given.rate("servers", rate) > 0:
            return float(rate), classes
    raise given.fault("servers", f"each a rate and its classes, of {', '.join(names)}")


def _skilled(kinds: str, lams: list[float], groups: str, unit_ms: float) -> str:
    return (
        f"callers:\n  kinds:\n{kinds}regions:\n  one:\n"
        f"    calls_per_hour: {_per_hour(sum(lams), unit_ms)}\n    groups:\n{groups}"
    )


_BY_WORDS: Final[tuple[tuple[str, Callable[[Given], Body]], ...]] = (
    (r"separate queues|pooled|shared queue", _pooling),
    (r"overflow by queue length|n-design", _overflow),
    (r"specialists and generalists|m-design", _specialists),
    (r"longest[- ]idle|alis", _servers),
)


def _target(given: Given, unit_ms: float) -> int | None:
    return round(given.number("t") * unit_ms) if given.maybe("t") is not None else None


def _targets(t_ms: int | None) -> str:
    return "" if t_ms is None else f"targets: [{duration_written(t_ms)}]\n"


def _per_hour(rate: float, unit_ms: float) -> str:
    return number_written(rate * HOUR_MS / unit_ms)
