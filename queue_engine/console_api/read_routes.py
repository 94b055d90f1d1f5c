"""Questions: each is answered from the engine's state as it is now, once the journal has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from aiohttp import web

from queue_engine.console_api import shapes
from queue_engine.console_api.board import Board
from queue_engine.console_api.explaining import Explaining
from queue_engine.console_api.json_text import to_json
from queue_engine.console_api.ledger_book import LedgerBook
from queue_engine.console_api.ports import ReadyCheck, SeatsPort
from queue_engine.console_api.problems import ProblemError
from queue_engine.console_api.readiness import Readiness
from queue_engine.console_api.reading import matching, path_id, require_known, whole_number
from queue_engine.console_api.views import UNANSWERED, QueueQuestion
from queue_engine.core.contact import ContactState
from routing.vocabulary import ContactId, RegionCode

_STATES: Final = "|".join(ContactState)


def json_response(body: object, status: int = 200) -> web.Response:
    """An answer; `body` is one of the shapes."""
    return text_response(to_json(body), status)


def text_response(text: bytes, status: int = 200) -> web.Response:
    """An answer that is JSON already."""
    return web.Response(body=text, status=status, content_type="application/json", charset="utf-8")


class ReadRoutes:
    """The handlers of `GET`.

    Args:
        board: answers.
        seats: the places for people.
        readiness: whether callers are served.
        explaining: why contacts went as they did.
        ledger: what regions have done for each other; None: there is no such route.
    """

    def __init__(
        self,
        board: Board,
        seats: SeatsPort,
        readiness: Readiness,
        explaining: Explaining,
        ledger: LedgerBook | None,
    ) -> None:
        self._board = board
        self._explaining = explaining
        self._ledger = ledger
        self._seats = seats
        self._readiness = readiness

    async def regions(self, request: web.Request) -> web.Response:
        """The nation and its regions."""
        require_known(request)
        await self._require_journaled()
        return text_response(self._board.regions_json())

    async def queue(self, request: web.Request) -> web.Response:
        """Contacts in the national order."""
        query = require_known(request, "limit", "offset", "region", "state")
        state = matching(query, "state", _STATES, _STATES.replace("|", ", "))
        question = QueueQuestion(
            limit=whole_number(query, "limit", shapes.QUEUE_LIMIT, 1, shapes.QUEUE_LIMIT_MAX),
            offset=whole_number(query, "offset", 0, 0, shapes.QUEUE_OFFSET_MAX),
            region=_region(query),
            states=UNANSWERED if state is None else (ContactState(state),),
        )
        await self._require_journaled()
        return json_response(self._board.queue(question))

    async def texts(self, request: web.Request) -> web.Response:
        """The text messages that are not sent."""
        require_known(request)
        await self._require_journaled()
        return json_response(self._board.texts())

    async def agents(self, request: web.Request) -> web.Response:
        """The agents at work."""
        region = _region(require_known(request, "region"))
        await self._require_journaled()
        return text_response(self._board.agents_json(region))

    async def seats(self, request: web.Request) -> web.Response:
        """The places for people."""
        region = _region(require_known(request, "region"))
        await self._require_journaled()
        return json_response(self._board.seats(self._seats, region))

    async def contact(self, request: web.Request) -> web.Response:
        """One contact with its timeline."""
        require_known(request)
        contact_id = ContactId(path_id(request, "contact_id"))
        await self._board.caught_up()
        await self._require_journaled()
        contact = self._board.contact(contact_id)
        if contact is None:
            raise ProblemError("unknown_contact", f"no contact {contact_id}, now or lately")
        return json_response(contact)

    async def explain(self, request: web.Request) -> web.Response:
        """One contact's story, each offer with why it was made."""
        require_known(request)
        contact_id = ContactId(path_id(request, "contact_id"))
        await self._board.caught_up()
        found = await self._explaining.explain(contact_id)
        if found is None:
            raise ProblemError("unknown_contact", f"no contact {contact_id}, now or lately")
        return json_response(found)

    async def ledger(self, request: web.Request) -> web.Response:
        """What regions have done for each other."""
        query = require_known(request, "from", "to", "region")
        assert self._ledger is not None, "no such route"
        first, last = _day(query, "from"), _day(query, "to")
        if first is not None and last is not None and first > last:
            raise ProblemError("bad_request", "from: expected a day that is not after `to`")
        return json_response(self._ledger.answer(first, last, _region(query)))

    async def _require_journaled(self) -> None:
        """Awaited last: what is answered at once afterwards has been journaled."""
        if not await self._board.journaled():
            raise ProblemError("not_journaled", "what was decided last is not in the journal yet")

    async def health(self, request: web.Request) -> web.Response:
        """The process answers."""
        return json_response(shapes.Health(is_alive=True))

    async def ready(self, request: web.Request) -> web.Response:
        """Callers are served, or what is in the way."""
        require_known(request)
        checks = [_check(check) for check in await self._readiness.checks()]
        if not all(check["is_ok"] for check in checks):
            wrong = ", ".join(check["name"] for check in checks if not check["is_ok"])
            raise ProblemError("not_ready", f"not well: {wrong}", checks=tuple(checks))
        return json_response(shapes.Readiness(is_ready=True, checks=checks))


def _region(query: Mapping[str, str]) -> RegionCode | None:
    code = matching(query, "region", shapes.REGION_PATTERN, "two digits or `unknown`")
    return None if code is None else RegionCode(code)


def _day(query: Mapping[str, str], name: str) -> str | None:
    text = matching(query, name, shapes.DAY_PATTERN, "a day such as 2026-11-01")
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        raise ProblemError("bad_request", f"{name}: the calendar has no day {text}") from None


def _check(check: ReadyCheck) -> shapes.Check:
    return shapes.Check(name=check.name, is_ok=check.is_ok, detail=check.detail)
