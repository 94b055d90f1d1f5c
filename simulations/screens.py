"""Nurses' screens, on which chats are offered, accepted and ended: no switch knows of them.

What a nurse does there reaches the engine at once; a chat goes on beside others, and while she has
a call on top of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from queue_engine.core import commands as cmd, events as ev
from routing.vocabulary import ContactChannel, ContactId
from simulations.switch import Caller, HangsUp, PicksUp, TalkMs, enqueued
from simulations.world import First, World


@dataclass(slots=True, eq=False)
class _Chat:
    caller: Caller
    offer: int | None = None
    """That a screen shows."""
    is_accepted: bool = False


class Screens:
    """The chats that wait, are offered or go on.

    Args:
        picks_up: asked at each offer, after how long she accepts it.
        hangs_up: told before a chat ends.
        talk_ms: asked when it begins.
    """

    def __init__(self, world: World, picks_up: PicksUp, hangs_up: HangsUp, talk_ms: TalkMs) -> None:
        self._world = world
        self._picks_up = picks_up
        self._hangs_up = hangs_up
        self._talk_ms = talk_ms
        self._chats: dict[ContactId, _Chat] = {}
        world.hear(
            {
                ev.ContactOffered: self._offered,
                ev.OfferRevoked: self._offer_over,
                ev.OfferRangOut: self._offer_over,
            }
        )

    @property
    def chats_count(self) -> int:
        """How many wait, or go on."""
        return len(self._chats)

    def enter(self, caller: Caller) -> None:
        """Somebody begins to write, and waits."""
        self._chats[caller.contact_id] = _Chat(caller)
        self._world.do(enqueued(caller, ContactChannel.CHAT))

    def leave(self, contact_id: ContactId) -> bool:
        """One who waits has had enough; whether he is gone by it."""
        chat = self._chats.get(contact_id)
        if chat is None or chat.is_accepted:
            return False
        del self._chats[contact_id]
        self._world.do(cmd.ReportCallerGone(contact_id))
        return True

    def _offered(self, event: ev.ContactOffered, at_ms: int) -> None:
        chat = self._chats.get(event.contact_id)
        if chat is not None:
            chat.offer = event.offer
            self._world.after(0, partial(self._show, chat, event))

    def _offer_over(self, event: ev.OfferRevoked | ev.OfferRangOut, at_ms: int) -> None:
        chat = self._chats.get(event.contact_id)
        if chat is not None and chat.offer == event.offer:
            chat.offer = None

    def _show(self, chat: _Chat, offered: ev.ContactOffered) -> None:
        """An offer that she does not see ends by the engine's deadline."""
        if self._is_shown(chat, offered):
            accept_ms = self._picks_up(offered.phone_id)
            if accept_ms is not None and accept_ms < self._world.state.rules.policy.ring_ms:
                self._world.after(accept_ms, partial(self._accept, chat, offered))

    def _accept(self, chat: _Chat, offered: ev.ContactOffered) -> None:
        if not self._is_shown(chat, offered):
            return
        chat.is_accepted = True
        accepted = cmd.AcceptOffer(offered.agent_id, offered.contact_id, offered.offer)
        self._world.do(accepted)
        ends_ms = self._world.now_ms + self._talk_ms(offered.phone_id, chat.caller.talk_ms)
        self._world.at(ends_ms, partial(self._end, offered), First.TALKS_END)

    def _end(self, offered: ev.ContactOffered) -> None:
        self._hangs_up(offered.phone_id)
        del self._chats[offered.contact_id]
        self._world.do(cmd.EndContact(offered.agent_id, offered.contact_id))

    def _is_shown(self, chat: _Chat, offered: ev.ContactOffered) -> bool:
        return chat.offer == offered.offer and offered.contact_id in self._chats
