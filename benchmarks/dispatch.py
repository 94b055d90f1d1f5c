"""How soon a free nurse has the next caller: Samkö, a bare Redirect script, Asterisk's Queue.

The three take turns on the same kind of local Asterisk, with ten nurses' phones that answer at
once, talk a little and hang up. Two measures, the same for all three:

- *W held*: W callers always wait. From the nurse's BYE on the wire to the next INVITE on the wire
  to the same nurse.
- *0 held*: a caller comes to free nurses. From the `SamkoWaiting` of the dialplan, by Asterisk's
  own timestamp, to his INVITE on the wire.

House rules: a round in which the host took over `STEAL_MAX` of the processors from this machine
says nothing about either; it is shown, and does not count as long as there is a quiet one.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.bare_redirect import connect, read_message
from benchmarks.call_load import PHONES, callers, nurses, waiting
from benchmarks.figures import SPREAD_HEAD, Goal, Section, quantile, spread, table
from benchmarks.systems import BARE, QUEUE, SAMKO, SYSTEMS
from benchmarks.wire import SipPacket, capture
from queue_engine.telephony.local_asterisk import LocalAsterisk

MEDIAN_OVER_BARE_MS: Final = 4.0
P99_OVER_BARE_MS: Final = 20.0
TIMES_FASTER_THAN_QUEUE: Final = 25.0

TALK_MS: Final = (700, 1_900)
"""Short, so that there is much to measure; long enough that nobody has much else to do."""
SHORT_TALK_MS: Final = (50, 250)
"""With nobody held, there must be a free nurse whenever somebody comes."""
STEAL_MAX: Final = 0.05
BESIDE: Final = 42
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

    rounds: int = 4
    single_s: float = 5.0
    """Of each round, for each system."""
    held_s: float = 10.0
    held: tuple[int, ...] = (200,)


@dataclass(slots=True)
class Round:
    """One turn of all three."""

    ms: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    """By system and by how many were held."""
    missing: Counter[str] = field(default_factory=Counter)
    """Moments that no INVITE followed in time, by system."""
    stolen: float = 0.0
    """The share of the processors that the host took, where it took most."""

    def add(self, name: str, held: int, times: Iterable[float | None]) -> None:
        """Takes what one measurement gave; None: no INVITE came."""
        found = list(times)
        self.ms[name, held] = [at for at in found if at is not None]
        self.missing[name] += found.count(None)


class Found:
    """What all rounds gave together, in milliseconds.

    Args:
        rounds: at least one; the quiet ones count, or all if none was quiet.
    """

    def __init__(self, rounds: Sequence[Round]) -> None:
        self.rounds = rounds
        self.counted = [one for one in rounds if one.stolen <= STEAL_MAX] or list(rounds)
        self.missing = sum((one.missing for one in rounds), Counter[str]())

    def ms(self, name: str, held: int) -> list[float]:
        """Of all rounds that count."""
        return [at for one in self.counted for at in one.ms.get((name, held), [])]

    def over_bare(self, held: int, share: float) -> float:
        """By how much Samkö takes longer than the bare script."""
        ours, least = (quantile(self.ms(name, held), share) for name in (SAMKO, BARE))
        return ours - least

    def queue_ratio(self, held: int) -> float:
        """By how much Queue takes longer than Samkö."""
        ours, queue = (quantile(self.ms(name, held), 0.5) for name in (SAMKO, QUEUE))
        return queue / ours


async def measure(plan: Plan) -> Section:
    """All three in turn, `plan.rounds` times."""
    found = Found([await _round(plan) for _ in range(plan.rounds)])
    return Section("From a free nurse to the INVITE", _text(found, plan), _goals(found, plan))


async def _round(plan: Plan) -> Round:
    found = Round()
    for name, system in SYSTEMS.items():
        with tempfile.TemporaryDirectory(prefix="samko-bench-") as made:
            folder = Path(made)
            (folder / "system").mkdir()
            async with system(folder / "system") as asterisk:
                before = processor_times()
                found.add(name, 0, await _single(asterisk, folder, plan))
                for held in plan.held:
                    found.add(name, held, await _held(asterisk, folder, held, held + BESIDE, plan))
                found.stolen = max(found.stolen, stolen_share(before, processor_times()))
    return found


def processor_times() -> list[int]:
    """What the kernel has counted of all processors, in ticks: user, nice, ... (proc(5))."""
    with open("/proc/stat") as stat:
        return [int(ticks) for ticks in stat.readline().split()[1:9]]


def stolen_share(before: Sequence[int], after: Sequence[int]) -> float:
    """The share of the time between two readings that the host gave to others."""
    ticks = [late - early for early, late in zip(before, after, strict=True)]
    return ticks[7] / max(1, sum(ticks))


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


def _text(found: Found, plan: Plan) -> str:
    parts = [
        f"{len(PHONES)} nurses' phones that answer at once; the three systems took turns,"
        f" {plan.rounds} rounds. Wire times by tcpdump. Milliseconds. Samkö's wrap-up is set to"
        " 0 s, as is Queue's `wrapuptime`. All callers go through Samkö's menu first; for the two"
        " others a process of its own serves it."
    ]
    for held in (0, *plan.held):
        rows = [[name, *spread(found.ms(name, held))] for name in SYSTEMS]
        measure_ = (
            "0 held: from the caller's waiting (dialplan event) to the INVITE"
            if not held
            else f"{held} held: from the nurse's BYE to the next INVITE to her"
        )
        parts.append(f"{measure_}\n\n{table(('system', *SPREAD_HEAD), rows)}")
        parts.append(
            f"Samkö over the bare script: median {found.over_bare(held, 0.5):+.1f} ms,"
            f" p99 {found.over_bare(held, 0.99):+.1f} ms;"
            f" Queue's median is {found.queue_ratio(held):.1f} times Samkö's."
        )
    missing = ", ".join(f"{name} {found.missing[name]}" for name in SYSTEMS)
    parts.append(f"Moments that no INVITE followed within {_LATE_S} s: {missing}.")
    parts.append(_by_round(found, plan))
    return "\n\n".join(parts)


def _by_round(found: Found, plan: Plan) -> str:
    head = (
        "round",
        "taken by the host",
        *(f"{n}, {h} held" for h in (0, *plan.held) for n in SYSTEMS),
    )
    rows = []
    for number, one in enumerate(found.rounds, 1):
        medians = (quantile(one.ms.get((n, h), []), 0.5) for h in (0, *plan.held) for n in SYSTEMS)
        counts = "" if one in found.counted else " (does not count)"
        cells = (f"{median:.1f}" for median in medians)
        rows.append([f"{number}{counts}", f"{one.stolen:.0%}", *cells])
    return f"Medians by round:\n\n{table(head, rows)}"


def _goals(found: Found, plan: Plan) -> tuple[Goal, ...]:
    goals: list[Goal] = []
    for held in (0, *plan.held):
        for name, share, most in (
            ("median", 0.5, MEDIAN_OVER_BARE_MS),
            ("p99", 0.99, P99_OVER_BARE_MS),
        ):
            over = found.over_bare(held, share)
            promise = f"{held} held, {name} at most {most:g} ms over the bare script"
            goals.append(Goal(promise, f"{over:+.1f} ms", over <= most))
    for held in plan.held:
        ratio = found.queue_ratio(held)
        promise = f"{held} held, {TIMES_FASTER_THAN_QUEUE:g} times faster than Queue"
        goals.append(Goal(promise, f"{ratio:.1f} times", ratio >= TIMES_FASTER_THAN_QUEUE))
    return tuple(goals)
