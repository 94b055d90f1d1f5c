"""The fake desk keeps the contract that the real one keeps."""

from __future__ import annotations

import pytest

from ivr.desk import Desk
from tests.ivr.desk_contract import DeskContract
from tests.ivr.fakes import FakeDesk


class TestFakeDesk(DeskContract):
    @pytest.fixture
    def desk(self) -> Desk:
        return FakeDesk()
