"""The files that the engine reads and writes."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.prompts import sentences
from queue_engine.config.engine_file import EngineSettings
from queue_engine.config.load import Configuration, load_all
from queue_engine.config.problems import ConfigError
from queue_engine.core.errors import JournalError
from queue_engine.journal.island_file import MERGED, failed, unmerged
from queue_engine.journal.ownership import InUse
from queue_engine.journal.private_files import open_to_others
from queue_engine.journal.sqlite_check import verify_sqlite_journal
from queue_engine.serve.doctor_finding import Finding, fault, ok, warning

TOLD_MAX: Final = 5
"""Faults of the configuration that are told one by one."""
FREE_BYTES_MIN: Final = 200 * 1024**2
FREE_BYTES_GOOD: Final = 1024**3
"""Some weeks of the whole country's journal."""
_CONFIGURATION: Final = "configuration"


@dataclass(frozen=True, slots=True)
class JournalFound:
    """The journal, and whether an engine runs on it."""

    finding: Finding
    is_in_use: bool = False
    """By an engine of this machine."""
    is_elsewhere: bool = False
    """By engines of other machines alone."""


def configuration(config_dir: Path) -> tuple[Configuration | None, list[Finding]]:
    """All faults of all files; None if it cannot be used."""
    try:
        loaded = load_all(config_dir)
    except ConfigError as exc:
        told = [
            fault(_CONFIGURATION, str(problem), f"mend line {problem.line} of {problem.path}")
            for problem in exc.problems[:TOLD_MAX]
        ]
        more = len(exc.problems) - TOLD_MAX
        if more > 0:
            text = f"and {more} more faults"
            told.append(fault(_CONFIGURATION, text, "`samko check` tells them all"))
        return None, told
    told = [
        warning(_CONFIGURATION, str(problem), "config/README.md says what it means")
        for problem in loaded.warnings
    ]
    counts = f"{len(loaded.regions)} regions, {len(loaded.lines)} lines, no faults"
    return loaded, [ok(_CONFIGURATION, f"{config_dir}: {counts}"), *told]


def var_dir(folder: Path) -> Finding:
    """Where everything is written."""
    area = "var_dir"
    if not folder.exists():
        above = next((parent for parent in folder.parents if parent.exists()), folder)
        if os.access(above, os.W_OK | os.X_OK):
            return ok(area, f"{folder} is made at the first start")
        return fault(area, f"{folder} is not there", f"make it, for the user who runs {_whom()}")
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return fault(
            area, f"{folder} cannot be written", f"give it to {_whom()}, or run as its owner"
        )
    if folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return fault(area, f"others may write in {folder}", f"chmod go-w {folder}")
    free = shutil.disk_usage(folder).free
    shown = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < FREE_BYTES_MIN:
        return fault(area, shown, "make room: without it the journal goes on in memory only")
    if free < FREE_BYTES_GOOD:
        return warning(area, shown, "make room before the journal has to go on in memory only")
    return ok(area, shown)


def journal(path: Path, area: str = "journal") -> JournalFound:
    """Reads all of it, unless an engine has it open. Some two seconds for a million records."""
    if not path.exists():
        left = [name for name in ("-wal", ".mark") if path.with_name(path.name + name).exists()]
        if left:
            text = f"{path} is missing, but {path.name}{left[0]} lies beside it"
            advice = "put the journal back from where it was moved, or from a copy"
            return JournalFound(fault(area, text, advice))
        return JournalFound(ok(area, f"{path} is made at the first start"))
    try:
        verified = verify_sqlite_journal(path)
    except InUse as exc:
        return JournalFound(ok(area, f"{exc}: not verified"), is_in_use=True)
    except JournalError as exc:
        advice = f"copy all of {path.parent} before anything else; then restore {path.name}"
        return JournalFound(fault(area, str(exc), advice))
    if verified.faults:
        text = f"{path}: {len(verified.faults)} faults, the first: {verified.faults[0]}"
        advice = (
            f"copy all of {path.parent} first; a start cuts off a torn end and refuses worse damage"
        )
        return JournalFound(fault(area, text, advice))
    size_mb = path.stat().st_size / 1e6
    return JournalFound(ok(area, f"{verified.records} records, {size_mb:.1f} MB, all whole"))


def private_files(settings: EngineSettings, config_dir: Path) -> list[Finding]:
    """Vaults with their keys, tokens and PINs: together, and their owner's alone."""
    found = []
    for folder in (settings.var_dir, settings.embedded_dir):
        vault, key = folder / "vault.sqlite", folder / "vault.key"
        if vault.exists() and not key.exists():
            text = f"{vault} is there without its key"
            found.append(fault("vault", text, f"put {key} back; without it no caller can be read"))
        token = folder / settings.token_file.name
        for area, path in (("vault", vault), ("vault", key), ("token", token)):
            if _is_open_to_others(path):
                text = f"others than its owner may reach {path}"
                found.append(fault(area, text, f"chmod 600 {path}"))
    staff = config_dir / "staff.yaml"
    if _is_open_to_others(staff):
        text = f"others than its owner may read the PINs' hashes in {staff}"
        advice = f"chmod 600 {staff}: so short a secret is soon found from its hash"
        found.append(warning("staff", text, advice))
    return found or [ok("private files", "vault, token and PINs are their owner's alone")]


def islands(folder: Path) -> Finding | None:
    """What islands did and nobody has been told yet; None: there was no island."""
    area = "islands"
    try:
        waiting = unmerged(folder)
        if not folder.exists():
            return None
        aside = failed(folder)
        merged = len(list(folder.glob(f"*{MERGED}")))
        others = [path for path in folder.glob("*.records.gz") if path.is_file()]
    except JournalError as exc:
        return fault(area, str(exc), f"let {_whom()} read it")
    if waiting:
        text = f"{len(waiting)} files in {folder} are not merged, the first: {waiting[0].name}"
        advice = "an engine here merges them when it reaches the others; its log says what keeps it"
        return warning(area, text, advice)
    if aside:
        text = f"whoever decided failed at {aside[0]}: what that island did counts nowhere yet"
        advice = f"report it with the log; then `samko cluster merge {aside[0]}`, once it is mended"
        return warning(area, text, advice)
    if others:
        text = f"{others[0]} has records that cannot be merged: without the state they began with"
        return warning(area, text, "docs/ISLAND.md says what may be done with them")
    return ok(area, f"{merged} merged, none waits")


def _is_open_to_others(path: Path) -> bool:
    try:
        return open_to_others(path)
    except OSError:
        return False  # not there, or not even we may look


def sounds(loaded: Configuration, config_dir: Path) -> Finding:
    """What callers hear: each text has its sound, and no text is younger than they are."""
    area, folder = "prompts", loaded.settings.var_dir / "prompts"
    wanted = [
        folder / language / f"{name}.wav"
        for language, texts in loaded.prompts.items()
        for name in sentences(texts)
    ]
    missing = sum(not path.is_file() for path in wanted)
    if missing:
        advice = "`samko prompts` renders them (`samko run` can do without)"
        return fault(area, f"{missing} of {len(wanted)} sounds are missing in {folder}", advice)
    for language in loaded.prompts:
        text, rendered = config_dir / "prompts" / f"{language}.yaml", folder / language
        made = rendered / "rendered.json"
        if made.exists() and text.stat().st_mtime > made.stat().st_mtime:
            advice = "`samko prompts` renders what has changed"
            return warning(area, f"{text} is younger than its sounds", advice)
    return ok(area, f"{len(wanted)} sounds are there")


def _whom() -> str:
    try:
        return os.getlogin()
    except OSError:
        return f"user {os.getuid()}"
