"""JSON Schemas of what callers press and hear: `menus/*.yaml` and `prompts/*.yaml`."""

from __future__ import annotations

from ivr.agi_wire import KEYS
from queue_engine.config.menu_file import LANGUAGE, PROMPTS_MAX, SPOKEN, STEPS_MAX
from queue_engine.config.prompt_file import (
    PROMPT_NAME,
    TEXT_LENGTH_MAX,
    TEXTS_MAX,
    VOICE,
    WORDS_PER_MINUTE_MAX,
    WORDS_PER_MINUTE_MIN,
)
from queue_engine.config.schema_parts import (
    Schema,
    choice,
    flag,
    list_of,
    mapping,
    matching,
    name,
    named,
    portable,
    region_code,
    text,
    time,
    whole,
)
from routing.vocabulary import HomeRegionSource, Priority


def menu_schema() -> Schema:
    """`menus/*.yaml`."""
    waiting = mapping(
        "Keys while waiting, beside the emergency key",
        {"say": _spoken("What tells of them")},
        {"worse": _key("The caller feels worse"), "place": _key("The caller's place is said")},
    )
    closed = mapping(
        "When the line is closed", {"say": _spoken("What is said"), "then": _next("What follows")}
    )
    return mapping(
        "What callers can press; the 112 message and the emergency key are always there",
        {
            "opening": _spoken("Always said first"),
            "emergency_key": _key("Leads to a nurse at once, everywhere"),
            "waiting": waiting,
            "first": _next("The first step"),
            "steps": named(_step(), "Questions by name", most=STEPS_MAX),
        },
        {"closed": closed},
    )


def prompts_schema() -> Schema:
    """`prompts/*.yaml`."""
    template = text("With {place}, {from}, {to} ... for numbers", length_max=TEXT_LENGTH_MAX)
    numbers = ("place", "place_over", "wait_under", "wait_between", "wait_over")
    return mapping(
        "Everything that is said in one language",
        {
            "voice": matching(VOICE, "A voice of espeak-ng"),
            "words_per_minute": whole(
                "How fast", least=WORDS_PER_MINUTE_MIN, most=WORDS_PER_MINUTE_MAX
            ),
            "texts": named(
                text("What is said", length_max=TEXT_LENGTH_MAX),
                "Prompts by name",
                keys={"pattern": portable(PROMPT_NAME)},
                most=TEXTS_MAX,
            ),
        },
        {
            "spoken": named(text("How it is said"), "By what is written", keys={"minLength": 1}),
            "numbers": mapping("Sentences with numbers", dict.fromkeys(numbers, template)),
        },
    )


def _step() -> Schema:
    """A question with keys, or for the personal number."""
    key = mapping(
        "What a key does",
        {"then": _next("The next step, or nurse")},
        {
            "service": name("The caller wants this service"),
            "language": matching(LANGUAGE, "The caller wants to speak it"),
            "prompts": matching(LANGUAGE, "The prompts go on in it"),
            "region": region_code("The caller lives there"),
            "priority": choice(Priority, "The call's priority from here"),
            "link": flag("A link by text message instead of waiting"),
        },
    )
    question = mapping(
        "A question with keys",
        {"ask": _spoken("The question"), "silence": _next("When nothing is pressed")},
        {
            "keys": named(key, "By key, in quotes", keys={"enum": list(KEYS)}),
            "unless_known_by": list_of(
                choice(HomeRegionSource, "How"), "Not asked when the home region is known by these"
            ),
            "listen": time("How long keys are waited for after the question"),
        },
    )
    number = mapping(
        "The question for the personal number",
        {
            "ask": _spoken("The question"),
            "personal_number_again": _spoken("The question once more"),
            "then": _next("The next step"),
        },
    )
    return {"if": {"required": ["personal_number_again"]}, "then": number, "else": question}


def _key(description: str) -> Schema:
    return choice(KEYS, f"{description}; a key in quotes")


def _next(description: str) -> Schema:
    return name(description)


def _spoken(description: str) -> Schema:
    prompt = matching(SPOKEN, "A prompt's name, or en:NAME for one language alone")
    return list_of(prompt, description, least=1, most=PROMPTS_MAX)
