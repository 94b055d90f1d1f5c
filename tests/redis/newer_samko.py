"""`samko` as a later program would be: it knows one more version of records, which looks the same.

Run as the program of a node by `test_rolling_upgrade`.
"""

from __future__ import annotations

import sys

from queue_engine import cli
from queue_engine.core import codec

NEWER = 2

if __name__ == "__main__":
    codec.VERSIONS = (*codec.VERSIONS, NEWER)
    sys.exit(cli.main(sys.argv[1:]))
