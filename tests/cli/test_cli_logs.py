"""The log: JSON lines for machines, text for eyes, whoever made the entry."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import structlog

from queue_engine.serve.logs import ACCESS_LOGGER, start_logging


class Terminal(io.StringIO):
    """What somebody sits at."""

    def isatty(self) -> bool:
        return True


def entries(out: io.StringIO) -> list[dict[str, Any]]:
    """The lines of a JSON log."""
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_pipe_gets_one_object_a_line() -> None:
    out = io.StringIO()
    start_logging(out=out)
    logging.getLogger("queue_engine.tried").warning("%d callers wait\nhere", 3)
    structlog.stdlib.get_logger("samko.tried").info("request", status=200)
    first, second = entries(out)
    assert first["event"] == "3 callers wait\nhere"
    assert (first["level"], first["logger"]) == ("warning", "queue_engine.tried")
    assert first["timestamp"].endswith("Z")
    assert list(first)[:4] == ["timestamp", "level", "logger", "event"]
    assert (second["event"], second["status"], second["level"]) == ("request", 200, "info")


def test_whatever_concerns_a_contact_has_its_id_as_a_key() -> None:
    out = io.StringIO()
    start_logging("json", out)
    log = logging.getLogger("ivr.tried")
    log.warning("call %s: %s: not raised", "ast1-1700000000.12", "worse")
    log.error("the vault did not keep it", extra={"contact_id": "ast1-1700000000.13"})
    with structlog.contextvars.bound_contextvars(contact_id="ast1-1700000000.14"):
        log.info("said goodbye")
    log.info("calls wait: 3")
    found = [entry.get("contact_id") for entry in entries(out)]
    assert found == ["ast1-1700000000.12", "ast1-1700000000.13", "ast1-1700000000.14", None]


def fail() -> None:
    """Logs a fault with its trace, near something that must not be logged."""
    number = "".join(("070", "174", "0605"))
    try:
        raise ValueError(f"of a test: {len(number)} digits")
    except ValueError:
        logging.getLogger("tried").exception("it failed")


def test_a_fault_brings_its_trace_as_one_field() -> None:
    out = io.StringIO()
    start_logging("json", out)
    fail()
    (entry,) = entries(out)
    assert "ValueError: of a test" in entry["exception"]
    assert "0701740605" not in out.getvalue()


def test_no_trace_shows_the_values_of_variables() -> None:
    out = Terminal()
    start_logging(out=out)
    fail()
    assert "ValueError: of a test" in out.getvalue()
    assert "0701740605" not in out.getvalue()


def test_a_terminal_gets_text_over_its_status_line_and_no_requests() -> None:
    out = Terminal()
    start_logging(out=out)
    structlog.stdlib.get_logger(ACCESS_LOGGER).info("request", status=200)
    logging.getLogger("tried").warning("the link is down")
    line, rest = out.getvalue().split("\n")
    assert rest == ""
    assert line.startswith("\r\x1b[K")
    assert "the link is down" in line
    assert "request" not in line


def test_a_second_start_does_not_say_everything_twice() -> None:
    first, second = io.StringIO(), io.StringIO()
    start_logging("json", first)
    start_logging("json", second)
    logging.getLogger("tried").info("once")
    assert first.getvalue() == ""
    assert len(entries(second)) == 1
