"""`lend` in a region's file: what stays at home, and when nothing is lent.

House rules: those of `region_file`, whose part this is.
"""

from __future__ import annotations

from typing import Final

from queue_engine.config.source import Item, Section
from routing.lend_policy import ANY, BALANCE_WINDOW_MS_MAX, QUARTER_MS, LendRule, PartReserve
from routing.limits import Levels
from routing.vocabulary import Skill

PARTS_MAX: Final = 100


def read_lend_rule(section: Section) -> LendRule:
    """The whole of it; left out: the region lends to its last agent."""
    agents, permille = _reserve(section.may("reserve"))
    own_wait, balance = section.may("own_wait"), section.may("balance")
    levels, window_ms = _balance(balance.section()) if balance.is_given else (None, 0)
    return LendRule(
        reserve_agents=agents,
        reserve_permille=permille,
        reserves=tuple(_part_reserve(part) for part in section.may("reserves").sections()),
        own_wait=wait_levels(own_wait.section()) if own_wait.is_given else None,
        balance=levels,
        balance_window_ms=window_ms,
    )


def _part_reserve(section: Section) -> PartReserve:
    """`{service: child, language: ar, reserve: 1}`; a service, a language, or both."""
    service, language = section.may("service"), section.may("language")
    if not service.is_given and not language.is_given:
        section.fault("expected a service, a language, or both")
    agents, permille = _reserve(section.need("reserve"))
    return PartReserve(_skill(service), _skill(language), agents, permille)


def _skill(item: Item) -> Skill:
    return Skill(item.identifier()) if item.is_given else ANY


def _reserve(item: Item) -> tuple[int, int]:
    """`2` keeps two agents at home, `20 %` that share of those signed on."""
    if item.is_whole:
        return item.whole(most=1_000), 0
    return 0, item.share_permille(what='a number of agents, or a share such as "20 %"')


def wait_levels(section: Section) -> Levels:
    """`above: 15 min` turns it on, `below: 10 min` off."""
    above = section.need("above").duration_ms(least_ms=1_000)
    below_item = section.need("below")
    below = below_item.duration_ms(least_ms=1_000)
    if above and below >= above:
        below_item.expected('a time less than "above"')
    return Levels(above, below)


def _balance(section: Section) -> tuple[Levels, int]:
    """`above: 10 %`, `below: 5 %` of own staffed time within `window: 2 h`."""
    above = section.need("above").share_permille()
    below_item = section.need("below")
    below = below_item.share_permille()
    if above and below >= above:
        below_item.expected('a share less than "above"')
    window = section.need("window")
    window_ms = window.duration_ms(least_ms=QUARTER_MS, most_ms=BALANCE_WINDOW_MS_MAX)
    if window_ms % QUARTER_MS:
        window.expected("a time of whole quarters of an hour")
    return Levels(above, below), window_ms
