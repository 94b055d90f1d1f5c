"""Broken and hostile YAML: one clear message each, at the right line, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings, strategies as st

from queue_engine.config.yaml_tree import Mapping, Scalar, Sequence, YamlFault, read_tree

BROKEN = [
    (b"a: 1\nb:\n\tc: 1", 3, "not valid YAML: a tab stands where only spaces may; use spaces"),
    (b"a:\tb: 1\n", 1, "not valid YAML: a tab stands where only spaces may; use spaces"),
    (b"a: 1\nb: 'x\nc: 1\n", 2, "not valid YAML: a quote is opened here and never closed"),
    (b'a: "x\n---\n', 1, "not valid YAML: a quote is opened here and never closed"),
    (
        b"a: [1, 2\nb: 3\n",
        1,
        'not valid YAML: "[" is opened here; expected "," or "]" by line 2',
    ),
    (b"a: {x: 1\nb: 3", 1, 'not valid YAML: "{" is opened here; expected "," or "}" by line 2'),
    (
        b"a: [\n",
        2,
        'not valid YAML: the file ends before what was opened with "[" or "{" is closed',
    ),
    (b"a:\n  b: 1\n c: 2", 3, "not valid YAML: the indentation does not fit the lines above"),
    (
        b"a: b: c",
        1,
        'not valid YAML: a ":" that does not fit here; check the indentation, or quote the text',
    ),
    (b"a: 1\nb\nc: 1", 2, 'not valid YAML: expected ":" after this key'),
    (b"a: @x", 1, "not valid YAML: found character '@' that cannot start any token"),
    (b'a: "\\q"', 1, "not valid YAML: found unknown escape character 'q'"),
    (b'a: "\\UFFFFFFFF"', 1, "not valid YAML: an escape or number is out of range"),
    (b'a: "\\ud800"', 1, "half of a character pair is not text; write the character"),
    (b"a: 1\n---\nb: 2", 3, 'expected one document, found another after "---"'),
    (b"a: 1\nb: \xff", 2, "not UTF-8 text (byte 0xff); save the file as UTF-8"),
    ("a: å".encode("utf-16"), 1, "not UTF-8 text (byte 0xff); save the file as UTF-8"),
    (b"a: 1\nb: \x00", 2, "not a text file (control character 0x00)"),
    (b"\x7fELF\x02\x01", 1, "not a text file (control character 0x7f)"),
    (b"a: &x 1", 1, 'anchors and aliases ("&", "*") are not used; write the value'),
    (b"a: 1\nb: *x", 2, 'anchors and aliases ("&", "*") are not used; write the value'),
    (
        b"a: !!python/object/apply:os.system [ls]",
        1,
        'tags ("!") are not used, found "tag:yaml.org,2002:python/object/apply..."',
    ),
    (b"[1]: 2", 1, "a key must be a word or number, not a list or mapping"),
]


@pytest.mark.parametrize(("data", "line", "message"), BROKEN, ids=[row[2] for row in BROKEN])
def test_broken_yaml_is_told_with_its_line(data: bytes, line: int, message: str) -> None:
    with pytest.raises(YamlFault) as caught:
        read_tree(data)
    assert (caught.value.line, caught.value.message) == (line, message)


HOSTILE = {
    "alias bomb": (
        "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in ("ab", "bc", "cd"))
    ).encode(),
    "10 MB": b"a: 1\n" * 2_000_000,
    "deep brackets": b"[" * 1_000_000,
    "deep braces": b"{a: " * 200_000,
    "deep dashes": b"- " * 500_000,
    "deep indentation": b"\n".join(b" " * i + b"a:" for i in range(1_000)),
    "many values": b"[" + b"a," * 500_000 + b"]",
    "many keys": b"\n".join(b"k%d: 1" % i for i in range(80_000)),
}


SAYS = {
    "10 MB": "larger than 1024 KiB",
    "deep brackets": "nested more than 20 deep",
    "many values": "more than 50000 values",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_yaml_is_refused_in_bounded_time_and_size_depth_and_count_are_told(
    kind: str,
) -> None:
    started = time.process_time()
    with pytest.raises(YamlFault, match=SAYS.get(kind)):
        read_tree(HOSTILE[kind])
    assert time.process_time() - started < 20


def test_values_stay_the_text_they_were() -> None:
    tree = read_tree('\ufeffa: [08, no, 7:30, "1", 1e3]\nb: {c: ~}\n'.encode())
    assert isinstance(tree, Mapping)
    listed = tree.pairs["a"].value
    assert isinstance(listed, Sequence)
    texts = [(entry.text, entry.is_plain) for entry in listed.entries if isinstance(entry, Scalar)]
    assert texts == [("08", True), ("no", True), ("7:30", True), ("1", False), ("1e3", True)]
    inner = tree.pairs["b"].value
    assert isinstance(inner, Mapping)
    null = inner.pairs["c"].value
    assert isinstance(null, Scalar)
    assert null.is_null
    assert (inner.line, inner.pairs["c"].line, null.line) == (2, 2, 2)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# nothing but a comment\n", b"---\n"])
def test_an_empty_file_is_an_empty_value(data: bytes) -> None:
    tree = read_tree(data)
    assert isinstance(tree, Scalar)
    assert tree.is_empty


def test_a_key_given_again_is_kept_aside() -> None:
    tree = read_tree(b"a: 1\nb: 2\na: 3\na: 4\n")
    assert isinstance(tree, Mapping)
    assert tree.pairs["a"].again == [3, 4]
    first = tree.pairs["a"].value
    assert isinstance(first, Scalar)
    assert first.text == "1"


YAML_LIKE = st.text(alphabet="ab01:-?,[]{}&*!|>'\"%@#~\\xuU \n\t\r\ufeff\u2028é", max_size=60)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=60), YAML_LIKE.map(str.encode), st.text().map(str.encode)))
def test_any_bytes_give_a_tree_or_a_fault_with_a_line(data: bytes) -> None:
    fault: YamlFault | None = None
    try:
        read_tree(data)
    except YamlFault as caught:
        fault = caught
    assert fault is None or (1 <= fault.line <= len(data) + 1 and fault.message)
