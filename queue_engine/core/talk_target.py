"""To whom an agent may send a caller, or whom she may ask about him: checked before anything is."""

from __future__ import annotations

from typing import NamedTuple

from queue_engine.core.commands import ConsultAgent, TransferContact
from queue_engine.core.errors import Refused
from queue_engine.core.names import require_region, require_service, require_unit
from queue_engine.core.state import State
from routing.gateways import gateway_of
from routing.vocabulary import AgentId, RegionCode, Requirement, Skill, UnitId


class Target(NamedTuple):
    """Any agent who is all of this, or one agent by name."""

    region: RegionCode | None
    unit: UnitId | None
    service: Skill | None
    agent: AgentId | None


def target_of(state: State, command: TransferContact | ConsultAgent) -> Target:
    """What the command names, if there are such.

    Raises:
        Refused: it names nothing, or what is not there, or herself.
    """
    target = Target(command.to_region, command.to_unit, command.to_service, command.to_agent)
    region, unit, service, agent = target
    if agent is None and region is None and unit is None and service is None:
        raise Refused("bad_target", "nobody is named")
    if agent is not None and (target != Target(None, None, None, agent)):
        raise Refused("bad_target", "an agent is named by herself, without region, unit or service")
    if agent == command.agent_id:
        raise Refused("bad_target", f"agent {agent} has the contact already")
    if agent is not None and agent not in state.agents:
        raise Refused("not_signed_on", f"agent {agent} is not signed on")
    if gateway_of(agent) is not None:
        raise Refused("bad_target", f"{agent} is a gateway's seat, at which nobody is by name")
    rules, kind = state.rules, type(command).__name__
    if region is not None:
        require_region(rules, region, f"{kind}.to_region")
    if service is not None:
        require_service(rules, service, f"{kind}.to_service")
    if unit is not None:
        require_unit(rules, region or _home_region(state, command), unit, f"{kind}.to_unit")
    return target


def _home_region(state: State, command: TransferContact | ConsultAgent) -> RegionCode | None:
    """Whose unit must be meant that is named without a region; None: any region's.

    A caller who is sent on to a unit alone stays his home region's, if he has one.
    """
    home = state.contacts[command.contact_id].home_region
    is_bound = isinstance(command, TransferContact) and home in state.rules.regions
    return home if is_bound else None


def needs_with(
    state: State, needs: tuple[Requirement, ...], service: Skill | None
) -> tuple[Requirement, ...]:
    """What is needed if it is this service that is asked for: the languages stay."""
    if service is None:
        return needs
    services = state.rules.policy.services
    others = [need for need in needs if need.skill not in services]
    return tuple(sorted([*others, Requirement(service)]))
