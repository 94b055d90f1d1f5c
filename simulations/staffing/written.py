"""The scenario's own file with the nurses that were found, which can be simulated as it is.

All else stays as it was written, but for comments; staffings found before the last are comments.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence as Many
from pathlib import Path
from typing import Final

from queue_engine.config.yaml_tree import Mapping, Pair, Scalar, Sequence, Value, read_tree
from routing.vocabulary import RegionCode
from simulations.scenario.model import Profile
from simulations.staffing.search import Staffed
from simulations.staffing.sharing_out import Rung
from simulations.staffing.target import Target

_WIDTH: Final = 100
_FIGURES_A_LINE: Final = 24
_KEY: Final = re.compile(r"[a-z_][a-z0-9_-]*", re.ASCII)
_NOT_PLAIN: Final = re.compile(r"[,\[\]{}]")


def scenario_with(source: Path, out: Path, found: Many[Staffed], target: Target) -> str:
    """The text of `out`: the scenario of `source`, a file without faults, with the last staffing.

    Its main target is what the nurses are for; folders of configuration are found from `out`.
    """
    *others, last = found
    whole = _mapping(read_tree(source.read_bytes()))
    pairs = dict(whole.pairs)
    pairs["regions"] = _pair(_regions(_mapping(pairs["regions"].value), last))
    pairs["targets"] = _pair(_targets(pairs.get("targets"), target))
    if "policies" in pairs:
        policies = _mapping(pairs["policies"].value)
        pairs["policies"] = _pair(_policies(policies, source.parent, out.parent))
    lines = [f"# Nurses for {target.words} in every region, by samko staff: {_told(last)}"]
    lines += _block(Mapping(1, pairs), "")
    for one in others:
        lines += ["#", f"# {_told(one)}"]
        lines += [f"# {line}" for line in _block(_nurses_alone(one), "")]
    return "\n".join(lines) + "\n"


def _told(found: Staffed) -> str:
    return f"policy {found.policy}, {found.hours_per_week:,.0f} hours of nurses a week"


# --- what is changed ------------------------------------------------------------------------


def _regions(regions: Mapping, found: Staffed) -> Mapping:
    """As they are, but for their nurses."""
    return Mapping(
        1,
        {
            code: _pair(_region(_mapping(pair.value), found.nurses[RegionCode(code)]))
            for code, pair in regions.pairs.items()
        },
    )


def _region(region: Mapping, rung: Rung) -> Mapping:
    """Its `nurses` are the first group, if it has them, those of `groups` follow."""
    pairs = dict(region.pairs)
    figures = iter(rung)
    if "nurses" in pairs:
        pairs["nurses"] = _pair(_figures(next(figures)))
    if "groups" in pairs:
        groups = pairs["groups"].value
        assert isinstance(groups, Sequence), "the scenario was read"
        entries: list[Value] = [
            Mapping(1, {**_mapping(group).pairs, "nurses": _pair(_figures(nurses))})
            for group, nurses in zip(groups.entries, figures, strict=True)
        ]
        pairs["groups"] = _pair(Sequence(1, entries))
    return Mapping(1, pairs)


def _targets(given: Pair | None, target: Target) -> Sequence:
    before = given.value.entries if given and isinstance(given.value, Sequence) else []
    return Sequence(1, [_scalar(target.within_shown), *before])


def _policies(policies: Mapping, before: Path, after: Path) -> Mapping:
    pairs = dict(policies.pairs)
    for name, pair in pairs.items():
        if isinstance(pair.value, Mapping) and "config" in pair.value.pairs:
            folder = pair.value.pairs["config"].value
            assert isinstance(folder, Scalar), "the scenario was read"
            moved = os.path.relpath(before / folder.text, after)
            pairs[name] = _pair(Mapping(1, {"config": _pair(Scalar(1, moved, is_plain=False))}))
    return Mapping(1, pairs)


def _nurses_alone(found: Staffed) -> Mapping:
    regions: dict[str, Pair] = {}
    for code, rung in found.nurses.items():
        groups = [Mapping(1, {"nurses": _pair(_figures(nurses))}) for nurses in rung]
        several = Mapping(1, {"groups": _pair(Sequence(1, [*groups]))})
        regions[code] = _pair(groups[0] if len(groups) == 1 else several)
    return Mapping(1, {"regions": _pair(Mapping(1, regions))})


def _figures(nurses: Profile) -> Value:
    figures: list[Value] = [_scalar(str(round(figure))) for figure in nurses]
    return figures[0] if len(figures) == 1 else Sequence(1, figures)


def _mapping(value: Value) -> Mapping:
    assert isinstance(value, Mapping), "the scenario was read"
    return value


def _pair(value: Value) -> Pair:
    return Pair(1, value)


def _scalar(text: str) -> Scalar:
    return Scalar(1, text, is_plain=True)


# --- as text --------------------------------------------------------------------------------


def _block(mapping: Mapping, indent: str) -> Iterator[str]:
    """A key a line, with its value if that is short enough."""
    for key, pair in mapping.pairs.items():
        begin = f"{indent}{_key(key)}:"
        line = f"{begin} {_flow(pair.value)}".rstrip()
        if len(line) <= _WIDTH or isinstance(pair.value, Scalar):
            yield line
        elif isinstance(pair.value, Mapping):
            yield begin
            yield from _block(pair.value, f"{indent}  ")
        else:
            yield from _list(begin, pair.value, indent)


def _list(begin: str, value: Sequence, indent: str) -> Iterator[str]:
    """Figures by the day or half a day, mappings one below the other."""
    if all(isinstance(entry, Mapping) for entry in value.entries):
        yield begin
        for entry in value.entries:
            first, *rest = _block(_mapping(entry), f"{indent}    ")
            yield f"{indent}  - {first.lstrip()}"
            yield from rest
        return
    yield f"{begin} ["
    for start in range(0, len(value.entries), _FIGURES_A_LINE):
        entries = value.entries[start : start + _FIGURES_A_LINE]
        yield f"{indent}  {', '.join(map(_flow, entries))},"
    yield f"{indent}]"


def _flow(value: Value) -> str:
    match value:
        case Scalar():
            is_plain = value.is_plain and not _NOT_PLAIN.search(value.text)
            return value.text if is_plain else json.dumps(value.text, ensure_ascii=False)
        case Sequence():
            return f"[{', '.join(map(_flow, value.entries))}]"
    parts = (f"{_key(key)}: {_flow(pair.value)}" for key, pair in value.pairs.items())
    return f"{{{', '.join(parts)}}}"


def _key(key: str) -> str:
    return key if _KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
