"""The local Asterisk as a tool, and what the shipped files refuse."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from queue_engine.telephony.local_asterisk import LabFault, LocalAsterisk, Setting
from queue_engine.telephony.local_ports import PortRange
from tests.asterisk.lab_engine import AgiServer, Ami, queue_the_caller
from tests.asterisk.phones import Callers, register
from tests.asterisk.sipp import SippFailed

pytestmark = pytest.mark.asterisk

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "deploy" / "asterisk" / "pjsip_phones.conf.sample"


def is_running(pid: int) -> bool:
    """Does this process run? A zombie does not: whoever inherited it has not asked yet."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


async def vanished(pid: int, deadline_s: float = 5.0) -> bool:
    """Does this process end by the deadline?"""
    until = time.monotonic() + deadline_s
    while is_running(pid):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.01)
    return True


def bound_sockets(pid: int) -> list[tuple[str, int]]:
    """Local address (in hexadecimal) and port of all sockets that this process can see."""
    bound: list[tuple[str, int]] = []
    for kind in ("tcp", "udp", "tcp6", "udp6"):
        for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]:
            address, port = line.split()[1].split(":")
            bound.append((address, int(port, 16)))
    return bound


async def test_two_run_side_by_side_and_leave_nothing(asterisk_tree: Path) -> None:
    async with LocalAsterisk(asterisk_tree) as one:
        async with LocalAsterisk(asterisk_tree, system_name="ast2") as two:
            assert one.sip_port != two.sip_port
            async with Ami(two) as ami:
                answer = await ami.act("CoreSettings")
                assert answer["SystemName"] == "ast2"
            pids = [one.pid, two.pid]
        assert two.pid is None
        assert not two.folder.exists()
        assert one.pid is not None
    for pid in pids:
        assert pid is not None
        assert await vanished(pid)


async def test_after_a_power_cut_it_starts_again_on_the_same_ports(asterisk_tree: Path) -> None:
    async with LocalAsterisk(asterisk_tree) as asterisk:
        ports = (asterisk.sip_port, asterisk.ami_port)
        await asterisk.kill()
        assert asterisk.pid is None
        await asterisk.start()
        assert (asterisk.sip_port, asterisk.ami_port) == ports
        async with Ami(asterisk):
            pass
        asterisk.freeze()
        await asterisk.stop()
        await asterisk.stop()
        await asterisk.kill()


async def test_one_whose_parent_is_killed_dies_with_it(asterisk_tree: Path) -> None:
    script = (
        "import asyncio, os, sys, time\n"
        "from pathlib import Path\n"
        "from queue_engine.telephony.local_asterisk import LocalAsterisk\n"
        "asterisk = LocalAsterisk(Path(sys.argv[1]))\n"
        "asyncio.run(asterisk.start())\n"
        "print(asterisk.pid, asterisk.folder, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, str(asterisk_tree)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    async with asyncio.timeout(30):
        line = await parent.stdout.readline()
    pid, folder = line.split()
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    assert await vanished(int(pid))
    shutil.rmtree(folder)


async def test_one_that_cannot_start_says_why_and_leaves_nothing(asterisk_tree: Path) -> None:
    nonsense = Setting("modules.conf", "modules", "preload", "res_no_such_thing.so")
    asterisk = LocalAsterisk(asterisk_tree, settings=[nonsense])
    with pytest.raises(LabFault, match="res_no_such_thing"):
        async with asterisk:
            pass
    assert asterisk.pid is None
    assert not asterisk.folder.exists()


async def test_everything_listens_on_loopback(asterisk: LocalAsterisk) -> None:
    async with Ami(asterisk) as ami, AgiServer(asterisk, call=queue_the_caller), Callers(asterisk):
        await ami.told("SamkoWaiting")
        assert asterisk.pid is not None
        bound = bound_sockets(asterisk.pid)
    # Ten for servers, and two for each of the 200 legs: the last of them may be the caller's.
    ours = range(asterisk.sip_port, asterisk.sip_port + 10 + 2 * 200)
    here = [(address, port) for address, port in bound if port in ours]
    # SIP, AMI, and the caller's RTP and RTCP.
    assert len({port for _, port in here}) >= 4
    assert {address for address, _ in here} == {"0100007F"}


async def test_a_peer_without_voice_is_hung_up_in_the_end(asterisk_tree: Path) -> None:
    limits = [
        Setting("pjsip.conf", "trunk", "rtp_timeout", "1"),
        Setting("extensions.conf", "globals", "SAMKO_ROUND_SECONDS", "60"),
    ]
    async with (
        LocalAsterisk(asterisk_tree, settings=limits) as asterisk,
        Ami(asterisk) as ami,
        AgiServer(asterisk, call=queue_the_caller),
        Callers(asterisk) as alive,
    ):
        await ami.told("SamkoWaiting")
        async with Callers(asterisk, voice="none") as dead:
            await dead.answered()
            await dead.gone()
            assert dead.was_dropped()
        assert not alive.was_dropped()


async def test_the_sample_of_phones_asks_for_a_password(asterisk_tree: Path) -> None:
    asterisk = LocalAsterisk(asterisk_tree)
    phones = SAMPLE.read_text().replace(";password =", "password = a-long-one", 1)
    (asterisk.folder / "etc" / "pjsip_phones.conf").write_text(phones)
    async with asterisk:
        with PortRange(1) as ports:
            await register(asterisk, "nurse1", ports.first, password="a-long-one")
            assert f":{ports.first}" in await asterisk.cli("pjsip show contacts")
            with pytest.raises(SippFailed, match="401"):
                await register(asterisk, "nurse1", ports.first, password="guessed")
            # The second phone of the sample was given no password: nobody can be it.
            for guess in ("", "nurse2"):
                with pytest.raises(SippFailed, match=r"SIP/2\.0 [45]"):
                    await register(asterisk, "nurse2", ports.first, password=guess)


async def test_ami_stays_off_until_a_secret_is_set(asterisk_tree: Path) -> None:
    asterisk = LocalAsterisk(asterisk_tree)
    try:
        secret = asterisk.folder / "etc" / "manager_secret.conf"
        sample = ROOT / "deploy" / "asterisk" / "manager_secret.conf.sample"
        secret.unlink()
        with pytest.raises(LabFault, match="AMI does not answer"):
            await asterisk.start()
        secret.write_text(sample.read_text())
        await asterisk.start()
        # An empty password would fit an empty secret; there is none.
        asterisk.ami_secret = ""
        with pytest.raises(AssertionError, match="Authentication failed"):
            async with Ami(asterisk):
                pass
    finally:
        await asterisk.close()


def test_a_shipped_file_without_the_line_to_change_is_told(asterisk_tree: Path) -> None:
    lost = Setting("rtp.conf", "general", "no_such_key", "1")
    with pytest.raises(LabFault, match=r"rtp\.conf must hold one line `no_such_key"):
        LocalAsterisk(asterisk_tree, settings=[lost])


def test_a_phones_name_is_not_taken_for_configuration(asterisk_tree: Path) -> None:
    with pytest.raises(LabFault, match="no name for a phone"):
        LocalAsterisk(asterisk_tree, phones=["nurse1]\n[trunk"])


def test_without_a_tree_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LabFault, match="make asterisk"):
        LocalAsterisk(tmp_path)


async def test_it_ignores_broken_pipes_from_its_first_moment(asterisk_tree: Path) -> None:
    """A command line that ended while it was greeted has ended Asterisk, once in 100 starts."""
    lab = LocalAsterisk(asterisk_tree)
    start = asyncio.create_task(lab.start())
    try:
        await asyncio.sleep(0)
        ignored = _ignored_signals(lab.pid)
        await start
    finally:
        start.cancel()
        await asyncio.wait([start])
        await lab.close()
    assert ignored & 1 << signal.SIGPIPE - 1


def _ignored_signals(pid: int | None) -> int:
    """As the kernel tells them: bit 0 is signal 1."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigIgn"):
            return int(line.split()[1], 16)
    raise AssertionError(f"the kernel tells nothing of signals of {pid}")
