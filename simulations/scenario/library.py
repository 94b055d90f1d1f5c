"""The scenarios that come with Samkö."""

from __future__ import annotations

from pathlib import Path
from typing import Final

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
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    inside = LIBRARY / f"{name}.yaml"
    if not inside.is_file():
        raise BadInput(
            f"no file and no scenario {name!r}; samko simulate --list tells those there are"
        )
    return inside
