"""National rules and region files together: the policy in force and the facts of the regions.

House rules: whatever one file says of another is checked here, and told at the line that says it;
`Policy.problems()` has the last word, so that what is loaded is what the core accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from queue_engine.config.national_file import read_national
from queue_engine.config.region_file import NameKind, RegionFacts, RegionFile, read_region
from queue_engine.config.source import Faults
from queue_engine.config.wording import did_you_mean, quoted
from queue_engine.runtime.windows import TimeWindow
from routing.policy import Policy
from routing.vocabulary import RegionCode

REGIONS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Agreement:
    """What `national.yaml` and `regions/*.yaml` say."""

    policy: Policy
    regions: tuple[RegionFacts, ...]
    """By code."""
    area_codes: dict[str, RegionCode]
    """From area code with its leading 0 (`08`, `0500`) to region."""
    windows: tuple[TimeWindow, ...]


def read_agreement(faults: Faults, config_dir: Path) -> Agreement:
    """Reads both; what is wrong with them goes to `faults`, and then the rules are not to be used.

    A region without a file neither shares nor lends.
    """
    national_path = config_dir / "national.yaml"
    national = read_national(faults, national_path)
    regions_dir = config_dir / "regions"
    paths = sorted(regions_dir.glob("*.yaml")) if regions_dir.is_dir() else []
    if not 1 <= len(paths) <= REGIONS_MAX:
        message = f"expected 1 to {REGIONS_MAX} files named like 14.yaml, found {len(paths)}"
        faults.add(regions_dir.as_posix(), 1, message)
    files = [read_region(faults, path) for path in paths[:REGIONS_MAX]]
    regions = tuple(
        replace(file.policy, guard=national.guard.of(file.facts.population)) for file in files
    )
    policy = replace(national.policy, regions=regions)
    _check_codes(files)
    area_codes = _area_codes(files)
    _check_names(files, [window.name for window in national.windows], policy.services)
    if not faults.has_any:
        for message in policy.problems():
            faults.add(national_path.as_posix(), 1, message)
    return Agreement(policy, tuple(file.facts for file in files), area_codes, national.windows)


def _check_codes(files: Iterable[RegionFile]) -> None:
    owners: dict[str, str] = {}
    for file in files:
        code = file.policy.code
        if code and owners.setdefault(code, file.code_item.path) != file.code_item.path:
            file.code_item.fault(f"region {quoted(code)} has a file already: {owners[code]}")


def _area_codes(files: Iterable[RegionFile]) -> dict[str, RegionCode]:
    owners: dict[str, RegionCode] = {}
    places: dict[str, str] = {}
    for file in files:
        for area_code, item in file.area_code_items:
            if not area_code:
                continue
            place = f"{item.path}:{item.line}"
            if area_code in places:
                item.fault(f'area code "{area_code}" is given at {places[area_code]} already')
            places.setdefault(area_code, place)
            owners.setdefault(area_code, file.policy.code)
    return owners


def _check_names(files: list[RegionFile], windows: list[str], services: tuple[str, ...]) -> None:
    known: dict[NameKind, Sequence[str]] = {
        NameKind.REGION: sorted(file.policy.code for file in files),
        NameKind.CLUSTER: sorted({name for file in files for name in file.policy.clusters}),
        NameKind.WINDOW: windows,
        NameKind.SERVICE: services,
    }
    told_of = {
        NameKind.REGION: "no region has this code",
        NameKind.CLUSTER: "no region belongs to a cluster of this name",
        NameKind.WINDOW: "national.yaml has no window of this name",
        NameKind.SERVICE: "national.yaml has no such service",
    }
    for file in files:
        for used in file.used_names:
            if used.name and used.name not in known[used.kind]:
                hint = did_you_mean(used.name, known[used.kind])
                used.item.fault(f"{told_of[used.kind]}{hint}")
