"""What follows from a command: the only place that chooses, and it only emits.

Each request checks all that could refuse it before it emits anything; reports are facts and are
never refused. After the command's own events, `settle` brings callers and agents together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from queue_engine.core import (
    commands as cmd,
    decide_agents,
    decide_agreement,
    decide_callback,
    decide_consult,
    decide_contacts,
    decide_gateways,
    decide_island,
    decide_merge,
    decide_return,
    decide_screen,
    decide_switch,
    decide_talk,
    decide_texts,
    decide_trunks,
    decide_wrap_up,
    events as ev,
    keeping,
    making,
    measures,
    relax,
    strain,
)
from queue_engine.core.bounds import BOUNDED, require_bounded
from queue_engine.core.contact import ContactState
from queue_engine.core.deadlines import Deadline, DeadlineKind
from queue_engine.core.errors import BadInput, Refused
from queue_engine.core.policy_codec import require_sound_policy
from queue_engine.core.settle import settle
from queue_engine.core.sharing import share_by_rule
from queue_engine.core.snapshot import digest
from queue_engine.core.turn import Turn


class DeadlineFailed(Exception):
    """We failed at this row while time passed: so that the driver can put it off."""

    def __init__(self, row: Deadline) -> None:
        super().__init__(f"{row.kind} of {row.subject}")
        self.row = row


def decide(turn: Turn, command: cmd.Command) -> None:
    """Emits all that follows from the command, and from time having passed for `PassTime`.

    Raises:
        Refused: a request that cannot be carried out; nothing has been emitted.
    """
    kind = type(command)
    if kind in BOUNDED:
        require_bounded(command)
    _DECIDERS[kind](turn, command)
    settle(turn)


def _load_policy(turn: Turn, command: cmd.LoadPolicy) -> None:
    try:
        require_sound_policy(command.policy)
    except BadInput as fault:
        raise Refused("bad_policy", str(fault)) from fault
    if command.policy != turn.state.policy_text:
        gateways = turn.state.rules.gateways
        turn.emit(ev.PolicyLoaded(command.policy))
        measures.drop_limits(turn)
        strain.ease_by_rules(turn)
        decide_gateways.fit_gateways(turn, gateways)


def _pass_time(turn: Turn, command: cmd.PassTime) -> None:
    deadlines = turn.state.deadlines
    while (row := deadlines.first_due(turn.now_ms)) is not None:
        try:
            _run_deadline(turn, row)
            assert deadlines.at_ms(row.kind, row.subject, row.detail) != row.at_ms, row
        except Exception as fault:
            raise DeadlineFailed(row) from fault


def _run_deadline(turn: Turn, row: Deadline) -> None:
    _AT_DEADLINE[row.kind](turn, row.subject, row.detail)


_AT_DEADLINE: Final[dict[DeadlineKind, Callable[[Turn, Any, Any], None]]] = {
    DeadlineKind.HEAL: lambda turn, agent_id, _: turn.emit(ev.AgentBecameReady(agent_id)),
    DeadlineKind.WRAP_UP: lambda turn, agent_id, contact_id: decide_agents.end_wrap_up(
        turn, agent_id, contact_id, ""
    ),
    DeadlineKind.RING: lambda turn, contact_id, _: decide_callback.rang_long_enough(
        turn, contact_id
    ),
    DeadlineKind.TRIED: lambda turn, contact_id, agent_id: turn.emit(
        ev.TriedForgotten(contact_id, agent_id)
    ),
    DeadlineKind.NOT_BEFORE: lambda turn, contact_id, _: turn.emit(
        ev.PostponementEnded(contact_id)
    ),
    DeadlineKind.SHARE: share_by_rule,
    DeadlineKind.OVERDUE: lambda turn, contact_id, _: turn.emit(ev.EmergencyOverdue(contact_id)),
    DeadlineKind.RECALL: lambda turn, contact_id, _: decide_talk.recall(turn, contact_id),
    DeadlineKind.CONSULT: lambda turn, contact_id, _: decide_consult.consult_failed(
        turn, contact_id, cmd.OfferFailure.NO_ANSWER
    ),
    DeadlineKind.KEEP: lambda turn, contact_id, _: keeping.end_keeping_by_time(turn, contact_id),
    DeadlineKind.PROMISE: lambda turn, contact_id, _: turn.emit(ev.CallbackOverdue(contact_id)),
    DeadlineKind.RELAX: relax.relax_by_rule,
    DeadlineKind.STRAIN: lambda turn, agent_id, _: strain.end_rest(turn, agent_id),
    DeadlineKind.TEXT: lambda turn, text_id, _: decide_texts.text_is_due(turn, text_id),
    DeadlineKind.TRUNK: decide_trunks.end_rest,
    DeadlineKind.TRUNK_EMERGENCY: decide_trunks.end_rest_for_emergencies,
    DeadlineKind.FORGET: lambda turn, contact_id, _: turn.emit(
        making.contact_forgotten(contact_id)
    ),
    DeadlineKind.ISLAND: lambda turn, island_id, _: turn.emit(ev.IslandForgotten(island_id)),
    DeadlineKind.FORGET_CALLS: lambda turn, day, _: turn.emit(ev.CallsForgotten(int(day))),
}
"""What is to be done with the subject and detail of a row whose moment has come."""


def _report_command_failed(turn: Turn, command: cmd.ReportCommandFailed) -> None:
    """Notes the failure, and lets the contact concerned rest: others must not wait for it."""
    retry_at_ms = turn.now_ms + turn.state.rules.policy.not_before_ms
    deadline = command.deadline
    if deadline is not None:
        kind, subject, detail = deadline
        if turn.state.deadlines.at_ms(DeadlineKind(kind), subject, detail) is None:
            deadline = None
    turn.emit(
        ev.CommandFailed(
            command=command.command,
            error=command.error,
            contact_id=command.contact_id,
            digest=digest(turn.state),
            deadline=deadline,
            retry_at_ms=retry_at_ms if deadline else None,
        )
    )
    contact = turn.state.living(command.contact_id) if command.contact_id else None
    if contact is not None and contact.state is ContactState.WAITING:
        turn.emit(ev.ContactPostponed(contact.contact_id, retry_at_ms))


_DECIDERS: Final[dict[type, Callable[[Turn, Any], None]]] = {
    cmd.LoadPolicy: _load_policy,
    cmd.SetLending: measures.set_lending,
    cmd.TakeMeasures: measures.take_measures,
    cmd.SetWindow: decide_agreement.set_window,
    cmd.OpenLine: decide_agreement.open_line,
    cmd.CloseLine: decide_agreement.close_line,
    cmd.PassTime: _pass_time,
    cmd.EnqueueContact: decide_contacts.enqueue_contact,
    cmd.SetContactPriority: decide_return.set_contact_priority,
    cmd.MarkMisuse: decide_return.mark_misuse,
    cmd.SignOnAgent: decide_agents.sign_on_agent,
    cmd.SignOffAgent: decide_agents.sign_off_agent,
    cmd.SetAgentReady: decide_agents.set_agent_ready,
    cmd.SetAgentNotReady: decide_agents.set_agent_not_ready,
    cmd.ForceAgent: decide_agents.force_agent,
    cmd.EndWrapUp: decide_agents.end_wrap_up_now,
    cmd.ReportCallerWaiting: decide_switch.report_caller_waiting,
    cmd.ReportCallerGone: decide_switch.report_caller_gone,
    cmd.ReportConnected: decide_switch.report_connected,
    cmd.ReportOfferFailed: decide_switch.report_offer_failed,
    cmd.ReportTalkEnded: decide_switch.report_talk_ended,
    cmd.ReportLinkLost: decide_switch.report_link_lost,
    cmd.ReportSwitch: decide_switch.report_switch,
    cmd.ReportCommandFailed: _report_command_failed,
    cmd.ReportCutOff: decide_island.report_cut_off,
    **decide_talk.DECIDERS,
    **decide_callback.DECIDERS,
    **decide_consult.DECIDERS,
    **decide_merge.DECIDERS,
    **decide_gateways.DECIDERS,
    **decide_screen.DECIDERS,
    **decide_texts.DECIDERS,
    **decide_wrap_up.DECIDERS,
}
