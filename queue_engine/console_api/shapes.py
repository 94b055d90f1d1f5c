"""What the API sends and takes, as types. The OpenAPI document is made from them.

House rules: every moment is `_ms` since 1970 and every length of time `_ms`; null is said, never
left out, but for the fields marked `NotRequired`; codes are the engine's own words; nothing here
can hold a caller's number, name or words.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, NotRequired, TypedDict

from queue_engine.console_api.gateway_shapes import Gateway
from queue_engine.console_api.json_schema import Keywords
from queue_engine.console_api.region_shapes import Help, WaitBand
from queue_engine.console_api.trouble_shapes import DegradedSince, Island
from queue_engine.core.commands import TextFailure
from queue_engine.core.contact import ContactState
from queue_engine.core.texts import TextState
from routing.vocabulary import (
    ContactChannel,
    HomeRegionSource,
    NotReadyReason,
    Outcome,
    Priority,
)

ID_PATTERN: Final = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,79})$"
DAY_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
REGION_PATTERN: Final = r"^(?:[0-9]{2}|unknown)$"
BODY_BYTES_MAX: Final = 16 * 1024
QUEUE_LIMIT: Final = 100
"""Contacts in an answer, unless asked otherwise."""
QUEUE_LIMIT_MAX: Final = 1_000
QUEUE_OFFSET_MAX: Final = 100_000

Count = Annotated[int, Keywords(minimum=0)]
Moment = Annotated[int, Keywords(minimum=0, description="Milliseconds since 1970, engine time.")]
Span = Annotated[int, Keywords(minimum=0, description="Milliseconds.")]
Code = Annotated[str, Keywords(pattern=ID_PATTERN)]
RegionCodeText = Annotated[str, Keywords(description="A county's two digits, or `unknown`.")]
Speed = Annotated[
    float, Keywords(description="Engine time per real time; 1 but in the demonstration.")
]

AgentStateText = Literal["ready", "not_ready", "ringing", "talking", "wrap_up"]


class Waiting(TypedDict):
    """How many wait, by priority. Those whose offer rings are not among them."""

    emergency: Count
    urgent: Count
    raised: Count
    standard: Count
    non_medical: Count


class AgentCounts(TypedDict):
    """How many agents, each counted once: what she does now, else her presence."""

    ready: Count
    not_ready: Count
    ringing: Count
    talking: Count
    wrap_up: Count
    total: Count


class Load(TypedDict):
    """How it goes somewhere. Contacts are counted at home, agents where they work."""

    waiting: Waiting
    waiting_total: Count
    longest_wait_ms: Annotated[Span, Keywords(description="Of those who wait or ring; 0: nobody.")]
    past_promise: Annotated[Count, Keywords(description="Wait or ring longer than promised.")]
    ringing: Count
    talking: Count
    agents: AgentCounts


class Region(Load):
    """One region. One that no file describes (`unknown`) stands here while it has anybody."""

    code: RegionCodeText
    name: str
    takes_part: bool
    expected_wait: Annotated[
        WaitBand | None,
        Keywords(description="Of its next caller, by its own agents; null: nobody could say."),
    ]
    is_lending_cut: Annotated[bool, Keywords(description="Lends to tiers 0 and 1 only.")]
    gateways: Annotated[list[Gateway], Keywords(description="Whose callers are its own first.")]
    helps: Annotated[list[Help], Keywords(description="Whose callers its agents have now.")]
    helped_by: Annotated[list[Help], Keywords(description="Whose agents have its callers now.")]


class Regions(TypedDict):
    """The nation and its regions, in the order of the configuration."""

    at_ms: Moment
    speed: Speed
    island: Island
    degraded_since_ms: DegradedSince
    nation: Load
    regions: list[Region]


class LedgerAccount(TypedDict):
    """What one region has done for another; of a day on which it became known that less had been
    done before, less than nothing."""

    giver: RegionCodeText
    taker: Annotated[str, Keywords(description="A region, or `unknown`: nobody's, paid by all.")]
    service: Annotated[str, Keywords(description="Empty: none was named.")]
    is_sold: Annotated[bool, Keywords(description="The giver sells the service to the taker.")]
    calls: Annotated[int, Keywords(description="Talks that ended.")]
    talk_ms: Annotated[int, Keywords(description="Milliseconds.")]
    consults: Annotated[int, Keywords(description="Times that its agents were asked.")]
    consult_ms: Annotated[int, Keywords(description="Milliseconds.")]
    wrap_up_ms: Annotated[int, Keywords(description="Milliseconds.")]


class Ledger(TypedDict):
    """What regions have done for each other on some Swedish days, booked when contacts end."""

    at_ms: Annotated[Moment, Keywords(description="Of the last record that is in it.")]
    is_complete: Annotated[bool, Keywords(description="False while the journal is read.")]
    first_day: Annotated[str, Keywords(description="The first that is kept; empty: none yet.")]
    accounts: list[LedgerAccount]


class Need(TypedDict):
    """A skill that a contact needs."""

    skill: str
    level_max: Annotated[int, Keywords(minimum=1, maximum=9, description="Worst that will do.")]


class Shared(TypedDict):
    """With whom the contact is shared, and by which rule."""

    ring: Annotated[
        str,
        Keywords(
            description="`national`, `cluster:NAME`, `regions:14+13`; with ` from 2 waiting` only"
            " while so many of the home region wait."
        ),
    ]
    rule: str


class TimelineEntry(TypedDict):
    """Something that happened to a contact, and why, in words."""

    at_ms: Moment
    kind: Annotated[str, Keywords(description="Such as `contact_shared`: the event's name.")]
    text_sv: str
    text_en: str
    rule: NotRequired[Annotated[str, Keywords(description="The share rule that did it.")]]


class Contact(TypedDict):
    """One request for help."""

    contact_id: str
    state: ContactState
    priority: Priority
    tier: Count
    home_region: RegionCodeText
    home_region_source: HomeRegionSource
    needs: list[Need]
    language: str
    channel: ContactChannel
    arrived_ms: Moment
    due_ms: Annotated[Moment, Keywords(description="Orders contacts within a tier.")]
    answer_by_ms: Annotated[Moment, Keywords(description="What was promised.")]
    waited_ms: Annotated[Span, Keywords(description="So far, or until connected or gone.")]
    position: Annotated[
        Annotated[int, Keywords(minimum=1)] | None,
        Keywords(
            description="1 for the next of its home region; null: rings, talks or cannot yet."
        ),
    ]
    agent_id: Annotated[str | None, Keywords(description="Who rings or talks.")]
    agent_region: RegionCodeText | None
    offers: Annotated[Count, Keywords(description="Times that a phone has rung for it.")]
    shared: list[Shared]
    connected_ms: Moment | None
    call_back_by_ms: NotRequired[
        Annotated[Moment, Keywords(description="It was promised to be called back by then.")]
    ]
    is_call_back_overdue: NotRequired[
        Annotated[bool, Keywords(description="That moment has passed, and raised an alarm.")]
    ]
    ended_ms: NotRequired[Moment]
    talk_ms: NotRequired[Span]
    outcome: NotRequired[Outcome]
    timeline: NotRequired[
        Annotated[list[TimelineEntry], Keywords(description="Oldest first; of one contact only.")]
    ]


class Queue(TypedDict):
    """Contacts in the national order."""

    at_ms: Moment
    total: Annotated[Count, Keywords(description="How many there are in all, of those asked for.")]
    offset: Count
    limit: Annotated[int, Keywords(minimum=1, maximum=QUEUE_LIMIT_MAX)]
    contacts: list[Contact]


class Text(TypedDict):
    """A text message that has been asked for and not sent. Whose number it is, nobody says."""

    text_id: str
    contact_id: str
    state: Annotated[TextState, Keywords(description="`given_up` is an alarm: nobody was told.")]
    asked_ms: Moment
    tries: Annotated[Count, Keywords(description="In vain, so far.")]
    failure: Annotated[TextFailure | None, Keywords(description="Of the last try.")]
    until_ms: Annotated[
        Moment,
        Keywords(description="Asked: taken for failed then; resting: tried; given up: shown."),
    ]


class Texts(TypedDict):
    """Text messages that are not sent, as they were asked for; those given up first."""

    at_ms: Moment
    texts: list[Text]


class Skill(TypedDict):
    """What an agent can do, and how well."""

    skill: str
    level: Annotated[int, Keywords(minimum=1, maximum=9, description="1 is best.")]


class Agent(TypedDict):
    """One agent at work."""

    agent_id: str
    region: RegionCodeText
    unit: str | None
    link_id: str
    phone_id: str
    state: Annotated[AgentStateText, Keywords(description="What she does now, else her presence.")]
    presence: Annotated[Literal["ready", "not_ready"], Keywords(description="What she said last.")]
    not_ready_reason: NotReadyReason | None
    since_ms: Annotated[
        Moment | None, Keywords(description="Since when in `state`; null: unknown.")
    ]
    contact_id: Annotated[str | None, Keywords(description="Rings, talks or is wrapped up.")]
    contact_region: RegionCodeText | None
    wrap_up_until_ms: Moment | None
    is_signing_off: Annotated[bool, Keywords(description="Leaves when what she has is over.")]
    skills: list[Skill]


class Agents(TypedDict):
    """The agents at work, by region and id."""

    at_ms: Moment
    agents: list[Agent]


class Seat(TypedDict):
    """A place at which somebody may sign on from the page."""

    agent_id: str
    region: RegionCodeText
    link_id: str
    phone_id: str
    skills: list[Skill]
    is_taken: Annotated[bool, Keywords(description="Somebody is signed on there now.")]


class Seats(TypedDict):
    """The places for people, by region and id."""

    at_ms: Moment
    seats: list[Seat]


class SignOn(TypedDict):
    """What an agent says to sign on; her region and skills come from the staff directory."""

    phone_id: NotRequired[Annotated[Code, Keywords(description="Her usual phone, if left out.")]]


class NotReady(TypedDict):
    """Why an agent is not to be offered contacts."""

    reason: Literal["break", "meeting", "other"]


class EndWrapUp(TypedDict):
    """What the contact was about."""

    disposition: NotRequired[Annotated[str, Keywords(pattern=r"^[a-z0-9_]{0,40}$")]]


class Nothing(TypedDict):
    """No words are needed."""


class AgentAnswer(TypedDict):
    """What came of a command."""

    record: Annotated[
        Annotated[int, Keywords(minimum=1)] | None,
        Keywords(
            description="Number of the record that it was journaled as; null: nothing changed."
        ),
    ]
    agent: Annotated[Agent | None, Keywords(description="As she is now; null: signed off.")]


class LendingSetting(TypedDict):
    """Whether a region lends to tiers 0 and 1 only, and why that is so from now."""

    is_cut: bool
    reason: Annotated[
        str,
        Keywords(
            pattern=r"^[a-z0-9_]{1,40}$",
            description="A short code such as `loss`; nothing about a person.",
        ),
    ]


class LendingAnswer(TypedDict):
    """What came of it."""

    record: Annotated[
        Annotated[int, Keywords(minimum=1)] | None,
        Keywords(description="As with agents; null: it was so already."),
    ]
    region: RegionCodeText
    is_cut: bool


class SpeedSetting(TypedDict):
    """How fast the demonstration's time goes."""

    speed: Annotated[float, Keywords(minimum=1, maximum=60)]


class Reloaded(TypedDict):
    """The configuration that is in force; what `samko.yaml` says may need a restart to be."""

    version: str
    is_changed: bool
    restart_needed: bool


class Check(TypedDict):
    """One thing that has to be well for callers to be served."""

    name: str
    is_ok: bool
    detail: str


class Readiness(TypedDict):
    """Whether the engine serves callers."""

    is_ready: bool
    checks: list[Check]


class Health(TypedDict):
    """The process answers."""

    is_alive: Literal[True]


class Problem(TypedDict):
    """An error by RFC 9457."""

    type: Annotated[str, Keywords(format="uri")]
    title: str
    title_sv: str
    status: Annotated[int, Keywords(minimum=400, maximum=599)]
    code: Annotated[str, Keywords(description="A stable word for programs.")]
    detail: NotRequired[str]
    faults: NotRequired[
        Annotated[list[str], Keywords(description="Each fault of a configuration.")]
    ]
    checks: NotRequired[list[Check]]
