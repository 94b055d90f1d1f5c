"""A real `samko serve` is backed up at work, loses everything, and goes on from the back-up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.patience import until
from tests.redis.nodes import NodeProcess, picture
from tests.redis_server import RedisServer

pytestmark = pytest.mark.redis


def test_all_is_lost_and_restored(server: RedisServer, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with NodeProcess(tmp_path / "n1", server.place()) as node:
        until(lambda: "samko_decides 1.0" in node.get("/metrics")[1], "it decides")
        code, told, fault = node.samko("backup", str(backup))
        assert code == 0, fault
        assert "callers  yes" in told
        manifest = json.loads((backup / "manifest.json").read_text())
        assert manifest["records"] > 0
        code, _, fault = node.samko("restore", str(backup))
        assert (code, "stop all engines first" in fault) == (1, True)

        node.kill()
        incarnation = picture(server.place()).incarnation
        with server.client() as client:
            client.flushall()
        var = tmp_path / "n1" / "var"
        for path in (*var.glob("vault*"), *var.glob("*.ledger")):
            path.unlink()

        code, told, fault = node.samko("restore", str(backup))
        assert code == 0, fault
        restored = json.loads(node.samko("replay", "--whole", "--json")[1])
        assert (restored["records"], restored["digest"]) == (
            manifest["records"],
            manifest["digest"],
        )
        national = node.config / "national.yaml"  # other rules are written to the journal at once
        national.write_text(national.read_text().replace("ring: 20 s", "ring: 21 s"))
        node.start()
        until(lambda: "samko_decides 1.0" in node.get("/metrics")[1], "it decides again")
        until(lambda: picture(server.place()).last_number > manifest["records"], "it goes on")
        assert picture(server.place()).incarnation != incarnation
        assert node.log.count("a new journal begins") == 1
        code, told, fault = node.samko("redecide")
        assert code == 0, fault + told
        assert node.stop() == 0
