"""Parts of what the API sends of a region; see `shapes`, whose house rules hold."""

from __future__ import annotations

from typing import Annotated, TypedDict

from queue_engine.console_api.json_schema import Keywords


class Help(TypedDict):
    """Calls that ring or talk across a border now."""

    region: Annotated[str, Keywords(description="A county's two digits, or `unknown`.")]
    calls: Annotated[int, Keywords(minimum=1)]


class WaitBand(TypedDict):
    """A wait as callers are told it: in bands."""

    from_minutes: Annotated[int, Keywords(minimum=0)]
    to_minutes: Annotated[int | None, Keywords(description="Null: or longer.")]
