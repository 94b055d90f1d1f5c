"""What a real Asterisk has said, as messages (tests/asterisk/record_ami.py made the files)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from queue_engine.telephony.ami_message import AmiMessage, parse_message

FOLDER: Final = Path(__file__).parent / "recorded"
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.txt"))


def recording(name: str) -> list[AmiMessage]:
    """The messages of one recording."""
    blocks = (FOLDER / f"{name}.txt").read_bytes().split(b"\r\n\r\n")
    parsed = (parse_message(block) for block in blocks)
    return [message for message in parsed if message is not None]
