"""Asking one Asterisk for the whole picture, and fitting the picture into the stream of events.

House rules: answers overtake events. What has happened to a channel is told after some
milliseconds, under load after a hundred, while `Status` shows it at once; a picture may know what
the stream has yet to tell. So each picture is let *settle*: events are read for `settle_s` more,
and a caller about whom one came since the picture was asked for, or whom we are moving, is
shown as `MENU`: alive, place unclaimed. What happened to him is in the stream, in its order.

*On a new connection* the board is made from the picture; the events that came meanwhile are kept,
and translated after it has been reported.

*On a live link* the board is right already and the picture is a check; events go on being
reported meanwhile, and the report stands in the stream behind all that was read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace

from queue_engine.core.commands import (
    CallerPlace,
    Command,
    ReportCallerGone,
    ReportCallerWaiting,
    ReportConnected,
    ReportOfferFailed,
    ReportSwitch,
    ReportTalkEnded,
    SeenCaller,
)
from queue_engine.telephony.ami_connection import STREAM_MAX
from queue_engine.telephony.ami_message import AmiMessage
from queue_engine.telephony.errors import TelephonyError
from queue_engine.telephony.ports import SwitchConnection
from queue_engine.telephony.reconcile import STATUS, Picture, read_picture, renew, seen_callers
from queue_engine.telephony.switchboard import Switchboard
from routing.vocabulary import ContactId, LinkId


class StatusRefused(TelephonyError):
    """Asterisk would not show its channels: manager.conf lacks a right."""


@dataclass(slots=True)
class _LivePicture:
    """A check of a live link, from its asking to its report."""

    number: int
    asked_ms: int
    done: asyncio.Future[bool]
    picture: Picture | None = None
    moved: set[str] = field(default_factory=set)
    """Legs and contacts that something came about since it was asked for."""


class Reconciler:
    """Makes pictures of one link.

    Args:
        link_id: the link.
        board: its switchboard.
        connection: where to ask.
        is_contact: whether the engine has a living contact of this id.
        is_moving: whether we are moving this caller now.
        now_ms: the engine's clock.
        status_s: deadline of the answer.
        settle_s: how long events may lag behind it.
    """

    def __init__(
        self,
        link_id: LinkId,
        board: Switchboard,
        connection: SwitchConnection,
        *,
        is_contact: Callable[[ContactId], bool],
        is_moving: Callable[[ContactId], bool],
        now_ms: Callable[[], int],
        status_s: float,
        settle_s: float,
    ) -> None:
        self.pictures = 0
        """How many pictures were asked for and came."""
        self._link_id = link_id
        self._board = board
        self._connection = connection
        self._is_contact = is_contact
        self._is_moving = is_moving
        self._now_ms = now_ms
        self._status_s = status_s
        self._settle_s = settle_s
        self._collected: deque[AmiMessage] = deque()
        self._live: _LivePicture | None = None
        self._number = 0
        self._one_at_a_time = asyncio.Lock()

    def collect(self, message: AmiMessage) -> bool:
        """Keep an event that came before the link is live; False if there are too many."""
        self._collected.append(message)
        return len(self._collected) <= STREAM_MAX

    def next_collected(self) -> AmiMessage | None:
        """The oldest event that was kept and not given yet."""
        return self._collected.popleft() if self._collected else None

    async def renew(self) -> tuple[ReportSwitch, bool]:
        """The picture of a new connection, and whether it is certain of all callers.

        The board shows the picture afterwards, and nothing older.

        Raises:
            TelephonyError: no answer, or a refusal.
        """
        asked_ms = self._now_ms()
        picture = await self._ask()
        await asyncio.sleep(self._settle_s)
        moved = {leg_id for message in self._collected for leg_id in _legs_of(message)}
        shown = {channel.leg_id for channel in picture}
        callers = seen_callers(picture, self._is_contact)
        renew(self._board, picture, callers)
        for message in self._collected:
            if message.event == "Hangup" and message.get("uniqueid") not in shown:
                self._board.remove(message.get("uniqueid"))  # what came before it is void as well
        certain = tuple(self._certain(caller, moved) for caller in callers)
        self._note_who_is_told(callers, is_told=False)
        self._note_who_is_told(certain, is_told=True)
        return ReportSwitch(self._link_id, asked_ms, certain), certain == callers

    async def check(self) -> bool:
        """Have a live link's picture reported; False if it came to nothing.

        Raises:
            TelephonyError: no answer, or a refusal.
        """
        async with self._one_at_a_time:
            self._number += 1
            done = asyncio.get_running_loop().create_future()
            live = _LivePicture(self._number, self._now_ms(), done)
            self._live = live
            try:
                live.picture = await self._ask()
                await asyncio.sleep(self._settle_s)
                self._connection.mark(live.number)
                await asyncio.wait({done}, timeout=self._status_s)
                return done.done() and done.result()
            finally:
                self._live = None

    def observe(self, message: AmiMessage, commands: Sequence[Command]) -> None:
        """A message was read from the stream, and meant these commands."""
        if self._live is not None:
            self._live.moved.update(_legs_of(message))
            self._live.moved.update(_contact_of(command) for command in commands)

    def report_of(self, number: int) -> ReportSwitch | None:
        """The report of the picture whose mark has been read; None if it is of no use any more."""
        live = self._live
        if live is None or live.number != number or live.picture is None:
            return None
        self._forget_lost_legs(live.picture, live.moved)
        callers = [
            self._certain(caller, live.moved)
            for caller in seen_callers(live.picture, self._is_contact)
            if not self._board.has_hung_up(caller.contact_id)
        ]
        self._note_who_is_told(callers, is_told=True)
        return ReportSwitch(self._link_id, live.asked_ms, tuple(callers))

    def reported(self, number: int) -> None:
        """The engine has taken the report of this picture."""
        if self._live is not None and self._live.number == number and not self._live.done.done():
            self._live.done.set_result(True)

    def forget(self) -> None:
        """The connection is gone: a picture under way is of no use."""
        self._collected.clear()
        self.void()

    def void(self) -> None:
        """The engine stood still: a picture asked for before is older than what lies unread."""
        live, self._live = self._live, None
        if live is not None and not live.done.done():
            live.done.set_result(False)

    async def _ask(self) -> Picture:
        response = await self._connection.action(STATUS, self._status_s)
        if not response.is_success:
            raise StatusRefused(
                f"Status refused: {response.sentence[:80]!r};"
                " expected read and write of 'call' and 'reporting' in manager.conf"
            )
        self.pictures += 1
        return read_picture(response.messages, self._now_ms())

    def _certain(self, caller: SeenCaller, moved: Set[str]) -> SeenCaller:
        """The caller as shown, or without a claim where he is."""
        if caller.contact_id in moved or self._is_moving(caller.contact_id):
            return replace(caller, place=CallerPlace.MENU, phone_id=None, offer=None)
        return caller

    def _note_who_is_told(self, callers: Iterable[SeenCaller], *, is_told: bool) -> None:
        """Whether the engine knows of their talks; if not, what ends one tells it first."""
        for caller in callers:
            leg = self._board.caller(caller.contact_id)
            if leg is not None and leg.talk is not None and caller.place is CallerPlace.TALKING:
                leg.talk.is_told = is_told

    def _forget_lost_legs(self, picture: Picture, moved: Set[str]) -> None:
        """Takes legs off the board that the switch no longer has, should a Hangup be missing."""
        shown = {channel.leg_id for channel in picture}
        for leg_id in list(self._board.legs):
            if leg_id not in shown and leg_id not in moved:
                self._board.remove(leg_id)


def _legs_of(message: AmiMessage) -> tuple[str, str]:
    """The channel that a message is about, and the caller's that it was made for."""
    return message.get("uniqueid"), message.get("linkedid")


def _contact_of(command: Command) -> ContactId:
    match command:
        case ReportCallerWaiting():
            return command.caller.contact_id
        case ReportCallerGone() | ReportConnected() | ReportOfferFailed() | ReportTalkEnded():
            return command.contact_id
        case _:
            return ContactId("")
