"""What timelines say of contacts that were on an island, in Swedish and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from queue_engine.console_api import timeline_words as words
from queue_engine.console_api.timeline_words import Words
from queue_engine.core import events as ev
from queue_engine.core.commands import Island, IslandContact
from queue_engine.core.island_reports import IslandDisposition, IslandStint, StintKind
from queue_engine.runtime.swedish_days import sweden
from routing.vocabulary import Outcome, RegionCode

Region = Callable[[RegionCode], Words]
"""What a region is called."""

_DID: Final = {
    StintKind.TALK: Words("samtal med", "a talk with"),
    StintKind.CONSULT: Words("rådfrågan hos", "a consultation of"),
    StintKind.WRAP_UP: Words("efterarbete hos", "wrap-up at"),
}
_COUNTED: Final = {
    Outcome.HANDLED: Words("hanterat", "handled"),
    Outcome.ABANDONED: Words("att inringaren lade på", "abandoned"),
    Outcome.LOST: Words("förlorat", "lost"),
    Outcome.REFUSED: Words("avvisat", "refused"),
    Outcome.TIMED_OUT: Words("att väntetidens gräns nåddes", "timed out"),
    Outcome.NOT_REACHED: Words("att ingen nåddes", "not reached"),
    Outcome.CONTINUED: Words("fortsatt i ett annat", "continued by another"),
}


def merged(event: ev.IslandContactMerged, region: Region) -> Words:
    """What became of it there, from when to when, and as what it counts now."""
    where = _where(event.island, event.fact)
    said = list(_what(event.fact, region)) or [Words("ingen svarade", "nobody answered")]
    now = _COUNTED[event.outcome]
    tail = Words(f"Räknas som {now.sv}.", f"Counts as {now.en}.")
    if event.former is not None and event.former is not event.outcome:
        then = _COUNTED[event.former]
        tail = Words(
            f"Räknas nu som {now.sv}, inte längre som {then.sv}.",
            f"Counts as {now.en} now, no longer as {then.en}.",
        )
    return Words(
        f"{where.sv}: {', '.join(each.sv for each in said)}. {tail.sv}",
        f"{where.en}: {', '.join(each.en for each in said)}. {tail.en}",
    )


def awaited(event: ev.IslandContactAwaited) -> Words:
    """It is not over, and what was done there will count when it is."""
    where = _where(event.island, event.fact)
    return Words(
        f"{where.sv}. Det som gjordes där räknas när samtalet är över.",
        f"{where.en}. What was done there will count when the contact is over.",
    )


def taken(event: ev.IslandContactTaken) -> Words:
    """He was promised there to be rung back, and has his place here."""
    where = _where(event.island, event.fact)
    return Words(
        f"{where.sv}. Lovades där att bli uppringd, och har sin plats i kön igen.",
        f"{where.en}. Was promised there to be called back, and has its place in the queue again.",
    )


def text_taken(event: ev.IslandTextTaken) -> Words:
    """A text message that the island did not send."""
    return Words(
        "Sms:et som skulle ha skickats från en ö ska skickas nu.",
        "The text message that an island was to send is to be sent now.",
    )


def _where(island: Island, fact: IslandContact) -> Words:
    begun_ms = max(island.parted_ms, fact.enqueued_ms)
    times = f"{_clock(begun_ms)}\N{EN DASH}{_clock(max(begun_ms, fact.until_ms))}"
    sv, en = ("Kom in", "Came in") if fact.came_there else ("Var", "Was")
    return Words(
        f"{sv} på en ö {times} (noden {island.host}, avskuren från de andra)",
        f"{en} on an island, {times} (node {island.host}, cut off from the others)",
    )


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, sweden()):%H:%M:%S}"


def _what(fact: IslandContact, region: Region) -> Iterator[Words]:
    if fact.answer is not None:
        wait = words.span(fact.answer.at_ms - fact.arrived_ms)
        yield Words(f"besvarad efter {wait.sv}", f"answered after {wait.en}")
    for stint in fact.stints:
        yield _did(stint, region)
    for noted in fact.dispositions:
        yield _noted(noted)


def _did(stint: IslandStint, region: Region) -> Words:
    what, took = _DID[stint.kind], words.span(stint.until_ms - stint.from_ms)
    agent = Words(stint.agent_id, stint.agent_id)
    if stint.giver:
        name = region(stint.giver)
        agent = Words(f"{stint.agent_id} i {name.sv}", f"{stint.agent_id} in {name.en}")
    still = Words(" (pågick)", " (went on)") if stint.is_open else Words("", "")
    return Words(
        f"{what.sv} {agent.sv} {took.sv}{still.sv}", f"{what.en} {agent.en} {took.en}{still.en}"
    )


def _noted(noted: IslandDisposition) -> Words:
    codes = (noted.care_level, noted.urgency, noted.cause, noted.referred_unit)
    said = " ".join(code for code in codes if code)
    return Words(f"{noted.agent_id} noterade {said}", f"{noted.agent_id} noted {said}")
