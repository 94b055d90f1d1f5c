"""Records are the same bytes whichever library writes them, and whichever reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from queue_engine.core import json_bytes
from queue_engine.core.errors import BadInput
from queue_engine.core.json_bytes import from_bytes, to_bytes

SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters())
"""Halves of characters and numbers of any size among them."""
PLAIN = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each))


def same(plain: Any) -> Any:
    return plain


@given(PLAIN)
def test_what_is_written_is_what_the_standard_library_writes_and_is_read_again(plain: Any) -> None:
    written = to_bytes(plain)
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    assert written == text.encode("utf-8", "surrogatepass")
    assert json.loads(written) == plain


@pytest.mark.parametrize("plain", [{"half": "\ud83c"}, [2**63, -(2**63) - 1, 2**80], {"\udfff": 1}])
def test_what_orjson_would_refuse_or_round_is_kept(plain: Any) -> None:
    def whole(read: Any) -> Any:
        if isinstance(read, list) and any(type(each) is not int for each in read):
            raise BadInput("a number that was rounded")
        return read

    assert from_bytes(to_bytes(plain), "row", whole) == plain


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b'"\x01"'])
def test_what_is_no_json_is_told_as_what_it_was_to_be(data: bytes) -> None:
    with pytest.raises(BadInput, match=r"^row: not JSON: "):
        from_bytes(data, "row", same)


def test_what_cannot_be_made_of_it_is_told_in_the_words_of_whoever_makes_it() -> None:
    def made(_: Any) -> Any:
        raise BadInput("record: expected version 2")

    with pytest.raises(BadInput, match=r"^record: expected version 2$"):
        from_bytes(b"{}", "row", made)


def test_without_orjson_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"text": 'åäö \u2028 \x7f \x1f \\ / " 🎄', "list": [1, True, None]}
    with_it = to_bytes(plain)
    monkeypatch.setattr(json_bytes, "_quick_dumps", None)
    monkeypatch.setattr(json_bytes, "_quick_loads", None)
    assert to_bytes(plain) == with_it
    assert from_bytes(with_it, "row", same) == plain
