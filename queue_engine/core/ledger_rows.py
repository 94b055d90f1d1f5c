"""What the ledger keeps: accounts, and the work that is or will be on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple, assert_never

from queue_engine.core.island_reports import StintKind
from routing.vocabulary import (
    UNKNOWN_REGION,
    AgentId,
    ContactId,
    RegionCode,
    Requirement,
    Skill,
)

NATION: Final = UNKNOWN_REGION
"""Stands for the home region of what is nobody's."""
UNSEEN_MAX: Final = 5_000


class Account(NamedTuple):
    """Who did something for whom."""

    giver: RegionCode
    taker: RegionCode
    """`NATION`: nobody's contacts, paid for by all."""
    service: Skill
    is_sold: bool = False
    """The giver sells the service to the taker, and answered as its seller."""


class Sums(NamedTuple):
    """What was done."""

    calls: int = 0
    """Talks that ended; a contact that talked with two agents counts for both."""
    talk_ms: int = 0
    consults: int = 0
    """Times that an agent was asked about another's caller."""
    consult_ms: int = 0
    """In those, until she was let go or had the caller herself."""
    wrap_up_ms: int = 0

    def __add__(self, other: object) -> Sums:
        assert isinstance(other, Sums)
        return Sums(*(mine + more for mine, more in zip(self, other, strict=True)))


def sums_of(kind: StintKind, length_ms: int, count: int = 1) -> Sums:
    """What work of this length adds to an account, if it counts so many times."""
    match kind:
        case StintKind.TALK:
            return Sums(calls=count, talk_ms=length_ms)
        case StintKind.CONSULT:
            return Sums(consults=count, consult_ms=length_ms)
        case StintKind.WRAP_UP:
            return Sums(wrap_up_ms=length_ms)
        case _:
            assert_never(kind)


class Busy(NamedTuple):
    """An agent talks with a contact, or about it."""

    since_ms: int
    is_consult: bool


class Stint(NamedTuple):
    """Work that is over."""

    agent_id: AgentId
    giver: RegionCode
    kind: StintKind
    from_ms: int
    until_ms: int

    @property
    def length_ms(self) -> int:
        """How long it took."""
        return self.until_ms - self.from_ms


class Booked(NamedTuple):
    """Work that stands on an account, or on none: it was done for her own region."""

    stint: Stint
    account: Account | None


@dataclass(slots=True)
class ContactWork:
    """What is known of a contact until it is forgotten."""

    home: RegionCode
    needs: tuple[Requirement, ...]
    busy: dict[AgentId, Busy] = field(default_factory=dict)
    done: list[Stint] = field(default_factory=list)
    """Not booked yet."""
    booked: list[Booked] = field(default_factory=list)
    sold_to: dict[AgentId, RegionCode] = field(default_factory=dict)
    """For which home region an agent was offered it, or asked about it, as sold."""
    sent_on: dict[AgentId, RegionCode] = field(default_factory=dict)
    """Whose it was when an agent transferred it to another region."""
    ended_elsewhere: list[AgentId] = field(default_factory=list)
    """Whose talk or wrap-up ended on an island: the wrap-up that ends here next is none."""
    is_unseen: bool = False
    """Nobody has seen its end: somebody may yet tell of it."""


@dataclass(slots=True)
class LedgerRows:
    """All that a ledger has to know to go on."""

    regions: tuple[RegionCode, ...] = ()
    services: tuple[Skill, ...] = ()
    agents: dict[AgentId, RegionCode] = field(default_factory=dict)
    """Of those who are signed on."""
    contacts: dict[ContactId, ContactWork] = field(default_factory=dict)
    unseen: dict[ContactId, ContactWork] = field(default_factory=dict)
    """Of those that are forgotten the latest whose end nobody has seen."""
    accounts: list[tuple[Account, Sums]] = field(default_factory=list)
