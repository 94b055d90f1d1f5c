"""Texts to sound files, by espeak-ng and sox: 8 kHz mono 16 bit WAV, as Asterisk plays them.

House rules: only what changed is rendered, by hash of what is said and how; a recorded file of
the same name wins over the voice; a file is complete or not there, also while calls are played
from it. Each file is measured: it can be heard, is not clipped, and is over before a caller's
step is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import wave
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.prompts import PromptTexts, sentences
from queue_engine.core.errors import SamkoError

SECONDS_MAX: Final = 25.0
"""Of one prompt: it must be over within a step of a conversation."""
SECONDS_MIN: Final = 0.2
PEAK_MAX: Final = 32_000
PEAK_MIN: Final = 3_000
SAMPLES_PER_SECOND: Final = 8_000
_RENDERER: Final = "1"
"""Counts up when the same text would sound different, so that all is rendered anew."""
_MANIFEST: Final = "rendered.json"
_TOOL_SECONDS: Final = 30.0
_EFFECTS: Final = ("channels", "1", "rate", str(SAMPLES_PER_SECOND), "norm", "-3")
_PADDING: Final = ("pad", "0.05", "0.15")

Progress = Callable[[int, int, str], None]
"""Told after each file: how many are done, of how many, and which (`sv/opening`)."""


class PromptError(SamkoError):
    """The prompts cannot be rendered; says which, and what to do."""


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What `render_all` did, each file as `sv/opening`."""

    rendered: tuple[str, ...]
    recorded: tuple[str, ...]
    """Taken over from recorded files."""
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    """No longer among the texts."""


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    language: str
    text: str
    voice: str
    words_per_minute: int
    recorded: Path | None
    digest: str

    @property
    def shown(self) -> str:
        return f"{self.language}/{self.name}"


def render_all(
    texts: Sequence[PromptTexts],
    out_dir: Path,
    recorded_dir: Path | None = None,
    progress: Progress | None = None,
    *,
    workers: int = 2,
    deadline_s: float = 300.0,
) -> RenderReport:
    """Brings `out_dir/<language>/<name>.wav` up to date with `texts`.

    Args:
        recorded_dir: holds `<language>/<name>.wav` files that win over the voice.
        workers: files rendered at once.
        deadline_s: for all of it.

    Raises:
        PromptError: a tool is missing, a file cannot be made or heard, or time is up. What was
            rendered until then stays, and is not rendered again.
    """
    jobs = [job for language in texts for job in _jobs(language, recorded_dir)]
    manifests = {t.language: _read_manifest(out_dir / t.language) for t in texts}
    wanted = [job for job in jobs if not _is_current(job, manifests[job.language], out_dir)]
    removed = _remove_stale(out_dir, jobs, manifests)
    if wanted:
        _need_tools()
    try:
        _render(wanted, out_dir, manifests, progress, workers, time.monotonic() + deadline_s)
    finally:
        for language, manifest in manifests.items():
            _write_manifest(out_dir / language, manifest)
    return RenderReport(
        rendered=tuple(job.shown for job in wanted if job.recorded is None),
        recorded=tuple(job.shown for job in wanted if job.recorded is not None),
        unchanged=tuple(job.shown for job in jobs if job not in wanted),
        removed=removed,
    )


def _jobs(texts: PromptTexts, recorded_dir: Path | None) -> list[_Job]:
    jobs = []
    for name, text in sorted(sentences(texts).items()):
        recorded = recorded_dir / texts.language / f"{name}.wav" if recorded_dir else None
        if recorded is not None and recorded.is_file():
            digest = hashlib.sha256(recorded.read_bytes()).hexdigest()
        else:
            recorded, digest = None, ""
        said = texts.said(text)
        how = [_RENDERER, digest or said, texts.voice, texts.words_per_minute]
        digest = hashlib.sha256(json.dumps(how).encode()).hexdigest()
        voice, speed = texts.voice, texts.words_per_minute
        jobs.append(_Job(name, texts.language, said, voice, speed, recorded, digest))
    return jobs


def _read_manifest(directory: Path) -> dict[str, str]:
    try:
        found = json.loads((directory / _MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # unreadable is as good as none: all is rendered anew
    if not isinstance(found, dict):
        return {}
    return {str(name): str(digest) for name, digest in found.items()}


def _write_manifest(directory: Path, manifest: dict[str, str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    new = directory / f".{_MANIFEST}.new"
    new.write_text(json.dumps(manifest, indent=0, sort_keys=True), "utf-8")
    os.replace(new, directory / _MANIFEST)


def _is_current(job: _Job, manifest: dict[str, str], out_dir: Path) -> bool:
    return manifest.get(job.name) == job.digest and _file_of(job, out_dir).is_file()


def _file_of(job: _Job, out_dir: Path) -> Path:
    return out_dir / job.language / f"{job.name}.wav"


def _remove_stale(
    out_dir: Path, jobs: list[_Job], manifests: dict[str, dict[str, str]]
) -> tuple[str, ...]:
    """Removes files that an earlier run made and no text asks for; others are not ours."""
    removed = []
    for language, manifest in manifests.items():
        names = {job.name for job in jobs if job.language == language}
        for name in sorted(set(manifest) - names):
            (out_dir / language / f"{name}.wav").unlink(missing_ok=True)
            del manifest[name]
            removed.append(f"{language}/{name}")
    return tuple(removed)


def _need_tools() -> None:
    for tool in ("espeak-ng", "sox"):
        if shutil.which(tool) is None:
            raise PromptError(
                f"{tool} is needed to render prompts and was not found: on Debian,"
                " `apt-get install espeak-ng sox`"
            )


def _render(
    jobs: list[_Job],
    out_dir: Path,
    manifests: dict[str, dict[str, str]],
    progress: Progress | None,
    workers: int,
    end: float,
) -> None:
    for language in manifests:
        (out_dir / language).mkdir(parents=True, exist_ok=True)
    done = 0
    with ThreadPoolExecutor(workers, "prompts") as pool:
        ahead = {pool.submit(_render_one, job, out_dir, end): job for job in jobs}
        try:
            while ahead:
                finished, _ = wait(ahead, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in finished:
                    job = ahead.pop(future)
                    future.result()
                    manifests[job.language][job.name] = job.digest
                    done += 1
                    if progress is not None:
                        progress(done, len(jobs), job.shown)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _render_one(job: _Job, out_dir: Path, end: float) -> None:
    directory = out_dir / job.language
    with tempfile.TemporaryDirectory(prefix=".render-", dir=directory) as scratch:
        spoken, ready = Path(scratch, "spoken.wav"), Path(scratch, "ready.wav")
        source = job.recorded
        if source is None:
            source = spoken
            voice = ["-v", job.voice, "-s", str(job.words_per_minute)]
            _run(job, ["espeak-ng", *voice, "-b", "1", "-w", str(spoken), "--stdin"], end, job.text)
        out = ["-b", "16", "-e", "signed-integer", str(ready)]
        _run(job, ["sox", "-D", str(source), *out, *_EFFECTS, *_PADDING], end)
        _measure(job, ready)
        os.replace(ready, _file_of(job, out_dir))


def _run(job: _Job, command: list[str], end: float, text: str = "") -> None:
    timeout_s = min(_TOOL_SECONDS, end - time.monotonic())
    if timeout_s <= 0:
        raise PromptError(f"{job.shown}: the time for rendering is up")
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise PromptError(f"{job.shown}: {command[0]} took over {timeout_s:.0f} s") from exc
    except OSError as exc:
        raise PromptError(f"{job.shown}: {command[0]} cannot be run: {exc.strerror}") from exc
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise PromptError(f"{job.shown}: {command[0]} failed: {said[-1] if said else 'no reason'}")


def _measure(job: _Job, path: Path) -> None:
    try:
        with wave.open(str(path), "rb") as sound:
            shape = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            samples = array("h", sound.readframes(sound.getnframes()))
    except (OSError, EOFError, wave.Error) as exc:
        raise PromptError(f"{job.shown}: no sound came out") from exc
    seconds = len(samples) / SAMPLES_PER_SECOND
    peak = max(max(samples, default=0), -min(samples, default=0))
    if shape != (SAMPLES_PER_SECOND, 1, 2):
        raise PromptError(f"{job.shown}: expected 8 kHz mono 16 bit, found {shape}")
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        raise PromptError(
            f"{job.shown}: lasts {seconds:.1f} s, must last {SECONDS_MIN} to {SECONDS_MAX} s;"
            " say it in two prompts"
        )
    if not PEAK_MIN <= peak <= PEAK_MAX:
        raise PromptError(f"{job.shown}: its peak is {peak}, must be {PEAK_MIN} to {PEAK_MAX}")
