"""`samko doctor` at a real Asterisk: with an engine that steers it, without, and misconfigured."""

from __future__ import annotations

from pathlib import Path

import pytest

from queue_engine.serve.doctor import Finding, Level, examine
from queue_engine.telephony.local_asterisk import LocalAsterisk
from tests.asterisk.engine import LINK, EngineFiles, EngineHere

pytestmark = pytest.mark.asterisk


async def told_of_link(files: EngineFiles) -> list[Finding]:
    """What the doctor says of the link."""
    return [one async for one in examine(files.config) if one.area == f"link {LINK}"]


async def test_a_steered_asterisk_is_well_and_the_doctor_does_not_disturb_it(
    asterisk: LocalAsterisk, tmp_path: Path
) -> None:
    files = EngineFiles(tmp_path, asterisk)
    async with EngineHere(files) as engine:
        findings = [one async for one in examine(files.config)]
        told = {one.area: one for one in findings if one.level is Level.OK}
        assert "IVR port" in told
        assert "in use by process" in told["journal"].text
        texts = [one.text for one in findings if one.area == f"link {LINK}"]
        assert len(texts) == 3
        assert "version 22." in texts[0]
        assert texts[1:] == ["its dialplan has all our contexts", "it sees an engine's beat"]
        assert engine.state.is_link_up(LINK)


async def test_an_asterisk_without_an_engine_is_ready_for_one(
    asterisk: LocalAsterisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKO_AMI_SECRET", asterisk.ami_secret)
    findings = await told_of_link(EngineFiles(tmp_path, asterisk))
    assert {one.level for one in findings} == {Level.OK}
    assert findings[-1].text == "no engine steers it now"


async def test_a_wrong_secret_and_a_missing_dialplan_are_named(
    asterisk: LocalAsterisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = EngineFiles(tmp_path, asterisk)
    monkeypatch.setenv("SAMKO_AMI_SECRET", "wrong")
    (refused,) = await told_of_link(files)
    assert refused.level is Level.FAULT
    assert "refuses the login: Authentication failed" in refused.text
    monkeypatch.setenv("SAMKO_AMI_SECRET", asterisk.ami_secret)
    monkeypatch.setattr("queue_engine.serve.doctor_links.CONTEXTS", ("waiting", "no-such"))
    missing = [one for one in await told_of_link(files) if one.level is Level.FAULT]
    assert [one.text for one in missing] == ["its dialplan has no context no-such"]
