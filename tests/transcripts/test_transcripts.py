"""The rules of the queue as stories that a call-centre manager can read.

After a change of the rules: `SAMKO_REWRITE=1 pytest tests/transcripts`, then read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.transcripts.sentences import _SENTENCES
from tests.transcripts.story import play

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_goes_as_written(path: Path) -> None:
    text = path.read_text()
    played = play(text)
    if os.environ.get("SAMKO_REWRITE"):
        path.write_text(played)
        return
    assert played == text


def test_every_sentence_of_the_engine_is_told_somewhere() -> None:
    """So that each event can be seen in a story, with the words used for it."""
    told = "\n".join(path.read_text() for path in FILES)
    for words in _TELLING.values():
        assert words in told, words
    assert set(_TELLING) == {kind.__name__ for kind in _SENTENCES}


def test_a_sentence_that_is_none_is_named_with_its_line() -> None:
    with pytest.raises(ValueError, match="line 3: not a sentence: 'the moon rises'"):
        play("== a story\n\nthe moon rises\n")
    with pytest.raises(ValueError, match="line 1: a story begins with =="):
        play("10 s pass\n")


def test_what_came_of_it_is_written_anew() -> None:
    played = play("== a story\ncaller c1 from 01 gets a place\n> something else\n\n# the end\n")
    assert played == "== a story\ncaller c1 from 01 gets a place\n> c1 has a place\n\n# the end\n"


_TELLING = {
    "PolicyLoaded": "new rules are in force",
    "WindowSet": "is on",
    "LendingSet": "lends to tiers 0 and 1 only",
    "LimitTurned": "is over its limit",
    "LineOpened": "is open",
    "LineClosed": "is closed",
    "CommandFailed": "the engine failed at",
    "ContactEnqueued": "has a place",
    "ContactRestored": "is back by its ticket",
    "ContactSeenWaiting": " waits",
    "ContactSeenInFallback": "is fetched back",
    "ContactPriorityChanged": "is now",
    "ContactKept": "waits for whom it prefers",
    "KeepingEnded": "may be answered by anybody",
    "NeedsRelaxed": "is content with",
    "ContactShared": "is shared with",
    "ContactUnshared": "is no longer shared",
    "ContactPostponed": "rests until",
    "PostponementEnded": "may be offered again",
    "TriedForgotten": "may be offered to",
    "EmergencyOverdue": "has waited too long",
    "ContactConnected": "talks with",
    "ConnectedUnknownPhone": "where nobody is signed on",
    "ContactReturned": "is back in its place",
    "HomeRegionCorrected": "from now on, no longer",
    "WrapUpProlonged": "may wrap up until",
    "DispositionSet": "has noted of",
    "ContactTransferred": "transferred c1 to",
    "ContactHeld": "is on hold",
    "HoldOverdue": "is still on hold",
    "ContactRetrieved": "talk again",
    "ConsultOffered": "is rung to be asked about",
    "ConsultAnswered": "is asked about",
    "ConferenceStarted": "talks with both",
    "ConsultEnded": "is out of it",
    "ContactHandedOver": "no longer a1",
    "ContactSentBack": "gave c1 back",
    "ContactEnded": "has ended",
    "ContactForgotten": "is forgotten",
    "ContactOffered": "> offered",
    "OfferSeen": "rings on until",
    "OfferRangOut": "did not answer",
    "OfferRejected": "declined",
    "OfferFailed": "could not be reached",
    "OfferRevoked": "ends: an emergency needs her",
    "LateAnswer": "picked up",
    "LateReport": "a late report",
    "AgentSignedOn": "is signed on",
    "AgentSignedOff": "is signed off",
    "SignOffAwaited": "will be signed off",
    "SignOffTakenBack": "stays",
    "AgentBecameReady": "is ready",
    "AgentStrained": "rests until",
    "StrainEased": "has rested",
    "AgentForced": "takes a1 out",
    "AgentBecameNotReady": "is not ready",
    "WrapUpStarted": "wraps up until",
    "WrapUpEnded": "is done with",
    "CallbackPromised": "is promised to be rung back by",
    "CallbackAwaited": "waits to be rung",
    "CallerOnLine": "is on the line himself",
    "CallbackDialled": "a1 picked up, and the phone of",
    "CallbackNotReached": "was not reached",
    "CallbackTextAsked": "is to have a text message",
    "TextSent": "the text message to c1 is sent",
    "TextFailed": "is not sent (",
    "TextAskedAgain": "is to have that text message now",
    "TextGivenUp": "has had no text message",
    "TextForgotten": "is no longer shown",
    "CallbackOverdue": "was to be rung back by now",
    "MisuseMarked": "> a1 finds no emergency",
    "EmergencyPressedAgain": "hears once more",
    "CallsForgotten": "who rang on that day",
    "ContactRefused": "is turned away in",
    "LinkLost": "is out of reach",
    "LinkRestored": "is in reach",
    "LinkReconciled": "showed otherwise",
    "IslandBegan": "> an island begins with",
    "TrunkFailed": "the trunk from ast1 to ast2 rests",
    "TrunkRestEnded": "is tried again",
    "IslandContactMerged": "was on the island, talk of",
    "IslandContactAwaited": "on the island counts when it is over",
    "IslandContactTaken": "has the place that it had on the island",
    "IslandTextTaken": "is to have the text message of the island",
    "IslandMerged": "the island is known up to its record",
    "IslandForgotten": "is too long ago to be told of",
    "GatewayRestored": "the gateway west is in reach",
    "GatewayLost": "the gateway west is out of reach",
    "GatewaySeatsSet": "the gateway west has 2 seats",
}
