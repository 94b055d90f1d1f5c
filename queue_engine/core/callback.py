"""Being rung back instead of waiting on the line: a table of its own, beside the contact's.

A contact that is to be rung back is the same contact in the same place of the same queue. While
its caller is still on the line (PROMISED) he is answered there like anybody else; when he has hung
up (AWAITED) nothing of him is at any switch, and he can be offered by all. The offer rings the
nurse's phone first. Once she has answered his own is rung (DIALLED), and when he presses the key
both are in one bridge, as after any answer. Then the promise is kept and this machine is done with.

    (none) -> PROMISED <-> AWAITED <-> DIALLED -> (none)
              PROMISED ------------------------> (none)
                           AWAITED ------------> (none)
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from queue_engine.core import events as ev


class CallbackState(StrEnum):
    """Where a contact is that has been promised to be rung back."""

    PROMISED = "promised"
    """He has asked for it, and is on the line still."""
    AWAITED = "awaited"
    """He is not on the line: he waits for his phone to ring."""
    DIALLED = "dialled"
    """A nurse has answered, and his phone rings."""


_P, _A, _D = CallbackState.PROMISED, CallbackState.AWAITED, CallbackState.DIALLED

CALLBACK: Final[dict[CallbackState | None, dict[type, CallbackState | None]]] = {
    None: {ev.CallbackPromised: _P},
    _P: {
        ev.CallbackAwaited: _A,
        ev.ContactConnected: None,
        ev.ConnectedUnknownPhone: None,
    },
    _A: {
        ev.CallerOnLine: _P,
        ev.CallbackDialled: _D,
        ev.ContactConnected: None,
        ev.ContactEnded: None,
    },
    _D: {
        ev.CallbackNotReached: _A,
        ev.OfferRangOut: _A,
        ev.OfferRejected: _A,
        ev.OfferFailed: _A,
        ev.OfferRevoked: _A,
        ev.ContactConnected: None,
    },
}
"""An offer that ends while only the nurse's phone rings leaves him AWAITED."""
