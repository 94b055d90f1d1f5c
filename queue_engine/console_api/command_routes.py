"""Commands: each becomes one of the engine's, is journaled, and then answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from queue_engine.console_api import gateway_shapes, shapes, views
from queue_engine.console_api.idempotency import Answer, IdempotencyKeys
from queue_engine.console_api.json_schema import Schema, Schemas
from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.ports import EnginePort, ReloadPort, Seat, SeatsPort, SpeedPort
from queue_engine.console_api.problems import PROBLEM_TYPE, ProblemError, from_refused
from queue_engine.console_api.read_routes import json_response
from queue_engine.console_api.reading import json_body, path_id, require_known
from queue_engine.core.commands import (
    Command,
    EndWrapUp,
    SetAgentNotReady,
    SetAgentReady,
    SetGatewaySeats,
    SetLending,
    SignOffAgent,
    SignOnAgent,
)
from queue_engine.core.errors import EngineStopped, Refused
from routing.vocabulary import AgentId, GatewayId, NotReadyReason, PhoneId, RegionCode

JSON_TYPE: Final = "application/json"

Body = dict[str, Any]
Make = Callable[[AgentId, Body], Command]


def schema_of(shape: Any) -> Schema:
    """The schema of a body, flat."""
    schemas = Schemas()
    schemas.of(shape)
    return schemas.components[shape.__name__]


class CommandRoutes:
    """The handlers of `POST` and `PUT`.

    Args:
        engine: decides.
        seats: who may sign on.
        reload: reads the configuration anew.
        speed: the clock of a demonstration.
    """

    def __init__(
        self,
        engine: EnginePort,
        seats: SeatsPort,
        reload: ReloadPort | None,
        speed: SpeedPort | None,
    ) -> None:
        self._engine = engine
        self._seats = seats
        self._reload = reload
        self._speed = speed
        self._keys = IdempotencyKeys(time.monotonic)

    async def sign_on(self, request: web.Request) -> web.Response:
        """She is at work, not ready yet."""
        return await self._agent_command(request, shapes.SignOn, self._sign_on)

    async def sign_off(self, request: web.Request) -> web.Response:
        """She goes home, now or when what she has is over."""
        return await self._agent_command(request, shapes.Nothing, lambda who, _: SignOffAgent(who))

    async def set_ready(self, request: web.Request) -> web.Response:
        """She can be offered contacts; a wrap-up that she has is over."""
        return await self._agent_command(request, shapes.Nothing, lambda who, _: SetAgentReady(who))

    async def set_not_ready(self, request: web.Request) -> web.Response:
        """She is not to be offered contacts, from now or after the one she has."""

        def make(agent_id: AgentId, body: Body) -> Command:
            return SetAgentNotReady(agent_id, NotReadyReason(body["reason"]))

        return await self._agent_command(request, shapes.NotReady, make)

    async def end_wrap_up(self, request: web.Request) -> web.Response:
        """She is done with the work after a contact."""

        def make(agent_id: AgentId, body: Body) -> Command:
            return EndWrapUp(agent_id, body.get("disposition", ""))

        return await self._agent_command(request, shapes.EndWrapUp, make)

    async def set_lending(self, request: web.Request) -> web.Response:
        """The region lends to tiers 0 and 1 only, or as its rules say again."""
        region = RegionCode(path_id(request, "region"))
        body = await self._body(request, shapes.LendingSetting)
        is_cut: bool = body["is_cut"]

        def answer(record: int | None) -> shapes.LendingAnswer:
            return shapes.LendingAnswer(record=record, region=region, is_cut=is_cut)

        command = SetLending(region, is_cut, body["reason"])
        return await self._once(request, body, lambda: self._submitted(lambda: command, answer))

    async def set_gateway_seats(self, request: web.Request) -> web.Response:
        """So many callers a contact centre elsewhere takes at once; talks there go on."""
        gateway_id = GatewayId(path_id(request, "gateway_id"))
        body = await self._body(request, gateway_shapes.GatewaySeatsSetting)
        seats: int = body["seats"]

        def answer(record: int | None) -> gateway_shapes.GatewaySeatsAnswer:
            return gateway_shapes.GatewaySeatsAnswer(
                record=record, gateway_id=gateway_id, seats=seats
            )

        command = SetGatewaySeats(gateway_id, seats, body["reason"])
        return await self._once(request, body, lambda: self._submitted(lambda: command, answer))

    async def reload(self, request: web.Request) -> web.Response:
        """Reads the configuration anew and puts it in force, or changes nothing."""
        body = await self._body(request, shapes.Nothing)

        async def work() -> Answer:
            assert self._reload is not None, "the route is there only with its port"
            done = await self._reload()
            if done.faults:
                return _problem(ProblemError("bad_configuration", faults=done.faults))
            answer = shapes.Reloaded(
                version=done.version,
                is_changed=done.is_changed,
                restart_needed=done.restart_needed,
            )
            return Answer(200, to_json(answer), JSON_TYPE)

        return await self._once(request, body, work)

    async def get_speed(self, request: web.Request) -> web.Response:
        """How fast the demonstration's time goes."""
        require_known(request)
        assert self._speed is not None, "the route is there only with its port"
        return json_response(shapes.SpeedSetting(speed=self._speed.speed))

    async def put_speed(self, request: web.Request) -> web.Response:
        """Sets it."""
        body = await self._body(request, shapes.SpeedSetting)
        assert self._speed is not None, "the route is there only with its port"
        try:
            self._speed.set_speed(float(body["speed"]))
        except ValueError as fault:
            raise ProblemError("bad_body", str(fault)) from None
        return json_response(shapes.SpeedSetting(speed=self._speed.speed))

    # --- one way for all --------------------------------------------------------------------

    async def _agent_command(self, request: web.Request, shape: Any, make: Make) -> web.Response:
        agent_id = AgentId(path_id(request, "agent_id"))
        body = await self._body(request, shape)

        def answer(record: int | None) -> shapes.AgentAnswer:
            agent = views.agent_of(self._engine.state, agent_id)
            return shapes.AgentAnswer(record=record, agent=agent)

        return await self._once(
            request, body, lambda: self._submitted(lambda: make(agent_id, body), answer)
        )

    async def _submitted(
        self, make: Callable[[], Command], answer: Callable[[int | None], object]
    ) -> Answer:
        """What the engine says to a command; `answer` is given the number of its record."""
        try:
            record = await self._engine.submit(make())
        except Refused as refused:
            return _problem(from_refused(refused))
        except EngineStopped as stopped:
            return _problem(ProblemError("stopped", str(stopped)))
        said = answer(None if record is None else record.number)
        return Answer(200, to_json(said), JSON_TYPE)

    def _sign_on(self, agent_id: AgentId, body: Body) -> Command:
        seat = self._seat(agent_id)
        phone_id = body.get("phone_id") or seat.phone_id
        if phone_id is None:
            raise Refused("no_phone", f"agent {agent_id}: expected phone_id")
        return SignOnAgent(
            agent_id, seat.link_id, PhoneId(phone_id), seat.region, seat.skills, seat.unit
        )

    def _seat(self, agent_id: AgentId) -> Seat:
        seat = self._seats.seat(agent_id)
        if seat is None:
            raise Refused("unknown_agent", f"no agent {agent_id} in the staff directory")
        return seat

    async def _body(self, request: web.Request, shape: Any) -> Body:
        require_known(request)
        return await json_body(request, _SCHEMAS[shape.__name__])

    async def _once(
        self, request: web.Request, body: Body, work: Callable[[], Any]
    ) -> web.Response:
        said = to_json([request.method, request.path, sorted(body.items())])
        answer = await self._keys.once(request.headers.get("Idempotency-Key"), said, work)
        return web.Response(
            body=answer.body, status=answer.status, content_type=answer.content_type
        )


def _problem(problem: ProblemError) -> Answer:
    if problem.status >= 500:
        raise problem  # nothing to be remembered under a key
    return Answer(problem.status, to_json(problem.body()), PROBLEM_TYPE)


_SCHEMAS: Final = {
    shape.__name__: schema_of(shape)
    for shape in (
        shapes.SignOn,
        shapes.NotReady,
        shapes.EndWrapUp,
        shapes.LendingSetting,
        gateway_shapes.GatewaySeatsSetting,
        shapes.Nothing,
        shapes.SpeedSetting,
    )
}
