"""What the tests of faults share: an Asterisk of their own, and an audit of all that was recorded.

Faults leave traces (entries in the fallback queue, a beat that stands still), so none of these
tests runs on the Asterisk that others share.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.apply import fold
from queue_engine.core.codec import decode_record
from queue_engine.core.commands import SetAgentReady
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.telephony import dialplan
from queue_engine.telephony.dialplan import interface_of
from queue_engine.telephony.local_asterisk import LocalAsterisk, Setting
from routing.vocabulary import ContactId, Outcome, PhoneId
from tests import fault_table
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess
from tests.asterisk.lab_engine import Ami
from tests.asterisk.patience import PATIENCE_S
from tests.asterisk.phones import TEST_NUMBERS

PHONES: Final = tuple(f"nurse{number}" for number in range(1, 10))
CROWD: Final = PHONES[:6]
"""Of those who serve a stream of calls ..."""
SHORT_WRAP_UP: Final = ("national.yaml", "wrap_up_max: 5 min", "wrap_up_max: 1 s")
SOON_READY: Final = (
    SHORT_WRAP_UP,
    ("national.yaml", "no_answer_heals: 5 min", "no_answer_heals: 1 s"),
)
"""... and are ready again soon, whatever happens to them."""
TALK_MS: Final = 300
"""Long enough to be a talk on a machine that is busy."""
_POLL_S: Final = 0.02

End = Callable[[LocalAsterisk], Awaitable[None]]
"""How an Asterisk ends."""


def short_lived(name: str, value: str) -> Setting:
    """One of the dialplan's own seconds, as a test can wait for it."""
    return Setting("extensions.conf", "globals", name, value)


NO_PAUSE: Final = Setting("queues.conf", "samko-national", "wrapuptime", "0")
"""Between two callers of Asterisk's own queue."""
QUICK: Final = (
    short_lived("SAMKO_ROUND_SECONDS", "1"),
    short_lived("SAMKO_ANNOUNCE_ROUNDS", "1000"),
    short_lived("SAMKO_RING_SECONDS", "2"),
    short_lived("SAMKO_AGI_SECONDS", "2"),
    NO_PAUSE,
)
"""An engine whose beat stands still for two seconds is taken for dead."""
PATIENT: Final = (short_lived("SAMKO_ANNOUNCE_ROUNDS", "1000"),)
"""As shipped: callers wait twenty seconds for an engine that is gone."""


async def until(
    is_so: Callable[[], Awaitable[bool]], what: str, deadline_s: float = PATIENCE_S
) -> None:
    """Wait for what tells nobody when it changes."""
    deadline = time.monotonic() + deadline_s
    while not await is_so():
        assert time.monotonic() < deadline, f"{what}: not in {deadline_s} s"
        await asyncio.sleep(_POLL_S)


async def said(engine: EngineProcess, words: str, times: int = 1) -> None:
    """Until it has said so, so often."""

    async def is_so() -> bool:
        return engine.log.count(words) >= times

    await until(is_so, f"an engine says {words!r}")


async def passed(moment_s: float) -> None:
    """Until that moment of `time.monotonic()`: what is under test is that time passes."""
    await asyncio.sleep(max(0.0, moment_s - time.monotonic()))


async def talks(ami: Ami, count: int, deadline_s: float = PATIENCE_S) -> None:
    """Until so many callers have been heard to begin a talk.

    A nurse who hangs up between her answer and this has talked with nobody.
    """

    async def is_so() -> bool:
        names = [m["Channel"] for m in ami.messages if m["Event"] == "BridgeEnter"]
        return sum(name.startswith("PJSIP/trunk-") for name in names) >= count

    await until(is_so, f"talk {count}", deadline_s)


async def is_recorded(files: EngineFiles, talks: int) -> None:
    """Until all engines on one journal could know of so many who talk now."""

    async def is_so() -> bool:
        return len(in_state(files.state(), ContactState.CONNECTED)) == talks

    await until(is_so, f"{talks} talks are in the journal")


async def beating(asterisk: LocalAsterisk, deadline_s: float = PATIENCE_S) -> None:
    """Until the engine's beat changes: it has linked, reconciled, and mirrored who is at work."""
    before = await _beat(asterisk)

    async def has_changed() -> bool:
        return await _beat(asterisk) != before

    await until(has_changed, "the engine's beat", deadline_s)


async def _beat(asterisk: LocalAsterisk) -> str:
    match = re.search(r"SAMKO_BEAT=(\d+)", await asterisk.cli("dialplan show globals"))
    assert match is not None, "the dialplan has no SAMKO_BEAT"
    return match[1]


async def fallback_entries(asterisk: LocalAsterisk) -> dict[str, bool]:
    """Who is in the switch's own queue, by phone: whether she is rung."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", await asterisk.cli("queue show samko-national"))
    lines = re.findall(r"\((?:PJSIP|Local)/([\w+-]+)[@/\w]*\)?(.*)", text)
    return {phone: "(paused" not in rest for phone, rest in lines}


async def mirrored(asterisk: LocalAsterisk, wanted: dict[str, bool]) -> None:
    """Until the fallback's entries are these."""

    async def is_so() -> bool:
        return await fallback_entries(asterisk) == wanted

    await until(is_so, f"the fallback's entries {wanted}")


async def tidy(asterisk: LocalAsterisk) -> None:
    """Neither calls nor anybody in the fallback."""
    await asterisk.hangup_all()
    for phone in await fallback_entries(asterisk):
        entry = interface_of(PhoneId(phone))
        await asterisk.cli(f"queue remove member {entry} from samko-national")


async def are_waiting(ami: Ami, count: int, since: int = 0) -> dict[ContactId, int]:
    """Until so many callers have come to the waiting context.

    Returns:
        Their numbers among the `Callers`, who show one test number after the other.
    """
    numbers: dict[ContactId, int] = {}
    while len(numbers) < count:
        told = await ami.told("SamkoWaiting", since=since)
        since = ami.messages.index(told) + 1
        numbers[ContactId(told["Uniqueid"])] = TEST_NUMBERS.index(told["CallerIDNum"]) + 1
    return numbers


async def in_fallback(ami: Ami, count: int, since: int = 0) -> list[ContactId]:
    """Until so many callers stand in the switch's own queue; who, in the order they came."""
    await ami.heard("QueueCallerJoin", since=since, Count=str(count))
    return [
        ContactId(message["Uniqueid"])
        for message in ami.messages[since:]
        if message["Event"] == "QueueCallerJoin"
    ]


def call_number(contact_id: ContactId) -> int:
    """Counts the calls of one Asterisk since its start."""
    return int(contact_id.rpartition(".")[2])


async def all_hear(asterisk: LocalAsterisk, endpoint: str, count: int) -> None:
    """Until so many calls of the endpoint have been sent more sound than they had."""
    before = await _packets_sent(asterisk, endpoint)

    async def is_so() -> bool:
        now = await _packets_sent(asterisk, endpoint)
        return sum(packets > before.get(call, 0) for call, packets in now.items()) >= count

    await until(is_so, f"sound for {count}")


async def _packets_sent(asterisk: LocalAsterisk, endpoint: str) -> dict[str, int]:
    """How many RTP packets Asterisk has sent in each call of the endpoint."""
    text = await asterisk.cli("pjsip show channelstats")
    # Columns: bridge, channel, up time, codec, received (count, lost, %, jitter), sent (count ...
    rows = re.findall(
        rf"({endpoint}-\S+) +\d\d:\d\d:\d\d +\S+ +\d+K? +\d+K? +\d+ +\S+ +(\d+)(K?)", text
    )
    return {name: int(count) * (1000 if kilo else 1) for name, count, kilo in rows}


@asynccontextmanager
async def always_ready(engine: EngineHere) -> AsyncIterator[None]:
    """Each nurse is done with her wrap-up at once and ready again, until the end of the block."""

    async def follow() -> None:
        driver = engine.service.driver
        async for record in driver.follow("always ready", 1_000_000):
            for event in record.events:
                if isinstance(event, ev.WrapUpStarted):
                    await driver.submit(SetAgentReady(event.agent_id))

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def ivr_kept(asterisk: LocalAsterisk) -> AsyncIterator[None]:
    """At the end of the block calls go where other tests have their engines: whichever of several
    takes the switch has them come to itself."""
    try:
        yield
    finally:
        ivr = f"agi://127.0.0.1:{asterisk.agi_port}"
        await asterisk.cli(f"dialplan set global {dialplan.AGI} {ivr}")


# --- what was recorded -------------------------------------------------------------------------


def records_of(files: EngineFiles) -> list[Record]:
    """The journal, when no engine runs."""
    journal = files.open_journal()
    try:
        return [decode_record(stored.data) for stored in journal.read(0)]
    finally:
        journal.close()


def audit(records: Iterable[Record], callers: int | None = None, *, every: int = 1) -> State:
    """Folds all records, over all the engine's lives, and holds them against what was promised.

    After each record every invariant holds (each contact in exactly one place, no agent with two
    calls, no ready agent beside a caller whom she may answer), and each offer keeps the order.
    All in all there were so many contacts, and each began to talk at most once.

    Args:
        records: a whole journal.
        callers: how many people called and reached the engine, if that is known.
        every: of so many records one is looked at: with thousands of contacts each look takes long.

    Returns:
        The state at the end.
    """
    state, talks = State(), Counter[ContactId]()
    for record in records:
        talks.update(_begun(record))
        fold(state, record, watch=check_promise)
        if record.number % every == 0:
            check(state)
    check(state)
    assert callers is None or len(state.contacts) == callers, sorted(state.contacts)
    counts = outcomes(state)
    cut, alive = counts.pop(Outcome.LOST, 0), counts.pop(None, 0)
    given = len(state.contacts) if callers is None else callers
    twice = sum(count > 1 for count in talks.values())
    lost = given - len(state.contacts)
    fault_table.note(fault_table.Row(given, sum(counts.values()), cut, alive, twice, lost))
    return state


def connections(records: Iterable[Record]) -> list[ContactId]:
    """Who began to talk, in this order; nobody twice."""
    connected = [contact_id for record in records for contact_id in _begun(record)]
    twice = [contact_id for contact_id, count in Counter(connected).items() if count > 1]
    assert not twice, f"answered twice: {twice}"
    return connected


def _begun(record: Record) -> list[ContactId]:
    begins = ev.ContactConnected | ev.ConnectedUnknownPhone
    return [event.contact_id for event in record.events if isinstance(event, begins)]


def offers(records: Iterable[Record]) -> list[ContactId]:
    """Who was offered, in this order."""
    return [
        event.contact_id
        for record in records
        for event in record.events
        if isinstance(event, ev.ContactOffered)
    ]


def outcomes(state: State) -> dict[Outcome | None, int]:
    """How many contacts ended how; None: not yet."""
    return dict(Counter(contact.outcome for contact in state.contacts.values()))


def in_state(state: State, *wanted: ContactState) -> list[Contact]:
    """The contacts in one of these states, in the order of the queue."""
    found = [contact for contact in state.contacts.values() if contact.state in wanted]
    return sorted(found, key=lambda contact: contact.place)


def places(contacts: Iterable[Contact]) -> list[tuple[ContactId, int, int, str]]:
    """What must outlive any fault: who, when arrived, in which sequence, how urgent."""
    return [
        (contact.contact_id, contact.arrived_ms, contact.sequence, contact.priority)
        for contact in contacts
    ]
