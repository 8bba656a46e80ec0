import pytest
from pydantic import BaseModel, ConfigDict, Field

from crewboard.agents.models.contract import ModelReply, ModelRequest, Turn
from crewboard.agents.models.scripted import Scripted, ScriptedModel
from crewboard.agents.models.structured import ask_structured, json_text
from crewboard.canonical import digest
from crewboard.errors import PaymentRequired, ReplyInvalid


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    steps: list[str]
    rows: int = Field(ge=1)


_GOOD = '{"steps": ["audit"], "rows": 5}'
_REQUEST = ModelRequest("lead/plan", "", (Turn("user", "Plan."),))


def _ask(*script: Scripted, repairs: int = 2) -> tuple[Plan, ScriptedModel]:
    model = ScriptedModel(script)

    def ask(request: ModelRequest) -> ModelReply:
        return model.ask(request, digest([turn.text for turn in request.turns]))

    return ask_structured(ask, _REQUEST, Plan, repairs=repairs), model


@pytest.mark.parametrize(
    "text",
    [
        _GOOD,
        f"\n  {_GOOD}\n",
        f"```json\n{_GOOD}\n```",
        f"```\n{_GOOD}\n```",
        f"Here it is:\n\n```json\n{_GOOD}\n```\n\nGood luck!",
    ],
    ids=["plain", "with blanks", "fenced", "fenced, no language", "fenced, with talk around"],
)
def test_a_value_is_read_plain_or_from_its_only_fence(text: str) -> None:
    plan, model = _ask(text)
    assert plan == Plan(steps=["audit"], rows=5)
    assert len(model.asked) == 1


def test_a_fence_inside_of_json_is_text() -> None:
    text = '{"steps": ["```json\\n{}\\n```"], "rows": 1}'
    assert json_text(text) == text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("no JSON at all", "the answer: Invalid JSON"),
        ('{"steps": []}', "rows: Field required"),
        ('{"steps": [], "rows": 0}', "rows: Input should be greater than or equal to 1"),
        ('{"steps": [1], "rows": 1}', "steps.0: Input should be a valid string"),
        ('{"steps": [], "rows": 1, "x": 1}', "x: Extra inputs are not permitted"),
        ("[" * 100_000, "the answer: Invalid JSON"),
        (f"```json\n{_GOOD}\n```\n```json\n{_GOOD}\n```", "the answer: Invalid JSON"),
    ],
    ids=["talk", "missing", "out of range", "wrong type", "invented", "a bomb", "two answers"],
)
def test_a_wrong_answer_is_shown_again_with_what_is_wrong_with_it(wrong: str, told: str) -> None:
    plan, model = _ask(wrong, _GOOD)
    assert plan.rows == 5
    repaired = model.asked[1].request.turns
    assert repaired[:2] == (_REQUEST.turns[0], Turn("assistant", wrong))
    assert repaired[2].role == "user"
    assert told in repaired[2].text


def test_every_repair_is_another_question_under_another_key() -> None:
    _, model = _ask("{", "{", _GOOD)
    assert len({asked.key for asked in model.asked}) == 3


def test_repairs_end() -> None:
    with pytest.raises(ReplyInvalid) as caught:
        _ask("{", "[", "last", "never asked")
    assert caught.value.facts["tries"] == 3
    assert caught.value.facts["text"] == "last"
    with pytest.raises(ReplyInvalid):
        _ask("{", _GOOD, repairs=0)


def test_an_answer_that_never_was_one_is_asked_for_again_too() -> None:
    broken = ReplyInvalid(provider="x", tries=1, reason="an empty body came")
    plan, model = _ask(broken, _GOOD)
    assert plan.rows == 5
    (first, repair) = model.asked[1].request.turns
    assert first == _REQUEST.turns[0]
    assert "an empty body came" in repair.text


def test_an_answer_that_was_cut_is_asked_for_shorter() -> None:
    cut = ModelReply('{"steps": ["au', "scripted/x", finish="length")
    _, model = _ask(cut, _GOOD)
    assert "be shorter" in model.asked[1].request.turns[-1].text


def test_the_schema_is_the_values_own_unless_the_request_has_one() -> None:
    _, model = _ask(_GOOD)
    assert model.asked[0].request.schema == Plan.model_json_schema()


def test_every_other_error_passes() -> None:
    with pytest.raises(PaymentRequired):
        _ask(PaymentRequired(provider="x", status=402, reason="pay"), _GOOD)


def test_hundreds_of_faults_are_told_in_short() -> None:
    faults = '{"steps": [' + ",".join(["1"] * 500) + '], "rows": 1}'
    _, model = _ask(faults, _GOOD)
    told = model.asked[1].request.turns[-1].text
    assert "and 490 more" in told
    assert len(told) < 2500
