"""What `samko serve` does besides serving; the rest of it the tests of real systems show."""

from __future__ import annotations

import gc

from queue_engine.cli.serve import settle_heap

LEFT_MAX = 1_000


def test_what_was_loaded_before_it_serves_no_collection_looks_through_again() -> None:
    assert len(gc.get_objects()) > 10 * LEFT_MAX
    threshold = gc.get_threshold()
    try:
        settle_heap()
        assert len(gc.get_objects()) < LEFT_MAX
        assert gc.get_threshold() > threshold
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()
