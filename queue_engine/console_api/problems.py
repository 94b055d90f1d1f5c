"""Errors as RFC 9457 problem details, each with a code for programs and a title in two languages.

House rules: a `detail` says what is wrong and what was expected, and repeats nothing that a caller
or a client has sent but ids of agents, phones, contacts and regions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from queue_engine.console_api import shapes
from queue_engine.console_api.json_text import to_json
from queue_engine.core.errors import Refused

PROBLEM_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    title: str
    title_sv: str


_KINDS: Final = {
    "bad_request": _Kind(400, "The request cannot be understood", "Förfrågan går inte att förstå"),
    "bad_protocol": _Kind(400, "Another WebSocket protocol", "Annat WebSocket-protokoll"),
    "no_token": _Kind(401, "A token is needed", "En nyckel behövs"),
    "bad_host": _Kind(403, "This name is not served here", "Namnet finns inte här"),
    "bad_origin": _Kind(403, "Not from this page", "Inte från den här sidan"),
    "not_found": _Kind(404, "There is no such thing", "Finns inte"),
    "unknown_agent": _Kind(404, "There is no such agent", "Sjuksköterskan finns inte"),
    "unknown_contact": _Kind(404, "There is no such contact", "Kontakten finns inte"),
    "unknown_region": _Kind(404, "There is no such region", "Regionen finns inte"),
    "unknown_gateway": _Kind(404, "There is no such gateway", "Kontaktcentret finns inte"),
    "unknown_phone": _Kind(404, "There is no such phone", "Telefonen finns inte"),
    "method_not_allowed": _Kind(405, "Not with this method", "Inte med den metoden"),
    "not_signed_on": _Kind(409, "Not signed on", "Inte inloggad"),
    "has_contact": _Kind(409, "Has a contact still", "Har en kontakt kvar"),
    "phone_in_use": _Kind(409, "The phone is in use", "Telefonen används"),
    "no_phone": _Kind(409, "No phone was said, and she has none", "Ingen telefon angiven"),
    "no_wrap_up": _Kind(409, "No wrap-up to end", "Inget efterarbete att avsluta"),
    "too_far_back": _Kind(410, "Too far back to be explained here", "För länge sedan"),
    "too_large": _Kind(413, "The body is too large", "Innehållet är för stort"),
    "not_json": _Kind(415, "The body must be JSON", "Innehållet måste vara JSON"),
    "bad_body": _Kind(422, "The body is not as expected", "Innehållet är inte som väntat"),
    "idempotency_key_reused": _Kind(
        422, "The Idempotency-Key was used for something else", "Nyckeln har använts till annat"
    ),
    "bad_configuration": _Kind(422, "The configuration has faults", "Konfigurationen har fel"),
    "refused": _Kind(409, "It cannot be carried out", "Det går inte att utföra"),
    "failed": _Kind(500, "It failed", "Det misslyckades"),
    "overloaded": _Kind(503, "Too much at once", "För mycket på en gång"),
    "not_journaled": _Kind(503, "The journal is slow", "Journalen är långsam"),
    "stopped": _Kind(503, "The engine does not run", "Motorn är inte igång"),
    "not_ready": _Kind(503, "Callers are not served as they should", "Inringare får inte svar"),
}


@dataclass(eq=False)
class ProblemError(Exception):
    """What is wrong with a request; becomes the answer.

    Args:
        code: one of those that this module lists.
        detail: a sentence for people.
        headers: of the answer, such as `Allow`.
    """

    code: str
    detail: str = ""
    faults: tuple[str, ...] = ()
    checks: tuple[shapes.Check, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _KINDS[self.code].status

    def body(self) -> shapes.Problem:
        """As the client sees it."""
        kind = _KINDS[self.code]
        body = shapes.Problem(
            type=f"urn:samko:problem:{self.code}",
            title=kind.title,
            title_sv=kind.title_sv,
            status=kind.status,
            code=self.code,
        )
        if self.detail:
            body["detail"] = self.detail
        if self.faults:
            body["faults"] = list(self.faults)
        if self.checks:
            body["checks"] = list(self.checks)
        return body

    def response(self) -> web.Response:
        """The answer."""
        headers = dict(self.headers)
        if self.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="samko"'
        if self.status == 503:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        return web.Response(
            body=to_json(self.body()),
            status=self.status,
            headers=headers,
            content_type=PROBLEM_TYPE,
        )


def from_refused(refused: Refused) -> ProblemError:
    """The engine's refusal; a code that the API does not know is a plain `refused`."""
    code = refused.code if refused.code in _KINDS else "refused"
    return ProblemError(code, str(refused))


def from_http(fault: web.HTTPException) -> ProblemError:
    """What the HTTP library itself has found wrong."""
    if isinstance(fault, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(fault.allowed_methods))
        return ProblemError("method_not_allowed", f"allowed: {allowed}", headers={"Allow": allowed})
    if fault.status == 413:
        return ProblemError("too_large", f"at most {shapes.BODY_BYTES_MAX} bytes are taken")
    if fault.status == 404:
        return ProblemError("not_found")
    return ProblemError("bad_request", fault.reason)
