"""A secret key in a file of its own: made once, private, and never made anew over old data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from queue_engine.core.errors import SamkoError
from queue_engine.journal.private_files import (
    open_to_others,
    replace_private,
    sync_directory,
    write_private,
)

KEY_BYTES: Final = 32


class KeyFileError(SamkoError):
    """A key file is missing, exposed, or does not hold a key. Says which, never the key."""


def create_key(path: Path) -> bytes:
    """Make a new key in a file of mode 0600.

    Raises:
        KeyFileError: it cannot be written, or the file is there already.
    """
    key = secrets.token_bytes(KEY_BYTES)
    if path.exists():
        raise KeyFileError(f"key file {path} is there already")
    try:
        replace_private(path, key)
    except OSError as exc:
        raise KeyFileError(f"key file {path} cannot be made: {exc.strerror}") from exc
    return key


def read_or_create_key(path: Path) -> bytes:
    """The key in the file, which is made if there is none: of several who try, one makes it.

    Raises:
        KeyFileError: it cannot be written, others may read it, or it does not hold a key.
    """
    if not path.exists():
        beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
        try:
            write_private(beside, secrets.token_bytes(KEY_BYTES))
            try:
                os.link(beside, path)
            except FileExistsError:
                pass  # somebody else was quicker
            finally:
                beside.unlink()
            sync_directory(path.parent)
        except OSError as exc:
            raise KeyFileError(f"key file {path} cannot be made: {exc.strerror}") from exc
    return read_key(path)


def read_key(path: Path) -> bytes:
    """The key in the file.

    Raises:
        KeyFileError: it is missing, others may read it, or it does not hold a key.
    """
    try:
        if open_to_others(path):
            raise KeyFileError(f"key file {path} can be read by others; its mode should be 0600")
        with path.open("rb") as file:
            key = file.read(KEY_BYTES + 1)
    except OSError as exc:
        raise KeyFileError(f"key file {path} cannot be read: {exc.strerror}") from exc
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"key file {path} does not hold a key of {KEY_BYTES} bytes")
    return key


def destroy_key(path: Path) -> None:
    """Overwrite the key, then remove its file.

    A file system that writes elsewhere (copy on write, flash) may keep the old block until it is
    used again; nothing that a program can do prevents that.

    Raises:
        KeyFileError: it could not be destroyed and must be tried again.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            os.pwrite(descriptor, bytes(KEY_BYTES), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink()
        sync_directory(path.parent)
    except FileNotFoundError:
        return  # somebody else was quicker
    except OSError as exc:
        raise KeyFileError(f"key file {path} cannot be destroyed: {exc.strerror}") from exc
