"""What is reachable, what is misconfigured, and what to do: everything that `samko doctor` asks.

House rules: it only looks. It cuts nothing off a journal, holds no port, starts no engine and
disturbs none that runs. Each question that waits has a deadline, in real seconds. Whatever is not
well says what to do next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from queue_engine.config.engine_file import read_settings
from queue_engine.config.source import Faults
from queue_engine.serve.doctor_files import (
    configuration,
    islands,
    journal,
    private_files,
    sounds,
    var_dir,
)
from queue_engine.serve.doctor_finding import Finding, Level
from queue_engine.serve.doctor_links import links
from queue_engine.serve.doctor_machine import clock, time_zone, voices
from queue_engine.serve.doctor_ports import answers, api, ivr
from queue_engine.serve.doctor_redis import redis_journal
from queue_engine.serve.doctor_vault import shared_vault

__all__ = ["Finding", "Level", "examine"]


async def examine(config_dir: Path) -> AsyncIterator[Finding]:
    """Looks at everything, and gives each finding as soon as it is made.

    With faults in the configuration it goes on by what can be read of it, and by defaults.
    """
    loaded, findings = await asyncio.to_thread(configuration, config_dir)
    for finding in findings:
        yield finding
    settings = loaded.settings if loaded is not None else read_settings(Faults(), config_dir)
    yield time_zone()
    yield await asyncio.to_thread(clock, settings.journal)
    yield var_dir(settings.var_dir)
    embedded = settings.embedded_dir / settings.journal.name
    demonstration = await asyncio.to_thread(journal, embedded, "samko run")
    if embedded.exists():
        yield demonstration.finding
    if settings.redis is not None:
        found = await asyncio.to_thread(redis_journal, settings.redis)
    else:
        found = await asyncio.to_thread(journal, settings.journal)
    yield found.finding
    for finding in private_files(settings, config_dir):
        yield finding
    of_islands = islands(settings.unjournaled_dir)
    if of_islands is not None:
        yield of_islands
    if settings.redis is not None:
        key = settings.var_dir / "vault.key"
        shared = await asyncio.to_thread(shared_vault, settings.redis, key)
        if shared is not None:
            yield shared
    is_here = found.is_in_use
    if settings.redis is not None and not (is_here or demonstration.is_in_use):
        is_here = await answers(settings.http)  # it runs, though Redis may not say so
    for finding in await api(settings, is_in_use=is_here or demonstration.is_in_use):
        yield finding
    if demonstration.is_in_use and not is_here:
        return  # that engine has a telephone network of its own: no sounds, IVR port or Asterisk
    if loaded is not None:
        sound = sounds(loaded, config_dir)
        yield sound
        yield voices(is_needed=sound.level is not Level.OK)
    yield await ivr(settings.agi, is_in_use=is_here)
    agreed = loaded.policy.gateways if loaded is not None else ()
    is_steered = is_here or found.is_elsewhere
    async for finding in links(settings.links, is_in_use=is_steered, agreed=agreed):
        yield finding
