"""Single keys from a terminal, without Enter, which is given back as it was."""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import Callable
from typing import Any, Final, Self

_READ_BYTES: Final = 64
_NAMED: Final = {
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b"\t": "tab",
    b"k": "up",
    b"j": "down",
    b" ": "page down",
}


class Keys:
    """While entered, tells each key; nothing if `descriptor` is no terminal.

    Args:
        descriptor: where they come from: 0 is stdin.
        told: gets `q`, `up`, `page down`, `tab` ...
    """

    def __init__(self, descriptor: int, told: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._told = told
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if os.isatty(self._descriptor):
            self._before = termios.tcgetattr(self._descriptor)
            # Ctrl-C stays what it is: a signal.
            tty.setcbreak(self._descriptor)
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def _read(self) -> None:
        typed = os.read(self._descriptor, _READ_BYTES)
        if not typed:  # the terminal is gone
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._told("q")
        elif typed in _NAMED:
            self._told(_NAMED[typed])
        elif not typed.startswith(b"\x1b"):
            for key in typed.decode("utf-8", "replace"):
                self._told(_NAMED.get(key.encode(), key))
