"""JSON Schemas of the configuration's files, for editors: what may stand where, and what it means.

House rules: this is the one source; `config/schema/*.schema.json` is written from it by
`samko schema`, and a test holds it against the loader. Bounds and patterns are the readers' own.
What one file says of another, and times out of bounds, only the loader (`samko check`) can tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from queue_engine.config.addresses import HOST, NAME, PORT_MAX
from queue_engine.config.callback_file import callbacks_schema
from queue_engine.config.engine_file import HOSTS_MAX, LINK_ID, LINKS_MAX, PEERS_MAX
from queue_engine.config.gateway_file import gateways_schema
from queue_engine.config.guard_file import guard_schema
from queue_engine.config.lines_file import (
    CALLED_NUMBER,
    CHANNEL_VARIABLE,
    HOURS_MAX,
    LINES_MAX,
    NUMBERS_MAX,
    SERVICES_MAX,
    SHARED_NUMBERS_MAX,
)
from queue_engine.config.national_file import SKILLS_MAX as NAMED_SKILLS_MAX, TIER_MAX
from queue_engine.config.return_file import returns_schema
from queue_engine.config.room_file import rooms_schema
from queue_engine.config.schema_menu import menu_schema, prompts_schema
from queue_engine.config.schema_parts import (
    Schema,
    choice,
    either,
    list_of,
    mapping,
    matching,
    name,
    named,
    region_code,
    text,
    time,
    whole,
)
from queue_engine.config.schema_redis import redis_schema
from queue_engine.config.schema_region import region_schema
from queue_engine.config.secret import ENVIRONMENT_VARIABLE
from queue_engine.config.source import PERCENT
from queue_engine.config.staff_file import AGENT_NUMBER, PHONE, PIN_HASH, SKILLS_MAX
from queue_engine.config.strain_file import strain_schema
from queue_engine.config.talk_file import talks_schema
from queue_engine.config.text_message_file import text_messages_schema
from queue_engine.config.window_file import TIME_OF_DAY
from queue_engine.runtime.windows import WindowDays
from routing.policy import AgentChoice, Order
from routing.vocabulary import SKILL_LEVEL_BEST, SKILL_LEVEL_MIN, Priority

FOLDER: Final = "schema"
_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""What the YAML support of common editors understands whole."""


def national_schema() -> Schema:
    """`national.yaml`."""
    offers = mapping(
        "How a contact is offered to an agent",
        {},
        {
            "ring": time("Her phone rings for so long"),
            "tried": time("A contact is not offered again so soon to one who did not answer it"),
            "no_answer_heals": time("The first unanswered ring makes her not ready for so long"),
            "failures_max": whole("So many failed offers of one contact", least=1, most=100),
            "failures_window": time("within this time"),
            "not_before": time("make it rest for so long, with an alarm"),
        },
    )
    advantage = "always: a region's own callers come first in tiers 2 and below; or a time"
    return mapping(
        "What all regions share",
        {
            "version": text("Changed with every change of the rules: the journal keeps it"),
            "priorities": mapping("Each priority", dict.fromkeys(Priority, _priority_rule())),
        },
        {
            "services": list_of(
                name("As lines, menus and agents have it"),
                "The skills that are services; who needs several is of the first of these",
                most=NAMED_SKILLS_MAX,
            ),
            "languages": list_of(
                name("As menus and agents have it"),
                "The skills that are languages",
                most=NAMED_SKILLS_MAX,
            ),
            "relax": list_of(_relax_rule(), "When waiting callers are content with less"),
            "interpreter_languages": list_of(
                name("A language"),
                "Who speaks one that nobody at work has gets the first of these that will do,"
                " and an interpreter",
                most=NAMED_SKILLS_MAX,
            ),
            "order": choice(Order, "due is the product's; the others are there for comparison"),
            "agent_choice": choice(
                AgentChoice, "Which of the agents who may answer gets a contact"
            ),
            "home_advantage": either(advantage, {"const": "always"}, time(advantage)),
            "emergency_alarm": time("No emergency waits longer without an alarm"),
            "strain": strain_schema(),
            "rooms": rooms_schema(),
            "preferred_wait": time("So long at most for a preferred agent or unit alone"),
            "wrap_up_max": time("The longest wrap-up; 0 s: free as soon as the talk is over"),
            "loss_tolerance": mapping(
                "How much worse sharing may make a region's own callers fare than being alone",
                {},
                {
                    "wait": time("Longer mean wait"),
                    "within_promise": either(
                        "Fewer answered within their promise",
                        matching(PERCENT, 'Such as "1 %"'),
                        {"type": "number", "minimum": 0, "maximum": 1},
                    ),
                },
            ),
            "offers": offers,
            "coming_back": returns_schema(),
            "callbacks": callbacks_schema(),
            "talks": talks_schema(),
            "overload": guard_schema(),
            "windows": named(_window(), "Time windows that share rules may name"),
        },
    )


def _window() -> Schema:
    return mapping(
        "Local time in Sweden; over midnight if `to` is earlier",
        {
            "days": choice(WindowDays, "On which days it opens"),
            "from": matching(TIME_OF_DAY, 'Such as "07:00", in quotes'),
            "to": matching(TIME_OF_DAY, 'Such as "16:00", in quotes'),
        },
    )


def _priority_rule() -> Schema:
    times = {
        "due_after": time("The caller is due so long after the arrival"),
        "answer_within": time("What is promised: a nurse within this"),
    }
    of_service = mapping("The times of one service", times)
    return mapping(
        "What a priority means",
        {"tier": whole("0 is before all others", most=TIER_MAX), **times},
        {"services": named(of_service, "Services that have times of their own")},
    )


def _relax_rule() -> Schema:
    return mapping(
        "After a wait, who needs a skill is content with less",
        {
            "name": name("Unique; callers' timelines show it"),
            "skill": name("The service or language that is needed"),
            "after": time("So long after the arrival"),
        },
        {
            "level": whole("This level will do then", least=SKILL_LEVEL_BEST, most=SKILL_LEVEL_MIN),
            "instead": list_of(
                name("A skill"), "These will do instead of it, at any level", least=1
            ),
        },
        oneOf=[{"required": ["level"]}, {"required": ["instead"]}],
    )


def lines_schema() -> Schema:
    """`lines.yaml`."""
    line = mapping(
        "A called number, and where a call to it belongs",
        {
            "id": name("Unique"),
            "numbers": list_of(
                matching(CALLED_NUMBER, 'Such as "1177", in quotes'),
                "The numbers that are called",
                most=NUMBERS_MAX,
            ),
            "menu": name("A file of menus/"),
        },
        {
            "region": region_code("The region of all its callers, such as a health centre's"),
            "unit": name("The unit that it belongs to"),
            "services": list_of(
                name("A service, as agents have it among their skills"),
                "The first is what a caller who presses nothing gets",
                most=SERVICES_MAX,
            ),
            "hours": list_of(
                _window(), "When it is open; left out: always", least=1, most=HOURS_MAX
            ),
            "region_variable": matching(
                CHANNEL_VARIABLE, "A channel variable in which the network says the region"
            ),
        },
    )
    lines = list_of(line, "The first also answers numbers that none has", least=1, most=LINES_MAX)
    shared_numbers = list_of(
        matching(CALLED_NUMBER, 'Such as "020-600 650", in quotes'),
        "Public numbers from which many different people call",
        most=SHARED_NUMBERS_MAX,
    )
    return mapping("The called numbers", {"lines": lines}, {"shared_numbers": shared_numbers})


def staff_schema() -> Schema:
    """`staff.yaml`."""
    level = whole("1 is best, 9 the least", least=SKILL_LEVEL_BEST, most=SKILL_LEVEL_MIN)
    agent = mapping(
        "Somebody who may sign on; never her name",
        {
            "id": name("Unique"),
            "number": matching(AGENT_NUMBER, "What she keys in at a phone; in quotes"),
            "pin_hash": matching(PIN_HASH, "From `samko hash-pin`; in quotes"),
            "region": region_code("Where she works"),
            "skills": named(level, "Services and languages", least=1, most=SKILLS_MAX),
        },
        {
            "unit": name("Her unit"),
            "phone": matching(PHONE, "Her usual phone's endpoint"),
        },
    )
    return mapping("Who may sign on", {"agents": list_of(agent, "All of them")})


def engine_schema() -> Schema:
    """`samko.yaml`."""
    address = text("An IP address of this machine")
    link = mapping(
        "One Asterisk",
        {"id": matching(LINK_ID, "The `systemname` in its asterisk.conf")},
        {
            "host": matching(HOST, "Where its AMI is"),
            "port": whole("Its AMI's port", least=1, most=PORT_MAX),
            "user": matching(NAME, "A user of its manager.conf"),
            "secret_file": text("The file with the secret", length_max=1_000),
            "secret_env": matching(ENVIRONMENT_VARIABLE, "The variable with the secret"),
            "trunks": list_of(
                matching(LINK_ID, "Another link's id"),
                "Whose phones are rung for its callers, and the other way round",
                most=LINKS_MAX,
            ),
        },
        **{"not": {"required": ["secret_file", "secret_env"]}},
    )
    return mapping(
        "The engine itself; everything has a default",
        {},
        {
            "var_dir": text("For journal, vault and sounds; from this folder", length_max=1_000),
            "journal": text("The journal's file, inside var_dir", length_max=1_000),
            "redis": redis_schema(),
            "agi": mapping(
                "Where the IVR listens",
                {},
                {
                    "host": address,
                    "port": whole("0 takes a free one", most=PORT_MAX),
                    "peers": list_of(
                        text("An IP address or network"), "Who may connect", most=PEERS_MAX
                    ),
                },
            ),
            "http": mapping(
                "Where the API and the pages are served",
                {},
                {
                    "host": address,
                    "port": whole("0 takes a free one", most=PORT_MAX),
                    "hosts": list_of(
                        matching(HOST, "A name"), "Names of a proxy before it", most=HOSTS_MAX
                    ),
                },
            ),
            "links": list_of(link, "The Asterisks", least=1, most=LINKS_MAX),
            "text_messages": text_messages_schema(),
        },
    )


KINDS: Final[dict[str, Callable[[], Schema]]] = {
    "national": national_schema,
    "region": region_schema,
    "lines": lines_schema,
    "menu": menu_schema,
    "prompts": prompts_schema,
    "staff": staff_schema,
    "gateways": gateways_schema,
    "samko": engine_schema,
}
"""Each kind of file, by the name of its schema."""


def schema_of(kind: str) -> Schema:
    """The whole schema of one of `KINDS`."""
    return {"$schema": _DRAFT, "title": f"Samkö: {kind}", **KINDS[kind]()}


def schema_files() -> dict[str, str]:
    """All schemas as text, by file name."""
    return {
        f"{kind}.schema.json": json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n"
        for kind in KINDS
    }


def outdated(config_dir: Path) -> list[Path]:
    """The files below `config_dir/schema` that are missing or not as they should be."""
    folder = config_dir / FOLDER
    return [
        folder / file
        for file, said in schema_files().items()
        if not (folder / file).is_file() or (folder / file).read_text("utf-8") != said
    ]


def write_schemas(config_dir: Path) -> list[Path]:
    """Writes those that are outdated; gives them.

    Raises:
        OSError: one cannot be written.
    """
    wanted, files = outdated(config_dir), schema_files()
    for path in wanted:
        path.parent.mkdir(exist_ok=True)
        path.write_text(files[path.name], "utf-8")
    return wanted
