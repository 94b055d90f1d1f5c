"""What the API sends of an engine that is not as it should be; part of `shapes`, with its rules."""

from __future__ import annotations

from typing import Annotated

from queue_engine.console_api.json_schema import Keywords

Island = Annotated[
    list[str],
    Keywords(
        description="Cut off from all others the engine serves these switches alone, and all"
        " else is as it was then. Empty: it is not."
    ),
]
DegradedSince = Annotated[
    Annotated[int, Keywords(minimum=0)] | None,
    Keywords(
        description="The engine's moment since which what happens is in its memory only, because"
        " the journal cannot be written; milliseconds since 1970, UTC. Null: it is written."
    ),
]
