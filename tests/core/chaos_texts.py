"""What is told of text messages, drawn at random: late, twice, of other tries, or never."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from queue_engine.core import commands as cmd
from queue_engine.core.texts import Text

Pick = Callable[[Sequence[Any]], Any]


def text_command(pick: Pick, text: Text) -> cmd.Command:
    """What may be heard of one that was asked for."""
    failure = pick((cmd.TextFailure.UNREACHABLE,) * 8 + tuple(cmd.TextFailure))
    number = text.tries + pick((1, 1, 1, 1, 0, 2))
    failed = cmd.ReportTextFailed(text.text_id, number, failure)
    told: cmd.Command = pick((failed, failed, failed, cmd.ReportTextSent(text.text_id)))
    return told
