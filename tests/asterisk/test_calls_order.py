"""Fifty callers and five nurses of two regions: who rings next, as seen on the wire.

The order is held against a small calculation of its own, from what each caller did (the number he
showed, the keys he pressed, when he was answered) and from nothing that the engine says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from queue_engine.core import events as ev
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.engine import QUICK_KEYS, EngineFiles, EngineHere
from tests.asterisk.fault_lab import always_ready
from tests.asterisk.lab_engine import Ami, AmiMessage
from tests.asterisk.phones import TEST_NUMBERS, Callers, Nurse
from tests.asterisk.sipp import SipMessage

pytestmark = pytest.mark.asterisk

GOTEBORG: Final = tuple(f"03139006{number:02}" for number in range(100))
STOCKHOLM: Final = tuple(f"08465004{number:02}" for number in range(100))
"""Both are reserved for use in fiction; their area codes are those of regions 14 and 01."""
NURSES: Final = {"nurse1": "14", "nurse2": "14", "nurse3": "14", "nurse4": "01", "nurse5": "01"}
SHARED_AFTER_S: Final = 1.0
CHANGES: Final = [
    *(
        (f"regions/{region}.yaml", "when: past_due", "when: waited\n    after: 1 s")
        for region in ("01", "14")
    ),
    *((f"regions/{region}.yaml", "reserve: 20 %", "reserve: 0") for region in ("01", "14")),
    ("menus/quick.yaml", "listen: 1 s", "listen: 3 s"),
]
"""Whoever has waited a second may be answered by both regions, each nurse's own first. The menu
listens long, so that fifty calls at once cannot make it miss a key."""
ADVICE: Final = [(2_000, "1")]
FEES: Final = [(2_000, "3")]
EMERGENCY: Final = [(500, "9")]
TIER_AND_DUE_S: Final = {
    "emergency": (0, 0),
    "raised": (2, 3 * 60),
    "standard": (2, 8 * 60),
    "non_medical": (3, 20 * 60),
}
"""DESIGN's table, written down once more."""
CROSSING_S: Final = 0.15
"""Two calls decided on so shortly after each other may overtake each other on the wire."""


@dataclass
class Person:
    """One caller: what he did, and what became of him on the wire."""

    number: str
    region: str | None
    priority: str
    arrived_s: float = 0.0
    waiting_s: float = 0.0
    offered_s: list[float] = field(default_factory=list)

    def may_ring(self, region: str, at_s: float) -> bool:
        """Whether a nurse of this region may answer him at that moment."""
        is_shared = self.arrived_s + SHARED_AFTER_S + CROSSING_S < at_s
        return self.region in (region, None) or self.priority == "emergency" or is_shared

    def key(self, region: str) -> tuple[int, bool, float]:
        """His place at a nurse of this region; less is earlier."""
        tier, due_after_s = TIER_AND_DUE_S[self.priority]
        is_foreign = tier >= 2 and self.region not in (region, None)
        return tier, is_foreign, self.arrived_s + due_after_s

    def waits(self, at_s: float) -> bool:
        """Whether he surely waited at that moment, with no phone ringing for him."""
        is_free = all(abs(offered - at_s) > CROSSING_S for offered in self.offered_s)
        return self.waiting_s + CROSSING_S < at_s < max(self.offered_s) and is_free


class Offer(NamedTuple):
    """One INVITE at a nurse's phone."""

    at_s: float
    ends_s: float
    phone: str
    person: Person
    has_talked: bool


class Group(NamedTuple):
    """People who call alike."""

    calls: Callers
    people: list[Person]


def group(
    asterisk: LocalAsterisk,
    numbers: Sequence[str],
    priority: str = "standard",
    keys: Sequence[tuple[int, str]] = ADVICE,
) -> Group:
    """One caller for each number, twenty a second."""
    regions = {"031": "14", "084": "01"}
    calls = Callers(asterisk, count=len(numbers), rate=20, keys=keys, by="info", shown=numbers)
    return Group(calls, [Person(n, regions.get(n[:3]), priority) for n in numbers])


async def test_fifty_callers_and_five_nurses_of_two_regions(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    before = [
        group(asterisk, GOTEBORG[:20]),
        group(asterisk, STOCKHOLM[:4]),
        group(asterisk, TEST_NUMBERS[:4]),
        group(asterisk, GOTEBORG[20:24], "non_medical", FEES),
        group(asterisk, STOCKHOLM[4:6], "non_medical", FEES),
        worse := group(asterisk, GOTEBORG[24:28] + STOCKHOLM[6:8], "raised"),
    ]
    later = [
        group(asterisk, GOTEBORG[28:32] + STOCKHOLM[8:11]),
        group(asterisk, (GOTEBORG[32], STOCKHOLM[11], TEST_NUMBERS[4]), "emergency", EMERGENCY),
    ]
    people = [person for each in before + later for person in each.people]
    assert len(people) == 50
    async with AsyncExitStack() as stack:
        files = EngineFiles(tmp_path, asterisk, changes=CHANGES)
        engine = await stack.enter_async_context(EngineHere(files))
        await stack.enter_async_context(always_ready(engine))
        ami = await stack.enter_async_context(Ami(asterisk))
        nurses = await stack.enter_async_context(Nurse(asterisk, *NURSES, talk_ms=400))
        for each in before:
            await stack.enter_async_context(each.calls)
        await engine.happened(ev.ContactSeenWaiting, 40)
        presses = (worse.calls.press("7", number, by="info") for number in range(1, 7))
        await asyncio.gather(*presses)
        await engine.happened(ev.ContactPriorityChanged, 6)

        for phone, region in NURSES.items():
            await engine.agent(phone, region, "advice admin sv")
        await engine.happened(ev.ContactConnected, 5)
        for each in later:
            await stack.enter_async_context(each.calls)
        await engine.happened(ev.ContactEnded, 50, deadline_s=40)
        for each in before + later:
            for number, person in enumerate(each.people, start=1):
                await each.calls.gone(number)
                person.arrived_s = (await each.calls.answered(number)).time_s
        pressed = Counter(e.priority for e in engine.events(ev.ContactEnqueued))
        assert pressed == {"standard": 41, "non_medical": 6, "emergency": 3}, "keys were not heard"
        offers = seen_on_the_wire(nurses, ami.messages, people)

    talks = Counter(offer.person.number for offer in offers if offer.has_talked)
    assert talks == Counter(person.number for person in people), "each once, nobody twice"
    never_two_calls_at_once(offers)
    assert keeps_the_order(offers, people) > 500, "the test has compared too little"
    helped = [o for o in offers if o.person.region not in (NURSES[o.phone], None)]
    assert any(offer.person.priority != "emergency" for offer in helped), "no region helped"


def seen_on_the_wire(
    nurses: Nurse, heard: Iterable[AmiMessage], people: Iterable[Person]
) -> list[Offer]:
    """All INVITEs at the nurses' phones; Asterisk says for whom it dialled the n-th at a phone."""
    by_number = {person.number: person for person in people}
    dialled: dict[str, list[Person]] = {phone: [] for phone in NURSES}
    for message in heard:
        if message["Event"] == "DialBegin":
            phone = message["DestChannel"].removeprefix("PJSIP/").rpartition("-")[0]
            dialled[phone].append(by_number[message["CallerIDNum"]])
        elif message["UserEvent"] == "SamkoWaiting":
            person = by_number[message["CallerIDNum"]]
            person.waiting_s = person.waiting_s or float(message["Timestamp"])
    by_call: dict[str, list[SipMessage]] = {}
    for sip in nurses.sipp.messages():
        by_call.setdefault(sip.call_id, []).append(sip)
    offers = []
    for phone in NURSES:
        invites = nurses.invites(phone)
        assert len(invites) == len(dialled[phone]), phone
        for invite, person in zip(invites, dialled[phone], strict=True):
            messages = by_call[invite.call_id]
            ends = [m for m in messages if m.is_request("BYE") or m.is_request("CANCEL")]
            # Asterisk's own BYE: an emergency took him back in the instant in which she answered.
            has_talked = any(m.is_request("BYE") and m.is_sent for m in ends)
            offers.append(Offer(invite.time_s, ends[0].time_s, phone, person, has_talked))
            person.offered_s.append(invite.time_s)
    return sorted(offers, key=lambda offer: offer.at_s)


def never_two_calls_at_once(offers: Sequence[Offer]) -> None:
    """No phone is called before its former call is over."""
    for phone in NURSES:
        for former, latter in pairwise(offer for offer in offers if offer.phone == phone):
            assert former.ends_s <= latter.at_s, (phone, former, latter)


def keeps_the_order(offers: Sequence[Offer], people: Sequence[Person]) -> int:
    """When j rings at a, nobody who waits and whom a may answer has a smaller key at a.

    Returns:
        How many pairs of callers were compared.
    """
    compared = 0
    for at_s, _, phone, taken, _ in offers:
        region = NURSES[phone]
        for other in people:
            if other is taken or not other.waits(at_s) or not other.may_ring(region, at_s):
                continue
            *kind, due_s = other.key(region)
            *taken_kind, taken_due_s = taken.key(region)
            compared += 1
            is_later = kind > taken_kind or (
                kind == taken_kind and due_s > taken_due_s - CROSSING_S / 3
            )
            assert is_later, f"at {phone}, {at_s}: {taken} was called before {other}"
    return compared


async def test_a_caller_meets_a_free_nurse_at_once(asterisk: LocalAsterisk, tmp_path: Path) -> None:
    async with (
        EngineHere(EngineFiles(tmp_path, asterisk)) as engine,
        Nurse(asterisk, "nurse1") as nurse,
        Ami(asterisk) as ami,
    ):
        await engine.agent("nurse1")
        async with Callers(asterisk, keys=QUICK_KEYS, by="info"):
            invited = await nurse.invited()
            await nurse.talking()
            waiting = await ami.told("SamkoWaiting")
        assert 0 < invited.time_s - float(waiting["Timestamp"]) < 0.5
        record = next(r for r in engine.records if engine.events(ev.ContactOffered)[0] in r.events)
        kinds = [type(event) for event in record.events]
        assert kinds == [ev.ContactSeenWaiting, ev.ContactOffered], "in one step, as he is seen"
