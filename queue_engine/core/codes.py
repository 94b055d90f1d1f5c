"""Short codes that people choose from a list: the only words about a contact that are kept.

A code says nothing of a person that the list did not foresee, so free text is refused.
"""

from __future__ import annotations

import re
from typing import Final

from queue_engine.core.errors import Refused

CODE: Final = re.compile(r"[a-z0-9_-]{1,40}")


def require_code(code: str, what: str) -> None:
    """The word is a code: small letters, digits, `_` and `-`, at most 40.

    Raises:
        Refused: it is not; `what` says which word.
    """
    if not CODE.fullmatch(code):
        raise Refused("bad_code", f"{what} must be a short code of a-z, 0-9, _ and -")
