"""The language of the transcripts: plain sentences that become commands.

A file holds stories. `== title` begins one, at twelve o'clock, in the small country of
`tests/core/world.py`. A line is a sentence of the table at the end of this file; what came of it
follows in lines that begin with `>`. `#` begins a remark.

Lengths of time are `90 s`, `3 min` or `1 min 30 s`; skills are `advice`, or `ar 3` with a level.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from ivr.prompts import wait_prompt
from queue_engine.core import commands as cmd
from queue_engine.core.errors import Refused
from queue_engine.core.expected import told_ms
from queue_engine.core.invariants import check_promise
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.promise import promises
from queue_engine.core.record import Record
from queue_engine.core.state import State
from queue_engine.core.ticket import write_ticket
from routing.matching import contact_key
from routing.may_answer import obstacle
from routing.policy import Policy
from routing.trunks import seen_from
from routing.vocabulary import (
    NO_LINK,
    SKILL_LEVEL_BEST,
    SKILL_LEVEL_MIN,
    AgentId,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    NotReadyReason,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    SkillLevel,
    UnitId,
)
from tests.core.world import ADVICE, LINK, POLICY, World
from tests.transcripts.accounts import accounts, service_level
from tests.transcripts.apart import Apart
from tests.transcripts.callback import CALLBACK
from tests.transcripts.gateway import GATEWAY, GIVEN_GATEWAY
from tests.transcripts.given import GIVEN
from tests.transcripts.given_limits import GIVEN_LIMITS
from tests.transcripts.screen import CHANNELS, SCREEN
from tests.transcripts.sentences import FAILURES, PLACES, clock, length, sentence
from tests.transcripts.talk import TALK, Ask
from tests.transcripts.words import LENGTH, Words, duration_ms, skill_levels


def play(text: str) -> str:
    """The transcript with what came of each sentence written anew.

    Raises:
        ValueError: a sentence that is none, with its line.
    """
    written: list[str] = []
    story: Story | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(">"):
            continue
        written.append(line.rstrip())
        if line.startswith("== "):
            if story is not None:
                story.end()
            story = Story()
        elif line.strip() and not line.startswith("#"):
            if story is None:
                raise ValueError(f"line {number}: a story begins with == and its title")
            try:
                written += [f"> {outcome}" for outcome in story.tell(line.strip())]
            except ValueError as fault:
                raise ValueError(f"line {number}: {fault}") from None
    assert story is not None, "no story"
    story.end()
    return "\n".join(written) + "\n"


class Story:
    """One story in its own world; every invariant is checked after each sentence."""

    def __init__(self) -> None:
        self._policy = POLICY
        self._world = World(watch=check_promise)
        self._apart: Apart | None = None
        """An island that has parted, and is told of later."""

    @property
    def _state(self) -> State:
        return self._world.state

    def tell(self, line: str) -> list[str]:
        """What came of one sentence."""
        for pattern, act in _GRAMMAR:
            if found := pattern.fullmatch(line):
                words = {name: word for name, word in found.groupdict().items() if word}
                return self._outcome(partial(act, self, words))
        raise ValueError(f"not a sentence: {line!r}")

    def end(self) -> None:
        """The story is over: replay, snapshot and deciding again give the same state."""
        self._world.check_replay()

    def _outcome(self, act: Callable[[], list[str] | None]) -> list[str]:
        count = len(self._world.records)
        begun_ms = self._world.now_ms
        try:
            answer = act()
        except Refused as refused:
            return [f"refused: {refused}"]
        if answer is not None:
            return answer
        records = self._world.records[count:]
        told = [line for record in records for line in _tell(record, begun_ms)]
        return told or ["nothing"]

    # --- rules ------------------------------------------------------------------------------

    def given(self, change: Callable[[Policy, Words], Policy], words: Words) -> None:
        self._policy = change(self._policy, words)
        self._world.do(cmd.LoadPolicy(write_policy(self._policy)))

    def window(self, words: Words) -> None:
        self._world.do(cmd.SetWindow(words["window"], words["turn"] == "begins"))

    def line(self, words: Words) -> None:
        line_id = LineId(words["line"])
        opens = words["turn"] == "opens"
        self._world.do(cmd.OpenLine(line_id) if opens else cmd.CloseLine(line_id))

    # --- agents -----------------------------------------------------------------------------

    def sign_on(self, words: Words) -> None:
        agent_id = AgentId(words["agent"])
        levels = skill_levels(words.get("skills", ""), SKILL_LEVEL_BEST)
        self._world.do(
            cmd.SignOnAgent(
                agent_id,
                LinkId(words.get("link", LINK)),
                PhoneId(words.get("phone", f"phone-{agent_id}")),
                RegionCode(words["region"]),
                tuple(SkillLevel(skill, level) for skill, level in levels),
                UnitId(words["unit"]) if "unit" in words else None,
            )
        )
        if words["then"] == "is ready":
            self._world.do(cmd.SetAgentReady(agent_id))

    def ready(self, words: Words) -> None:
        self._world.do(cmd.SetAgentReady(AgentId(words["agent"])))

    def not_ready(self, words: Words) -> None:
        reason = NotReadyReason(words["reason"])
        self._world.do(cmd.SetAgentNotReady(AgentId(words["agent"]), reason))

    def sign_off(self, words: Words) -> None:
        self._world.do(cmd.SignOffAgent(AgentId(words["agent"])))

    def end_wrap_up(self, words: Words) -> None:
        contact_id = ContactId(words["contact"]) if "contact" in words else None
        level = words.get("disposition", "")
        self._world.do(cmd.EndWrapUp(AgentId(words["agent"]), level, contact_id))

    def order_at(self, words: Words) -> list[str]:
        agent = self._state.agents[AgentId(words["agent"])]
        floor = self._state.floor
        waiting = [c for c in self._state.contacts.values() if self._state.is_offerable(c)]
        waiting.sort(key=lambda c: contact_key(floor, agent.agent_id, agent.agent_class, c))
        told = []
        for contact in waiting:
            why = obstacle(floor, agent, contact)
            told.append(contact.contact_id + (f" ({why.value.replace('_', ' ')})" if why else ""))
        return [", ".join(told) or "nobody waits"]

    # --- callers ----------------------------------------------------------------------------

    def caller(self, words: Words) -> None:
        contact_id = ContactId(words["contact"])
        channel = CHANNELS[words["channel"]]
        self._world.do(
            cmd.EnqueueContact(
                contact_id=contact_id,
                link_id=NO_LINK if channel.is_on_screen else LINK,
                channel=channel,
                line_id=LineId(words.get("line", "1177")),
                arrived_ms=self._world.now_ms - duration_ms(words.get("ago", "0 s")),
                priority=Priority(words.get("priority", "standard")),
                needs=_needs(words.get("needs", "advice")),
                home_region=RegionCode(words["region"]),
                home_region_source=HomeRegionSource.AREA_CODE,
                home_unit=UnitId(words["unit"]) if "unit" in words else None,
                preferred_agent=AgentId(words["preferred"]) if "preferred" in words else None,
                preferred_unit=UnitId(words["wanted"]) if "wanted" in words else None,
                caller_key=words.get("key", ""),
                earlier_keys=(words["earlier"],) if "earlier" in words else (),
                is_shared_number="shared" in words,
                has_chosen="chosen" in words,
                alternatives=(cmd.Alternative.DIREKT,),
            )
        )
        if words["then"] == "arrives" and not channel.is_on_screen:
            self._seen(contact_id)

    def _seen(self, contact_id: ContactId, place: str = "waiting") -> None:
        caller = cmd.SeenCaller(contact_id, PLACES[place], self._world.now_ms)
        self._world.do(cmd.ReportCallerWaiting(LINK, caller))

    def seen(self, words: Words) -> None:
        self._seen(ContactId(words["contact"]), words["place"])

    def hangs_up(self, words: Words) -> None:
        contact_id, was_cut = ContactId(words["contact"]), words["how"] == "is cut off"
        self._world.do(cmd.ReportCallerGone(contact_id, was_cut))

    def priority(self, words: Words) -> None:
        who = cmd.Actor(words["who"]) if "who" in words else cmd.Actor.CALLER
        reason = "key" if who is cmd.Actor.CALLER else "judged"
        contact_id, priority = ContactId(words["contact"]), Priority(words["priority"])
        needs = _needs(words["needs"]) if "needs" in words else None
        self._world.do(cmd.SetContactPriority(contact_id, priority, who, reason, needs))

    def ticket(self, words: Words) -> list[str]:
        return [write_ticket(self._state.contacts[ContactId(words["contact"])].ticket())]

    def promised(self, words: Words) -> list[str]:
        told = [
            f"{c.contact_id} by {clock(c.promised_until_ms or 0)}" for c in promises(self._state)
        ]
        return [", ".join(told) or "nobody"]

    def misuse(self, words: Words) -> None:
        priority = Priority(words["priority"]) if "priority" in words else None
        contact_id, agent_id = ContactId(words["contact"]), AgentId(words["agent"])
        self._world.do(cmd.MarkMisuse(contact_id, agent_id, words["reason"], priority))

    # --- offers and talks -------------------------------------------------------------------

    def answers(self, words: Words) -> None:
        contact_id = ContactId(words["contact"])
        known = self._state.contacts.get(contact_id)
        offer = known.offer if known else None
        if "offer" in words:
            offer = int(words["offer"])
        elif "fallback" in words:
            offer = None
        phone_id = self._phone_of(words["agent"])
        self._world.do(cmd.ReportConnected(contact_id, LINK, phone_id, offer))

    def fails(self, words: Words) -> None:
        contact_id = ContactId(words["contact"])
        offer = int(words["offer"]) if "offer" in words else self._state.contacts[contact_id].offer
        assert offer is not None, f"{contact_id} is not offered"
        self._world.do(cmd.ReportOfferFailed(contact_id, offer, FAILURES[words["how"]]))
        if "offer" not in words:
            self._seen(contact_id)

    def ends_talk(self, words: Words) -> None:
        phone_id = self._phone_of(words["agent"])
        self._world.do(cmd.ReportTalkEnded(ContactId(words["contact"]), phone_id))

    def _phone_of(self, agent: str) -> PhoneId:
        known = self._state.agents.get(AgentId(agent))
        if known is None:
            return PhoneId(f"phone-{agent}")
        return seen_from(LINK, known.link_id, known.phone_id)

    def asks(self, ask: Ask, words: Words) -> None:
        self._world.do(ask(self._state, words))

    # --- the switch, time, trouble ----------------------------------------------------------

    def link_lost(self, words: Words) -> None:
        self._world.do(cmd.ReportLinkLost(LinkId(words.get("link", LINK))))

    def cut_off(self, words: Words) -> None:
        self._world.do(cmd.ReportCutOff((LinkId(words["link"]),)))

    def switch(self, words: Words) -> None:
        callers = tuple(
            self._shown(each.strip()) for each in words.get("callers", "").split(";") if each
        )
        link_id = LinkId(words.get("link", LINK))
        asked_ms = self._world.now_ms - (duration_ms(words["late"]) if words.get("late") else 0)
        self._world.do(cmd.ReportSwitch(link_id, asked_ms, callers))

    def _shown(self, text: str) -> cmd.SeenCaller:
        found = _SHOWN.fullmatch(text)
        if not found:
            raise ValueError(f"not a caller at the switch: {text!r}")
        words = found.groupdict()
        contact_id = ContactId(words["contact"])
        known = self._state.contacts.get(contact_id)
        place = PLACES.get(words["place"] or "", cmd.CallerPlace.RINGING)
        phone_id, offer = None, None
        if words["agent"]:
            phone_id = self._phone_of(words["agent"])
            offer = int(words["offer"]) if words["offer"] else (known.offer if known else None)
            if words["how"] == "talking with":
                place = cmd.CallerPlace.TALKING
            if words["how"] == "on hold with":
                place = cmd.CallerPlace.HELD
        ticket = None
        if words["priority"]:
            ticket = cmd.CallTicket(
                record=int(words["record"] or 1),
                contact_id=contact_id,
                arrived_ms=self._world.now_ms - duration_ms(words["ago"]),
                sequence=int(words["sequence"]),
                priority=Priority(words["priority"]),
                home_region=RegionCode(words["region"]),
                needs=ADVICE,
            )
        started_ms = self._world.now_ms - 60_000
        colleague = words["colleague"]
        asked = self._phone_of(colleague) if colleague else None
        return cmd.SeenCaller(contact_id, place, started_ms, ticket, phone_id, offer, asked)

    def time_passes(self, words: Words) -> None:
        self._world.wait(duration_ms(words["length"]))

    def measures(self, words: Words) -> None:
        self._world.do(cmd.TakeMeasures())

    def set_lending(self, words: Words) -> None:
        is_cut = words["how"] == "cut"
        self._world.do(cmd.SetLending(RegionCode(words["region"]), is_cut, words["reason"]))

    def expected(self, words: Words) -> list[str]:
        contact = self._state.contacts[ContactId(words["contact"])]
        told = told_ms(self._state, contact, self._world.now_ms)
        if told is None:
            return ["nobody could say"]
        return [f"{length(told // 1000 * 1000)}: {wait_prompt(told)}"]

    def level(self, words: Words) -> list[str]:
        return list(service_level(self._state.rules, self._world.records, words["region"]))

    def ledger(self, words: Words) -> list[str]:
        return list(accounts(self._world.records)) or ["nobody has done anything for another"]

    def core_fails(self, words: Words) -> None:
        contact_id = ContactId(words["contact"])
        self._world.do(cmd.ReportCommandFailed("EnqueueContact", "AssertionError", contact_id))

    def part(self, words: Words) -> list[str]:
        self._apart = Apart(self._world)
        return ["from here on the island knows what it does alone"]

    def on_island(self, words: Words) -> list[str]:
        assert self._apart is not None, "no island has parted"
        self._world, others = self._apart.world, self._world
        try:
            return self.tell(words["sentence"])
        finally:
            self._world = others

    def merge(self, words: Words) -> None:
        assert self._apart is not None, "no island has parted"
        for part in self._apart.told():
            self._world.do(part)

    def restart(self, words: Words) -> list[str]:
        self._world.begin_from_snapshot()
        return ["the engine is back with what it knew"]


def _needs(text: str) -> tuple[Requirement, ...]:
    return tuple(Requirement(*level) for level in skill_levels(text, SKILL_LEVEL_MIN))


def _tell(record: Record, begun_ms: int) -> Iterator[str]:
    when = f"{clock(record.at_ms)} " if record.at_ms > begun_ms else ""
    for event in record.events:
        yield when + sentence(event)


def _changes_rules(change: Callable[[Policy, Words], Policy]) -> Callable[[Story, Words], None]:
    return lambda story, words: story.given(change, words)


def _asks(ask: Ask) -> Callable[[Story, Words], None]:
    return lambda story, words: story.asks(ask, words)


_SHOWN: Final = re.compile(
    r"(?P<contact>\w+) (?:(?P<place>waiting|in the menu|in the fallback queue)"
    r"|(?P<how>ringing at|talking with|on hold with) (?P<agent>\w+(?:\+\d+)?)"
    r"(?: as offer (?P<offer>[0-9]+))?(?: beside (?P<colleague>\w+))?)"
    rf"(?:, ticket (?P<priority>\w+) of (?P<region>\w+), arrived (?P<ago>{LENGTH}) ago,"
    r" sequence (?P<sequence>[0-9]+)(?:, record (?P<record>[0-9]+))?)?"
)
_SENTENCES: Final = (
    (r"window (?P<window>\w+) (?P<turn>begins|ends)", Story.window),
    (r"line (?P<line>\w+) (?P<turn>opens|closes)", Story.line),
    (
        r"agent (?P<agent>\w+) of (?P<region>\w+)(?: unit (?P<unit>\w+))?"
        r"(?: with (?P<skills>[\w, ]+?))?(?: at (?P<phone>[\w-]+))?(?: at switch (?P<link>\w+))?"
        r" (?P<then>signs on|is ready)",
        Story.sign_on,
    ),
    (r"(?P<agent>\w+) is ready", Story.ready),
    (r"(?P<agent>\w+) is not ready: (?P<reason>\w+)", Story.not_ready),
    (r"(?P<agent>\w+) signs off", Story.sign_off),
    (
        r"(?P<agent>\w+) ends her wrap-up(?: of (?P<contact>\w+))?(?:: (?P<disposition>\w+))?",
        Story.end_wrap_up,
    ),
    (r"who is first at (?P<agent>\w+)\?", Story.order_at),
    (
        rf"(?P<channel>{'|'.join(CHANNELS)}) (?P<contact>\w+) from (?P<region>\w+)"
        r"(?: unit (?P<unit>\w+))?"
        r"(?: at line (?P<line>\w+))?"
        r"(?: (?P<priority>emergency|urgent|raised|standard|non_medical))?"
        r"(?: who needs (?P<needs>[\w, ]+?))?"
        r"(?: who prefers (?:unit (?P<wanted>\w+)|(?P<preferred>\w+)))?"
        r"(?: who rings from (?P<shared>a switchboard with )?(?P<key>\w+)"
        r"(?: \((?P<earlier>\w+) yesterday\))?)?"
        r"(?: who (?P<chosen>pressed keys))?"
        rf"(?: who came (?P<ago>{LENGTH}) ago)? (?P<then>arrives|gets a place)",
        Story.caller,
    ),
    (rf"(?P<contact>\w+) is seen (?P<place>{'|'.join(PLACES)})", Story.seen),
    (r"(?P<contact>\w+) (?P<how>hangs up|is cut off)", Story.hangs_up),
    (
        r"(?P<contact>\w+) becomes (?P<priority>\w+)(?: by (?P<who>agent|supervisor))?"
        r"(?: who needs (?P<needs>[\w, ]+))?",
        Story.priority,
    ),
    (
        r"(?P<agent>\w+) answers(?: offer (?P<offer>[0-9]+) of)? (?P<contact>\w+)"
        r"(?P<fallback> from the fallback queue)?",
        Story.answers,
    ),
    (
        rf"(?P<agent>\w+) (?P<how>{'|'.join(FAILURES)})"
        r"(?: offer (?P<offer>[0-9]+) of)? (?P<contact>\w+)",
        Story.fails,
    ),
    (r"(?P<agent>\w+) ends the talk with (?P<contact>\w+)", Story.ends_talk),
    (
        r"(?P<agent>\w+) finds no emergency in (?P<contact>\w+): (?P<reason>\w+)"
        r"(?: and gives it (?P<priority>\w+))?",
        Story.misuse,
    ),
    (r"who is promised to be rung back\?", Story.promised),
    (r"what is the ticket of (?P<contact>\w+)\?", Story.ticket),
    (r"the link(?: (?P<link>\w+))? is lost", Story.link_lost),
    (r"the engine is alone with (?P<link>\w+)", Story.cut_off),
    (
        r"the switch(?: (?P<link>\w+))?(?:, asked (?P<late>\d+ \w+) ago,)?"
        r" shows (?:nobody|(?P<callers>.+))",
        Story.switch,
    ),
    (rf"(?P<length>{LENGTH}) pass(?:es)?", Story.time_passes),
    (r"measures are taken", Story.measures),
    (
        r"the lending of (?P<region>\w+) is (?P<how>cut|given back): (?P<reason>\w+)",
        Story.set_lending,
    ),
    (r"how long may (?P<contact>\w+) have to wait\?", Story.expected),
    (r"what is the service level of (?P<region>\w+)\?", Story.level),
    (r"what does the ledger say\?", Story.ledger),
    (r"the engine fails at (?P<contact>\w+)", Story.core_fails),
    (r"the engine is restarted from a snapshot", Story.restart),
    (r"an island parts", Story.part),
    (r"on the island: (?P<sentence>.+)", Story.on_island),
    (r"the island tells what it did", Story.merge),
)
_GIVEN: Final = (*GIVEN, *GIVEN_LIMITS, *GIVEN_GATEWAY)
_ASKS: Final = (*TALK, *CALLBACK, *SCREEN, *GATEWAY)


def _compiled(pattern: str) -> re.Pattern[str]:
    """An agent may be the seat of a gateway: `west+1`."""
    return re.compile(pattern.replace(r"(?P<agent>\w+)", r"(?P<agent>\w+(?:\+\d+)?)"))


_GRAMMAR: Final = (
    *((_compiled(pattern), _changes_rules(change)) for pattern, change in _GIVEN),
    *((_compiled(pattern), _asks(ask)) for pattern, ask in _ASKS),
    *((_compiled(pattern), act) for pattern, act in _SENTENCES),
)
