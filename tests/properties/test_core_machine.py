"""Whatever hypothesis thinks of: any command at all, between people and a switch that behave.

After every command the world checks all invariants and the promise, and the auditor keeps its own
books; at the end folding, snapshots and deciding again must give the same state.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from queue_engine.core import commands as cmd
from queue_engine.core.contact import Contact, ContactState
from queue_engine.core.errors import Refused
from queue_engine.core.snapshot import digest
from routing.vocabulary import AgentId, ContactId, Priority
from tests.core.world import LINK, World
from tests.forms import LONG, examples
from tests.properties.any_command import (
    AGENTS,
    COMMANDS,
    CONTACTS,
    HOUR_MS,
    any_command,
    commands_of,
)
from tests.properties.auditor import Auditor

SKILLS: Final = ("advice", "advice ar")
REGIONS: Final = ("22", "22", "23", "24", "01", "unknown")
WAITS_MS: Final = (1, 1_000, 24_000, 61_000, 181_000, 600_000, HOUR_MS)


class Core(RuleBasedStateMachine):
    """The core in the hands of hypothesis."""

    @initialize(
        regions=st.lists(st.sampled_from(REGIONS[:-1]), max_size=3),
        calls=st.integers(0, 4),
        answered=st.integers(0, 2),
    )
    def begin(self, regions: list[str], calls: int, answered: int) -> None:
        """Some are at work, some call, and some of those are talking."""
        self.world = World(audit=Auditor().follow)
        for name, region in zip(AGENTS, regions, strict=False):
            self.world.agent(name, region)
        for name in CONTACTS[:calls]:
            self.world.caller(name)
        for row in self.of(ContactState.OFFERED)[:answered]:
            self.world.answer(row.contact_id)

    # --- anything at all --------------------------------------------------------------------

    @rule(command=any_command())
    def anything(self, command: cmd.Command) -> None:
        """A command that nobody need have meant."""
        self.world.pass_time()
        before = digest(self.world.state)
        try:
            self.world.do(command)
        except Refused:
            assert digest(self.world.state) == before, f"{command} was refused and left a trace"

    @rule(wait_ms=st.sampled_from(WAITS_MS))
    def time_passes(self, wait_ms: int) -> None:
        """All that becomes due happens."""
        self.world.wait(wait_ms)

    @rule()
    def restart(self) -> None:
        """The engine goes on from a snapshot."""
        self.world.begin_from_snapshot()

    @rule(command=any_command())
    def anything_else(self, command: cmd.Command) -> None:
        """The same: half of all are drawn so."""
        self.anything(command)

    # --- people and a switch that behave ----------------------------------------------------

    @rule(
        name=st.sampled_from(CONTACTS[:-1]),
        region=st.sampled_from(REGIONS),
        priority=st.sampled_from(list(Priority)),
    )
    def somebody_calls(self, name: str, region: str, priority: Priority) -> None:
        """And waits, if the link is up and he is not here already."""
        if self.world.state.living(ContactId(name)) is None and self._is_up:
            self._do_if_possible(self.world.caller, name, region, priority)

    @rule(
        name=st.sampled_from(AGENTS),
        region=st.sampled_from(REGIONS[:-1]),
        skills=st.sampled_from(SKILLS),
    )
    def an_agent_comes(self, name: str, region: str, skills: str) -> None:
        """She is ready, if she is not at work already."""
        if AgentId(name) not in self.world.state.agents:
            self._do_if_possible(self.world.agent, name, region, skills)

    @rule(name=st.sampled_from(AGENTS))
    def she_is_ready(self, name: str) -> None:
        """Whatever she did before."""
        self._do_if_possible(self.world.do, cmd.SetAgentReady(AgentId(name)))

    @precondition(lambda self: self.of(ContactState.OFFERED))
    @rule(data=st.data(), failure=st.one_of(st.none(), st.sampled_from(list(cmd.OfferFailure))))
    def what_rings(self, data: st.DataObject, failure: cmd.OfferFailure | None) -> None:
        """Is answered, or is not."""
        row = data.draw(st.sampled_from(self.of(ContactState.OFFERED)))
        if failure is None:
            self.world.answer(row.contact_id)
        else:
            self.world.fail(row.contact_id, failure)

    @precondition(lambda self: self.of(ContactState.CONNECTED))
    @rule(data=st.data(), is_callers_end=st.booleans())
    def a_talk_ends(self, data: st.DataObject, is_callers_end: bool) -> None:
        """By either of both."""
        row = data.draw(st.sampled_from(self.of(ContactState.CONNECTED)))
        if is_callers_end:
            self.world.gone(row.contact_id)
        else:
            self.world.nurse_hangs_up(row.contact_id)

    @precondition(lambda self: self.of(ContactState.WAITING))
    @rule(data=st.data())
    def who_waits_is_seen(self, data: st.DataObject) -> None:
        """The switch shows him again."""
        row = data.draw(st.sampled_from(self.of(ContactState.WAITING)))
        if row.link_id == LINK:
            self.world.seen(row.contact_id)

    # --- at the end -------------------------------------------------------------------------

    def teardown(self) -> None:
        """The journal gives the same state, and the same records again.

        After a failure it need not, and would hide what failed.
        """
        if hasattr(self, "world") and sys.exc_info()[0] is None:
            self.world.check_replay()

    def of(self, state: ContactState) -> list[Contact]:
        """The contacts in this state."""
        rows = self.world.state.contacts.values() if hasattr(self, "world") else ()
        return [row for row in rows if row.state is state]

    @property
    def _is_up(self) -> bool:
        return self.world.state.is_link_up(LINK)

    def _do_if_possible(self, act: Any, *args: object) -> None:
        try:
            act(*args)
        except Refused:
            pass  # it may be; that it leaves no trace is looked at elsewhere


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_every_command_can_be_drawn(kind: type[Any]) -> None:
    """A field whose type is not known is said: `any_command` must learn it."""
    commands_of(kind).validate()


@pytest.mark.timeout(3_600)
def test_any_commands_keep_the_invariants_the_promise_and_the_books() -> None:
    """The short form is the same each time; the long one makes what it finds small (minutes)."""
    is_short = LONG == 1
    run_state_machine_as_test(
        Core,
        settings=settings(
            max_examples=examples(100),
            stateful_step_count=80,
            deadline=None,
            derandomize=is_short,
            database=None,
            phases=[Phase.generate] if is_short else [Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
