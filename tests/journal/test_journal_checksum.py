"""The chain of checksums finds each kind of accident at the row where it happened."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from queue_engine.journal.checksum import CHAIN_START, ChainWalk, Row, chained, unbroken


def rows_of(contents: list[bytes]) -> list[Row]:
    rows: list[Row] = []
    checksum = CHAIN_START
    for number, data in enumerate(contents, start=1):
        checksum = chained(checksum, number, data)
        rows.append(Row(number, checksum, data))
    return rows


def verdicts(rows: list[Row]) -> list[bool]:
    walk = ChainWalk(0, CHAIN_START)
    return [walk.step(*row) for row in rows]


TEN = rows_of([b"record %d" % number for number in range(10)])


def test_whole_rows_are_good() -> None:
    assert verdicts(TEN) == [True] * 10


def test_it_goes_on_from_any_row() -> None:
    number, checksum, _ = TEN[4]
    walk = ChainWalk(number, checksum)
    assert [walk.step(*row) for row in TEN[5:]] == [True] * 5


def test_of_rows_that_are_read_on_from_one_those_are_taken_that_follow_it() -> None:
    rows = TEN
    assert unbroken(5, rows[4:]) == rows[4:]
    assert unbroken(5, []) == unbroken(5, rows[5:]) == [], "itself is not there"
    assert unbroken(5, [*rows[4:6], *rows[7:]]) == rows[4:6]
    assert unbroken(5, [*rows[4:6], rows[6]._replace(data=b"x"), *rows[7:]]) == rows[4:6]


@given(
    contents=st.lists(st.binary(max_size=20), min_size=1, max_size=8),
    place=st.integers(0, 7),
    bit=st.integers(0, 159),
)
@settings(max_examples=100)
def test_a_flipped_bit_shows_at_its_row_alone(contents: list[bytes], place: int, bit: int) -> None:
    rows = rows_of(contents)
    place %= len(rows)
    number, checksum, data = rows[place]
    if data:
        damaged = bytearray(data)
        damaged[bit // 8 % len(data)] ^= 1 << bit % 8
        rows[place] = Row(number, checksum, bytes(damaged))
    else:
        rows[place] = Row(number, checksum ^ (1 << bit % 32), data)
    assert verdicts(rows) == [index != place for index in range(len(rows))]


def test_a_lost_row_shows_at_the_next() -> None:
    assert verdicts(TEN[:4] + TEN[5:]) == [True] * 4 + [False] + [True] * 4


def test_swapped_contents_show() -> None:
    rows = list(TEN)
    rows[3] = Row(4, TEN[4][1], TEN[4][2])
    rows[4] = Row(5, TEN[3][1], TEN[3][2])
    assert verdicts(rows)[3:5] == [False, False]


def test_a_row_of_another_journal_shows() -> None:
    other = rows_of([b"other %d" % number for number in range(10)])
    assert verdicts([*TEN[:5], other[5], *TEN[6:]]) == [True] * 5 + [False] * 2 + [True] * 3
