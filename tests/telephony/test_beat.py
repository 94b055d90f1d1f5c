"""Who acts at an Asterisk: the contract on a fake manager, and what only a fake can do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from queue_engine.telephony.beat import ShownBeat
from queue_engine.telephony.errors import TelephonyError
from tests.telephony.beat_contract import BeatContract, Manager, engine
from tests.telephony.fake_ami import FakeAmi, error, message


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as ami:
        yield ami


class TestBeat(BeatContract):
    """`Beat` at a fake manager."""

    @pytest.fixture
    async def manager(self, ami: FakeAmi) -> Manager:
        return Manager(ami.port, ami.secret)


@pytest.mark.parametrize("text", ["", "0", "17", "3 words here", "1 2 3 4", "a b c", "a-b-c"])
def test_what_was_not_written_here_is_nobodys_beat(text: str) -> None:
    beat = ShownBeat.read(text)
    assert (beat.holder, beat.write()) == ("", text)


def test_what_is_written_is_read() -> None:
    beat = ShownBeat("17", "f00d", 1_795_372_007)
    assert ShownBeat.read(beat.write()) == beat


async def test_a_clock_that_was_set_ahead_makes_no_beat_old(ami: FakeAmi) -> None:
    async with engine("a", Manager(ami.port, ami.secret)) as a:
        await a.take()
        ami.globals["SAMKO_BEAT"] = "1 other 1000"
        ami.answers["setvar"] = lambda _: error("not now")
        with pytest.raises(TelephonyError, match="Setvar was refused: not now"):
            await a.beat.take()


@pytest.mark.parametrize("said", ["", "soon", "-1", "1_000", "9" * 5_000])
async def test_a_switch_that_does_not_tell_the_time_ends_the_coming(
    ami: FakeAmi, said: str
) -> None:
    ami.globals["SAMKO_BEAT"] = "1 other 1000"
    ami.answers["getvar"] = lambda _: message(Response="Success", Value=said)
    async with engine("a", Manager(ami.port, ami.secret)) as a:
        with pytest.raises(TelephonyError, match="the switch's clock says"):
            await a.beat.take()


async def test_a_list_without_our_own_session_ends_the_coming(ami: FakeAmi) -> None:
    ami.globals["SAMKO_BEAT"] = "1 other 1000"
    ami.answers["command"] = lambda _: message(Response="Success", Output="0 users connected.")
    async with engine("a", Manager(ami.port, ami.secret)) as a:
        with pytest.raises(TelephonyError, match="our own session"):
            await a.beat.take()
