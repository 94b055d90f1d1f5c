"""Secrets: a configuration file says where one is, never what it is.

House rules: a secret is read when it is used, so that a check needs none; it is never printed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from queue_engine.config.problems import ConfigError, Problem
from queue_engine.config.source import Section

SECRET_BYTES_MAX: Final = 4096
_ASSIGNED: Final = re.compile(r"secret\s*=>?\s*([^\s;]*)\s*(;.*)?")
ENVIRONMENT_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where a secret is: a file, or an environment variable."""

    file: Path | None
    variable: str
    """Read when there is no file."""
    said_at: Problem = field(compare=False)
    """The place in the configuration; its message names the key."""

    def read(self, environment: Mapping[str, str] = os.environ) -> str:
        """The secret.

        Raises:
            ConfigError: there is none, or others than owner and group may read its file.
        """
        if self.file is None:
            secret = environment.get(self.variable, "")
            if not secret:
                raise self._error(f"the environment variable {self.variable} is not set")
        else:
            secret = self._of_file(self.file)
        if not secret.isprintable():
            raise self._error("a secret is one line of printable characters")
        return secret

    def _of_file(self, file: Path) -> str:
        try:
            mode = file.stat().st_mode
            if not stat.S_ISREG(mode):
                raise self._error(f"{file} is not a regular file")
            if mode & stat.S_IROTH:
                raise self._error(f"{file} can be read by everybody; chmod 640 it")
            with file.open("rb") as stream:
                text = stream.read(SECRET_BYTES_MAX).decode()
        except OSError as exc:
            raise self._error(f"{file} cannot be read: {exc.strerror or exc}") from exc
        except UnicodeDecodeError as exc:
            raise self._error(f"{file} is not UTF-8 text") from exc
        secret = _secret_in(text)
        if not secret:
            raise self._error(f"{file} holds no secret")
        return secret

    def _error(self, message: str) -> ConfigError:
        at = self.said_at
        return ConfigError([Problem(at.path, at.line, f"{at.message}: {message}")])


def secret_place(section: Section, default_variable: str) -> SecretPlace:
    """Reads `secret_file` (relative to the configuration file) or `secret_env`."""
    file, variable = section.may("secret_file"), section.may("secret_env")
    if section.may("secret").is_given:
        section.may("secret").fault("a secret does not belong here; use secret_file or secret_env")
    if file.is_given and variable.is_given:
        variable.fault("expected either secret_file or secret_env")
    used = file if file.is_given else variable
    # Private: somebody may have put the secret itself here.
    name = variable.matching(
        ENVIRONMENT_VARIABLE, "a variable's name such as SAMKO_AMI_SECRET", is_private=True
    )
    path = file.text(length_max=1_000)
    return SecretPlace(
        file=Path(section.path).parent / path if path else None,
        variable=name or default_variable,
        said_at=Problem(used.path, used.line, used.where),
    )


def _secret_in(text: str) -> str:
    """The first line that is neither empty nor a comment, as it is or from `secret = ...`.

    The latter so that Asterisk's own `manager_secret.conf` will do.
    """
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith(";"):
            assigned = _ASSIGNED.fullmatch(stripped)
            return assigned[1] if assigned else stripped
    return ""
