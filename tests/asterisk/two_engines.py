"""Two engines, each a process, on one journal in Redis beside one Asterisk: to be broken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from queue_engine.core import events as ev
from queue_engine.core.contact import ContactState
from queue_engine.journal.redis_nodes import RedisNodes
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import SAMKO, EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.lab_engine import Ami
from tests.asterisk.phones import Callers, Nurse

SKILLS: Final = "advice admin sv"
WAITING, OFFERED, CONNECTED = (
    ContactState.WAITING,
    ContactState.OFFERED,
    ContactState.CONNECTED,
)


class Two:
    """A first engine that decides and holds the Asterisk, and a second that follows."""

    def __init__(self, first: EngineProcess, second: EngineProcess) -> None:
        self.files = second.files
        """Of the one that comes later, whose way to Redis is never cut."""
        self.first = first
        self.second = second


@asynccontextmanager
async def two(
    switch: LocalAsterisk,
    folder: Path,
    *ways: int | RedisPlace,
    first_program: Sequence[str] = SAMKO,
) -> AsyncIterator[Two]:
    """The first sees Redis at the first place or port, the second at the last.

    Args:
        first_program: what the first runs, if it is of another version.
    """
    places = [
        way if isinstance(way, RedisPlace) else RedisPlace("127.0.0.1", way)
        for way in (ways[0], ways[-1])
    ]
    files = []
    for number, place in enumerate(places, start=1):
        own = folder / f"engine{number}"
        own.mkdir()
        files.append(EngineFiles(own, switch, redis=place, host=f"127.0.0.{number}"))
    await files[0].sign_on_before_start(agent_at("nurse1", skills=SKILLS))
    async with started(switch, *files, first_program=first_program) as both:
        yield both


@asynccontextmanager
async def started(
    switch: LocalAsterisk,
    first: EngineFiles,
    second: EngineFiles,
    *,
    first_program: Sequence[str] = SAMKO,
) -> AsyncIterator[Two]:
    """Both run: the first decides and has the switch, the second follows it."""
    both = Two(EngineProcess(first, first_program), EngineProcess(second))
    async with lab.ivr_kept(switch), both.first:
        await lab.beating(switch)
        async with both.second:
            await lab.said(both.second, ": following")
            yield both


@dataclass(frozen=True)
class AtWork:
    """Two engines with callers: one of them talks, the others wait."""

    both: Two
    nurse: Nurse
    """Who talks, until she is told to hang up."""
    callers: Callers
    ami: Ami

    @property
    def first(self) -> EngineProcess:
        """The one that decides at first, and holds the switch."""
        return self.both.first

    @property
    def second(self) -> EngineProcess:
        """The one that follows at first."""
        return self.both.second


@asynccontextmanager
async def two_at_work(
    switch: LocalAsterisk,
    folder: Path,
    *ways: int | RedisPlace,
    callers: int,
    first_program: Sequence[str] = SAMKO,
) -> AsyncIterator[AtWork]:
    """As `two`, with so many callers: one talks with `nurse1`, the others wait."""
    async with (
        Ami(switch) as ami,
        Nurse(switch, "nurse1", voice="always") as nurse,
        two(switch, folder, *ways, first_program=first_program) as both,
        Callers(switch, count=callers, rate=20) as calling,
    ):
        await lab.are_waiting(ami, callers)
        await lab.talks(ami, 1)
        await lab.is_recorded(both.files, talks=1)
        yield AtWork(both, nurse, calling, ami)


def third(folder: Path, switch: LocalAsterisk, place: RedisPlace) -> EngineFiles:
    """Of one more engine."""
    own = folder / "engine3"
    own.mkdir()
    return EngineFiles(own, switch, redis=place, host="127.0.0.3")


async def hand_over(place: RedisPlace, both: Two) -> None:
    """From the first to the second: the first goes on holding the Asterisk."""
    nodes = RedisNodes(place)
    found = nodes.picture()
    (to,) = (node.note.start for node in found.nodes if node.note.start != found.holder)
    nodes.wish(to)
    nodes.close()
    await lab.said(both.first, "handed over to")
    await lab.said(both.second, "this engine decides")
    await lab.said(both.second, "goes on from record")


async def all_are_answered(
    files: EngineFiles, switch: LocalAsterisk, talking: Nurse, callers: int
) -> None:
    """An engine of ours takes over, and everybody has his talk, in the order of the queue.

    Args:
        talking: the nurse with whom one of them talks.
        callers: who has called.
    """
    before = files.state()
    in_line = lab.in_state(before, WAITING, OFFERED)
    assert len(in_line) == callers - 1
    async with EngineHere(files) as engine, lab.always_ready(engine):
        assert lab.places(lab.in_state(engine.state, WAITING)) == lab.places(in_line)
        assert len(lab.in_state(engine.state, CONNECTED)) == 1
        async with Nurse(switch, "nurse2", talk_ms=lab.TALK_MS):
            await engine.agent("nurse2", skills=SKILLS)
            await engine.happened(ev.ContactEnded, len(in_line))
        await talking.hang_up()
        await engine.happened(ev.ContactEnded, callers)
        answered = [event.contact_id for event in engine.events(ev.ContactConnected)]
        assert answered == [contact.contact_id for contact in in_line]
    records = lab.records_of(files)
    state = lab.audit(records, callers=callers)
    assert not lab.in_state(state, WAITING, OFFERED, CONNECTED)
    assert len(lab.connections(records)) == callers
