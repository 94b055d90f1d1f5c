"""Rows against plain sorting, short ones and those that have become long."""

from __future__ import annotations

import random

import pytest
from sortedcontainers import SortedList

from routing import rows as module
from routing.rows import Rows


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("long", [4, 2_000])
def test_any_entering_and_leaving(seed: int, long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONG", long)
    chance, rows = random.Random(seed), Rows[str]()
    standing: dict[str, list[tuple[int, int, str]]] = {}
    became_long = False
    for sequence in range(400):
        key = chance.choice("ab")
        there = standing.setdefault(key, [])
        if there and chance.random() < 0.42:
            entry = there.pop(chance.randrange(len(there)))
            rows.leave(key, entry)
        else:
            entry = (chance.randrange(50), sequence, f"c{sequence}")
            there.append(entry)
            rows.enter(key, entry)
        found = {key: list(row) for key, row in rows.items()}
        assert found == {key: sorted(row) for key, row in standing.items() if row}
        assert [head[:2] for head in rows.heads] == sorted(row[0][:2] for row in found.values())
        assert {id(head[2]) for head in rows.heads} == {id(row) for _, row in rows.items()}
        place = chance.randrange(50)
        assert rows.before(place, 0) == sum(
            entry < (place, 0) for row in standing.values() for entry in row
        )
        became_long |= any(isinstance(row, SortedList) for _, row in rows.items())
    assert became_long is (long == 4)
