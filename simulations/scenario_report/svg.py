"""Marks on paper: SVG and HTML as text, with everything from outside escaped.

House rules: a picture has a title and a description for those who do not see it; colours are
classes of the page's style, so that light, dark and print need one picture; every colour has a
shape or a text beside it that says the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

_NARROW: Final = frozenset("iljtfrI.,:;|!'()[] ")
_WIDE: Final = frozenset("mwMWÅÄÖABCDEFGHKNOPQRSUVXYZ%@")
FONT: Final = 13
"""Of the pictures' text, in their own units, which are CSS pixels at their full width."""


class Markup(str):
    """Text that is markup already, and is not escaped again."""

    __slots__ = ()


def tag(name: str, /, *inside: str, **attributes: object) -> Markup:
    """An element; `class_` and `for_` are the attributes of these names, `_` in others is `-`.

    >>> tag("text", "a < b", x=1.5, text_anchor="end")
    '<text x="1.5" text-anchor="end">a &lt; b</text>'
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_shown(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not inside and name in _EMPTY:
        return Markup(f"<{name}{given}>" if name in _VOID else f"<{name}{given}/>")
    return Markup(f"<{name}{given}>{joined(inside)}</{name}>")


_VOID: Final = frozenset(("input", "meta", "br"))
_EMPTY: Final = _VOID | frozenset(("rect", "line", "path", "circle"))


def joined(parts: Iterable[str]) -> Markup:
    """One after the other; what is no markup is escaped."""
    return Markup("".join(_safe(part) for part in parts))


def _safe(part: str) -> str:
    return part if isinstance(part, Markup) else escape(part, quote=False)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)


def text_width(text: str, font: float = FONT) -> float:
    """About how wide a text is in a sans-serif type."""
    widths = (0.3 if each in _NARROW else 0.72 if each in _WIDE else 0.56 for each in text)
    return sum(widths) * font


def cut(text: str, width: float) -> str:
    """The text, or as much of it as is not wider, and an ellipsis."""
    if text_width(text) <= width:
        return text
    while text and text_width(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


class Paper:
    """A picture as it is drawn; `done` gives the element."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self._parts: list[Markup] = []

    def rect(
        self, x: float, y: float, width: float, height: float, class_: str, told: str = ""
    ) -> None:
        """A box; `told` is shown to whoever points at it."""
        inside = [tag("title", told)] if told else []
        box = {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}
        shape = tag("rect", *inside, **box, class_=class_)
        self._parts.append(shape)

    def line(self, x1: float, y1: float, x2: float, y2: float, class_: str) -> None:
        """A straight line."""
        ends = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2)}
        self._parts.append(tag("line", **ends, class_=class_))

    def path(self, steps: str, class_: str, told: str = "") -> None:
        """Any line or shape, in SVG's own steps."""
        self._parts.append(
            tag("path", *([tag("title", told)] if told else []), d=steps, class_=class_)
        )

    def text(
        self, x: float, y: float, text: str, class_: str = "", anchor: str = "start", turn: int = 0
    ) -> None:
        """Text whose foot is at y; turned so many degrees around its anchor."""
        self._parts.append(
            tag(
                "text",
                text,
                x=float(x),
                y=float(y),
                class_=class_ or None,
                text_anchor=None if anchor == "start" else anchor,
                transform=f"rotate({turn} {_shown(float(x))} {_shown(float(y))})" if turn else None,
            )
        )

    def mark(self, x: float, y: float, shape: int, class_: str, told: str = "") -> None:
        """The sign of a series: a circle, a square, a diamond, a triangle."""
        self.path(sign(x, y, shape), class_, told)

    def done(self, key: str, title: str, told: str) -> Markup:
        """The picture.

        Args:
            key: its name in the page; no other picture has it.
            title: what it is.
            told: what it shows, for those who do not see it.
        """
        return tag(
            "svg",
            tag("title", title, id=f"{key}-title"),
            tag("desc", told, id=f"{key}-told"),
            *self._parts,
            viewBox=f"0 0 {_shown(float(self.width))} {_shown(float(self.height))}",
            role="img",
            aria_labelledby=f"{key}-title",
            aria_describedby=f"{key}-told",
        )


def sign(x: float, y: float, shape: int, size: float = 4.5) -> str:
    """The steps of a series' sign around a point."""
    at = [f"{_shown(float(value))}" for value in (x, y)]
    match shape % 4:
        case 0:
            r = _shown(float(size))
            return f"M{_shown(float(x - size))} {at[1]}a{r} {r} 0 1 0 {_shown(size * 2)} 0" + (
                f"a{r} {r} 0 1 0 {_shown(-size * 2)} 0z"
            )
        case 1:
            half = size * 0.88
            return _corners(
                [(x - half, y - half), (x + half, y - half), (x + half, y + half)],
                (x - half, y + half),
            )
        case 2:
            far = size * 1.25
            return _corners([(x, y - far), (x + far, y), (x, y + far)], (x - far, y))
        case _:
            far = size * 1.15
            return _corners([(x, y - far), (x + far, y + far * 0.8)], (x - far, y + far * 0.8))


def _corners(first: list[tuple[float, float]], last: tuple[float, float]) -> str:
    steps = " ".join(f"{_shown(float(x))} {_shown(float(y))}" for x, y in (*first, last))
    return f"M{steps}z"
