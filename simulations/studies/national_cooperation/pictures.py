"""Small SVG pictures: dots by row, and lines with their intervals.

House rules: plain text with one decimal, so that equal figures give equal bytes; a picture says no
more than its table, and each series has a mark of its own besides its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

COLOURS: Final = ("#5b5b5b", "#c2410c", "#0f766e", "#1d4ed8", "#9333ea", "#a16207")
_MARKS: Final = ("circle", "square", "diamond", "ring", "cross", "bar")
_FONT: Final = 'font-family="sans-serif" font-size="12"'
_WIDTH: Final = 720
_ROW: Final = 20


class Series(NamedTuple):
    """One line, or one kind of dot."""

    name: str
    values: tuple[float, ...]
    plus_minus: tuple[float, ...] = ()
    """Half-widths of intervals; empty: none are drawn."""


def dots(title: str, rows: Sequence[str], series: Sequence[Series]) -> str:
    """One row each, the values of all series on it."""
    low, high = _bounds(series)
    left, right, top = 190, _WIDTH - 20, 64
    height = top + _ROW * len(rows) + 30
    scale = (right - left) / (high - low)
    parts = [*_heading(title, series)]
    parts += _ticks_across(low, high, left, scale, top, height - 28)
    for index, name in enumerate(rows):
        y = top + _ROW * index + _ROW / 2
        parts.append(_text(left - 8, y + 4, name, anchor="end"))
        parts += [
            _mark(number, left + (one.values[index] - low) * scale, y)
            for number, one in enumerate(series)
        ]
    return _svg(title, height, parts)


def lines(title: str, across: Sequence[float], x_name: str, series: Sequence[Series]) -> str:
    """Lines over `across`, with whiskers where intervals are given."""
    low, high = _bounds(series)
    legend = 44 + 18 * ((len(series) + 2) // 3)
    left, right, top, bottom = 64, _WIDTH - 20, legend + 12, legend + 292
    x_scale = (right - left) / ((across[-1] - across[0]) or 1)
    y_scale = (bottom - top) / (high - low)
    parts = [*_heading(title, series)]
    for tick in _ticks(low, high):
        y = bottom - (tick - low) * y_scale
        parts += [_line(left, y, right, y, "#ddd"), _text(left - 6, y + 4, _number(tick), "end")]
    for x in across:
        at = left + (x - across[0]) * x_scale
        parts.append(_text(at, bottom + 18, _number(x), "middle"))
    parts.append(_text((left + right) / 2, bottom + 38, x_name, "middle"))
    for number, one in enumerate(series):
        places = [
            (left + (x - across[0]) * x_scale, bottom - (value - low) * y_scale)
            for x, value in zip(across, one.values, strict=True)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
        for (x, y), half in zip(places, one.plus_minus, strict=False):
            parts.append(_line(x, y - half * y_scale, x, y + half * y_scale, colour))
        parts += [_mark(number, x, y) for x, y in places]
    return _svg(title, bottom + 50, parts)


def _bounds(series: Sequence[Series]) -> tuple[float, float]:
    """A little beyond all values and their intervals."""
    lows, highs = [], []
    for one in series:
        halves = one.plus_minus or (0.0,) * len(one.values)
        lows += [value - half for value, half in zip(one.values, halves, strict=True)]
        highs += [value + half for value, half in zip(one.values, halves, strict=True)]
    low, high = min(lows), max(highs)
    room = (high - low) * 0.04 or 1.0
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between both, some five of them."""
    rough = (high - low) / 5
    size = 10.0 ** (len(f"{int(rough)}") - 1) if rough >= 1 else 0.1
    step = next(size * times for times in (1, 2, 5, 10, 20, 50) if size * times >= rough)
    first = int(low // step) + 1
    count = int(high // step) - first + 1
    return [(first + number) * step for number in range(count)]


def _ticks_across(
    low: float, high: float, left: float, scale: float, top: float, bottom: float
) -> list[str]:
    parts = []
    for tick in _ticks(low, high):
        x = left + (tick - low) * scale
        parts += [_line(x, top, x, bottom, "#ddd"), _text(x, bottom + 16, _number(tick), "middle")]
    return parts


def _heading(title: str, series: Sequence[Series]) -> list[str]:
    parts = [f'<text x="12" y="20" {_FONT} font-weight="bold">{escape(title)}</text>']
    for number, one in enumerate(series):
        x, y = 20 + 232 * (number % 3), 40 + 18 * (number // 3)
        parts += [_mark(number, x, y - 4), _text(x + 10, y, one.name)]
    return parts


def _mark(number: int, x: float, y: float) -> str:
    colour = COLOURS[number % len(COLOURS)]
    match _MARKS[number % len(_MARKS)]:
        case "circle":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        case "square":
            return (
                f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{colour}"/>'
            )
        case "diamond":
            return f'<path d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z" fill="{colour}"/>'
        case "ring":
            return (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="none" '
                f'stroke="{colour}" stroke-width="2"/>'
            )
        case "cross":
            path = f"M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8"
            return f'<path d="{path}" stroke="{colour}" stroke-width="2"/>'
        case _:
            return f'<path d="M{x - 5:.1f} {y:.1f}h10" stroke="{colour}" stroke-width="3"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {_FONT} text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.1f}"


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH} {height:.0f}">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )
