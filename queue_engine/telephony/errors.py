"""What can go wrong between us and a telephone switch.

    TelephonyError
    |-- ActionInvalid     cannot be put on the wire as one action; nothing was sent
    |-- NotConnected      no switch to send to; nothing was sent
    |-- OutcomeUnknown    sent, but no answer came: the switch may or may not have acted
    +-- ConnectFailed     a connection could not be made; the sentence names the place
        +-- LoginRefused  the switch is there and does not let us in

Nobody re-sends after `OutcomeUnknown`: the state of the switch is asked for instead.
"""

from __future__ import annotations

from queue_engine.core.errors import SamkoError


class TelephonyError(SamkoError):
    """The root of the telephony errors."""


class ActionInvalid(TelephonyError):
    """An action that cannot be written to the wire as it is; names the header, not its value."""


class NotConnected(TelephonyError):
    """There is no logged-in connection; nothing was sent."""


class OutcomeUnknown(TelephonyError):
    """No answer in time, or the connection ended before it came."""


class ConnectFailed(TelephonyError):
    """A connection could not be made, or what answers there is no Asterisk manager."""


class LoginRefused(ConnectFailed):
    """The manager refused user name or secret; an operator has to act."""
