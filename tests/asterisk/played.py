"""What Asterisk plays to callers, from its own log: by this a test presses a key when asked for it.

heard = Played(asterisk)
await heard.said("choose_service")
await caller.press("1")
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.patience import PATIENCE_S

_PLAYING: Final = re.compile(r"<[^>]*> Playing '[^']*/prompts/(\w+)/(\w+)\.\w+'")
_POLL_S: Final = 0.01


class Played:
    """The prompts that an Asterisk has played since this was made; its `verbose` must be 3."""

    def __init__(self, asterisk: LocalAsterisk) -> None:
        self._log = asterisk.log
        self._begin = self._log.stat().st_size

    def prompts(self) -> list[str]:
        """All so far, in order, as `sv:opening`."""
        with self._log.open("rb") as log:
            log.seek(self._begin)
            text = log.read().decode(errors="replace")
        return [f"{language}:{name}" for language, name in _PLAYING.findall(text)]

    async def said(self, prompt: str, count: int = 1, deadline_s: float = PATIENCE_S) -> None:
        """Until a prompt (of any language, unless it says which) begins for the `count`-th time."""
        wanted = prompt if ":" in prompt else f":{prompt}"
        until = time.monotonic() + deadline_s
        while sum(played.endswith(wanted) for played in self.prompts()) < count:
            assert time.monotonic() < until, f"{prompt} x{count}: heard {self.prompts()}"
            await asyncio.sleep(_POLL_S)
