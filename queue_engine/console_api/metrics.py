"""Metrics in Prometheus's format, read from the state when they are asked for.

What is now (waiting, ringing, talking, agents) is counted from the rows; what has happened since
the start is counted from journaled records. Labels are codes of the configuration only: regions,
priorities, links, outcomes; nothing that a caller or a client has sent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from queue_engine.console_api.board import Board
from queue_engine.console_api.live_hub import LiveHub
from queue_engine.console_api.shapes import Regions
from queue_engine.console_api.sockets import Sockets
from queue_engine.core import events as ev
from queue_engine.core.commands import ReportGateway
from queue_engine.core.record import Record
from queue_engine.core.repairs import repairs
from queue_engine.core.service_level import ServiceLevel
from queue_engine.core.texts import TextState
from routing.vocabulary import LinkId, Outcome, Priority, RegionCode

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
WAIT_BOUNDS_S: Final = (10, 30, 60, 180, 300, 480, 600, 1_200, 1_800, 3_600)

_ALARMS: Final = (
    "emergency_overdue",
    "callback_overdue",
    "contact_postponed",
    "command_failed",
    "text_given_up",
    "trunk_failed",
    "gateway_lost",
)
_REFUSED_OFFERS: Final = {
    ev.OfferRangOut: "rang_out",
    ev.OfferRejected: "rejected",
    ev.OfferFailed: "failed",
    ev.OfferRevoked: "revoked",
}
_TEXTS: Final = {
    ev.CallbackTextAsked: "asked",
    ev.TextSent: "sent",
    ev.TextFailed: "failed",
}


class Tally:
    """Counts what happens, from records."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.entered: Counter[tuple[RegionCode, Priority]] = Counter()
        self.ended: Counter[tuple[RegionCode, str]] = Counter()
        self.offers: Counter[str] = Counter()
        self.alarms: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.islands: Counter[str] = Counter()
        self.repairs: Counter[tuple[LinkId, str]] = Counter()
        self.waits: dict[Priority, list[int]] = {
            priority: [0] * (len(WAIT_BOUNDS_S) + 1) for priority in Priority
        }
        """Connected contacts by how long they waited: one column per bound and one above."""
        self.waits_ms: Counter[Priority] = Counter()
        state = board.state
        self.level = ServiceLevel(lambda: board.state.rules, state.contacts.values())

    def count(self, record: Record) -> None:
        """One more record."""
        self.level.follow(record)
        for event in record.events:
            kind = type(event)
            if isinstance(event, ev.ContactEnqueued | ev.ContactRestored):
                self.entered[event.home_region, event.priority] += 1
            elif isinstance(event, ev.ContactConnected):
                self._connected(event)
            elif isinstance(event, ev.ContactEnded):
                contact = self._board.state.contacts.get(event.contact_id)
                if contact is not None:
                    self.ended[contact.home_region, event.outcome.value] += 1
            elif isinstance(event, ev.ContactRefused):
                self.ended[event.home_region, Outcome.REFUSED.value] += 1
            elif kind is ev.ContactOffered:
                self.offers["rung"] += 1
            elif kind in _REFUSED_OFFERS:
                self.offers[_REFUSED_OFFERS[kind]] += 1
            elif kind is ev.EmergencyOverdue:
                self.alarms["emergency_overdue"] += 1
            elif kind is ev.CallbackOverdue:
                self.alarms["callback_overdue"] += 1
            elif kind is ev.ContactPostponed:
                self.alarms["contact_postponed"] += 1
            elif kind is ev.CommandFailed:
                self.alarms["command_failed"] += 1
            elif kind is ev.TextGivenUp:
                self.texts["given_up"] += 1
                self.alarms["text_given_up"] += 1
            elif kind in _TEXTS:
                self.texts[_TEXTS[kind]] += 1
            elif kind is ev.TrunkFailed:
                self.alarms["trunk_failed"] += 1
            elif kind is ev.GatewayLost and isinstance(record.command, ReportGateway):
                self.alarms["gateway_lost"] += 1
            elif isinstance(event, ev.LinkRestored | ev.LinkReconciled):
                self._repaired(record, event)
            elif isinstance(event, ev.IslandContactTaken):
                self.entered[event.fact.home_region, event.fact.priority] += 1
            elif isinstance(event, ev.IslandContactMerged):
                self._merged(event)

    def _repaired(self, record: Record, told: ev.LinkRestored | ev.LinkReconciled) -> None:
        """What comes after it in the record was decided on what is known now."""
        found = repairs(record.events[: record.events.index(told)])
        self.repairs.update((told.link_id, kind) for kind in found.values())

    def _merged(self, event: ev.IslandContactMerged) -> None:
        """It was on an island; one that nobody here had heard of has come and ended now."""
        fact, is_counted = event.fact, self.level.remembers(event.contact_id)
        if event.former is None and fact.came_there and not is_counted:
            self.islands["came"] += 1
            self.entered[fact.home_region, fact.priority] += 1
            self.ended[fact.home_region, event.outcome.value] += 1
        else:
            self.islands["known" if event.former in (None, event.outcome) else "corrected"] += 1
        is_waited = event.former is Outcome.HANDLED or (is_counted and fact.came_there)
        if fact.answer is not None and not is_waited:
            self._waited(fact.answer.priority, fact.answer.at_ms - fact.arrived_ms)

    def _connected(self, event: ev.ContactConnected) -> None:
        self.offers["connected"] += 1
        contact = self._board.state.contacts.get(event.contact_id)
        if contact is None:
            return
        self._waited(contact.priority, event.wait_ms)

    def _waited(self, priority: Priority, wait_ms: int) -> None:
        # A bound counts as within, as in `le`.
        column = bisect_left(WAIT_BOUNDS_S, wait_ms / 1000)
        self.waits[priority][column] += 1
        self.waits_ms[priority] += wait_ms


class EngineMetrics(Collector):
    """Collects from what is there now.

    Args:
        board: what is to be seen.
        tally: what has happened.
        hub, sockets: those who are connected.
        missed: how many callers went on without something, by what it was.
        more: what else there is to be collected.
    """

    def __init__(
        self,
        board: Board,
        tally: Tally,
        hub: LiveHub,
        sockets: Sockets,
        missed: Callable[[], Mapping[str, int]],
        more: Iterable[Collector] = (),
    ) -> None:
        self._board = board
        self._tally = tally
        self._hub = hub
        self._sockets = sockets
        self._missed = missed
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (self, *more):
            self._registry.register(collector)

    def text(self) -> bytes:
        """All metrics, of `METRICS_TYPE`."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """None beforehand: nothing else is registered here."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        regions = self._board.regions()
        yield from self._contacts(regions)
        yield self._agents(regions)
        yield self._seats(regions)
        yield from self._events()
        yield self._callers()
        yield self._waits()
        yield from self._texts()
        yield self._islands()
        yield self._repairs()
        yield self._without()
        yield from self._engine()

    def _contacts(self, regions: Regions) -> Iterable[Metric]:
        waiting = GaugeMetricFamily(
            "samko_contacts_waiting", "Contacts that wait", labels=("region", "priority")
        )
        ringing = GaugeMetricFamily(
            "samko_contacts_ringing", "Contacts whose offer rings", labels=("region",)
        )
        talking = GaugeMetricFamily(
            "samko_contacts_talking", "Contacts that talk", labels=("region",)
        )
        longest = GaugeMetricFamily(
            "samko_longest_wait_seconds", "Longest wait of those not answered", labels=("region",)
        )
        past = GaugeMetricFamily(
            "samko_contacts_past_promise", "Not answered in the time promised", labels=("region",)
        )
        for region in regions["regions"]:
            code = region["code"]
            for priority in Priority:
                waiting.add_metric((code, priority.value), region["waiting"][priority.value])
            ringing.add_metric((code,), region["ringing"])
            talking.add_metric((code,), region["talking"])
            longest.add_metric((code,), region["longest_wait_ms"] / 1000)
            past.add_metric((code,), region["past_promise"])
        return waiting, ringing, talking, longest, past

    def _agents(self, regions: Regions) -> Metric:
        agents = GaugeMetricFamily(
            "samko_agents", "Agents at work by what they do", labels=("region", "state")
        )
        for region in regions["regions"]:
            counts = region["agents"]
            for state, count in (
                ("ready", counts["ready"]),
                ("not_ready", counts["not_ready"]),
                ("ringing", counts["ringing"]),
                ("talking", counts["talking"]),
                ("wrap_up", counts["wrap_up"]),
            ):
                agents.add_metric((region["code"], state), count)
        return agents

    def _seats(self, regions: Regions) -> Metric:
        seats = GaugeMetricFamily(
            "samko_gateway_seats",
            "Seats of contact centres elsewhere by what they do",
            labels=("gateway", "state"),
        )
        for region in regions["regions"]:
            for gateway in region["gateways"]:
                for state, count in (
                    ("busy", gateway["busy"]),
                    ("free", gateway["free"]),
                    ("away", gateway["away"]),
                ):
                    seats.add_metric((gateway["gateway_id"], state), count)
        return seats

    def _events(self) -> Iterable[Metric]:
        tally = self._tally
        entered = CounterMetricFamily(
            "samko_contacts_entered", "Contacts that entered", labels=("region", "priority")
        )
        for (region, priority), count in sorted(tally.entered.items()):
            entered.add_metric((region, priority.value), count)
        ended = CounterMetricFamily(
            "samko_contacts_ended", "Contacts that ended", labels=("region", "outcome")
        )
        for (region, outcome), count in sorted(tally.ended.items()):
            ended.add_metric((region, outcome), count)
        offers = CounterMetricFamily(
            "samko_offers", "Offers by what became of them", labels=("result",)
        )
        for result, count in sorted(tally.offers.items()):
            offers.add_metric((result,), count)
        alarms = CounterMetricFamily("samko_alarms", "Alarms", labels=("kind",))
        for kind in _ALARMS:
            alarms.add_metric((kind,), tally.alarms[kind])
        return entered, ended, offers, alarms

    def _texts(self) -> Iterable[Metric]:
        happened = CounterMetricFamily(
            "samko_texts", "Text messages by what happened to them", labels=("result",)
        )
        for result in (*_TEXTS.values(), "given_up"):
            happened.add_metric((result,), self._tally.texts[result])
        pending = GaugeMetricFamily(
            "samko_texts_pending", "Text messages not sent yet, or given up", labels=("state",)
        )
        states = Counter(text.state for text in self._board.state.texts.values())
        for state in TextState:
            pending.add_metric((state.value,), states[state])
        return happened, pending

    def _islands(self) -> Metric:
        islands = CounterMetricFamily(
            "samko_island_contacts",
            "Contacts that were on an island, as it told of them: nobody else had heard of them"
            " (came), they count as something else now (corrected), or as before (known)",
            labels=("what",),
        )
        for what in ("came", "corrected", "known"):
            islands.add_metric((what,), self._tally.islands[what])
        return islands

    def _repairs(self) -> Metric:
        found = CounterMetricFamily(
            "samko_repairs",
            "Contacts that a switch showed otherwise than was known, by what was done last",
            labels=("link", "kind"),
        )
        for (link_id, kind), count in sorted(self._tally.repairs.items()):
            found.add_metric((link_id, kind), count)
        return found

    def _callers(self) -> Metric:
        callers = CounterMetricFamily(
            "samko_callers",
            "Callers by what became of them, a chain of redials once; service level = within"
            " / (all but short_abandoned, less corrected twice)",
            labels=("region", "priority", "result"),
        )
        for (region, priority, result), count in sorted(self._tally.level.counts.items()):
            callers.add_metric((region, priority.value, result.value), count)
        return callers

    def _without(self) -> Metric:
        without = CounterMetricFamily(
            "samko_callers_without",
            "Callers who went on without what could not be had in time: an entry in the vault, or"
            " the keys by which they are known again",
            labels=("what",),
        )
        for what, count in sorted(self._missed().items()):
            without.add_metric((what,), count)
        return without

    def _waits(self) -> Metric:
        waits = HistogramMetricFamily(
            "samko_wait_seconds", "Wait of connected contacts", labels=("priority",)
        )
        names = (*(str(bound) for bound in WAIT_BOUNDS_S), "+Inf")
        for priority, columns in self._tally.waits.items():
            buckets = list(zip(names, accumulate(columns), strict=True))
            sum_s = self._tally.waits_ms[priority] / 1000
            waits.add_metric((priority.value,), buckets, sum_value=sum_s)
        return waits

    def _engine(self) -> Iterable[Metric]:
        state = self._board.state
        links = GaugeMetricFamily("samko_link_up", "Switches in reach", labels=("link",))
        for link_id, is_up in sorted(state.links.items()):
            links.add_metric((link_id,), is_up)
        yield links
        yield CounterMetricFamily("samko_records", "Journaled records", state.record_number)
        yield GaugeMetricFamily("samko_speed", "Engine time per real time", self._board.speed)
        yield GaugeMetricFamily("samko_websockets", "WebSockets that are open", len(self._sockets))
        yield GaugeMetricFamily("samko_live_topics", "Topics that are watched", self._hub.topics)
        yield CounterMetricFamily(
            "samko_websockets_cut_off", "Clients cut off: they did not read", self._sockets.cut_off
        )
