"""One engine of several, as a process that asks as fast as it is answered: see `nodes`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import cycle
from pathlib import Path

from queue_engine.core import commands as cmd
from queue_engine.core.policy_codec import write_policy
from queue_engine.journal.base import Snapshot
from queue_engine.journal.degraded import FallbackJournal
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.journal.redis_place import RedisPlace
from queue_engine.runtime.calendar import Calendar
from queue_engine.runtime.clock import wall_ms
from queue_engine.serve.journal import OpenedJournal
from queue_engine.serve.member import Member
from routing.vocabulary import AgentId, NotReadyReason, PhoneId, RegionCode, Skill, SkillLevel
from tests.core.world import LINK, POLICY


async def _member(place: RedisPlace) -> Member:
    def open_journal(holder: str) -> OpenedJournal:
        kept = RedisJournal(place, holder)
        return OpenedJournal(FallbackJournal(kept, lambda _: None), kept, Path("ledger"))

    def open_out_of_reach(held: Snapshot) -> OpenedJournal:
        raise AssertionError("it holds no switch to be alone with")

    rules = cmd.LoadPolicy(write_policy(POLICY))
    member = Member(place, open_journal, open_out_of_reach, rules)
    member.calendar = Calendar((), member.submit_here, wall_ms)
    await member.start()
    return member


async def _ask(member: Member, name: str, until_s: float) -> list[float]:
    """A nurse comes and goes, one command after the other; milliseconds of each."""
    agent = AgentId(name)
    skills = (SkillLevel(Skill("advice")),)
    await member.submit(cmd.SignOnAgent(agent, LINK, PhoneId(name), RegionCode("22"), skills))
    took_ms: list[float] = []
    pause = cmd.SetAgentNotReady(agent, NotReadyReason.BREAK)
    turns: list[cmd.Command] = [cmd.SetAgentReady(agent), pause]
    for command in cycle(turns):
        began_s = time.monotonic()
        if began_s >= until_s:
            return took_ms
        await member.submit(command)
        took_ms.append(1_000 * (time.monotonic() - began_s))
    raise AssertionError("a cycle ends")


async def _main() -> None:
    """A line on stdin is one round: seconds and how many ask at a time; a line of JSON answers."""
    member = await _member(RedisPlace("127.0.0.1", int(sys.argv[1])))
    loop = asyncio.create_task(member.run())
    await member.submit(cmd.PassTime())  # somebody decides
    print("ready", flush=True)
    count = 0
    while line := await asyncio.to_thread(sys.stdin.readline):
        seconds, at_a_time = float(line.split()[0]), int(line.split()[1])
        until_s = time.monotonic() + seconds
        names = [f"{member.node.start}-{count}-{number}" for number in range(at_a_time)]
        count += 1
        busy_s = time.process_time()
        asked = await asyncio.gather(*(_ask(member, name, until_s) for name in names))
        decides = member.deciding is not None
        batch = 0.0
        if member.deciding is not None:
            counts = member.deciding.driver.counts
            batch = counts.records / max(1, counts.appends)
        told = {
            "decides": decides,
            "batch": batch,
            "ms": [one for each in asked for one in each],
            "busy_s": time.process_time() - busy_s,
        }
        print(json.dumps(told), flush=True)
    loop.cancel()
    await asyncio.wait([loop])
    await member.close()


if __name__ == "__main__":
    asyncio.run(_main())
