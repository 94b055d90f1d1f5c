"""What many have in common, as one object that is quick to look up.

A tuple works out its hash anew from all that is in it whenever it is looked up; this one is known
by itself.
"""

from __future__ import annotations

from functools import lru_cache


class Alike:
    """Stands for these parts. Made by `alike`, and never compared."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[object, ...]) -> None:
        self.parts = parts


@lru_cache(maxsize=65_536)
def alike(parts: tuple[object, ...]) -> Alike:
    """The same object each time for these parts.

    (Two objects, if one was last asked for too long ago, are as two parts: slower, not wrong.)
    """
    return Alike(parts)
