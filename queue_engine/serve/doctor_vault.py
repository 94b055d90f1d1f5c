"""The vault in Redis: whether this node has its key."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from queue_engine.config.problems import ConfigError
from queue_engine.config.redis_file import RedisSettings
from queue_engine.core.errors import SamkoError
from queue_engine.journal.redis_vault import RedisVault, VaultUnreachable, has_vault
from queue_engine.serve.doctor_finding import Finding, ok, warning
from queue_engine.serve.journal import place_of


def shared_vault(settings: RedisSettings, key: Path) -> Finding | None:
    """Whether this node's key fits; None: Redis cannot be asked, which others tell.

    Args:
        key: this node's vault key.
    """
    try:
        place = place_of(settings)
        if not has_vault(place):
            if key.exists():
                return ok("vault", f"the vault of {place} is begun at the first start, with {key}")
            text = f"the vault of {place} is begun at the first start, with a new key in {key}"
            return ok("vault", f"{text}; every other node wants a copy of it")
        with closing(RedisVault(place, key)):
            return ok("vault", f"{key} is the key of the vault of {place}")
    except (ConfigError, VaultUnreachable):
        return None
    except SamkoError as fault:
        text = f"{fault}; this node keeps nothing of callers, and knows none who rings again"
        return warning("vault", text, f"copy {key.name} from a node that has it, with mode 0600")
