"""A small country for tests of the core: three regions in one cluster, one alone."""

from __future__ import annotations

from collections.abc import Callable

from queue_engine.core import commands as cmd, events as ev
from queue_engine.core.apply import fold
from queue_engine.core.codec import decode_record, encode_record
from queue_engine.core.engine import Engine
from queue_engine.core.invariants import check, check_promise
from queue_engine.core.policy_codec import write_policy
from queue_engine.core.record import Record
from queue_engine.core.snapshot import digest, read_snapshot, write_snapshot
from queue_engine.core.state import State
from queue_engine.core.turn import Watch
from routing.callback_policy import CallbackPolicy
from routing.guard_policy import GuardRule
from routing.lend_policy import QUARTER_MS
from routing.limits import Levels
from routing.policy import DEFAULT_PRIORITIES, MINUTE_MS, Policy
from routing.region_policy import (
    NATIONAL,
    LendRule,
    Purchase,
    RegionPolicy,
    Ring,
    RingKind,
    Sale,
    ShareCondition,
    ShareRule,
    UnitPolicy,
)
from routing.return_policy import ReturnPolicy
from routing.room_policy import RoomPolicy
from routing.talk_policy import TalkPolicy
from routing.vocabulary import (
    NO_LINK,
    AgentId,
    ContactChannel,
    ContactId,
    HomeRegionSource,
    LineId,
    LinkId,
    PhoneId,
    Priority,
    RegionCode,
    Requirement,
    Skill,
    SkillLevel,
    UnitId,
)

LINK = LinkId("ast1")
START_MS = 1_795_000_000_000
CHILD = Skill("child")
ADVICE = (Requirement(Skill("advice")),)

NORTH = Ring(RingKind.CLUSTER, ("north",))
SHARE = (
    ShareRule("after_3_min", ShareCondition.WAITED, NORTH, after_ms=180_000),
    ShareRule("past_due", ShareCondition.PAST_DUE, NATIONAL),
    ShareRule("unstaffed", ShareCondition.UNSTAFFED, NATIONAL),
    ShareRule("night", ShareCondition.WINDOW, NATIONAL, window="night_22_07"),
    ShareRule("closed", ShareCondition.LINE_CLOSED, NATIONAL),
    ShareRule(
        "child_by_night",
        ShareCondition.WAITED,
        NORTH,
        after_ms=60_000,
        services=(Skill("child"),),
        during="night_22_07",
    ),
)
LONG = ShareRule("long", ShareCondition.EXPECTED_WAIT, NORTH, own_wait=Levels(1_800_000, 900_000))
KEEPS = LendRule(reserve_agents=1, own_wait=Levels(480_000, 120_000))
BALANCED = LendRule(
    reserve_permille=500, balance=Levels(200, 100), balance_window_ms=4 * QUARTER_MS
)
HAMNEN = UnitPolicy(
    UnitId("hamnen"),
    "Hamnen",
    keeps_own=True,
    share_rules=(
        ShareRule("unit_empty", ShareCondition.UNSTAFFED, Ring(RingKind.UNITS, ("kullen",))),
        ShareRule("unit_after_1_min", ShareCondition.WAITED, Ring(RingKind.REGION), 60_000),
    ),
)
POLICY = Policy(
    version="test",
    priorities=DEFAULT_PRIORITIES,
    services=(Skill("advice"), Skill("child")),
    talks=TalkPolicy(
        wrap_up_prolonged_ms_max=15 * 60_000,
        care_levels=("self_care", "health_centre"),
        urgencies=("at_once", "no_hurry"),
        causes=("injury", "infection"),
    ),
    rooms=RoomPolicy(chats_max=2, pressing_calls_on_chats=True),
    languages=(Skill("sv"), Skill("en"), Skill("ar"), Skill("fi")),
    regions=(
        RegionPolicy(RegionCode("22"), "Väst", clusters=("north",), share_rules=(*SHARE, LONG)),
        RegionPolicy(
            RegionCode("23"),
            "Jämt",
            clusters=("north",),
            share_rules=SHARE,
            lend=KEEPS,
            units=(HAMNEN, UnitPolicy(UnitId("kullen"), "Kullen")),
            sells=(
                Sale(CHILD, (RegionCode("24"), RegionCode("01")), during=("night_22_07",)),
                Sale(Skill("advice"), (RegionCode("01"),), units=(UnitId("kullen"),)),
            ),
        ),
        RegionPolicy(
            RegionCode("24"),
            "Botten",
            share_rules=SHARE,
            lend=BALANCED,
            buys=(Purchase(CHILD, RegionCode("23"), units=(UnitId("hamnen"), UnitId("kullen"))),),
            guard=GuardRule(waiting_max=1),
        ),
        RegionPolicy(
            RegionCode("01"),
            "Ensam",
            takes_part=False,
            buys=tuple(Purchase(skill, RegionCode("23")) for skill in (CHILD, Skill("advice"))),
        ),
    ),
    returns=ReturnPolicy(redial_within_ms=10 * MINUTE_MS, repeat_calls=3),
    callbacks=CallbackPolicy(within_ms=60 * MINUTE_MS),
)


class World:
    """The core with everything checked: each record is encoded, folded and compared."""

    def __init__(
        self,
        policy: Policy = POLICY,
        start_ms: int = START_MS,
        watch: Watch | None = check_promise,
        audit: Callable[[Record], None] | None = None,
    ) -> None:
        """Args:
        watch: sees each event before it is applied; None: nothing is checked but by `audit`.
        audit: sees each record.
        """
        self.now_ms = start_ms
        self._watch = watch
        self._audit = audit
        self.engine = Engine(watch=watch)
        self.records: list[Record] = []
        self.twin = State()
        self.do(cmd.LoadPolicy(write_policy(policy)))
        self.do(cmd.ReportSwitch(LINK, self.now_ms, ()))

    @property
    def state(self) -> State:
        """The engine's state."""
        return self.engine.state

    def wait(self, ms: int) -> tuple[ev.Event, ...]:
        """Time passes, stopping at each deadline as the driver does."""
        until_ms = self.now_ms + ms
        events: list[ev.Event] = []
        while (due_ms := self.engine.next_deadline_ms()) is not None and due_ms <= until_ms:
            self.now_ms = max(self.now_ms, due_ms)
            events += self._keep(self.engine.pass_time(self.now_ms))
        self.now_ms = until_ms
        return tuple(events)

    def pass_time(self) -> tuple[ev.Event, ...]:
        """What is due now is done."""
        return self._keep(self.engine.pass_time(self.now_ms))

    def begin_from_snapshot(self) -> None:
        """Goes on with the state as a snapshot gives it back, as after a restart."""
        state = read_snapshot(write_snapshot(self.state))
        if self._watch is not None:
            check(state)
        self.engine = Engine(state, watch=self._watch)

    def do(self, command: cmd.Command) -> tuple[ev.Event, ...]:
        """The events of one command, everything having been checked."""
        self.pass_time()
        return self._keep(self.engine.handle(command, self.now_ms))

    def _keep(self, record: Record | None) -> tuple[ev.Event, ...]:
        if record is not None and self._audit is not None:
            self._audit(record)
        if self._watch is not None:
            check(self.state)
        if record is None:
            return ()
        again = decode_record(encode_record(record))
        assert again == record
        fold(self.twin, again)
        self.records.append(record)
        return record.events

    def check_replay(self) -> None:
        """Folding, snapshots and deciding again all give the same state."""
        wanted = digest(self.state)
        assert digest(self.twin) == wanted
        assert digest(read_snapshot(write_snapshot(self.state))) == wanted
        other = Engine()
        for record in self.records:
            assert other.handle(record.command, record.at_ms, record.origin) == record
        assert digest(other.state) == wanted

    # --- the usual things ------------------------------------------------------------------

    def caller(
        self,
        name: str,
        region: str = "22",
        priority: Priority = Priority.STANDARD,
        needs: tuple[Requirement, ...] = ADVICE,
        preferred: str | None = None,
    ) -> tuple[ev.Event, ...]:
        """A caller goes through the menu and is seen waiting."""
        first = self.do(
            cmd.EnqueueContact(
                contact_id=ContactId(name),
                link_id=LINK,
                line_id=LineId("1177"),
                arrived_ms=self.now_ms,
                priority=priority,
                needs=needs,
                home_region=RegionCode(region),
                home_region_source=HomeRegionSource.AREA_CODE,
                preferred_agent=AgentId(preferred) if preferred else None,
            )
        )
        return first + self.seen(name)

    def chat(
        self,
        name: str,
        region: str = "22",
        priority: Priority = Priority.STANDARD,
        channel: ContactChannel = ContactChannel.CHAT,
    ) -> tuple[ev.Event, ...]:
        """Somebody writes, or shows himself, and waits."""
        return self.do(
            cmd.EnqueueContact(
                contact_id=ContactId(name),
                link_id=NO_LINK,
                line_id=LineId("direkt"),
                arrived_ms=self.now_ms,
                priority=priority,
                needs=ADVICE,
                home_region=RegionCode(region),
                home_region_source=HomeRegionSource.CALLER_KEY,
                channel=channel,
            )
        )

    def seen(self, name: str) -> tuple[ev.Event, ...]:
        """The switch shows the caller waiting."""
        caller = cmd.SeenCaller(ContactId(name), cmd.CallerPlace.WAITING, self.now_ms)
        return self.do(cmd.ReportCallerWaiting(LINK, caller))

    def agent(self, name: str, region: str = "22", skills: str = "advice") -> tuple[ev.Event, ...]:
        """An agent signs on and is ready."""
        levels = tuple(SkillLevel(Skill(skill)) for skill in skills.split())
        first = self.do(
            cmd.SignOnAgent(
                AgentId(name), LINK, PhoneId(f"phone-{name}"), RegionCode(region), levels
            )
        )
        return first + self.do(cmd.SetAgentReady(AgentId(name)))

    def answer(self, contact: str) -> tuple[ev.Event, ...]:
        """The phone that rings for the contact is picked up, or her screen accepts it."""
        row = self.state.contacts[ContactId(contact)]
        assert row.phone_id is not None
        if row.channel.is_on_screen:
            assert row.agent_id is not None
            assert row.offer is not None
            return self.do(cmd.AcceptOffer(row.agent_id, row.contact_id, row.offer))
        return self.do(cmd.ReportConnected(row.contact_id, LINK, row.phone_id, row.offer))

    def fail(self, contact: str, failure: cmd.OfferFailure) -> tuple[ev.Event, ...]:
        """The offer comes to nothing, and the caller is seen waiting again."""
        row = self.state.contacts[ContactId(contact)]
        assert row.offer is not None
        if row.channel.is_on_screen:
            assert row.agent_id is not None
            return self.do(cmd.RejectOffer(row.agent_id, row.contact_id, row.offer))
        events = self.do(cmd.ReportOfferFailed(row.contact_id, row.offer, failure))
        return events + self.seen(contact)

    def gone(self, contact: str) -> tuple[ev.Event, ...]:
        """The caller hangs up."""
        return self.do(cmd.ReportCallerGone(ContactId(contact)))

    def nurse_hangs_up(self, contact: str) -> tuple[ev.Event, ...]:
        """The agent ends the talk."""
        row = self.state.contacts[ContactId(contact)]
        assert row.phone_id is not None
        if row.channel.is_on_screen:
            assert row.agent_id is not None
            return self.do(cmd.EndContact(row.agent_id, row.contact_id))
        return self.do(cmd.ReportTalkEnded(row.contact_id, row.phone_id))

    def rings(self) -> dict[str, str]:
        """Who rings for whom: agent -> contact."""
        return {agent.agent_id: contact.contact_id for contact, agent in self.state.offers()}
