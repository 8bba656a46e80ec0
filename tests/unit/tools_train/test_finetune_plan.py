from pathlib import Path

import pytest

from crewboard.errors import InputUnreadable
from crewboard.tools.finetune.plan import Plan


def plan(**settings: object) -> Plan:
    return Plan("train.jsonl", "run", **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "rows", "steps"),
    [
        ({"base": "b", "batch_size": 16, "gradient_accumulation": 4}, 43_170, 675),  # one epoch
        ({"base": "b", "batch_size": 8}, 8, 1),
        ({"base": "b", "batch_size": 8}, 9, 2),  # the last batch may be smaller
        ({"base": "b", "batch_size": 8, "epochs": 3}, 9, 6),
        ({"base": "b", "batch_size": 8, "epochs": 0.01}, 9, 1),
        ({"max_steps": 10, "epochs": 3}, 1000, 10),
        ({}, 1000, 200),  # tiny
        ({"epochs": 1}, 1000, 125),
    ],
)
def test_planned_steps_follow_from_rows_and_settings(
    settings: dict[str, object], rows: int, steps: int
) -> None:
    """F23: what is planned is a number before the start, to hold what was done against."""
    assert plan(**settings).steps(rows) == steps


def test_settings_are_what_decides_the_result_and_nothing_else() -> None:
    """F17: the resolved rate is shown, not the one that was left open."""
    assert plan().settings() == Plan("elsewhere.jsonl", "other").settings()
    assert plan().settings() != plan(seed=1).settings()
    assert plan().settings()["learning_rate"] == 1e-2
    assert plan(base="b").settings()["learning_rate"] == 2e-4


@pytest.mark.parametrize("text", ["{", '{"data": "a"}', '{"data": "a", "folder": "b", "lora": 1}'])
def test_a_plan_with_a_fault_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(InputUnreadable):
        Plan.read(tmp_path / "plan.json")
