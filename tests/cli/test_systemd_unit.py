"""The unit that is shipped for systemd: it starts what there is, and starts it again."""

from __future__ import annotations

import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Final

from queue_engine.cli.entry import parser

ROOT: Final = Path(__file__).resolve().parents[2]


def service() -> dict[str, str]:
    unit = ConfigParser(interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "systemd" / "samko.service", encoding="utf-8")
    assert unit.sections() == ["Unit", "Service", "Install"]
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    return dict(unit["Service"])


def test_it_starts_the_engine_with_its_configuration() -> None:
    program, *words = service()["ExecStart"].split()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert Path(program).name in scripts
    chosen = parser().parse_args(words)
    assert (chosen.command, chosen.config) == ("serve", Path("/etc/samko"))


def test_whatever_it_ends_with_it_is_started_again() -> None:
    assert service()["Restart"] == "always"
    assert "RestartPreventExitStatus" not in service()
