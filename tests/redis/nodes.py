"""Two or more `samko serve` on one journal in Redis, each a process, without an Asterisk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import wave
from pathlib import Path
from typing import Any, Final, Self

from ivr.prompts import sentences
from queue_engine.config.load import load_all
from queue_engine.journal.redis_nodes import ClusterPicture, RedisNodes
from queue_engine.journal.redis_place import RedisPlace
from tests.patience import PATIENCE_S, until as until
from tests.ports import free_port
from tests.redis_places import in_yaml

ROOT: Final = Path(__file__).resolve().parents[2]
AMI_SECRET: Final = "hemlig"


def picture(place: RedisPlace) -> ClusterPicture:
    """Who is there."""
    nodes = RedisNodes(place)
    try:
        return nodes.picture()
    finally:
        nodes.close()


class NodeProcess:
    """One `samko serve`, with its own configuration and files.

    Args:
        folder: an empty one.
        place: of the journal.
        ring: its rules' ring time, in seconds. Nodes with different ones load their rules when
            they begin to decide, and so write a record at once.
        ami_port: of the manager of its Asterisk; else there is none.
        program: what is run; another one than `samko` may be set before any start.
    """

    def __init__(
        self,
        folder: Path,
        place: RedisPlace,
        ring: int = 20,
        ami_port: int | None = None,
        program: tuple[str, ...] = (),
    ) -> None:
        self.program = program or _SAMKO
        self.config, self.var = folder / "config", folder / "var"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        shutil.copytree(ROOT / "config", self.config)
        national = self.config / "national.yaml"
        text = national.read_text()
        assert "ring: 20 s" in text
        national.write_text(text.replace("ring: 20 s", f"ring: {ring} s"))
        (self.config / "samko.yaml").write_text(
            f"var_dir: {self.var}\nredis: {in_yaml(place)}\n"
            f"agi: {{port: 0}}\nhttp: {{port: {self.port}}}\n"
            f"links: [{{id: ast1, port: {ami_port or free_port()}}}]\n"
        )
        for language, texts in load_all(self.config).prompts.items():
            sounds = self.var / "prompts" / language
            sounds.mkdir(parents=True)
            for name in sentences(texts):
                with wave.open(str(sounds / f"{name}.wav"), "wb") as sound:
                    sound.setnchannels(1)
                    sound.setsampwidth(2)
                    sound.setframerate(8000)
                    sound.writeframes(bytes(160))

    def start(self) -> None:
        """Starts it."""
        with (self.var / "engine.log").open("ab") as log:
            self._process = subprocess.Popen(
                (*self.program, "--config", str(self.config), "serve", "--log", "text"),
                cwd=ROOT,
                env={**_ENVIRONMENT, "SAMKO_AMI_SECRET": AMI_SECRET},
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.var / "engine.log").read_text(errors="replace")

    @property
    def code(self) -> int | None:
        """What it has ended with; None: it runs."""
        assert self._process is not None
        return self._process.poll()

    def kill(self) -> None:
        """SIGKILL, as by a power cut. Harmless if it does not run."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE_S)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def get(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
        """What it answers over HTTP: status and body; 0 and nothing: it does not listen.

        Args:
            body: that is put there; None: it is a GET.
        """
        token_file = self.var / "http.token"
        token = token_file.read_text().strip() if token_file.exists() else "none"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method="GET" if body is None else "PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as fault:
            return fault.code, fault.read().decode()
        except OSError:
            return 0, ""

    def samko(self, *words: str) -> tuple[int, str, str]:
        """A command with its configuration: exit code, stdout, stderr."""
        done = subprocess.run(
            (*self.program, "--config", str(self.config), *words),
            cwd=ROOT,
            env={**_ENVIRONMENT, "COLUMNS": "140"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def cluster(self) -> dict[str, Any]:
        """`samko cluster --json`."""
        code, told, fault = self.samko("cluster", "--json")
        assert code == 0, fault
        found: dict[str, Any] = json.loads(told)
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


_SAMKO: Final = (sys.executable, "-m", "queue_engine.cli")
_ENVIRONMENT: Final = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
