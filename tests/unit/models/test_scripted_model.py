import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crewboard.agents.models.contract import ModelReply, ModelRequest, Turn, Usage
from crewboard.agents.models.registry import open_model
from crewboard.agents.models.scripted import ScriptedModel
from crewboard.errors import InputMissing, InputUnreadable, RateLimited, UnexpectedCall
from crewboard.tools.contract.effect import PURE


def _request(purpose: str = "lead/plan", text: str = "Plan.") -> ModelRequest:
    return ModelRequest(purpose, "", (Turn("user", text),))


def test_a_purpose_has_one_answer_or_one_after_the_other() -> None:
    model = ScriptedModel({"lead/plan": {"steps": []}, "qa/judge": ["first", "second"]})
    assert [model.ask(_request(), key).text for key in "ab"] == ['{"steps": []}'] * 2
    assert [model.ask(_request("qa/judge"), key).text for key in "cd"] == ["first", "second"]


@pytest.mark.parametrize(
    "model",
    [ScriptedModel({"qa/judge": "x"}), ScriptedModel([]), ScriptedModel({"lead/plan": []})],
    ids=["another purpose", "no answers", "none for the purpose"],
)
def test_a_call_that_the_script_does_not_foresee_is_an_error(model: ScriptedModel) -> None:
    with pytest.raises(UnexpectedCall) as caught:
        model.ask(_request(), "k")
    assert "lead/plan" in str(caught.value)


def test_a_script_may_be_a_function_of_the_request() -> None:
    model = ScriptedModel(lambda request: request.turns[-1].text.upper())
    assert model.ask(_request(text="hello"), "k").text == "HELLO"


def test_a_key_is_answered_once_and_found_again() -> None:
    model = ScriptedModel(["first", "second"], cost=7)
    first = model.ask(_request(), "k")
    assert first == ModelReply("first", model.name, Usage(), 7)
    assert model.ask(_request(), "k") == first
    assert model.find(_request(), "k") == first
    assert model.find(_request(), "other") is None


def test_a_scripted_error_is_raised_once_and_its_key_stays_open() -> None:
    model = ScriptedModel([RateLimited(retry_after=1), "then this"])
    with pytest.raises(RateLimited):
        model.ask(_request(), "k")
    assert model.find(_request(), "k") is None
    assert model.ask(_request(), "k").text == "then this"


def test_every_call_is_recorded_with_its_key() -> None:
    model = ScriptedModel(["a", "b"])
    model.ask(_request(text="one"), "k1")
    model.ask(_request(text="two"), "k2")
    assert [(asked.request.turns[0].text, asked.key) for asked in model.asked] == [
        ("one", "k1"),
        ("two", "k2"),
    ]


def test_threads_share_it() -> None:
    model = ScriptedModel([str(number) for number in range(200)])
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda key: model.ask(_request(), str(key)).text, range(200)))
    assert len(texts) == 200


def test_a_script_is_opened_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"lead/plan": "ok"}))
    model = open_model(f"scripted/{path}")
    assert model.ask(_request(), "k").text == "ok"
    assert model.effect == PURE


@pytest.mark.parametrize("content", ["{", "3", "\xff"])
def test_a_file_that_is_no_script_is_unreadable(tmp_path: Path, content: str) -> None:
    path = tmp_path / "script.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputUnreadable):
        open_model(f"scripted/{path}")
    with pytest.raises(InputMissing):
        open_model(f"scripted/{path}.no")
