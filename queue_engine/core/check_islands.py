"""What must be true of what is known of islands; part of `invariants`."""

from __future__ import annotations

from queue_engine.core.state import State


def check_islands(state: State) -> None:
    """Raises AssertionError, naming what is wrong."""
    for island_id, row in state.told_islands.rows.items():
        assert row.island_id == island_id, f"{island_id} is kept as {row.island_id}"
    for contact_id, awaited in state.told_islands.awaited.items():
        assert awaited, f"nothing waits for {contact_id}"
        assert state.living(contact_id) is not None, f"{contact_id} is over, and is waited for"
        for found in awaited:
            assert found.fact.contact_id == contact_id, f"{contact_id}: {found.fact}"
