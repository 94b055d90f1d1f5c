"""The trunk to each contact centre elsewhere: has Asterisk one, and does anybody answer there?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from queue_engine.serve.doctor_finding import Finding, fault, ok, warning
from queue_engine.telephony.ami_message import Action, AmiResponse
from queue_engine.telephony.ami_outbound import show_gateway
from queue_engine.telephony.dialplan import gateway_endpoint
from queue_engine.telephony.gateway_facts import is_gateway_reached
from routing.gateways import Gateway

CONTEXT: Final = "samko-gateway"
_SAMPLE: Final = "deploy/asterisk/pjsip_gateways.conf.sample"


async def gateways(
    ask: Callable[[Action], Awaitable[AmiResponse]], agreed: Iterable[Gateway]
) -> list[Finding]:
    """What one Asterisk says of those that hang on it.

    Args:
        ask: asks that Asterisk; may raise `TelephonyError`.
        agreed: those of `gateways.yaml` that are its.
    """
    return [_finding(gateway, await ask(show_gateway(gateway.gateway_id))) for gateway in agreed]


def _finding(gateway: Gateway, said: AmiResponse) -> Finding:
    area, endpoint = f"gateway {gateway.gateway_id}", gateway_endpoint(gateway.gateway_id)
    details = said.events("EndpointDetail")
    if not details:
        advice = f"write it into pjsip_gateways.conf there ({_SAMPLE}), then `pjsip reload`"
        return fault(area, f"{gateway.link_id} has no endpoint {endpoint}", advice)
    if details[0].get("context") != CONTEXT:
        advice = f"set context = {CONTEXT} in its pjsip_gateways.conf: so that it is taken for one"
        return fault(area, f"the endpoint {endpoint} of {gateway.link_id} is no gateway's", advice)
    if not is_gateway_reached(said):
        advice = f"look at the contact of its aor, and at the other centre ({_SAMPLE})"
        return warning(area, f"nobody answers there, as {gateway.link_id} sees it", advice)
    return ok(area, f"it answers at the trunk of {gateway.link_id}: {gateway.seats} seats")
