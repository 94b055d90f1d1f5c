"""What a region keeps for its own callers before it lends to others.

House rules: those of `policy`, whose part this is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from routing.limits import Levels
from routing.vocabulary import Skill

QUARTER_MS: Final = 15 * 60_000
"""Balances are kept by the quarter of an hour."""
BALANCE_WINDOW_MS_MAX: Final = 24 * 60 * 60_000
ANY: Final = Skill("")


@dataclass(frozen=True, slots=True)
class PartReserve:
    """What stays at home for one service, one language, or one service in one language."""

    service: Skill = ANY
    """Empty: any."""
    language: Skill = ANY
    """Empty: any."""
    agents: int = 0
    permille: int = 0

    def fits(self, service: Skill, language: Skill) -> bool:
        """Whether it is meant for contacts of this service in this language."""
        return self.service in ("", service) and self.language in ("", language)


@dataclass(frozen=True, slots=True)
class LendRule:
    """When and how many of a region's agents may be lent.

    The reserve is counted among ready agents who meet the contact's needs:
    `max(reserve_agents, ceil(signed_on * reserve_permille / 1000))` of them stay at home. Tier 0
    ignores all of it, tier 1 the limits.
    """

    reserve_agents: int = 0
    reserve_permille: int = 0
    reserves: tuple[PartReserve, ...] = ()
    """For some services and languages: the first that fits, instead of the two above."""
    own_wait: Levels | None = None
    """Nobody is lent for a service and language in which an own caller has waited so long."""
    balance: Levels | None = None
    """Nobody is lent while so much more has been given than taken, in thousandths of the time
    that own agents were signed on."""
    balance_window_ms: int = 0
    """Over how long, in whole quarters of an hour; goes with `balance`."""

    @property
    def has_reserve(self) -> bool:
        """Whether anybody may have to stay at home."""
        return bool(self.reserve_agents or self.reserve_permille or self.reserves)

    def reserve_of(self, service: Skill, language: Skill, signed_on: int) -> int:
        """How many stay at home of so many who are signed on: the share is rounded up."""
        for part in self.reserves:
            if part.fits(service, language):
                return max(part.agents, -(-signed_on * part.permille // 1000))
        return self.common_reserve_of(signed_on)

    def common_reserve_of(self, signed_on: int) -> int:
        """The same where no part has a reserve of its own."""
        share, agents = -(-signed_on * self.reserve_permille // 1000), self.reserve_agents
        return share if share > agents else agents

    def problems(self) -> Iterator[str]:
        """Yields every fault of the rule as a sentence."""
        kept = [(self.reserve_agents, self.reserve_permille)]
        kept += [(part.agents, part.permille) for part in self.reserves]
        if any(agents < 0 or not 0 <= permille <= 1000 for agents, permille in kept):
            yield "lend reserve: agents from 0, share from 0 to 1"
        if self.own_wait is not None:
            yield from self.own_wait.problems("lend own_wait", least=1)
        if self.balance is not None:
            yield from self.balance.problems("lend balance")
        window_ms = self.balance_window_ms
        if (self.balance is not None) != (window_ms > 0) or window_ms % QUARTER_MS:
            yield "lend balance: goes with a window of whole quarters of an hour"
        if window_ms > BALANCE_WINDOW_MS_MAX:
            yield "lend balance: the window is at most 24 hours"


LENDS_ALL: Final = LendRule()
"""Keeps nobody, and stops at nothing."""
