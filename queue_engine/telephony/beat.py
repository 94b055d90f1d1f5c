"""The beat at one Asterisk: that an engine is alive there, and which one acts.

The dialplan takes an engine for dead whose beat stands still. Where several engines may come to
one Asterisk, the beat names its *holder* as well, and the others keep away: what they decide is
fenced by the journal, what they do at the switch by this. The holder need not be the one that
decides: it shows that it lives, and beside it the turns of the one that does, by which alone the
dialplan goes. A holder is taken for gone when its beat has stood still for `STILL_S`; whoever takes
over from it ends its manager sessions first, so that nothing that it may still send arrives (it may
have been stopped between deciding and sending).

Times are the switch's own (`EPOCH`), for the clocks of two machines may differ; that one clock may
be set meanwhile, so a beat that looks old must also not change while it is watched.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Never, Self

from queue_engine.runtime.clock import uptime_s
from queue_engine.telephony import dialplan
from queue_engine.telephony.ami_message import Action, AmiResponse
from queue_engine.telephony.ami_outbound import set_beat, set_ivr
from queue_engine.telephony.errands import Send
from queue_engine.telephony.errors import TelephonyError
from routing.vocabulary import LinkId

_log = logging.getLogger(__name__)

NOBODY: Final = "0"
"""The beat of an Asterisk that has just started, or whose holder has left it in order."""
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_NAME_LENGTH: Final = 15
"""So much of a manager user's name does Asterisk list."""


@dataclass(frozen=True, slots=True)
class BeatTimes:
    """Intervals, in seconds."""

    every_s: float = 1.0
    still_s: float = 5.0
    """A beat that has stood still so long is nobody's."""
    watch_s: float = 1.5
    """So long a beat is watched that looks old by the switch's clock."""
    look_s: float = 0.25
    """Between two looks at another's beat."""
    doubt_s: float = 3.0
    """So long after a look nobody else has come: less than `still_s`, because the moments that are
    compared are whole seconds, of the switch's clock as it was read and as it is."""
    release_s: float = 1.0
    """For leaving it in order."""


@dataclass(frozen=True, slots=True)
class Holder:
    """An engine among those that may come to an Asterisk."""

    name: str
    """Of this start of it: no other engine has it, nor this one's next start; without dashes."""
    user: str
    """As which all of them log in at the manager."""
    agi: str
    """Where its IVR listens: calls are sent there from now on."""
    later_s: Callable[[], float] = lambda: 0.0
    """So much later than others it takes a switch that is not its own: others may reach more."""


@dataclass(frozen=True, slots=True)
class ShownBeat:
    """The beat as the switch holds it."""

    turns: str
    holder: str = ""
    """Empty: one that knows of no others."""
    shown_s: int | None = None
    """When, by the switch's clock."""

    def write(self) -> str:
        """As the value of the dialplan's variable."""
        return f"{self.turns}-{self.holder}-{self.shown_s}" if self.holder else self.turns

    @classmethod
    def read(cls, text: str) -> Self:
        """What the variable says; of what was not written here all is taken for turns."""
        words = text.split("-")
        if len(words) == 3 and _SECONDS.fullmatch(words[2]):
            return cls(words[0], words[1], int(words[2]))
        return cls(text)


class Beat:
    """One engine's beat at one Asterisk.

    Args:
        link_id: the Asterisk.
        send: sends one action.
        turns: changes as long as the engine decides.
        times: intervals.
        holder: this engine; None: no other comes there.
        alive: changes as long as this engine lives; None: `turns` says it.
    """

    def __init__(
        self,
        link_id: LinkId,
        send: Send,
        turns: Callable[[], int],
        times: BeatTimes,
        holder: Holder | None = None,
        alive: Callable[[], int] | None = None,
    ) -> None:
        self.shown = 0
        """How many were shown."""
        self._link_id = link_id
        self._send = send
        self._turns = turns
        self._times = times
        self._holder = holder
        self._alive = alive or turns
        self._ahead_s = 0.0
        """How far the switch's clock is ahead of the loop's."""
        self._ours_s = float("-inf")
        """Since boot: when the switch was last asked that said it was this engine's."""

    @property
    def is_shared(self) -> bool:
        """Whether other engines may come to this switch."""
        return self._holder is not None

    async def take(self) -> None:
        """Waits until no other engine acts there, and shows that this one does from now on.

        Raises:
            TelephonyError: the switch was not to be asked, or another engine came first.
        """
        if self._holder is None:
            return
        await self._wait_until_free(self._holder)
        # Shown first: one whose session is ended comes again, and must find that it is not his.
        await self._show(self._holder)
        await self._end_other_sessions(self._holder)
        await self._ask(set_ivr(self._holder.agi))
        if not await self._names(self._holder):
            raise TelephonyError("another engine came first")

    async def is_ours(self) -> bool:
        """Whether the switch still says that this engine acts there; it is shown anew, if so.

        Raises:
            TelephonyError: the switch was not to be asked.
        """
        if self._holder is None:
            return True
        if not await self._names(self._holder):
            return False
        await self._show(self._holder)
        # Whoever takes it shows itself first, and then looks: of two at once one sees the other.
        return await self._names(self._holder)

    async def may_tell(self) -> bool:
        """Whether what has just been read is this engine's to report, and no old news.

        One that stood still reads first what happened while it did; another may have come since,
        and have reported what is newer. So the switch is asked if it was not for `doubt_s`.
        """
        if self._holder is None or uptime_s() - self._ours_s <= self._times.doubt_s:
            return True
        try:
            return await self._names(self._holder)
        except TelephonyError as exc:
            _log.warning("%s: not known who acts there: %s", self._link_id, exc)
            return False

    async def show(self, is_live: Callable[[], bool], lost: Callable[[str], None]) -> Never:
        """Shows it while the link is live; a deciding loop that stands still shows nothing new.

        Args:
            is_live: whether the link acts.
            lost: called when another engine has come there.
        """
        shown: int | None = None
        while True:
            await asyncio.sleep(self._times.every_s)
            alive = self._alive()
            if not is_live() or alive == shown:
                continue
            try:
                if self._holder is not None and not await self._names(self._holder):
                    lost("another engine acts there")
                    continue
                await self._show(self._holder)
            except TelephonyError as exc:
                _log.warning("%s: the beat was not shown: %s", self._link_id, exc)
            else:
                shown = alive

    async def release(self) -> None:
        """Leaves the switch to whoever comes, if it is this engine's and can be reached."""
        if self._holder is None:
            return
        try:
            async with asyncio.timeout(self._times.release_s):
                if (await self._read()).holder == self._holder.name:
                    await self._ask(set_beat(NOBODY))
        except (TelephonyError, TimeoutError) as exc:
            _log.info("%s: not left in order: %s", self._link_id, exc)

    async def _wait_until_free(self, holder: Holder) -> None:
        now_s = asyncio.get_running_loop().time
        first, since_s, is_told = await self._read(), now_s(), False
        while True:
            epoch_s = await self._epoch_s()
            self._ahead_s = epoch_s - now_s()
            seen = await self._read()
            if seen.holder == holder.name:
                return
            if seen != first:
                first, since_s = seen, now_s()
            watched_s = now_s() - since_s - holder.later_s()
            if seen.write() in (NOBODY, "") and watched_s >= 0:
                return
            looks_old = seen.shown_s is not None and epoch_s - seen.shown_s >= self._times.still_s
            if watched_s >= (self._times.watch_s if looks_old else self._times.still_s):
                return
            if not is_told and not looks_old:
                is_told = True
                _log.warning("%s: another engine acts there: waiting", self._link_id)
            await asyncio.sleep(self._times.look_s)

    async def _end_other_sessions(self, holder: Holder) -> None:
        """Ours is taken to be the youngest of those that engines have; where it was not, we have
        ended it ourselves, and our next one will be."""
        response = await self._ask({"Action": "Command", "Command": "manager show connected"})
        rows = [line.split() for line in response.first.all("output")]
        ours = [row for row in rows if len(row) >= 5 and row[0] == holder.user[:_NAME_LENGTH]]
        sessions = sorted((int(row[2]), row[4]) for row in ours if row[2].isdecimal())
        if not sessions:
            raise TelephonyError("the manager does not list our own session")
        *others, (youngest_s, _) = sessions
        for started_s, session in others:
            if started_s == youngest_s:
                raise TelephonyError("two sessions began in one second")
            await self._ask({"Action": "Command", "Command": f"manager kick session {session}"})
            _log.warning("%s: ended a former session of the manager", self._link_id)

    async def _show(self, holder: Holder | None) -> None:
        count = str(self._turns())
        beat = ShownBeat(count)
        if holder is not None:
            shown_s = int(asyncio.get_running_loop().time() + self._ahead_s)
            beat = ShownBeat(count, holder.name, shown_s)
        await self._ask(set_beat(beat.write()))
        self.shown += 1

    async def _names(self, holder: Holder) -> bool:
        asked_s = uptime_s()
        is_ours = (await self._read()).holder == holder.name
        if is_ours:
            self._ours_s = asked_s
        return is_ours

    async def _read(self) -> ShownBeat:
        return ShownBeat.read(await self._value(dialplan.BEAT))

    async def _epoch_s(self) -> int:
        said = await self._value("EPOCH")
        if not _SECONDS.fullmatch(said):
            raise TelephonyError(f"the switch's clock says {said[:40]!r}, and no number")
        return int(said)

    async def _value(self, variable: str) -> str:
        response = await self._ask({"Action": "Getvar", "Variable": variable})
        return response.first.get("value")

    async def _ask(self, action: Action) -> AmiResponse:
        response = await self._send(action)
        if not response.is_success:
            raise TelephonyError(f"{action['Action']} was refused: {response.sentence}")
        return response
