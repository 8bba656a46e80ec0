import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from crewboard.agents.models.contract import ModelRequest, Turn
from crewboard.agents.models.registry import open_model
from crewboard.agents.models.replay import ReplayModel, Tape
from crewboard.agents.models.scripted import ScriptedModel
from crewboard.errors import InputMissing, InputUnreadable, RateLimited, UnexpectedCall
from crewboard.tools.contract.effect import PURE, Effect, EffectKind, OnUnknown

_ONCE = Effect(EffectKind.AT_MOST_ONCE, OnUnknown.ASK_HUMAN, spends=True)


def _request(text: str) -> ModelRequest:
    return ModelRequest("qa/judge", "Judge.", (Turn("user", text),), {"type": "object"}, {"n": 1})


def _echo(request: ModelRequest) -> str:
    return f"Zoë says {request.turns[-1].text}"


def test_what_was_recorded_is_played_back_for_ever_without_the_model(tmp_path: Path) -> None:
    path = tmp_path / "tapes" / "run.jsonl"
    live = ScriptedModel(_echo, name="scripted/echo", cost=7, effect=_ONCE)
    recorder = ReplayModel(Tape(path), live)
    first = recorder.ask(_request("hello"), "k1")
    assert (first.cost, recorder.effect, recorder.estimate(_request("new"))) == (7, _ONCE, 7)
    player = open_model(f"replay/{path}")
    for key in ("k2", "k3"):
        assert player.ask(_request("hello"), key) == replace(first, cost=0)
    assert player.effect == PURE
    assert player.estimate(_request("hello")) == 0


def test_each_question_is_asked_and_written_once(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    live = ScriptedModel(_echo)
    recorder = ReplayModel(Tape(path), live)
    for key in ("a", "b"):
        recorder.ask(_request("hello"), key)
    assert len(live.asked) == 1
    ReplayModel(Tape(path), live).ask(_request("hello"), "c")
    assert len(live.asked) == 1
    assert len(path.read_text().splitlines()) == 1


def test_an_unexpected_call_in_playback_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    ReplayModel(Tape(path), ScriptedModel(_echo)).ask(_request("hello"), "k")
    with pytest.raises(UnexpectedCall) as caught:
        ReplayModel(Tape(path)).ask(_request("other"), "k")
    assert "holds 1 other calls" in str(caught.value)


@pytest.mark.parametrize(
    "changed",
    [
        replace(_request("hello"), purpose="x"),
        replace(_request("hello"), system="x"),
        replace(_request("hello"), schema=None),
        replace(_request("hello"), facts={}),
        replace(_request("hello"), max_tokens=1),
        _request("hello "),
    ],
)
def test_whatever_a_request_says_is_part_of_its_identity(
    tmp_path: Path, changed: ModelRequest
) -> None:
    tape = Tape(tmp_path / "run.jsonl")
    tape.record(_request("hello"), ScriptedModel(_echo).ask(_request("hello"), "k"))
    assert tape.get(_request("hello")) is not None
    assert tape.get(changed) is None


def test_an_error_is_not_recorded(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "run.jsonl")
    recorder = ReplayModel(tape, ScriptedModel([RateLimited(), "fine"]))
    with pytest.raises(RateLimited):
        recorder.ask(_request("hello"), "k")
    assert len(tape) == 0
    assert recorder.ask(_request("hello"), "k").text == "fine"


def test_a_line_that_a_crash_tore_is_cut_off_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    live = ScriptedModel(_echo)
    ReplayModel(Tape(path), live).ask(_request("one"), "a")
    with path.open("ab") as file:
        file.write(b'{"digest": "to')
    again = ReplayModel(Tape(path), live)
    again.ask(_request("two"), "b")
    assert [json.loads(line)["reply"]["text"] for line in path.read_text().splitlines()] == [
        "Zoë says one",
        "Zoë says two",
    ]


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"digest": "x"}', b"\xff", b""])
def test_a_spoilt_line_is_named_and_not_skipped(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(InputUnreadable) as caught:
        open_model(f"replay/{path}")
    assert "line 1" in str(caught.value)


def test_a_missing_tape_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        open_model(f"replay/{tmp_path}/none.jsonl")


def test_what_the_tape_holds_is_found_with_its_cost_and_the_rest_is_looked_up(
    tmp_path: Path,
) -> None:
    live = ScriptedModel(_echo, cost=7)
    recorder = ReplayModel(Tape(tmp_path / "run.jsonl"), live)
    reply = recorder.ask(_request("hello"), "k")
    assert recorder.find(_request("hello"), "another") == reply
    assert recorder.find(_request("other"), "another") is None
    assert ReplayModel(Tape(tmp_path / "run.jsonl")).find(_request("other"), "k") is None


def test_threads_and_tapes_of_the_same_file_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    tapes = [Tape(path), Tape(path)]
    live = ScriptedModel(_echo)

    def record(number: int) -> None:
        ReplayModel(tapes[number % 2], live).ask(_request(str(number)), str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, range(40)))
    assert len(Tape(path)) == 40
