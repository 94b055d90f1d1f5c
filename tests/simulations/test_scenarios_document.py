"""docs/SCENARIOS.md and what reads scenarios are held to each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from queue_engine.config.source import Item, Section
from routing.policy import AgentChoice
from routing.vocabulary import Priority
from simulations.scenario.differences import FIGURES
from simulations.scenario.file import load_scenario
from simulations.scenario.library import LIBRARY
from simulations.scenario.policies import OrderWord
from simulations.scenario.replications import jobs_of, run_all
from simulations.scenario.tables import HEADS
from simulations.scenario.whole import whole
from tests.simulations.small_scenario import write_small

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "SCENARIOS.md"
TEXT: Final = DOCUMENT.read_text("utf-8")
EXAMPLES: Final = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
TOLD: Final = frozenset(re.findall(r"`([a-z_0-9]+)`", TEXT))
KEY_ROWS: Final = re.findall(r"^\| (`[a-z_`, ]+`) \|.*\|.*\|.*\|$", TEXT, re.MULTILINE)
OF_RESULTS: Final = "## result.json"


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_each_example_is_a_scenario_and_runs(number: int, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(EXAMPLES[number].replace("1 days", "1 h").replace("1000 calls", "60 calls"))
    scenario = load_scenario(path)
    assert scenario.regions
    (result,) = run_all(scenario, jobs_of([scenario.policies[0][0]], 1, 1))
    assert result["total"]["offered"] > 0


def test_every_key_that_is_asked_for_is_in_the_document_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    look = Section.may

    def may(section: Section, key: str) -> Item:
        # A region's code is a name of the file's own.
        if not section.where.endswith("windows"):
            asked.add(key)
        return look(section, key)

    monkeypatch.setattr(Section, "may", may)
    for number, example in enumerate(EXAMPLES):
        path = tmp_path / f"{number}.yaml"
        path.write_text(example)
        load_scenario(path)
    assert asked <= TOLD, f"not in docs/SCENARIOS.md: {sorted(asked - TOLD)}"
    in_tables = {
        key
        for row in KEY_ROWS
        if TEXT.index(f"| {row} |") < TEXT.index(OF_RESULTS)
        for key in re.findall(r"`([a-z_]+)`", row)
    }
    assert len(in_tables) > 40
    assert in_tables <= asked, f"only in docs/SCENARIOS.md: {sorted(in_tables - asked)}"


def test_every_figure_column_and_word_is_in_the_document(tmp_path: Path) -> None:
    scenario = load_scenario(write_small(tmp_path))
    policies = [name for name, _ in scenario.policies]
    told = whole(scenario, policies, run_all(scenario, jobs_of(policies, 1, 1)))
    names = {*told, *told["policies"][0], *told["policies"][0]["total"], *FIGURES}
    names |= {*AgentChoice, *OrderWord, *Priority}
    names |= {column for head in HEADS.values() for column in head}
    assert names <= TOLD, f"not in docs/SCENARIOS.md: {sorted(names - TOLD)}"


def test_every_scenario_that_comes_with_samko_can_be_read() -> None:
    for path in sorted(LIBRARY.glob("*.yaml")):
        scenario = load_scenario(path)
        assert scenario.name == path.stem
