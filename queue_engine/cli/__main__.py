"""`python -m queue_engine.cli` is `samko`."""

from __future__ import annotations

import sys

from queue_engine.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
