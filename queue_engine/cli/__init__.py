"""`samko`: the command line, one file a command. Each is small; the work is elsewhere.

House rules: what a command needs is imported in its `run`, so that `samko --help` and a press of
Tab do not wait for the whole engine; results go to stdout, faults to stderr as one sentence.
"""

from __future__ import annotations

from queue_engine.cli.entry import main

__all__ = ["main"]
