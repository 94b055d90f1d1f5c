"""How soon a free nurse has the next caller: Samkö, a bare Redirect script, Asterisk's Queue.

The three take turns on the same kind of local Asterisk, with ten nurses' phones that answer at
once, talk a little and hang up. Two measures, the same for all three:

- *W held*: W callers always wait. From the nurse's BYE on the wire to the next INVITE on the wire
  to the same nurse.
- *0 held*: a caller comes to free nurses. From the `SamkoWaiting` of the dialplan, by Asterisk's
  own timestamp, to his INVITE on the wire.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.bare_redirect import connect, read_message
from benchmarks.call_load import PHONES, callers, nurses, waiting
from benchmarks.figures import SPREAD_HEAD, Goal, Section, quantile, spread, table
from benchmarks.systems import BARE, QUEUE, SAMKO, SYSTEMS
from benchmarks.wire import SipPacket, capture
from queue_engine.cli import NICE
from queue_engine.telephony.local_asterisk import LocalAsterisk

MEDIAN_OVER_BARE_MS: Final = 4.0
P99_OVER_BARE_MS: Final = 20.0
TIMES_FASTER_THAN_QUEUE: Final = 25.0

TALK_MS: Final = (700, 1_900)
"""Short, so that there is much to measure; long enough that nobody has much else to do."""
SHORT_TALK_MS: Final = (50, 250)
"""With nobody held, there must be a free nurse whenever somebody comes."""
BESIDE: Final = {SAMKO: 42, BARE: 18, QUEUE: 18}
"""Callers beside those who wait: ten who talk, and those who are being answered or in the menu."""
RAMP_RATE: Final = 40
_SINGLE_RATE: Final = 8
_RAMP_S_MAX: Final = 40.0
_RAMP_POLL_S: Final = 0.25
_SETTLE_S: Final = 2.0
_LATE_S: Final = 2.5
"""So long after the last moment that counts the wire is still listened to."""
_STAMP_S: Final = 0.5
_NUMBER: Final = re.compile(r"<sip:([0-9]+)@")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 2
    single_s: float = 9.0
    """Of each round, for each system."""
    held_s: float = 13.0
    held: tuple[int, ...] = (200,)


@dataclass(slots=True)
class Found:
    """What one system was found to take, in milliseconds; by how many were held."""

    ms: dict[int, list[float]] = field(default_factory=dict)
    missing: int = 0
    """Moments that no INVITE followed in time."""

    def add(self, held: int, times: Iterable[float | None]) -> None:
        """Takes what one measurement gave; None: no INVITE came."""
        for at in times:
            if at is None:
                self.missing += 1
            else:
                self.ms.setdefault(held, []).append(at)


async def measure(plan: Plan) -> Section:
    """All three in turn, `plan.rounds` times."""
    found = {name: Found() for name in SYSTEMS}
    for _ in range(plan.rounds):
        for name, system in SYSTEMS.items():
            with tempfile.TemporaryDirectory(prefix="samko-bench-") as made:
                folder = Path(made)
                (folder / "system").mkdir()
                async with system(folder / "system") as asterisk:
                    found[name].add(0, await _single(asterisk, folder, plan))
                    for held in plan.held:
                        times = await _held(asterisk, folder, held, held + BESIDE[name], plan)
                        found[name].add(held, times)
    return Section("From a free nurse to the INVITE", _text(found, plan), _goals(found, plan))


# --- one measurement ------------------------------------------------------------------------


async def _single(asterisk: LocalAsterisk, folder: Path, plan: Plan) -> list[float | None]:
    arrived: list[tuple[float, str]] = []
    async with (
        nurses(asterisk, SHORT_TALK_MS),
        capture(asterisk.sip_port, folder / "single.pcap") as wire,
    ):
        ear = asyncio.create_task(_hear_arrivals(asterisk, arrived))
        try:
            async with callers(asterisk, at_once=_SINGLE_RATE * 10, rate=_SINGLE_RATE):
                end_s = await until_end(plan.single_s)
                assert not ear.done(), ear.result()
        finally:
            ear.cancel()
            await asyncio.wait([ear])
    await asterisk.hangup_all()
    return from_arrival(wire.packets(), [one for one in arrived if one[0] < end_s])


async def _hear_arrivals(asterisk: LocalAsterisk, arrived: list[tuple[float, str]]) -> None:
    """Notes when each caller began to wait, and his number, until cancelled."""
    reader, writer = await connect(
        asterisk.ami_port, asterisk.ami_user, asterisk.ami_secret, "user"
    )
    try:
        while True:
            message = await read_message(reader)
            if message.get("UserEvent") == "SamkoWaiting":
                arrived.append((float(message["Timestamp"]), message["CallerIDNum"]))
    finally:
        writer.close()


async def _held(
    asterisk: LocalAsterisk, folder: Path, held: int, at_once: int, plan: Plan
) -> list[float | None]:
    async with nurses(asterisk, TALK_MS) as nurse_port:
        async with callers(asterisk, at_once=at_once, rate=RAMP_RATE):
            await ramp_up(asterisk, held)
            async with capture(asterisk.sip_port, folder / f"{held}.pcap") as wire:
                end_s = await until_end(plan.held_s)
        await asterisk.hangup_all()
    return from_bye(wire.packets(), nurse_port, end_s)


async def ramp_up(asterisk: LocalAsterisk, held: int) -> None:
    """Until so many callers wait, and a little longer."""
    until_s = time.monotonic() + _RAMP_S_MAX
    while (count := await waiting(asterisk)) < held:
        if time.monotonic() > until_s:
            raise TimeoutError(f"{count} of {held} callers wait after {_RAMP_S_MAX:g} s")
        await asyncio.sleep(_RAMP_POLL_S)
    await asyncio.sleep(_SETTLE_S)


async def until_end(seconds: float) -> float:
    """Lets so much time pass that counts, and some more; gives the end of what counts."""
    await asyncio.sleep(seconds)
    end_s = time.time()
    await asyncio.sleep(_LATE_S)
    return end_s


def from_bye(packets: Iterable[SipPacket], nurse_port: int, end_s: float) -> list[float | None]:
    """From each BYE of a nurse before `end_s` to the next INVITE to her, in milliseconds."""
    phone_of_call: dict[str, str] = {}
    hung_up_s: dict[str, float] = {}
    times: list[float | None] = []
    for packet in packets:
        if packet.target == nurse_port and packet.is_request("INVITE"):
            phone = phone_in(packet)
            if packet.call_id in phone_of_call:
                continue  # sent again
            phone_of_call[packet.call_id] = phone
            if phone in hung_up_s:
                times.append(1_000 * (packet.at_s - hung_up_s.pop(phone)))
        elif packet.source == nurse_port and packet.is_request("BYE") and packet.at_s < end_s:
            known = phone_of_call.get(packet.call_id)
            if known is not None:
                hung_up_s.setdefault(known, packet.at_s)
    return times + [None] * len(hung_up_s)


def phone_in(packet: SipPacket) -> str:
    """Whom an INVITE rings."""
    return packet.line.partition("sip:")[2].partition("@")[0]


def from_arrival(
    packets: Iterable[SipPacket], arrived: Iterable[tuple[float, str]]
) -> list[float | None]:
    """From each caller's waiting to the next INVITE that shows his number, in milliseconds.

    Asterisk stamps an event when it tells it, which may be after what it did next: a little less
    than 0 is possible. Numbers come again only after many seconds.
    """
    invites: dict[str, list[float]] = {}
    for packet in packets:
        is_to_phone = packet.is_request("INVITE") and phone_in(packet) in PHONES
        number = _NUMBER.search(packet.sender)
        if is_to_phone and number is not None:
            invites.setdefault(number[1], []).append(packet.at_s)
    times: list[float | None] = []
    for waiting_s, number_shown in arrived:
        later = (at_s for at_s in invites.get(number_shown, []) if at_s > waiting_s - _STAMP_S)
        at_s = next(later, None)
        times.append(None if at_s is None else 1_000 * (at_s - waiting_s))
    return times


# --- what it comes to -----------------------------------------------------------------------


def _text(found: dict[str, Found], plan: Plan) -> str:
    parts = [
        f"{len(PHONES)} nurses' phones that answer at once; the three systems took turns,"
        f" {plan.rounds} rounds. Wire times by tcpdump. Milliseconds. Samkö's wrap-up is set to"
        " 0 s, as is Queue's `wrapuptime`. As root, `samko serve` runs at nice"
        f" {NICE}; the script and Asterisk run at 0."
    ]
    for held in (0, *plan.held):
        rows = [[name, *spread(one.ms.get(held, []))] for name, one in found.items()]
        measure_ = (
            "0 held: from the caller's waiting (dialplan event) to the INVITE"
            if not held
            else f"{held} held: from the nurse's BYE to the next INVITE to her"
        )
        parts.append(f"{measure_}\n\n{table(('system', *SPREAD_HEAD), rows)}")
        parts.append(_compared(found, held))
    missing = ", ".join(f"{name} {one.missing}" for name, one in found.items())
    parts.append(f"Moments that no INVITE followed within {_LATE_S} s: {missing}.")
    return "\n\n".join(parts)


def _compared(found: dict[str, Found], held: int) -> str:
    median, p99 = (_over_bare(found, held, share) for share in (0.5, 0.99))
    return (
        f"Samkö over the bare script: median {median:+.1f} ms, p99 {p99:+.1f} ms;"
        f" Queue's median is {_queue_ratio(found, held):.1f} times Samkö's."
    )


def _over_bare(found: dict[str, Found], held: int, share: float) -> float:
    ours, least = (found[name].ms.get(held, []) for name in (SAMKO, BARE))
    return quantile(ours, share) - quantile(least, share)


def _queue_ratio(found: dict[str, Found], held: int) -> float:
    ours, queue = (found[name].ms.get(held, []) for name in (SAMKO, QUEUE))
    return quantile(queue, 0.5) / quantile(ours, 0.5)


def _goals(found: dict[str, Found], plan: Plan) -> tuple[Goal, ...]:
    goals: list[Goal] = []
    for held in (0, *plan.held):
        for name, share, most in (
            ("median", 0.5, MEDIAN_OVER_BARE_MS),
            ("p99", 0.99, P99_OVER_BARE_MS),
        ):
            over = _over_bare(found, held, share)
            promise = f"{held} held, {name} at most {most:g} ms over the bare script"
            goals.append(Goal(promise, f"{over:+.1f} ms", over <= most))
    for held in plan.held:
        ratio = _queue_ratio(found, held)
        promise = f"{held} held, {TIMES_FASTER_THAN_QUEUE:g} times faster than Queue"
        goals.append(Goal(promise, f"{ratio:.1f} times", ratio >= TIMES_FASTER_THAN_QUEUE))
    return tuple(goals)
