"""Who acts at an Asterisk: the contract on a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from queue_engine.telephony import dialplan
from queue_engine.telephony.beat import NOBODY
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.lab_engine import Ami
from tests.telephony.beat_contract import BeatContract, Manager

pytestmark = pytest.mark.asterisk


class TestBeat(BeatContract):
    """`Beat` at a real manager."""

    @pytest.fixture
    async def manager(self, asterisk: LocalAsterisk) -> AsyncIterator[Manager]:
        async with Ami(asterisk) as ami:
            ivr = (await ami.act("Getvar", Variable=dialplan.AGI))["Value"]
            await ami.act("Setvar", Variable=dialplan.BEAT, Value=NOBODY)
            yield Manager(asterisk.ami_port, asterisk.ami_secret, asterisk.ami_user)
            await ami.act("Setvar", Variable=dialplan.BEAT, Value=NOBODY)
            await ami.act("Setvar", Variable=dialplan.AGI, Value=ivr)
