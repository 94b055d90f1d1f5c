"""What conversations are given, made from the configuration; made anew when that is reloaded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from ivr.deps import FlowDeps
from ivr.flow import visits
from ivr.line import Lines
from ivr.link_sender import FileLinkSender
from ivr.prompts import DEFAULT_LANGUAGE, PromptShelf
from queue_engine.config.load import Configuration
from queue_engine.runtime.running import RunningEngine
from queue_engine.runtime.swedish_days import sweden
from queue_engine.serve.caller_keys import CallerKeys
from queue_engine.serve.caller_vault import CallerVault
from queue_engine.serve.desk import EngineDesk
from routing.vocabulary import Priority


class Conversations:
    """The scripts of all visits, for whoever answers calls; in them always what is in force.

    Args:
        configuration: in force until `renew`.
        driver: drives the engine.
        desk: the queue.
        vault: for what callers say of themselves.
        caller_keys: by which those are known who ring again.
    """

    def __init__(
        self,
        configuration: Configuration,
        driver: RunningEngine,
        desk: EngineDesk,
        vault: CallerVault,
        caller_keys: CallerKeys,
    ) -> None:
        self._driver = driver
        self._desk = desk
        self._vault = vault
        self._caller_keys = caller_keys
        self.scripts: Final = dict(visits(self._deps(configuration)))
        """By name; a visit that has begun goes on as it began."""

    def renew(self, configuration: Configuration) -> None:
        """From now on visits begin with this."""
        self.scripts.update(visits(self._deps(configuration)))

    def _deps(self, loaded: Configuration) -> FlowDeps:
        var_dir = loaded.settings.var_dir
        return FlowDeps(
            desk=self._desk,
            vault=self._vault,
            links=FileLinkSender(var_dir / "direct-links"),
            staff=loaded.staff,
            lines=Lines(loaded.lines),
            menus=loaded.menus,
            shelf=PromptShelf(var_dir / "prompts", languages(loaded)),
            area_codes=loaded.area_codes,
            tier_of=self._tier_of,
            is_line_open=lambda line_id: self._driver.state.is_line_open(line_id),
            now_ms=self._driver.now_ms,
            today=today(self._driver.now_ms),
            caller_keys=self._caller_keys,
            shared_numbers=loaded.shared_numbers,
        )

    def _tier_of(self, priority: Priority) -> int:
        return self._driver.state.rules.priorities[priority].tier


def languages(loaded: Configuration) -> tuple[str, ...]:
    """Those in which everything can be said, the one that everybody is greeted in first."""
    others = sorted(name for name in loaded.prompts if name != DEFAULT_LANGUAGE)
    spoken = [name for name in others if loaded.prompts[name].numbers is not None]
    return (DEFAULT_LANGUAGE, *spoken)


def today(now_ms: Callable[[], int]) -> Callable[[], date]:
    """Tells the date in Sweden."""
    return lambda: datetime.fromtimestamp(now_ms() / 1000, sweden()).date()
