"""What can go wrong in a conversation with Asterisk.

SamkoError
|-- CallLeft        the channel has left this conversation (hung up, or redirected: no telling)
+-- AgiError        the conversation cannot go on
    |-- AgiGarbage      the peer sent what no Asterisk sends
    |-- AgiRejected     Asterisk refused a command of ours
    +-- AgiSilent       no answer within the command's own deadline
"""

from __future__ import annotations

from queue_engine.core.errors import SamkoError


class CallLeft(SamkoError):
    """The channel is no longer in this conversation.

    Never a proof that the caller hung up: a Redirect ends an AGI in the same way while the
    caller talks with a nurse a moment later. Only the switch's own report ends a contact.
    """


class AgiError(SamkoError):
    """The conversation cannot go on; the channel goes its way in the dialplan."""


class AgiGarbage(AgiError):
    """The peer sent what no Asterisk sends."""


class AgiRejected(AgiError):
    """Asterisk refused a command of ours, or it failed."""


class AgiSilent(AgiError):
    """No answer came within the command's own deadline."""
