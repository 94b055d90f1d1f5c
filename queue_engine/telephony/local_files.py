"""The files of a local Asterisk: the shipped ones, with a few values changed.

House rules: a line that is to be changed must be in the shipped file exactly once, so that the
lab and the shipped files cannot drift apart.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import NamedTuple


class LabFault(Exception):
    """The local Asterisk cannot do what was asked; the text says what is missing or was said."""


class Setting(NamedTuple):
    """One value of a shipped file to be replaced: `key = value` below `[section]`."""

    file: str
    section: str
    key: str
    value: str


def change_setting(path: Path, setting: Setting) -> None:
    """Put the value in.

    Raises:
        LabFault: if the file does not hold that line exactly once.
    """
    line = re.compile(rf"(?m)^({re.escape(setting.key)}\s*=>?\s*)[^;\n]*?(\s*(?:;.*)?)$")
    parts = re.split(r"(?m)^(?=\[)", path.read_text())
    hits = 0
    for number, part in enumerate(parts):
        if re.match(rf"\[{re.escape(setting.section)}\]", part):
            parts[number], count = line.subn(
                lambda match: f"{match[1]}{setting.value}{match[2]}", part
            )
            hits += count
    if hits != 1:
        raise LabFault(
            f"{path.name} must hold one line `{setting.key} = ...` under [{setting.section}], "
            f"it holds {hits}"
        )
    path.write_text("".join(parts))


def phone_sections(name: str) -> str:
    """A phone without a password, by the templates of pjsip.conf.

    Raises:
        LabFault: if the name is none.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name):
        raise LabFault(f"{name!r} is no name for a phone: letters, digits and dashes")
    return f"[{name}](nurse-endpoint)\naors = {name}\n[{name}](nurse-aor)\n"


def tone_in_mu_law() -> bytes:
    """A second of a soft 400 Hz tone in G.711 mu-law, the format of a raw .ulaw file."""
    rate, pitch, loudness = 8000, 400, 3000
    period = [
        _mu_law(round(loudness * math.sin(2 * math.pi * pitch * number / rate)))
        for number in range(rate // pitch)
    ]
    return bytes(period) * pitch


def _mu_law(sample: int) -> int:
    """One 16-bit sample as G.711 says: sign, exponent and mantissa, all bits inverted."""
    magnitude = min(abs(sample), 32_635) + 132
    exponent = magnitude.bit_length() - 8
    mantissa = magnitude >> (exponent + 3) & 0x0F
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | mantissa) & 0xFF
