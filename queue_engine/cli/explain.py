"""`samko explain`: what happened to one contact, and why, from the journal."""

from __future__ import annotations

import argparse
import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

from queue_engine.cli.address_options import add_address_options
from queue_engine.cli.commands import Commands, Group
from queue_engine.cli.journal_option import (
    EXIT_DAMAGED,
    JOURNAL_HELP,
    damaged,
    openers,
    progress,
)
from queue_engine.cli.screen import columns

if TYPE_CHECKING:
    from queue_engine.console_api.explain_shapes import Explanation
    from queue_engine.journal.base import Reading

_MORE: Final = f"""\
The journal is folded up to each offer of the contact: why it was this contact,
why this agent, who else could have, and what kept the others from it. Of one
that still waits, also what stands between it and an answer. If an engine has
the journal open, it is asked instead.

Exit codes: 0 it is told, 1 there is no such contact or no journal to read,
{EXIT_DAMAGED} the journal is damaged (says where).
"""
_INDENT: Final = " " * 10


def add(commands: Commands) -> None:
    """Makes it known."""
    parser = commands.add(
        "explain", run, Group.PAST, "say what happened to one contact, and why", more=_MORE
    )
    parser.add_argument("contact", metavar="CONTACT", help="its id, as pages and logs show it")
    parser.add_argument("--journal", type=Path, metavar="FILE", help=JOURNAL_HELP)
    parser.add_argument("--lang", choices=("sv", "en"), default="sv", help="the language (sv)")
    parser.add_argument("--json", action="store_true", help="one JSON object, in both languages")
    add_address_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Tells the contact's story.

    Raises:
        SamkoError: there is no such contact, or the journal cannot be read.
    """
    from queue_engine.core.errors import JournalCorrupt

    try:
        found = _explained(chosen)
    except JournalCorrupt as fault:
        return damaged(fault)
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(found, chosen.lang, columns())))
    return 0


def _explained(chosen: argparse.Namespace) -> Explanation:
    from queue_engine.core.errors import SamkoError
    from queue_engine.journal.ownership import InUse

    known = openers(chosen)
    for one in known:
        try:
            with one.whole(meanwhile=False) as reading:
                found = explanation(reading, chosen.contact)
        except InUse:
            found = _asked(chosen)
        if found is not None:
            return found
    raise SamkoError(f"no contact {chosen.contact} in {', '.join(one.where for one in known)}")


def explanation(reading: Reading, contact_id: str) -> Explanation | None:
    """The contact's story, folded from the nearest snapshot; None: the journal never names it.

    Raises:
        JournalCorrupt: the journal is damaged; says where.
    """
    from queue_engine.console_api.explained import Explainer
    from queue_engine.runtime.replay import newest_state, records
    from routing.vocabulary import ContactId

    wanted = json.dumps(contact_id, ensure_ascii=False)
    numbers = reading.numbers_naming(f'"contact_id":{wanted}'.encode(errors="surrogateescape"))
    if not numbers:
        return None
    first, last = numbers
    explainer = Explainer(newest_state(reading, before=first), ContactId(contact_id))
    begin = explainer.state.record_number
    with progress(reading.last_number()) as tell:
        for record in records(reading, begin, tell):
            if record.number > last and not explainer.is_waiting:
                break  # nothing more comes of it
            explainer.follow(record)
    return explainer.explanation()


def _asked(chosen: argparse.Namespace) -> Explanation | None:
    """What the engine says; None: no id looks like that, and in a path it may name another."""
    import asyncio

    import aiohttp

    from queue_engine.cli.api_client import ask, engine_address, known_at
    from queue_engine.console_api.shapes import ID_PATTERN

    if not re.fullmatch(ID_PATTERN, chosen.contact):
        return None

    async def answer() -> Explanation:
        async with aiohttp.ClientSession() as session:
            address = await known_at(session, engine_address(chosen))
            path = f"/api/v1/contacts/{chosen.contact}/explain"
            said: Explanation = await ask(session, address, "GET", path)
        return said

    return asyncio.run(answer())


def lines(found: Explanation, language: str, width: int) -> list[str]:
    """The story in one language, no wider than that."""
    from queue_engine.cli.event_text import moment

    title = {"sv": "Kontakt", "en": "Contact"}[language]
    told = [f"{title} {found['contact_id']}, {moment(found['entries'][0]['at_ms'])[:10]}"]
    for entry in found["entries"]:
        text = entry["text_sv"] if language == "sv" else entry["text_en"]
        told += _folded(f"{moment(entry['at_ms'])[11:19]}  {text}", width, _INDENT)
        if "offer" in entry:
            offer = entry["offer"]
            for why in offer["text_sv"] if language == "sv" else offer["text_en"]:
                told += _folded(f"{_INDENT}{why}", width, _INDENT + "  ")
    wait = found["wait"]
    if wait is not None:
        now = {"sv": "Nu.", "en": "Now."}[language]
        told.append(f"{moment(found['at_ms'])[11:19]}  {now}")
        for why in wait["text_sv"] if language == "sv" else wait["text_en"]:
            told += _folded(f"{_INDENT}{why}", width, _INDENT + "  ")
    return told


def _folded(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
