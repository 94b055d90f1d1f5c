"""`samko` as it was with the first version of records: it knows nothing of what islands did.

Run as the program of a node by `test_rolling_upgrade`.
"""

from __future__ import annotations

import sys

from queue_engine import cli
from queue_engine.core import codec

if __name__ == "__main__":
    codec.VERSIONS = (codec.FIRST_VERSION,)
    for kind in codec.SINCE:
        for known in (codec._COMMANDS, codec._EVENTS):
            known.pop(kind.__name__, None)
    sys.exit(cli.main(sys.argv[1:]))
