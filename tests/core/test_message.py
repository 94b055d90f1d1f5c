"""A message is a frozen data class in all but how it is made."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from queue_engine.core.message import maker, message


@message
class Note:
    """What somebody said."""

    text: str
    pages: tuple[int, ...]
    is_read: bool = False


def test_a_message_is_made_by_place_and_by_name_with_its_defaults() -> None:
    note = Note("x", pages=(1, 2))
    assert (note.text, note.pages, note.is_read) == ("x", (1, 2), False)
    assert note == Note(text="x", pages=(1, 2), is_read=False)
    assert hash(note) == hash(Note("x", (1, 2)))
    assert repr(note) == "Note(text='x', pages=(1, 2), is_read=False)"
    with pytest.raises(TypeError, match="pages"):
        Note("x")  # type: ignore[call-arg]


def test_a_message_cannot_be_changed_but_copied_with_a_change() -> None:
    note = Note("x", ())
    with pytest.raises(dataclasses.FrozenInstanceError):
        note.text = "y"  # type: ignore[misc]
    assert dataclasses.replace(note, text="y") == Note("y", ())
    assert copy.deepcopy(note) == pickle.loads(pickle.dumps(note)) == note
    assert [field.name for field in dataclasses.fields(Note)] == ["text", "pages", "is_read"]


def test_a_field_that_would_have_to_be_worked_out_is_refused() -> None:
    class Wrong:
        """With a list of its own in each."""

        words: list[str] = dataclasses.field(default_factory=list)

    with pytest.raises(AssertionError, match=r"Wrong\.words"):
        message(Wrong)


def test_a_maker_makes_the_same_as_the_kind_itself() -> None:
    make = maker(Note)
    assert make("x", pages=(1,)) == Note("x", (1,))
    assert type(make("x", (), is_read=True)) is Note
    with pytest.raises(TypeError, match="pages"):
        make("x")  # type: ignore[call-arg]
