"""What the API needs of others, as small ports; `serve` gives it what fits.

The engine's `Driver` is an `EnginePort` as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from queue_engine.core.commands import Command
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.journal.base import Snapshot
from routing.vocabulary import AgentId, ContactId, LinkId, PhoneId, RegionCode, SkillLevel, UnitId


class RecordFeed(AsyncIterable[Record], Protocol):
    """Records from now on; the end of the iteration tells `was_cut_off`."""

    was_cut_off: bool
    """It fell behind, and what followed is missing."""

    def close(self) -> None:
        """Nobody reads it any more."""


class EnginePort(Protocol):
    """The running engine."""

    @property
    def state(self) -> State:
        """To be read only, anew each time; it may be one append ahead of the journal."""

    async def journaled(self) -> bool:
        """Waits until the journal has all of `state`, which then stays so until whoever asked
        awaits something else; False: not in time."""

    def now_ms(self) -> int:
        """The engine's clock."""

    async def submit(self, command: Command) -> Record | None:
        """Has the command decided and journaled; None if nothing came of it.

        Raises:
            Refused: it cannot be carried out.
            EngineStopped: the engine does not run.
        """

    def follow(self, name: str, records_max: int) -> RecordFeed:
        """The records from now on; cut off if more than `records_max` are not read."""


class PastPort(Protocol):
    """The records that the journal holds."""

    def last_number(self) -> int:
        """The number of the last record that is journaled."""

    async def read(self, after: int, count_max: int) -> Sequence[Record]:
        """The records above `after` in order, at most so many.

        Raises:
            JournalError, BadInput: they cannot be read.
        """


class SnapshotsPort(Protocol):
    """The journal's snapshots, so that not all of it is read to explain what was lately."""

    async def before(self, number: int) -> Snapshot | None:
        """The newest whole one of a record below `number`; None: there is none."""


class SpeedPort(Protocol):
    """The clock of a demonstration; `runtime.clock.Clock` is one."""

    @property
    def speed(self) -> float:
        """How much faster it goes than the wall."""

    def set_speed(self, speed: float) -> None:
        """Goes so many times as fast from now on.

        Raises:
            ValueError: too slow or too fast.
        """


@dataclass(frozen=True, slots=True)
class Seat:
    """Who may sign on, with what, and where."""

    agent_id: AgentId
    region: RegionCode
    skills: tuple[SkillLevel, ...]
    link_id: LinkId
    phone_id: PhoneId | None
    """Her usual phone, if she has one."""
    unit: UnitId | None = None


class SeatsPort(Protocol):
    """The staff directory, as far as signing on asks."""

    def seat(self, agent_id: AgentId) -> Seat | None:
        """The profile of this agent; None: she may not sign on."""

    def free_for_people(self) -> Sequence[Seat]:
        """Those whose phone a page may take, each with one; none without an embedded network."""


@dataclass(frozen=True, slots=True)
class Reload:
    """What came of reading the configuration anew."""

    version: str
    """Of the policy in force now."""
    is_changed: bool = False
    restart_needed: bool = False
    """Whether `samko.yaml` says something that only a restart makes true."""
    faults: tuple[str, ...] = ()
    """Each with file, line and what was expected; if there are any, nothing has changed."""


ReloadPort = Callable[[], Awaitable[Reload]]


@dataclass(frozen=True, slots=True)
class ReadyCheck:
    """One thing that has to be well for callers to be served."""

    name: str
    is_ok: bool
    detail: str = ""


ReadyChecksPort = Callable[[], Sequence[ReadyCheck]]


class CallPort(Protocol):
    """One call that a page has dialled."""

    listener: Any
    """A callable that gets the call's news, frozen dataclasses by name; or None."""

    @property
    def contact_id(self) -> ContactId:
        """The contact that it is, or will be."""

    @property
    def state(self) -> str:
        """`menu`, `waiting`, `ringing`, `talking` or `ended`."""

    def press(self, key: str) -> None:
        """A key of the telephone: 0 to 9, * or #."""

    def hang_up(self) -> None:
        """The caller hangs up; may be said twice."""


class AgentPhonePort(Protocol):
    """One agent's phone, at which a page sits."""

    listener: Any
    """A callable that gets the phone's news, frozen dataclasses by name; or None."""

    @property
    def state(self) -> str:
        """`unplugged`, `idle`, `ringing` or `talking`."""

    def plug_in(self) -> None:
        """It can be rung."""

    def unplug(self) -> None:
        """It cannot be rung any more; what it had is over."""

    def answer(self) -> None:
        """Picks up."""

    def reject(self) -> None:
        """Declines what rings."""

    def hang_up(self) -> None:
        """Ends the talk."""


class TelephonesPort(Protocol):
    """The embedded telephone network, as far as pages use it."""

    def dial(
        self,
        called_number: str,
        from_region: RegionCode | None,
        listener: Callable[[object], None],
    ) -> CallPort:
        """Rings a number from a withheld one, in real time.

        Args:
            from_region: what the public network would say of where the caller is, if anything.
            listener: gets the call's news from its beginning; must neither raise nor wait.

        Raises:
            Refused: too many people call already.
        """

    def call(self, contact_id: ContactId) -> CallPort | None:
        """A call that is not over, also one from before a restart."""

    def phone(self, phone_id: PhoneId) -> AgentPhonePort:
        """The phone of that name, which is for people.

        Raises:
            Refused: there is none.
        """
