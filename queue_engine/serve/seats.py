"""Who may sign on over the API, and at which phones people may sit down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from queue_engine.console_api.ports import Seat
from routing.vocabulary import AgentId

if TYPE_CHECKING:
    from queue_engine.serve.service import Service


class Seats:
    """The `console_api.ports.SeatsPort` of a running service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        embedded = service.embedded
        self._for_people = {seat.agent_id: seat for seat in embedded.seats} if embedded else {}

    def seat(self, agent_id: AgentId) -> Seat | None:
        """See `SeatsPort`."""
        if agent_id in self._for_people:
            return self._for_people[agent_id]
        profile = self._service.configuration.staff.profile(agent_id)
        if profile is None:
            return None
        return Seat(
            profile.agent_id,
            profile.region,
            profile.skills,
            self._service.links[0].link_id,
            profile.phone_id,
            profile.unit,
        )

    def free_for_people(self) -> Sequence[Seat]:
        """See `SeatsPort`."""
        agents = self._service.driver.state.agents
        return [seat for seat in self._for_people.values() if seat.agent_id not in agents]
