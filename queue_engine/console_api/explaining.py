"""Explains contacts beside the running engine, from its journal; its state is never touched.

House rules: one explanation at a time, in a thread, in pieces short enough that the deciding loop
hardly notices; no more records than `RECORDS_MAX` and no longer than `DEADLINE_S`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from queue_engine.console_api.chronicle import Chronicle
from queue_engine.console_api.explain_shapes import Explanation
from queue_engine.console_api.explained import Explainer
from queue_engine.console_api.ports import PastPort, SnapshotsPort
from queue_engine.console_api.problems import ProblemError
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.runtime.recovery import state_of
from routing.vocabulary import ContactId

RECORDS_MAX: Final = 25_000
"""Some two hours of a national day; `samko explain` reads all of a journal."""
CHUNK: Final = 100
DEADLINE_S: Final = 5.0


class Explaining:
    """Answers why.

    Args:
        chronicle: knows in which records a contact stands.
        past: the journal; without it nothing can be explained.
        snapshots: of the journal.
    """

    def __init__(
        self,
        chronicle: Chronicle,
        past: PastPort | None,
        snapshots: SnapshotsPort | None,
    ) -> None:
        self._chronicle = chronicle
        self._past = past
        self._snapshots = snapshots
        self._one_at_a_time = asyncio.Lock()

    async def explain(self, contact_id: ContactId) -> Explanation | None:
        """The contact's story; None: nothing is known of it.

        Raises:
            ProblemError: it lies too far back, or there is no time for it now.
        """
        story = self._chronicle.story(contact_id)
        if self._past is None or not story:
            return None
        first, last = story[0].record, story[-1].record
        try:
            async with asyncio.timeout(DEADLINE_S), self._one_at_a_time:
                return await self._explain(self._past, contact_id, first, last)
        except TimeoutError:
            raise ProblemError("overloaded", f"not explained within {DEADLINE_S:g} s") from None

    async def _explain(
        self, past: PastPort, contact_id: ContactId, first: int, last: int
    ) -> Explanation | None:
        snapshot = None if self._snapshots is None else await self._snapshots.before(first)
        begin = after = snapshot.number if snapshot else 0
        state = await asyncio.to_thread(state_of, snapshot) if snapshot else State()
        explainer = Explainer(state, contact_id)
        until = max(last, past.last_number())
        while after < until and (after < last or explainer.is_waiting):
            if max(last, after) - begin > RECORDS_MAX:
                detail = f"samko explain {contact_id} reads all of the journal"
                raise ProblemError("too_far_back", detail)
            found = await past.read(after, CHUNK)
            if not found:
                break
            await asyncio.to_thread(_follow, explainer, found)
            after = found[-1].number
        return await asyncio.to_thread(explainer.explanation)


def _follow(explainer: Explainer, found: Sequence[Record]) -> None:
    for record in found:
        explainer.follow(record)
