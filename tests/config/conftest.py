"""What the tests of the configuration share: files written on the spot, and a small country."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from queue_engine.config.source import Faults, Section
from queue_engine.config.staff_file import hash_pin

NATIONAL = """\
version: "1"
priorities:
  emergency: {tier: 0, due_after: 0 s, answer_within: 30 s}
  urgent: {tier: 1, due_after: 1 min, answer_within: 1 min}
  raised: {tier: 2, due_after: 3 min, answer_within: 3 min}
  standard: {tier: 2, due_after: 8 min, answer_within: 8 min}
  non_medical: {tier: 3, due_after: 20 min, answer_within: 20 min}
windows:
  night_22_07: {days: every_day, from: "22:00", to: "07:00"}
"""

REGION_14 = """\
code: "14"
name: Västra Götalandsregionen
population: 1744859
area_codes: ["031", "033"]
clusters: [west]
share_rules:
  - name: west_after_3_min
    when: waited
    after: 3 min
    ring: {cluster: west}
  - name: nation_past_due
    when: past_due
    ring: national
lend:
  reserve: 20 %
"""

REGION_22 = """\
code: "22"
name: Region Västernorrland
population: 244193
area_codes: ["060"]
"""

LINES = """\
lines:
  - id: national
    numbers: ["1177"]
    menu: national
"""

MENU = """\
opening: [opening]
emergency_key: "9"
first: service
steps:
  service:
    ask: [choose_service]
    silence: nurse
    keys:
      "1": {then: nurse, region: "22"}
waiting:
  say: [waiting_keys]
"""

STAFF = """\
agents:
  - id: n1401
    number: "1401"
    pin_hash: "{pin_hash}"
    region: "14"
    skills: {{advice: 1, sv: 1}}
"""


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], Path]:
    """Writes a file named `f.yaml` in a folder of its own, which becomes the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes) -> Path:
        path = Path("f.yaml")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


@pytest.fixture
def opened(
    written: Callable[[str | bytes], Path],
) -> Callable[[str | bytes], tuple[Faults, Section]]:
    """Reads a text as `f.yaml`."""

    def read(text: str | bytes) -> tuple[Faults, Section]:
        faults = Faults()
        return faults, faults.read(written(text))

    return read


@pytest.fixture(scope="session")
def pin_hash() -> str:
    """Of the PIN 1234."""
    return hash_pin("1234")


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The folder of the configuration that the project ships."""
    return Path(__file__).parents[2] / "config"


@pytest.fixture
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin_hash: str, shipped: Path) -> Path:
    """A faultless configuration of two regions in `config`, relative to the working folder.

    Its prompts are the shipped ones.
    """
    monkeypatch.chdir(tmp_path)
    config = Path("config")
    shutil.copytree(shipped / "prompts", config / "prompts")
    for name, text in (
        ("national.yaml", NATIONAL),
        ("regions/14.yaml", REGION_14),
        ("regions/22.yaml", REGION_22),
        ("lines.yaml", LINES),
        ("staff.yaml", STAFF.format(pin_hash=pin_hash)),
        ("menus/national.yaml", MENU),
    ):
        path = config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return config
