"""The policy as text: what `LoadPolicy` carries and the journal keeps."""

from __future__ import annotations

import json

from queue_engine.core.errors import BadInput
from queue_engine.core.plain import from_plain, to_plain
from routing.policy import Policy


def write_policy(policy: Policy) -> str:
    """The policy as one line of JSON; equal policies give equal text."""
    return json.dumps(to_plain(policy), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_policy(text: str) -> Policy:
    """The policy in `text`, whatever its rules say.

    So a journal stays readable whose policy was accepted when less was known to be a fault.

    Raises:
        BadInput: it is not a policy.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadInput(f"policy: not JSON: {fault}") from None
    policy: Policy = from_plain(Policy, plain)
    return policy


def require_sound_policy(text: str) -> None:
    """Looks at a policy before it is accepted.

    Raises:
        BadInput: it is not a policy, or its rules contradict each other; says all faults.
    """
    if problems := list(read_policy(text).problems()):
        raise BadInput("policy: " + "; ".join(problems))
