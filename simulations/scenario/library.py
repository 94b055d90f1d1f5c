"""The scenarios that come with Samkö."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from queue_engine.config.wording import did_you_mean
from queue_engine.core.errors import BadInput

LIBRARY: Final = Path(__file__).parent.parent / "scenarios"


def names() -> list[tuple[str, str]]:
    """Each with the first line of what its file says of it."""
    return [(path.stem, _about(path)) for path in sorted(LIBRARY.glob("*.yaml"))]


def _about(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()


def found(name: str) -> Path:
    """The file of this name, or the scenario of the library.

    Raises:
        BadInput: there is neither.
    """
    path = Path(name)
    if path.is_file():
        return path
    inside = LIBRARY / f"{name}.yaml"
    if "/" not in name and inside.is_file():
        return inside
    hint = did_you_mean(path.stem, [known for known, _ in names()])
    raise BadInput(
        f"there is no file and no scenario {name!r:.80}{hint or ';'}"
        " samko simulate --list tells those there are"
    )
