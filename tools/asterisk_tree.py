"""A local Asterisk 22, without root and without touching the system's packages.

`python -m tools.asterisk_tree` downloads Debian's packages of Asterisk with all that they need,
C library included, unpacks them under `.cache/asterisk/tree` (`$SAMKO_CACHE/asterisk/tree`) and
prints the tree's folder. The tree's own loader runs its programs from there; nothing is
installed, and the machine's package lists are not written to.

House rules: standard library only, since this runs before anything is installed. The mirror is
whatever the machine's own apt uses, asked for at run time and kept nowhere. The tree appears by
one rename, with its stamp inside: a tree that exists is whole. Every wait has the one deadline.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
STAMP: Final = "samko-tree.json"
"""Inside the tree: where its programs are, relative to it. Written last."""

_SUITE: Final = "sid"
"""Asterisk is in no released Debian since 11; the unstable suite has version 22."""
_PACKAGES: Final = ("asterisk", "asterisk-modules", "libc6")
_KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_PROGRAMS: Final = ("apt-get", "apt-config", "dpkg")
_VERSION_WANTED: Final = "22."
_ROOM_NEEDED: Final = 700_000_000
"""Bytes: packages, lists and the unpacked tree, while all three exist."""
_DEADLINE_S: Final = 900.0
_PROGRESS_EVERY_S: Final = 5.0

Say = Callable[[str], None]


class TreeUnavailable(Exception):
    """The tree cannot be had on this machine now; the text says why and what would help."""


def cache_folder() -> Path:
    """`$SAMKO_CACHE`, else `.cache` of the project."""
    chosen = os.environ.get("SAMKO_CACHE")
    return Path(chosen).expanduser().resolve() if chosen else ROOT / ".cache"


def ensure_tree(
    cache: Path | None = None, deadline_s: float = _DEADLINE_S, say: Say | None = None
) -> Path:
    """The folder of a whole tree, made now if there is none.

    Two at once are safe: one makes the tree, the other waits for it.

    Args:
        cache: where `asterisk/tree` is to be; `cache_folder()` if not given.
        deadline_s: for everything together.
        say: takes progress lines; standard error if not given.

    Raises:
        TreeUnavailable: with the reason.
    """
    home = (cache or cache_folder()) / "asterisk"
    tree = home / "tree"
    if (tree / STAMP).is_file():
        return tree
    until = time.monotonic() + deadline_s
    say = say or _say_to_stderr
    _check_machine()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _only_one(home / "lock", until, say):
            if not (tree / STAMP).is_file():
                _make_tree(home, tree, until, say)
    except OSError as exc:
        raise TreeUnavailable(f"cannot write the tree below {home}: {exc}") from exc
    return tree


def _check_machine() -> None:
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        raise TreeUnavailable(
            f"this machine has no {', '.join(missing)}: the local Asterisk is made of Debian "
            "packages, so it needs Debian or a relative with apt"
        )
    if not _KEYRING.is_file():
        raise TreeUnavailable(
            f"{_KEYRING} is missing, without which packages cannot be verified: "
            "install debian-archive-keyring"
        )


def _make_tree(home: Path, tree: Path, until: float, say: Say) -> None:
    room = shutil.disk_usage(home).free
    if room < _ROOM_NEEDED:
        raise TreeUnavailable(
            f"{home} has room for {room // 10**6} MB, the tree needs {_ROOM_NEEDED // 10**6} MB"
        )
    began = time.monotonic()
    # Held by the lock, so whatever lies here is what a killed maker left behind.
    for left_over in home.glob("making-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix="making-", dir=home))
    try:
        archives = _Download(work, until, say).fetch()
        new_tree = work / "tree"
        _unpack(archives, new_tree, until, say)
        layout = _layout(new_tree)
        layout["version"] = _version_of(new_tree, layout, until)
        (new_tree / STAMP).write_text(json.dumps(layout, indent=2) + "\n")
        # mkdtemp's 0700 would shut out other users of a shared cache.
        new_tree.chmod(0o755)
        if tree.exists():
            shutil.rmtree(tree)
        new_tree.rename(tree)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    say(f"{layout['version']} is ready in {tree} ({time.monotonic() - began:.0f} s)")


class _Download:
    """An apt of its own below `work`, which never reads or writes the system's lists."""

    def __init__(self, work: Path, until: float, say: Say) -> None:
        self._work = work
        self._until = until
        self._say = say
        self._archives = work / "cache" / "archives"
        for folder in ("state/lists/partial", "cache/archives/partial", "log"):
            (work / folder).mkdir(parents=True)
        (work / "status").touch()
        self._environment = {**os.environ, "LC_ALL": "C", "APT_CONFIG": str(work / "apt.conf")}

    def fetch(self) -> list[Path]:
        """The packages' files, verified by apt against the archive's signature."""
        mirrors = _mirrors(self._until)
        self._write_config()
        failures: list[str] = []
        for number, mirror in enumerate(mirrors, start=1):
            self._say(f"reading the package lists of {_SUITE} (mirror {number} of {len(mirrors)})")
            self._use_mirror(mirror)
            if failure := self._apt("update", "-o", "APT::Update::Error-Mode=any"):
                failures.append(failure)
                continue
            self._say("downloading the packages of Asterisk")
            if failure := self._apt("install", "--yes", "--download-only", *_PACKAGES):
                failures.append(failure)
                continue
            archives = sorted(self._archives.glob("*.deb"))
            if archives:
                return archives
            failures.append("apt-get reported success but downloaded nothing")
        raise TreeUnavailable("the download failed: " + "; ".join(failures))

    def _write_config(self) -> None:
        """Keep how this machine reaches the net (proxies, certificates), drop its hooks."""
        told = _output(["apt-config", "dump"], self._until, dict(os.environ)).splitlines()
        kept = [
            line
            for line in told
            if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")
        ]
        architecture = _output(
            ["dpkg", "--print-architecture"], self._until, dict(os.environ)
        ).strip()
        own = {
            "Dir::Etc::main": "/dev/null",
            "Dir::Etc::parts": "/dev/null",
            "Dir::Etc::sourcelist": str(self._work / "sources.list"),
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State": str(self._work / "state"),
            "Dir::State::status": str(self._work / "status"),
            "Dir::Cache": str(self._work / "cache"),
            "Dir::Log": str(self._work / "log"),
            "APT::Architecture": architecture,
            "APT::Architectures": architecture,
            "APT::Install-Recommends": "false",
            # As root apt would download as a user who cannot write below `work`.
            "APT::Sandbox::User": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Debug::NoLocking": "true",
        }
        lines = kept + [f'{key} "{value}";' for key, value in own.items()]
        (self._work / "apt.conf").write_text("\n".join(lines) + "\n")

    def _use_mirror(self, mirror: str) -> None:
        line = f"deb [signed-by={_KEYRING}] {mirror} {_SUITE} main\n"
        (self._work / "sources.list").write_text(line)

    def _apt(self, *arguments: str) -> str | None:
        """Run apt-get; None if it went well, else what it said last."""
        log = self._work / "apt.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                ["apt-get", "-q", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment,
                # So that a deadline ends apt's own helpers too.
                start_new_session=True,
            )
            code = self._wait(process)
        if code is None:
            return f"apt-get {arguments[0]} was not done before the deadline"
        if code == 0:
            return None
        said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        faults = [line for line in said if line.startswith(("E:", "W:", "Err:"))]
        return f"apt-get {arguments[0]} ended with {code}: " + " / ".join((faults or said)[-3:])

    def _wait(self, process: subprocess.Popen[bytes]) -> int | None:
        told_at = time.monotonic()
        try:
            while True:
                try:
                    return process.wait(timeout=0.2)
                except subprocess.TimeoutExpired:
                    now = time.monotonic()
                if now > self._until:
                    return None
                if now - told_at > _PROGRESS_EVERY_S:
                    told_at = now
                    self._tell_progress()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _tell_progress(self) -> None:
        files = list(self._archives.glob("*.deb"))
        size = sum(file.stat().st_size for file in files)
        self._say(f"... {len(files)} packages, {size // 10**6} MB so far")


def _mirrors(until: float) -> list[str]:
    """The archives that this machine's apt uses, the likeliest to hold Debian's suites first."""
    environment = {**os.environ, "LC_ALL": "C"}
    told = _output(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)"], until, environment
    )
    found = [line.split() for line in told.splitlines()]
    if not found:
        # Before the first `apt-get update` there are no targets; the addresses are known all
        # the same. NoLocking: asking must not need root.
        told = _output(
            ["apt-get", "-o", "Debug::NoLocking=1", "update", "--print-uris"], until, environment
        )
        found = [
            list(match) for match in re.findall(r"^'(\S+?)dists/(\S+?)/InRelease'", told, re.M)
        ]
    mirrors = [address for address, *suite in found if not any("security" in s for s in suite)]
    if not mirrors:
        raise TreeUnavailable(
            "apt on this machine knows no mirror to download from: "
            "`apt-get update --print-uris` names none"
        )
    return list(dict.fromkeys(mirrors))


def _unpack(archives: list[Path], tree: Path, until: float, say: Say) -> None:
    size = sum(archive.stat().st_size for archive in archives)
    say(f"unpacking {len(archives)} packages, {size // 10**6} MB")
    tree.mkdir()
    # dpkg would read the user's own configuration.
    environment = {**os.environ, "HOME": "/nonexistent"}
    for archive in archives:
        _output(["dpkg", "--extract", str(archive), str(tree)], until, environment)


def _layout(tree: Path) -> dict[str, str]:
    """Where the tree keeps what it takes to run Asterisk, relative to it."""
    patterns = {
        "loader": "usr/lib/*-linux-gnu*/ld-linux-*.so.*",
        "asterisk": "usr/sbin/asterisk",
        "modules": "usr/lib/*-linux-gnu*/asterisk/modules",
        "data": "usr/share/asterisk",
        "indications": "etc/asterisk/indications.conf",
    }
    layout: dict[str, str] = {}
    for name, pattern in patterns.items():
        hits = sorted(tree.glob(pattern))
        if not hits:
            raise TreeUnavailable(f"the downloaded packages hold no {pattern}")
        layout[name] = str(hits[0].relative_to(tree))
    layout["libraries"] = str(Path(layout["loader"]).parent)
    return layout


def _version_of(tree: Path, layout: dict[str, str], until: float) -> str:
    """Prove that the tree runs here, and is the version that the dialplan is written for."""
    command = [str(tree / layout["loader"]), "--library-path", str(tree / layout["libraries"])]
    version = _output([*command, str(tree / layout["asterisk"]), "-V"], until, dict(os.environ))
    words = version.split()
    if len(words) < 2 or not words[1].startswith(_VERSION_WANTED):
        raise TreeUnavailable(
            f"the suite {_SUITE} now holds {version.strip()!r}, "
            f"but Asterisk {_VERSION_WANTED}x is needed"
        )
    return " ".join(words[:2])


def _output(command: list[str], until: float, environment: dict[str, str]) -> str:
    """Standard output of a short command."""
    timeout = max(0.1, until - time.monotonic())
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env=environment, check=True
        )
    except subprocess.TimeoutExpired as exc:
        raise TreeUnavailable(f"{command[0]} was not done before the deadline") from exc
    except subprocess.CalledProcessError as exc:
        said = (exc.stderr or exc.stdout).strip()[-500:]
        raise TreeUnavailable(
            f"{' '.join(command[:2])} ended with {exc.returncode}: {said}"
        ) from exc
    return done.stdout


@contextlib.contextmanager
def _only_one(lock: Path, until: float, say: Say) -> Iterator[None]:
    with lock.open("w") as handle:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    say("another process is making the tree; waiting for it")
                    told = True
            if time.monotonic() > until:
                raise TreeUnavailable(f"another process holds {lock} past the deadline")
            time.sleep(0.2)
        yield


def _say_to_stderr(line: str) -> None:
    print(f"asterisk: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Make the tree; its folder on standard output, or the reason why not on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tools.asterisk_tree", description=__doc__)
    parser.add_argument("--deadline", type=float, default=_DEADLINE_S, help="seconds in all")
    arguments = parser.parse_args()
    try:
        tree = ensure_tree(deadline_s=arguments.deadline)
    except TreeUnavailable as exc:
        print(f"asterisk: cannot be had here: {exc}", file=sys.stderr)
        return 1
    print(tree)
    return 0


if __name__ == "__main__":
    sys.exit(main())
