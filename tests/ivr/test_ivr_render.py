"""Sound files by the real espeak-ng and sox, measured."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import wave
from array import array
from pathlib import Path

import pytest

from ivr.prompts import PromptTexts, sentences
from ivr.render import PromptError, RenderReport, render_all
from tests.ivr.fakes import shipped

TEXTS = shipped()[1]
TOOLS = ("espeak-ng", "sox")


@pytest.fixture(autouse=True)
def _tools() -> None:
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        why = f"{' and '.join(lacking)} not installed: apt-get install espeak-ng sox"
        if os.environ.get("SAMKO_REQUIRE_ALL") == "1":
            pytest.fail(why)
        pytest.skip(why)


def swedish(**texts: str) -> PromptTexts:
    return PromptTexts("sv", "sv", 150, (("112", "ett ett två"),), texts)


def rendered(out: Path, *texts: PromptTexts, recorded: Path | None = None) -> RenderReport:
    return render_all(texts, out, recorded, deadline_s=60)


def samples(path: Path) -> array[int]:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8_000, 1, 2)
        return array("h", sound.readframes(sound.getnframes()))


def test_a_text_becomes_a_sound_that_is_heard_and_not_clipped(tmp_path: Path) -> None:
    rendered(tmp_path, swedish(a="Ring 112.", b="Ring 112. Du är nummer tjugoett i kön."))
    short, long = samples(tmp_path / "sv/a.wav"), samples(tmp_path / "sv/b.wav")
    assert 0.8 < len(short) / 8_000 < 3
    assert len(long) > 1.8 * len(short)
    for sound in (short, long):
        peak = max(max(sound), -min(sound))
        assert 20_000 < peak < 25_000  # -3 dB of full scale
        assert max(map(abs, sound[:200])) < 200  # begins with silence


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_shipped_sentences_can_be_rendered(tmp_path: Path, language: str) -> None:
    texts = TEXTS[language]
    longest = sorted(texts.texts, key=lambda name: -len(texts.texts[name]))[:2]
    some = {name: sentences(texts)[name] for name in (*longest, "place_21", "wait_5_10")}
    told: list[str] = []
    only = PromptTexts(language, texts.voice, texts.words_per_minute, texts.spoken, some)
    report = render_all([only], tmp_path, progress=lambda *step: told.append(str(step)))
    assert sorted(report.rendered) == sorted(f"{language}/{name}" for name in some)
    assert len(told) == len(some)
    assert f"({len(some)}, {len(some)}, " in told[-1]


def test_the_pronunciation_of_numbers_that_are_names() -> None:
    """The voice reads `1177` as a number of four digits; what we send it is another word."""

    def phonemes(text: str) -> str:
        command = ["espeak-ng", "-v", "sv", "-q", "-x", "--stdin"]
        said = subprocess.run(command, input=text, text=True, capture_output=True, check=True)
        return re.sub(r"\s+", " ", said.stdout).strip()

    texts = TEXTS["sv"]
    assert phonemes(texts.said("1177")) == phonemes("ett ett sju sju")
    assert phonemes("1177") != phonemes("ett ett sju sju")
    assert phonemes(texts.said("112")) == phonemes("ett ett två")


def test_only_what_changed_is_rendered(tmp_path: Path) -> None:
    first = rendered(tmp_path, swedish(a="Ett.", b="Två."))
    assert first.rendered == ("sv/a", "sv/b")
    again = rendered(tmp_path, swedish(a="Ett.", b="Två."))
    assert (again.rendered, again.unchanged) == ((), ("sv/a", "sv/b"))
    changed = rendered(tmp_path, swedish(a="Ett.", b="Tre."))
    assert (changed.rendered, changed.unchanged) == (("sv/b",), ("sv/a",))
    (tmp_path / "sv/a.wav").unlink()
    assert rendered(tmp_path, swedish(a="Ett.", b="Tre.")).rendered == ("sv/a",)


def test_what_is_no_longer_said_is_removed_and_nothing_else(tmp_path: Path) -> None:
    rendered(tmp_path, swedish(a="Ett.", b="Två."))
    (tmp_path / "sv/by_hand.wav").write_bytes(b"mine")
    report = rendered(tmp_path, swedish(a="Ett."))
    assert report.removed == ("sv/b",)
    assert sorted(path.name for path in (tmp_path / "sv").glob("*.wav")) == ["a.wav", "by_hand.wav"]


def test_a_damaged_list_of_what_was_rendered_costs_time_only(tmp_path: Path) -> None:
    rendered(tmp_path, swedish(a="Ett."))
    for damage in ("{", "[]", ""):
        (tmp_path / "sv/rendered.json").write_text(damage)
        assert rendered(tmp_path, swedish(a="Ett.")).rendered == ("sv/a",)


def test_a_recorded_file_wins_and_is_taken_over_in_the_right_form(tmp_path: Path) -> None:
    out, recorded = tmp_path / "out", tmp_path / "recorded"
    (recorded / "sv").mkdir(parents=True)
    tone = ["-r", "44100", "-c", "2", "-b", "24", str(recorded / "sv/a.wav")]
    subprocess.run(["sox", "-n", *tone, "synth", "1", "sine", "440", "vol", "0.1"], check=True)
    report = rendered(out, swedish(a="Ett.", b="Två."), recorded=recorded)
    assert (report.recorded, report.rendered) == (("sv/a",), ("sv/b",))
    assert 1.1 < len(samples(out / "sv/a.wav")) / 8_000 < 1.3
    assert rendered(out, swedish(a="Ett.", b="Två."), recorded=recorded).recorded == ()
    (recorded / "sv/a.wav").unlink()
    assert rendered(out, swedish(a="Ett.", b="Två."), recorded=recorded).rendered == ("sv/a",)


def test_a_recorded_file_that_is_no_sound_is_told_with_its_name(tmp_path: Path) -> None:
    recorded = tmp_path / "recorded"
    (recorded / "sv").mkdir(parents=True)
    (recorded / "sv/a.wav").write_bytes(b"not a sound")
    with pytest.raises(PromptError, match=r"^sv/a: sox failed: "):
        rendered(tmp_path / "out", swedish(a="Ett."), recorded=recorded)


def test_a_prompt_that_is_too_long_for_a_step_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"sv/a: lasts .* say it in two prompts"):
        rendered(tmp_path, swedish(a="Du är nummer tjugoett i kön. " * 16))
    assert list((tmp_path / "sv").glob("*.wav")) == []


def test_an_unknown_voice_is_told(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"^xx/a: espeak-ng failed: "):
        rendered(tmp_path, PromptTexts("xx", "zzz", 150, (), {"a": "Ett."}))


def test_a_text_is_never_an_option(tmp_path: Path) -> None:
    rendered(tmp_path, swedish(a="-w /tmp/elsewhere.wav", b="<voice> & $(id)"))
    assert len(list((tmp_path / "sv").glob("*.wav"))) == 2


def test_time_is_bounded_and_what_is_done_stays(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="the time for rendering is up"):
        render_all([swedish(a="Ett.")], tmp_path, deadline_s=0)
    assert rendered(tmp_path, swedish(a="Ett.")).rendered == ("sv/a",)


def test_a_missing_tool_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromptError, match=r"espeak-ng is needed .*apt-get install"):
        rendered(tmp_path / "out", swedish(a="Ett."))
    assert render_all([], tmp_path / "out").rendered == ()


def test_nothing_half_done_is_left_behind(tmp_path: Path) -> None:
    rendered(tmp_path, swedish(a="Ett."))
    assert sorted(path.name for path in (tmp_path / "sv").iterdir()) == ["a.wav", "rendered.json"]
