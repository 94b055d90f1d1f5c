"""How long things take in the embedded network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkTimes:
    """The seconds of `deploy/asterisk/extensions.conf` and `pjsip.conf`, in milliseconds."""

    ring_ms: int = 20_000
    """How long a phone rings before the caller waits on."""
    dial_ms: int = 40_000
    """How long the phone of a caller rings who is rung back, until he has accepted."""
    talk_ms_min: int = 1_000
    """An agent who hung up sooner has not talked: the caller waits on."""
    round_ms: int = 10_000
    """One round of waiting music."""
    announce_rounds: int = 6
    """After so many rounds an announcement."""
    silence_ms: int = 60_000
    """A phone that is unplugged in a talk for so long has lost it."""
    claim_ms: int = 60_000
    """Of the wall's clock: a call found after a restart that nobody takes over by then is ended."""
