"""An Asterisk of one's own for trying and testing: the shipped files, run from the local tree.

`LocalAsterisk` copies `deploy/asterisk/` into a folder of its own, changes only what must differ
(ports, folders, the secret, the phones) and starts the tree's Asterisk there in about a second,
without root. Several run side by side. One that is not stopped dies with its parent.

House rules: everything listens on 127.0.0.1. Nothing here is tied to one event loop. Every wait
has a deadline, and its failure shows what the log complains of.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

from queue_engine.telephony.local_files import (
    LabFault,
    Setting,
    change_setting,
    phone_sections,
    tone_in_mu_law,
)
from queue_engine.telephony.local_ports import PortRange

__all__ = ["LabFault", "LocalAsterisk", "Setting", "Tree", "tree_folder"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_STAMP: Final = "samko-tree.json"
"""Written by tools/asterisk_tree.py when a tree is whole."""
_SOCKET_PATH_BYTES_MAX: Final = 100
"""The kernel allows 107 for a Unix socket's path; a longer one is cut off without a word."""
GOES_FIRST: Final = ("nice", "-n", "-10")
"""Starts a telephony program that gets the processor before all else, as a switch does where it
has a machine of its own. Without the right to it, `nice` says so and starts it as any other."""
_OTHER_PORTS: Final = 10
"""SIP, AMI, HTTP and AGI ports, before the RTP ports."""
_FILES_MAX: Final = 65_536
_POLL_S: Final = 0.01
_LOG_LINES: Final = 6
_EMPTY_FILES: Final = ("acl", "ccss", "features", "pjproject", "queuerules", "udptl")
"""Asterisk asks for these at every start, and complains if there is none."""


class Tree:
    """A whole unpacked tree of Asterisk, as tools/asterisk_tree.py leaves it."""

    def __init__(self, folder: Path) -> None:
        try:
            layout = json.loads((folder / _STAMP).read_text())
        except FileNotFoundError as exc:
            raise LabFault(f"there is no Asterisk in {folder}: run `make asterisk`") from exc
        self.version: str = layout["version"]
        self.modules: Path = folder / layout["modules"]
        self.data: Path = folder / layout["data"]
        self.command: list[str] = [
            str(folder / layout["loader"]),
            "--library-path",
            str(folder / layout["libraries"]),
            str(folder / layout["asterisk"]),
        ]


def tree_folder() -> Path:
    """Where the tree is, if there is one: `$SAMKO_CACHE/asterisk/tree`, else below `.cache`."""
    chosen = os.environ.get("SAMKO_CACHE")
    cache = Path(chosen).expanduser().resolve() if chosen else _ROOT / ".cache"
    return cache / "asterisk" / "tree"


_WATCHER: Final = """
[{name}]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = all
write = all
"""


class LocalAsterisk:
    """One local Asterisk. `async with LocalAsterisk() as asterisk:` starts and cleans up.

    Args:
        tree: the unpacked Asterisk; `tree_folder()` if not given.
        phones: names of nurses' phones. They REGISTER without a password, being on loopback.
        settings: further values to replace in the shipped files.
        system_name: begins the ids of all calls.
        channels: so many call legs get RTP ports.
        verbose: level of the dialplan trace in `log`; above 0 it shows callers' numbers.
        config: the shipped files.

    Attributes:
        system_name: as given.
        sip_port, ami_port, http_port: where it listens, also after a restart.
        agi_port: where it looks for the engine's FastAGI server; the engine has to listen there.
        ami_user, ami_secret: for the engine's AMI login.
        ami_watcher: a user of the same secret who hears every event and may do everything.
        folder: all that is its own; gone after `close`.

    Raises:
        LabFault: if there is no tree, or a shipped file does not hold a line to be changed.
        NoFreePorts: if loopback is full.
    """

    def __init__(
        self,
        tree: Path | None = None,
        *,
        phones: Iterable[str] = ("nurse1", "nurse2"),
        settings: Iterable[Setting] = (),
        system_name: str = "ast1",
        channels: int = 200,
        verbose: int = 0,
        config: Path = _ROOT / "deploy" / "asterisk",
    ) -> None:
        self.tree = Tree(tree or tree_folder())
        self.phones = tuple(phones)
        self.ami_user = "samko"
        self.ami_watcher = "watcher"
        self.ami_secret = secrets.token_hex(16)
        self.config = config
        self._settings = tuple(settings)
        self.system_name = system_name
        self._verbose = verbose
        self._process: subprocess.Popen[bytes] | None = None
        self._log_size = 0
        self._ports = PortRange(_OTHER_PORTS + 2 * channels)
        self.sip_port, self.ami_port, self.http_port, self.agi_port = (
            self._ports.first + number for number in range(4)
        )
        self.folder = Path(tempfile.mkdtemp(prefix="samko-asterisk-"))
        try:
            self._write_files()
        except BaseException:
            self._remove()
            raise

    @property
    def log(self) -> Path:
        """Warnings and errors, and the dialplan trace if `verbose`."""
        return self.folder / "log" / "messages.log"

    @property
    def pid(self) -> int | None:
        """Of the running Asterisk; None if it does not run."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    async def start(self, deadline_s: float = 20.0) -> None:
        """Start, and return when it is fully booted: SIP and AMI answer.

        The thread that calls must outlive Asterisk, which dies with it.
        """
        assert self.pid is None, "already running"
        self._spawn()
        try:
            await self._until(self._hears_commands, deadline_s, "the command socket")
            await self.cli("core waitfullybooted", deadline_s)
            transports = await self.cli("pjsip show transports")
            if f"127.0.0.1:{self.sip_port}" not in transports:
                raise LabFault(f"SIP is not bound to {self.sip_port}:{self._complaints()}")
            await self._connect_once(self.ami_port)
        except BaseException:
            await self.kill()
            raise

    async def stop(self, deadline_s: float = 10.0) -> None:
        """Stop cleanly; by force at the deadline. Harmless if it does not run."""
        if self.pid is None:
            return
        self._signal(signal.SIGTERM)
        # A frozen one would not hear it.
        self._signal(signal.SIGCONT)
        try:
            await self._until(lambda: self.pid is None, deadline_s, "the end of Asterisk")
        except LabFault:
            await self.kill()

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL). Harmless if it does not run."""
        if self.pid is not None:
            self._signal(signal.SIGKILL)
            await self._until(lambda: self.pid is None, 10.0, "the end of Asterisk")

    def freeze(self) -> None:
        """Let it run no further (SIGSTOP), with all its sockets open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        self._signal(signal.SIGCONT)

    async def close(self) -> None:
        """Stop, and give back folder and ports. Harmless when repeated."""
        try:
            await self.stop()
        finally:
            self._remove()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            self._remove()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def cli(self, command: str, deadline_s: float = 10.0) -> str:
        """What Asterisk's command line answers to `command`."""
        process = await asyncio.create_subprocess_exec(
            *self._command("-rx", command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(deadline_s):
                output, _ = await process.communicate()
        except TimeoutError:
            raise LabFault(f"no answer to {command!r} in {deadline_s} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise LabFault(f"{command!r}: {output.decode(errors='replace').strip()}")
        return output.decode(errors="replace")

    async def hangup_all(self, deadline_s: float = 10.0) -> None:
        """End every call, and return when no channel is left."""
        until = time.monotonic() + deadline_s
        while await self.cli("core show channels concise"):
            if time.monotonic() > until:
                raise LabFault(f"channels are left after {deadline_s} s:{self._complaints()}")
            await self.cli("channel request hangup all")
            await asyncio.sleep(_POLL_S)

    def _spawn(self) -> None:
        for left_over in (self.folder / "run").iterdir():
            left_over.unlink()
        self._log_size = self.log.stat().st_size if self.log.exists() else 0
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                [*GOES_FIRST, "setpriv", "--pdeathsig", "KILL", "--", *self._command("-f")],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                # It ignores SIGPIPE only late in its start, and would die of a command line that
                # closes before: it inherits from us that we ignore it.
                restore_signals=False,
                # A Ctrl-C in the terminal is for our parent, which then stops us.
                start_new_session=True,
            )

    def _command(self, *arguments: str) -> list[str]:
        return [*self.tree.command, "-C", str(self.folder / "etc" / "asterisk.conf"), *arguments]

    @property
    def _console(self) -> Path:
        return self.folder / "log" / "console.log"

    @property
    def _socket(self) -> Path:
        return self.folder / "run" / "asterisk.ctl"

    def _hears_commands(self) -> bool:
        """The socket's file is there a moment before anybody listens at it."""
        with socket.socket(socket.AF_UNIX) as command:
            return command.connect_ex(str(self._socket)) == 0

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "never started"
        self._process.send_signal(number)

    async def _until(self, is_so: Callable[[], bool], deadline_s: float, what: str) -> None:
        until = time.monotonic() + deadline_s
        while not is_so():
            if self.pid is None:
                raise LabFault(f"Asterisk ended before {what}:{self._complaints()}")
            if time.monotonic() > until:
                raise LabFault(f"no sign of {what} after {deadline_s} s:{self._complaints()}")
            await asyncio.sleep(_POLL_S)

    async def _connect_once(self, port: int) -> None:
        try:
            async with asyncio.timeout(2.0):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError as exc:
            raise LabFault(f"AMI does not answer on {port}:{self._complaints()}") from exc
        writer.close()
        await writer.wait_closed()

    def _complaints(self) -> str:
        """What its log says since the start; of a long one the beginning and the end."""
        for path, size in ((self.log, self._log_size), (self._console, 0)):
            if not path.exists():
                continue
            with path.open(errors="replace") as log:
                log.seek(size)
                lines = [line.rstrip() for line in log if "ERROR" in line or "WARN" in line]
            if len(lines) > 2 * _LOG_LINES:
                lines[_LOG_LINES:-_LOG_LINES] = ["..."]
            if lines:
                return "".join(f"\n    {line}" for line in lines)
        return " (its log holds no error)"

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._ports.release()

    # --- its files -----------------------------------------------------------------------------

    def _write_files(self) -> None:
        if len(bytes(self._socket)) > _SOCKET_PATH_BYTES_MAX:
            raise LabFault(f"{self._socket} is too long for a socket: set TMPDIR to a short path")
        if shutil.which("setpriv") is None:
            raise LabFault("setpriv is missing: install util-linux")
        if not (self.config / "extensions.conf").is_file():
            raise LabFault(f"Asterisk's files are not in {self.config}")
        # Keys, database and secret are nobody else's business.
        self.folder.chmod(0o700)
        for name in ("etc", "var/keys", "var/cache", "db", "spool", "run", "log", "moh"):
            (self.folder / name).mkdir(parents=True)
        etc = self.folder / "etc"
        for source in self.config.glob("*.conf"):
            shutil.copyfile(source, etc / source.name)
        for name in _EMPTY_FILES:
            (etc / f"{name}.conf").write_text("[general]\n" if name != "acl" else "")
        (etc / "manager_secret.conf").write_text(f"secret = {self.ami_secret}\n")
        with (etc / "manager.conf").open("a") as manager:
            manager.write(_WATCHER.format(name=self.ami_watcher, secret=self.ami_secret))
        (etc / "pjsip_phones.conf").write_text(
            "".join(phone_sections(name) for name in self.phones)
        )
        (self.folder / "moh" / "tone.ulaw").write_bytes(tone_in_mu_law())
        for setting in (*self._own_settings(), *self._settings):
            change_setting(etc / setting.file, setting)

    def _own_settings(self) -> list[Setting]:
        """All that differs from what an operator runs."""
        here = str(self.folder)
        folders = {
            "astetcdir": f"{here}/etc",
            "astmoddir": str(self.tree.modules),
            "astdatadir": str(self.tree.data),
            "astvarlibdir": f"{here}/var",
            "astdbdir": f"{here}/db",
            "astkeydir": f"{here}/var",
            "astcachedir": f"{here}/var/cache",
            "astspooldir": f"{here}/spool",
            "astrundir": f"{here}/run",
            "astlogdir": f"{here}/log",
        }
        files = min(_FILES_MAX, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        settings = [Setting("asterisk.conf", "directories", *item) for item in folders.items()]
        settings += [
            Setting("asterisk.conf", "options", "systemname", self.system_name),
            Setting("asterisk.conf", "options", "verbose", str(self._verbose)),
            Setting("asterisk.conf", "options", "maxfiles", str(files)),
            Setting("pjsip.conf", "transport-udp", "bind", f"127.0.0.1:{self.sip_port}"),
            # Sipp's phones answer no "are you there?", and many of its callers are silent.
            Setting("pjsip.conf", "nurse-aor", "qualify_frequency", "0"),
            Setting("pjsip.conf", "nurse-endpoint", "rtp_timeout", "0"),
            Setting("pjsip.conf", "trunk", "rtp_timeout", "0"),
            # Its nurses may also talk for a moment only.
            Setting("extensions.conf", "globals", "SAMKO_TALK_MS_MIN", "1"),
            Setting("manager.conf", "general", "port", str(self.ami_port)),
            Setting("http.conf", "general", "bindport", str(self.http_port)),
            Setting("rtp.conf", "general", "rtpstart", str(self._ports.first + _OTHER_PORTS)),
            Setting("rtp.conf", "general", "rtpend", str(self._ports.last)),
            Setting("musiconhold.conf", "default", "directory", f"{here}/moh"),
            Setting("extensions.conf", "globals", "SAMKO_AGI", f"agi://127.0.0.1:{self.agi_port}"),
        ]
        if self._verbose:
            trace = "notice,warning,error,verbose"
            settings.append(Setting("logger.conf", "logfiles", "messages.log", trace))
        return settings
