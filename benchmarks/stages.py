"""Where the time goes from a nurse's BYE to her next INVITE, stage by stage, in Samkö.

The engine runs in this process, wrapped at its public seams with notes of the time; everything else
is as in `dispatch`. The notes cost some microseconds each: these figures say which stage takes how
much, those of `dispatch` how long it takes in all.
"""

from __future__ import annotations

import re
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from benchmarks.call_load import callers, nurses
from benchmarks.dispatch import BESIDE, RAMP_RATE, TALK_MS, phone_in, ramp_up, until_end
from benchmarks.figures import Section, quantile, table
from benchmarks.systems import engine_files, new_asterisk
from benchmarks.wire import SipPacket, capture
from queue_engine.core.engine import Engine
from queue_engine.core.events import ContactOffered
from queue_engine.core.record import Record
from queue_engine.journal.sqlite import SqliteJournal
from queue_engine.runtime.feed import Feed
from queue_engine.telephony.ami_inbound import Inbound
from queue_engine.telephony.ami_session import AmiSession
from queue_engine.telephony.dialplan import read_offer_exten
from queue_engine.telephony.switchboard import phone_of_channel
from tests.asterisk.engine import EngineHere

HELD: Final = 200
SECONDS: Final = 12.0

STAGES: Final = (
    "BYE on the wire",
    "Hangup event made by Asterisk",
    "read from the socket",
    "taken up by the link",
    "decided",
    "committed (synchronous=FULL)",
    "published",
    "Redirect written",
    "new channel made by Asterisk",
    "INVITE on the wire",
)
BYE, HANGUP, READ, TAKEN_UP, DECIDED, COMMITTED, PUBLISHED, WRITTEN, CHANNEL, INVITE = range(10)
_CHANNEL_LINE: Final = re.compile(rb"\r\nChannel: ([^\r]+)")
_TIME_LINE: Final = re.compile(rb"\r\nTimestamp: ([0-9.]+)")


class Notes:
    """When each stage was reached, by phone; in seconds since 1970."""

    def __init__(self) -> None:
        self._at_s: dict[tuple[int, str], list[float]] = {}
        self._committed_s = 0.0

    def note(self, stage: int, phone: str, at_s: float | None = None) -> None:
        """The stage was reached for that phone, now if no moment is given."""
        at_s = time.time() if at_s is None else at_s
        self._at_s.setdefault((stage, phone), []).append(at_s)

    def walks(self, end_s: float) -> Iterator[list[float]]:
        """For each BYE before `end_s` the moments of all stages, if all of them are known."""
        for (stage, phone), moments in self._at_s.items():
            if stage == BYE:
                walks = (self._walk(phone, bye_s) for bye_s in moments if bye_s < end_s)
                yield from (walk for walk in walks if walk is not None)

    def _walk(self, phone: str, bye_s: float) -> list[float] | None:
        """Each stage's first moment after the BYE: Asterisk stamps its events when it tells them,
        be it after what they tell of."""
        walk = [bye_s]
        for stage in range(HANGUP, INVITE + 1):
            moments = self._at_s.get((stage, phone), [])
            place = bisect_left(moments, bye_s)
            if place == len(moments):
                return None
            walk.append(moments[place])
        return walk

    def wire(self, packets: Sequence[SipPacket], nurse_port: int) -> None:
        """Notes the first and the last stage of every walk."""
        phones: dict[str, str] = {}
        for packet in packets:
            if packet.target == nurse_port and packet.is_request("INVITE"):
                if packet.call_id not in phones:
                    phones[packet.call_id] = phone_in(packet)
                    self.note(INVITE, phone_in(packet), packet.at_s)
            elif packet.source == nurse_port and packet.is_request("BYE"):
                phone = phones.pop(packet.call_id, None)
                if phone is not None:
                    self.note(BYE, phone, packet.at_s)

    # --- the seams ------------------------------------------------------------------------

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Notes are taken of the engine of this process while the block lasts."""
        receive, translate, action = AmiSession.receive, Inbound.translate, AmiSession.action
        handle, append, put = Engine.handle, SqliteJournal.append, Feed.put

        def noting_receive(session: Any, block: bytes) -> None:
            self._read(block)
            receive(session, block)

        def noting_translate(inbound: Any, message: Any, now_ms: int) -> Any:
            if message.event == "Hangup":
                self._note_channel(TAKEN_UP, message.get("channel"))
            return translate(inbound, message, now_ms)

        def noting_handle(engine: Any, command: Any, now_ms: int) -> Any:
            record = handle(engine, command, now_ms)
            self._offered(DECIDED, record, time.time())
            return record

        def noting_append(journal: Any, expected_last: int, records: Any) -> None:
            append(journal, expected_last, records)
            self._committed_s = time.time()

        def noting_put(feed: Any, record: Record) -> None:
            put(feed, record)
            if feed.name.startswith("the link"):
                self._offered(COMMITTED, record, self._committed_s)
                self._offered(PUBLISHED, record, time.time())

        async def noting_action(session: Any, action_: Any, timeout_s: float) -> Any:
            offer = read_offer_exten(str(action_.get("Exten", "")))
            if offer is not None:
                self.note(WRITTEN, offer[1])
            return await action(session, action_, timeout_s)

        with ExitStack() as patched:
            for owner, name, noting in (
                (AmiSession, "receive", noting_receive),
                (Inbound, "translate", noting_translate),
                (Engine, "handle", noting_handle),
                (SqliteJournal, "append", noting_append),
                (Feed, "put", noting_put),
                (AmiSession, "action", noting_action),
            ):
                patched.enter_context(mock.patch.object(owner, name, noting))
            yield

    def _read(self, block: bytes) -> None:
        is_hangup = block.startswith(b"Event: Hangup\r\n")
        if not is_hangup and not block.startswith(b"Event: Newchannel\r\n"):
            return
        channel, made = _CHANNEL_LINE.search(block), _TIME_LINE.search(block)
        if channel is not None and made is not None:
            name = channel[1].decode("latin-1")
            self._note_channel(HANGUP if is_hangup else CHANNEL, name, float(made[1]))
            if is_hangup:
                self._note_channel(READ, name)

    def _note_channel(self, stage: int, name: str, at_s: float | None = None) -> None:
        phone = phone_of_channel(name)
        if phone is not None:
            self.note(stage, phone, at_s)

    def _offered(self, stage: int, record: Record | None, at_s: float) -> None:
        for event in record.events if record is not None else ():
            if isinstance(event, ContactOffered):
                self.note(stage, event.phone_id, at_s)


async def measure(held: int = HELD, seconds: float = SECONDS) -> Section:
    """One run with `held` callers waiting."""
    notes = Notes()
    with tempfile.TemporaryDirectory(prefix="samko-bench-") as made, notes.taken():
        async with new_asterisk() as asterisk:
            files = await engine_files(Path(made), asterisk)
            async with EngineHere(files), nurses(asterisk, TALK_MS) as nurse_port:
                async with callers(asterisk, at_once=held + BESIDE, rate=RAMP_RATE):
                    await ramp_up(asterisk, held)
                    async with capture(asterisk.sip_port, Path(made) / "wire.pcap") as wire:
                        end_s = await until_end(seconds)
                await asterisk.hangup_all()
            notes.wire(wire.packets(), nurse_port)
    walks = list(notes.walks(end_s))
    return Section("Stages of one dispatch", _text(walks, held))


def _text(walks: list[list[float]], held: int) -> str:
    rows = []
    for stage, name in enumerate(STAGES):
        steps = [1_000 * (walk[stage] - walk[max(0, stage - 1)]) for walk in walks]
        since = [1_000 * (walk[stage] - walk[BYE]) for walk in walks]
        cells = [quantile(values, share) for values in (steps, since) for share in (0.5, 0.99)]
        rows.append([name, *(f"{cell:.2f}" for cell in cells)])
    head = ("stage reached", "step median", "step p99", "since BYE median", "since BYE p99")
    return (
        f"{held} held, {len(walks)} dispatches. Milliseconds since the stage before, and since the"
        " BYE. Asterisk's two events carry its own timestamps; medians of steps do not add up"
        f" exactly.\n\n{table(head, rows)}"
    )
