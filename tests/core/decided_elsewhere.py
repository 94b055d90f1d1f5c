"""Decides the records on stdin again and prints what came of it; runs on any Python from 3.11.

    python3.13 -m tests.core.decided_elsewhere < records.jsonl

Imports nothing but the core: another Python has none of our packages, and may be lent
sortedcontainers alone, which is Python from beginning to end.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable

from queue_engine.core.codec import decode_record, encode_record
from queue_engine.core.engine import Engine
from queue_engine.core.snapshot import digest


def decided(lines: Iterable[bytes]) -> str:
    """A digest of the records that the commands give, and of the state after the last."""
    engine, records = Engine(), hashlib.sha256()
    for line in lines:
        record = decode_record(line)
        again = engine.handle(record.command, record.at_ms)
        records.update(b"nothing" if again is None else encode_record(again))
    return f"{records.hexdigest()} {digest(engine.state)}"


if __name__ == "__main__":
    print(f"{sys.version_info.major}.{sys.version_info.minor}", decided(sys.stdin.buffer))
