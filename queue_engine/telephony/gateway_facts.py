"""What Asterisk says of the trunk to a contact centre on another telephone system: pure."""

from __future__ import annotations

from typing import Final

from queue_engine.telephony.ami_message import AmiResponse

_OUT_OF_REACH: Final = ("Unavailable", "Invalid", "Unknown")
"""What Asterisk calls the state of an endpoint at whose contacts nobody answers, or has none."""


def is_gateway_reached(response: AmiResponse) -> bool:
    """Whether somebody answers there, from the answer to `show_gateway`."""
    details = response.events("EndpointDetail")
    return any(each.get("devicestate") not in ("", *_OUT_OF_REACH) for each in details)
