"""Stand-ins for all that a conversation is given, and the shipped menus to try them with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from ivr.deps import FlowDeps, Pace
from ivr.desk import AgentAction, TurnedAway
from ivr.line import Lines
from ivr.menu import Menu
from ivr.ports import LinkRequest
from ivr.prompts import PromptShelf, PromptTexts, complete_languages
from queue_engine.config.lines_file import read_lines
from queue_engine.config.menu_file import read_menus
from queue_engine.config.prompt_file import read_prompts
from queue_engine.config.source import Faults
from queue_engine.core.commands import CallTicket, EnqueueContact
from queue_engine.core.errors import Refused
from routing.policy import DEFAULT_PRIORITIES
from routing.vocabulary import (
    AgentId,
    ContactId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
)

CONFIG_DIR: Final = Path(__file__).parents[2] / "config"
NOW_MS: Final = 1_795_290_000_000
SHARED_NUMBER: Final = "+46313900699"
"""A switchboard's."""
TODAY: Final = date(2026, 11, 21)
AREA_CODES: Final = {
    "08": RegionCode("01"),
    "031": RegionCode("14"),
    "0500": RegionCode("14"),
    "090": RegionCode("24"),
    "0980": RegionCode("25"),
    "0910": RegionCode("24"),
}
PROMPTS_ROOT: Final = Path("/var/lib/samko/prompts")
_TIERS: Final = {priority: rule.tier for priority, rule in DEFAULT_PRIORITIES}
_NEED: Final = list(Priority)


@cache
def shipped() -> tuple[dict[str, Menu], dict[str, PromptTexts], Lines]:
    """Menus, prompts and lines as they are in `config/`."""
    faults = Faults()
    menus = {name: file.menu for name, file in read_menus(faults, CONFIG_DIR).items()}
    prompts = {name: file.texts for name, file in read_prompts(faults, CONFIG_DIR).items()}
    lines = Lines(read_lines(faults, CONFIG_DIR).lines)
    faults.raise_if_any()
    return menus, prompts, lines


class FakeDesk:
    """A queue in a list, with an agent `n1401`.

    Set `failing` to an error that everything raises, or `slow` to something everything awaits.
    """

    def __init__(self) -> None:
        self.waiting: dict[ContactId, CallTicket] = {}
        self.commands: list[EnqueueContact] = []
        self.raised: list[tuple[ContactId, Priority, str]] = []
        self.actions: list[tuple[AgentAction, AgentId | None, PhoneId, NotReadyReason]] = []
        self.signed_on: dict[tuple[LinkId, PhoneId], AgentId] = {}
        self.wait_ms: int | None = None
        self.places: list[int | None] = []
        self.misused: set[ContactId] = set()
        self.is_overloaded = False
        self.refused: list[EnqueueContact] = []
        self.failing: Exception | None = None
        self.slow: Callable[[], Awaitable[Any]] | None = None

    async def enqueue(self, command: EnqueueContact) -> CallTicket:
        await self._trouble()
        if self.is_overloaded and command.priority is not Priority.EMERGENCY:
            self.refused.append(command)
            raise TurnedAway(command.alternatives)
        if command.contact_id in self.waiting:
            return self.waiting[command.contact_id]
        ticket = CallTicket(
            record=len(self.commands) + 1,
            contact_id=command.contact_id,
            arrived_ms=command.arrived_ms,
            sequence=len(self.commands) + 1,
            priority=command.priority,
            home_region=command.home_region,
            needs=command.needs,
        )
        self.commands.append(command)
        self.waiting[command.contact_id] = ticket
        return ticket

    async def raise_priority(
        self, contact_id: ContactId, priority: Priority, reason: str
    ) -> Priority:
        await self._trouble()
        if contact_id not in self.waiting:
            raise Refused("unknown_contact", "no such contact waits")
        self.raised.append((contact_id, priority, reason))
        if priority is Priority.EMERGENCY and contact_id in self.misused:
            priority = Priority.URGENT
        old = self.waiting[contact_id]
        if _NEED.index(priority) < _NEED.index(old.priority):
            self.waiting[contact_id] = CallTicket(
                old.record + 1,
                contact_id,
                old.arrived_ms,
                old.sequence,
                priority,
                old.home_region,
                old.needs,
            )
        return self.waiting[contact_id].priority

    def position(self, contact_id: ContactId) -> int | None:
        if self.places:
            return self.places.pop(0)
        order = sorted(self.waiting.values(), key=lambda t: (_TIERS[t.priority], t.arrived_ms))
        ids = [ticket.contact_id for ticket in order]
        return ids.index(contact_id) + 1 if contact_id in ids else None

    def expected_wait_ms(self, contact_id: ContactId) -> int | None:
        return self.wait_ms if contact_id in self.waiting else None

    async def agent_action(
        self,
        action: AgentAction,
        agent_id: AgentId | None,
        phone_id: PhoneId,
        link_id: LinkId,
        reason: NotReadyReason = NotReadyReason.OTHER,
    ) -> None:
        await self._trouble()
        if action is AgentAction.SIGN_ON:
            assert agent_id is not None
            self.signed_on[link_id, phone_id] = agent_id
        elif (link_id, phone_id) not in self.signed_on:
            raise Refused("not_signed_on", "nobody is signed on there")
        elif action is AgentAction.SIGN_OFF:
            del self.signed_on[link_id, phone_id]
        self.actions.append((action, agent_id, phone_id, reason))

    async def _trouble(self) -> None:
        if self.failing is not None:
            raise self.failing
        if self.slow is not None:
            await self.slow()


class FakeVault:
    """Keeps in a dict; set `failing` to an error that it raises."""

    def __init__(self) -> None:
        self.kept: dict[ContactId, tuple[str | None, str | None]] = {}
        self.failing: Exception | None = None

    async def keep(
        self, contact_id: ContactId, personal_number: str | None, phone_number: str | None
    ) -> None:
        if self.failing is not None:
            raise self.failing
        self.kept[contact_id] = (personal_number, phone_number)


class FakeLinks:
    """Remembers requests; set `failing` to an error that it raises."""

    def __init__(self) -> None:
        self.requests: list[LinkRequest] = []
        self.failing: Exception | None = None

    async def send(self, request: LinkRequest) -> None:
        if self.failing is not None:
            raise self.failing
        self.requests.append(request)


@dataclass(frozen=True, slots=True)
class FakeNurse:
    """Somebody of the staff."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class FakeStaff:
    """Agents by number and PIN."""

    pins: Mapping[tuple[str, str], AgentId] = field(
        default_factory=lambda: {("1401", "7301"): AgentId("n1401")}
    )

    def authenticate(self, agent_number: str, pin: str) -> FakeNurse | None:
        agent_id = self.pins.get((agent_number, pin))
        return FakeNurse(agent_id) if agent_id is not None else None


class FakeCallerKeys:
    """One key a number, and one of yesterday's; `failing` and `slow` as the vault's."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failing: Exception | None = None
        self.slow: Callable[[], Awaitable[Any]] | None = None

    async def of(self, contact_id: ContactId, phone_number: str) -> tuple[str, ...]:
        self.asked.append(phone_number)
        if self.slow is not None:
            await self.slow()
        if self.failing is not None:
            raise self.failing
        return ("today", "yesterday")


@dataclass(slots=True)
class Parts:
    """The fakes behind a `FlowDeps`, and a clock that a test sets."""

    desk: FakeDesk = field(default_factory=FakeDesk)
    vault: FakeVault = field(default_factory=FakeVault)
    caller_keys: FakeCallerKeys = field(default_factory=FakeCallerKeys)
    links: FakeLinks = field(default_factory=FakeLinks)
    staff: FakeStaff = field(default_factory=FakeStaff)
    now_ms: int = NOW_MS
    is_open: bool = True
    pace: Pace = field(default_factory=Pace)

    def deps(self, menus: Mapping[str, Menu] | None = None) -> FlowDeps:
        """Everything a conversation is given, with the shipped menus unless told otherwise."""
        shipped_menus, prompts, lines = shipped()
        return FlowDeps(
            desk=self.desk,
            vault=self.vault,
            links=self.links,
            staff=self.staff,
            lines=lines,
            menus=menus or shipped_menus,
            shelf=PromptShelf(PROMPTS_ROOT, complete_languages(prompts)),
            area_codes=AREA_CODES,
            tier_of=_TIERS.__getitem__,
            now_ms=lambda: self.now_ms,
            today=lambda: TODAY,
            is_line_open=lambda _line_id: self.is_open,
            caller_keys=self.caller_keys,
            shared_numbers=frozenset({SHARED_NUMBER}),
            pace=self.pace,
        )
