"""The embedded telephone network for people at browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from queue_engine.core.errors import Refused
from queue_engine.telephony.embedded.call import EmbeddedCall, Pace
from queue_engine.telephony.embedded.call_news import CallListener
from queue_engine.telephony.embedded.phone import EmbeddedPhone
from routing.vocabulary import ContactId, PhoneId, RegionCode

if TYPE_CHECKING:
    from queue_engine.serve.service import Service

CALLS_MAX: Final = 200
"""Of people at once; what a page begins costs more than what the crowd does."""
REGION_VARIABLE: Final = "SAMKO_NETWORK_REGION"
"""By which the embedded network says where a caller is, as a public network does."""


class Telephones:
    """The `console_api.ports.TelephonesPort` of a service with an embedded network."""

    def __init__(self, service: Service) -> None:
        assert service.embedded is not None
        self._service = service
        self._phones = {seat.phone_id for seat in service.embedded.seats}

    def dial(
        self, called_number: str, from_region: RegionCode | None, listener: CallListener
    ) -> EmbeddedCall:
        """See `TelephonesPort`."""
        network = self._service.network
        people = sum(call.pace is Pace.REAL for call in network.calls())
        if people >= CALLS_MAX:
            raise Refused("overloaded", f"{CALLS_MAX} people call from browsers already")
        variables = {REGION_VARIABLE: from_region} if from_region else {}
        return network.dial(
            called_number, None, listener=listener, pace=Pace.REAL, variables=variables
        )

    def call(self, contact_id: ContactId) -> EmbeddedCall | None:
        """See `TelephonesPort`."""
        calls = self._service.network.calls()
        return next((call for call in calls if call.contact_id == contact_id), None)

    def phone(self, phone_id: PhoneId) -> EmbeddedPhone:
        """See `TelephonesPort`."""
        if phone_id not in self._phones:
            raise Refused("unknown_phone", f"no phone {phone_id} is for people")
        return self._service.network.phone(phone_id)
