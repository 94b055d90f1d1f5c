"""`samko cluster merge`: the file of a node that is gone, merged by one that runs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from queue_engine.core import commands as cmd
from queue_engine.core.codec import encode_record
from queue_engine.core.engine import Engine
from queue_engine.core.snapshot import write_snapshot
from queue_engine.journal.aside import Aside
from queue_engine.journal.base import Snapshot
from queue_engine.journal.redis_journal import RedisJournal
from queue_engine.runtime.recovery import record_of, recover
from queue_engine.serve.set_aside import SetAside
from routing.vocabulary import (
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
)
from tests.redis.nodes import NodeProcess, until
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis

AST2 = LinkId("ast2")
ADVICE = Skill("advice")


class Island:
    """A node that parted from the journal as it is now, and whose machine is gone."""

    def __init__(self, server: RedisServer) -> None:
        journal = RedisJournal(server.place())
        state = recover(journal)
        self.after = state.record_number
        last = next(iter(journal.read(self.after - 1)))
        journal.close()
        self._checksum = crc32(last.data)
        self._begun = Snapshot(self.after, write_snapshot(state))
        self._engine, self._records = Engine(state), list[bytes]()
        self.now_ms = state.now_ms

    def do(self, command: cmd.Command, wait_ms: int = 0) -> None:
        """It has decided this, so much later."""
        self.now_ms += wait_ms
        passed = self._engine.pass_time(self.now_ms)
        record = self._engine.handle(command, self.now_ms)
        self._records += [encode_record(each) for each in (passed, record) if each is not None]

    def talk(self, name: str, talk_ms: int) -> None:
        """A caller comes, is answered by n9 of region 12, and both hang up."""
        contact_id, phone_id = ContactId(name), PhoneId("phone9")
        self.do(
            cmd.EnqueueContact(
                contact_id=contact_id,
                link_id=AST2,
                line_id=LineId("1177"),
                arrived_ms=self.now_ms,
                priority=Priority.EMERGENCY,
                needs=(Requirement(ADVICE),),
                home_region=RegionCode("14"),
                home_region_source=HomeRegionSource.AREA_CODE,
            )
        )
        seen = cmd.SeenCaller(contact_id, cmd.CallerPlace.WAITING, self.now_ms)
        self.do(cmd.ReportCallerWaiting(AST2, seen))
        offer = self._engine.state.contacts[contact_id].offer
        self.do(cmd.ReportConnected(contact_id, AST2, phone_id, offer), 3_000)
        self.do(cmd.ReportTalkEnded(contact_id, phone_id), talk_ms)
        self.do(cmd.EndWrapUp(AgentId("n9")), 10_000)

    def set_aside(self, folder: Path) -> Path:
        """Its file."""
        aside = Aside(self.after, tuple(self._records), self._checksum, self._begun)
        return SetAside(folder)(aside)


@pytest.fixture
def node(server: RedisServer, tmp_path: Path) -> Iterator[NodeProcess]:
    with NodeProcess(tmp_path / "n1", server.place()) as node:
        until(lambda: '"14"' in node.get("/api/v1/regions")[1], "it decides, by its rules")
        yield node


def reports(server: RedisServer) -> int:
    """How often something of an island was taken."""
    journal = RedisJournal(server.place())
    commands = [record_of(stored).command for stored in journal.read(0)]
    journal.close()
    return sum(isinstance(command, cmd.ReportIsland) for command in commands)


def gone(server: RedisServer, folder: Path) -> Path:
    """The file of a node that talked with one caller for two minutes while it was an island."""
    island = Island(server)
    skills = (SkillLevel(ADVICE), SkillLevel(Skill("sv")))
    island.do(cmd.ReportSwitch(AST2, island.now_ms, ()))
    nurse = AgentId("n9")
    island.do(cmd.SignOnAgent(nurse, AST2, PhoneId("phone9"), RegionCode("12"), skills))
    island.do(cmd.SetAgentReady(nurse))
    island.talk("i1", 120_000)
    return island.set_aside(folder)


def test_what_a_node_that_is_gone_did_is_merged_by_hand(
    server: RedisServer, tmp_path: Path, node: NodeProcess
) -> None:
    file = gone(server, tmp_path / "moved")
    code, told, fault = node.samko("cluster", "merge", str(file))
    assert (code, fault) == (0, "")
    assert "was an island from" in told
    assert "contacts: 1 handled" in told
    assert "all of it counts now" in told
    kept = node.var / "unjournaled" / f"{file.name}.merged"
    assert kept.read_bytes() == file.read_bytes()

    code, told, fault = node.samko("explain", "i1", "--lang", "en")
    assert code == 0, fault
    said = " ".join(told.split())
    assert "Came in on an island, " in said
    assert "cut off from the others): answered after 3 s, a talk with n9 in" in said
    assert said.endswith("wrap-up at n9 in Region Skåne 10 s. Counts as handled.")
    code, told, fault = node.samko("ledger", "--json")
    (account,) = json.loads(told)["accounts"]
    assert (account["giver"], account["taker"]) == ("12", "14")
    assert (account["calls"], account["talk_ms"], account["wrap_up_ms"]) == (1, 120_000, 10_000)
    assert 'samko_island_contacts_total{what="came"} 1.0' in node.get("/metrics")[1]

    before = reports(server)
    code, told, fault = node.samko("cluster", "merge", str(file), "--json")
    assert (code, fault) == (0, "")
    assert json.loads(told)["is_merged"]
    assert before == reports(server) == 1, "told once more, it counts once"
    assert "an island is merged" in node.log
    assert "Traceback" not in node.log


def test_what_is_no_such_file_is_told_so_and_nothing_is_lost(
    server: RedisServer, tmp_path: Path, node: NodeProcess
) -> None:
    file = gone(server, tmp_path / "moved")
    whole = file.read_bytes()

    assert node.samko("cluster", "merge")[2].startswith("samko: which file?")
    code, _, fault = node.samko("cluster", "merge", str(tmp_path / "nothing"))
    assert (code, "No such file" in fault) == (1, True)
    file.write_bytes(whole[:-20])
    code, _, fault = node.samko("cluster", "merge", str(file))
    assert (code, f"{file} is damaged" in fault) == (3, True), fault
    lines = gzip.decompress(whole).split(b"\n")
    lines[0] = lines[0].replace(b'"record_checksum":', b'"record_checksum":1')
    file.write_bytes(gzip.compress(b"\n".join(lines)))
    code, _, fault = node.samko("cluster", "merge", str(file))
    assert (code, "is of another journal" in fault) == (1, True), fault

    assert file.exists()
    assert not (node.var / "unjournaled").exists()
    assert not reports(server)
