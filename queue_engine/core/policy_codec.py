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
    """The policy in `text`.

    Raises:
        BadInput: it is not a policy, or its rules contradict each other; says all faults.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise BadInput(f"policy: not JSON: {fault}") from None
    policy: Policy = from_plain(Policy, plain)
    if problems := list(policy.problems()):
        raise BadInput("policy: " + "; ".join(problems))
    return policy
