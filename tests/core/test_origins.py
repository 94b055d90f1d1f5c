"""Which commands of which nodes are known: each once, and of no more starts than can matter."""

from __future__ import annotations

from queue_engine.core.origins import ORIGINS_MAX, Origins
from queue_engine.core.record import Origin


def test_what_a_node_counted_up_to_there_is_known_and_nothing_of_others() -> None:
    known = Origins()
    assert not known.has(Origin("n1", 1))
    known.note(Origin("n1", 3))
    assert [known.has(Origin("n1", count)) for count in (2, 3, 4)] == [True, True, False]
    assert not known.has(Origin("n2", 1))


def test_what_is_known_is_handed_on() -> None:
    known = Origins()
    for start, count in (("n1", 3), ("n2", 1), ("n1", 4)):
        known.note(Origin(start, count))
    assert known.rows() == [("n2", 1), ("n1", 4)]
    assert Origins(known.rows()).rows() == known.rows()
    assert Origins(known.rows()).has(Origin("n1", 4))


def test_of_too_many_starts_the_one_is_forgotten_that_was_heard_of_longest_ago() -> None:
    known = Origins()
    for number in range(ORIGINS_MAX):
        known.note(Origin(f"n{number}", 1))
    known.note(Origin("n0", 2))
    assert known.has(Origin("n1", 1))
    known.note(Origin("later", 1))
    assert not known.has(Origin("n1", 1))
    assert known.has(Origin("n0", 2))
    assert len(known.rows()) == ORIGINS_MAX
