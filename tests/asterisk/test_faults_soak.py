"""One fault after the other under a stream of calls, at moments that nobody has chosen.

A seed makes the same faults in the same order, though never at the same message. What must come
out is the same every time: each caller talks with a nurse once and is gone after it.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import Final

import pytest

from queue_engine.runtime.driver import STALL_MS
from queue_engine.telephony.local_asterisk import LocalAsterisk
from routing.vocabulary import Outcome
from tests.asterisk import fault_lab as lab
from tests.asterisk.engine import EngineFiles, EngineHere, EngineProcess, agent_at
from tests.asterisk.phones import Callers, Nurse
from tests.asterisk.proxy import Proxy

pytestmark = [pytest.mark.asterisk, pytest.mark.soak, pytest.mark.timeout(900)]

FAULTS: Final = int(os.environ.get("SAMKO_SOAK_FAULTS", "20"))
SEED: Final = int(os.environ.get("SAMKO_SOAK_SEED", "1"))
CALLS_PER_SECOND: Final = 4
SETTINGS: Final = (
    lab.short_lived("SAMKO_ROUND_SECONDS", "2"),
    lab.short_lived("SAMKO_ANNOUNCE_ROUNDS", "2"),
    lab.NO_PAUSE,
)


class Trouble:
    """Does something bad, and leaves the engine running.

    Args:
        engine: a running one.
        proxy: between the engine and Asterisk's manager.
        asterisk: the switch.
        chance: what decides.
    """

    def __init__(
        self,
        engine: EngineProcess,
        proxy: Proxy,
        asterisk: LocalAsterisk,
        chance: random.Random,
    ) -> None:
        self._engine = engine
        self._proxy = proxy
        self._asterisk = asterisk
        self._chance = chance
        self._kinds = (
            self._kill,
            self._kill_for_long,
            self._stop,
            self._freeze,
            self._freeze_for_long,
            self._cut,
            self._stall,
            self._freeze_asterisk,
        )

    async def strike(self) -> str:
        """One fault of a random kind after a random while; its name."""
        await self._pass(3.0)
        kind = self._chance.choice(self._kinds)
        await kind()
        return kind.__name__

    async def _kill(self) -> None:
        await self._engine.kill()
        await self._engine.start()

    async def _kill_for_long(self) -> None:
        await self._engine.kill()
        await self._pass(8.0)
        await self._engine.start()

    async def _stop(self) -> None:
        # It may have been started just now, and not even have learned to be stopped.
        assert await self._engine.stop() in (0, -signal.SIGTERM)
        await self._engine.start()

    async def _freeze(self) -> None:
        self._engine.freeze()
        await self._pass(2.0)
        self._engine.thaw()

    async def _freeze_for_long(self) -> None:
        self._engine.freeze()
        await self._pass(STALL_MS / 1000, at_least_s=STALL_MS / 1000)
        self._engine.thaw()

    async def _cut(self) -> None:
        self._proxy.cut()

    async def _stall(self) -> None:
        self._proxy.hold(self._chance.choice(("actions", "answers")))
        await self._pass(6.0)
        self._proxy.release()

    async def _freeze_asterisk(self) -> None:
        self._asterisk.freeze()
        await self._pass(3.0)
        self._asterisk.thaw()

    async def _pass(self, at_most_s: float, at_least_s: float = 0.0) -> None:
        await asyncio.sleep(at_least_s + self._chance.random() * at_most_s)


async def test_everybody_is_answered_once_whatever_happens(
    asterisk_tree: Path, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    calls = FAULTS * 15
    async with (
        LocalAsterisk(asterisk_tree, phones=lab.CROWD, settings=SETTINGS, channels=calls) as switch,
        Proxy(switch.ami_port) as proxy,
    ):
        files = EngineFiles(tmp_path, switch, changes=lab.SOON_READY, ami_port=proxy.port)
        await files.sign_on_before_start(*(agent_at(phone) for phone in lab.CROWD))
        async with (
            Nurse(switch, *lab.CROWD, talk_ms=lab.TALK_MS) as nurses,
            EngineProcess(files) as engine,
        ):
            await lab.beating(switch)
            trouble = Trouble(engine, proxy, switch, chance)
            async with Callers(switch, count=calls, rate=CALLS_PER_SECOND) as callers:
                told = [await trouble.strike() for _ in range(FAULTS)]
                print(f"seed {SEED}:", *told)
                for number in range(1, calls + 1):
                    await callers.gone(number, deadline_s=120.0)
                    assert callers.was_dropped(number)
            byes = [m for m in nurses.sipp.messages() if m.is_request("BYE")]
            cut = [bye.call_id for bye in byes if not bye.is_sent]
            assert not cut, f"{len(cut)} talks were cut"
            assert len(byes) == calls, "everybody talks once"
            await lab.beating(switch)
            assert await engine.stop() == 0
        async with EngineHere(files) as after:
            await after.agent("nurse1")
    records = lab.records_of(files)
    lab.connections(records)
    state = lab.audit(records)
    print(lab.outcomes(state))
    assert set(lab.outcomes(state)) <= {Outcome.HANDLED, Outcome.LOST}
