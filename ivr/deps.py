"""What a conversation is given, and the small things that every visit does with it.

House rules: built once by whoever serves the visits; nothing here knows an engine or a switch.
What must outlive a visit is kept in channel variables, so that it outlives the engine too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ivr.call_session import CallSession
from ivr.desk import Desk
from ivr.line import Lines
from ivr.menu import Menu, Spoken
from ivr.pin import PinCheck, PinThrottle
from ivr.ports import CallerKeys, LinkSender, NoCallerKeys, StaffDirectory, Vault
from ivr.prompts import PromptShelf
from routing.vocabulary import LineId, Priority, RegionCode

LANGUAGE_VARIABLE: Final = "SAMKO_LANGUAGE"
LINE_VARIABLE: Final = "SAMKO_LINE"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a conversation waits for others, and for fingers."""

    desk_s: float = 7.0
    """For each question to the desk: it outlives the time in which nobody decides after an engine
    has died, and is far below that in which the dialplan takes the caller back."""
    vault_s: float = 1.0
    link_s: float = 3.0
    keys_s: float = 0.5
    """For a caller's keys."""
    pin_s: float = 5.0
    """For checking a PIN."""
    quiet_ms: int = 250
    """Keys that follow each other faster than this are one press, not an answer ahead."""
    number_quiet_ms: int = 1_000
    """The same after a number: the `#` or a digit too many comes at the pace of dialling."""
    agent_key_ms: int = 10_000
    """For each key of an agent."""
    refused_listen_ms: int = 6_000
    """For a key of one who is turned away."""
    told_from_ms: int = 30_000
    """From this expected wait on, the caller is told that he is in the queue, and his keys."""


@dataclass(frozen=True, slots=True)
class FlowDeps:
    """Everything a conversation may use."""

    desk: Desk
    vault: Vault
    links: LinkSender
    staff: StaffDirectory
    lines: Lines
    menus: Mapping[str, Menu]
    """By name; has every line's menu."""
    shelf: PromptShelf
    area_codes: Mapping[str, RegionCode]
    """From area code with its 0 (`08`, `0500`) to region; names every region."""
    tier_of: Callable[[Priority], int]
    """The tier that the rules in force give a priority: what the fallback queue orders by."""
    now_ms: Callable[[], int]
    """Wall clock."""
    today: Callable[[], date]
    """The date in Sweden, for personal numbers."""
    is_line_open: Callable[[LineId], bool] = lambda _line_id: True
    caller_keys: CallerKeys = field(default_factory=NoCallerKeys)
    shared_numbers: frozenset[str] = frozenset()
    """E.164; of relay services and switchboards: who calls from there is never known again."""
    pins: PinCheck = field(default_factory=PinCheck)
    throttle: PinThrottle = field(default_factory=PinThrottle)
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Talk:
    """One visit under way: to whom, in which language, with which menu."""

    session: CallSession
    deps: FlowDeps
    menu: Menu
    language: str

    async def say(self, *prompts: Spoken | str, barge_in: str = "") -> str | None:
        """Says prompts one after another; returns the key that stopped them, or None."""
        named = [Spoken(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
        sounds = [self.deps.shelf.sound(prompt, self.language) for prompt in named]
        return await self.session.say(sounds, barge_in)

    async def drain(self) -> None:
        """Throws away keys that came too fast to be answers."""
        await self.session.drain_digits(self.deps.pace.quiet_ms)


async def resumed(session: CallSession, deps: FlowDeps) -> Talk:
    """The talk with a waiting caller, in the language and with the keys of his call."""
    language = await session.get_variable(LANGUAGE_VARIABLE)
    line = deps.lines.named(await session.get_variable(LINE_VARIABLE) or "")
    return Talk(session, deps, deps.menus[line.menu], deps.shelf.language(language))
