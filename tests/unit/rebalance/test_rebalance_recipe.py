"""Recipes for what is missing: their strata are the gap, and what they make closes it."""

import json
from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import chat, made, run, write_rows

from crewboard.errors import ConfigInvalid, PriceUnknown, UnknownName
from crewboard.tools.contract import Outcome
from crewboard.tools.generate.errors import RecipeInvalid
from crewboard.tools.generate.recipe import Recipe, load_recipe
from crewboard.tools.generate.tool import generate_offline
from crewboard.tools.rebalance import RebalanceArguments, rebalance, rebalance_recipe
from crewboard.tools.rebalance.check import shares_of
from crewboard.tools.rebalance.written import _toml

LEVELS = {"easy": 0.3, "medium": 0.45, "hard": 0.25}
KINDS = {"bug": 0.5, "idea": 0.5}
TOML = """name = "tickets"
rows = 10
prompt = "texts/ask.md"
schema = "answer.schema.json"
grammar = "answers.toml"
[diversity]
near = 1
[strata.client]
"A/S \\\\ 'x'" = 1
other = 1
[strata.difficulty]
easy = 1
medium = 1
hard = 1
[strata.kind]
bug = 1
idea = 1
[about.difficulty]
easy = "one step"
medium = "two \\"steps\\" \\u007f"
hard = "many\\nsteps"
"""


def recipe(folder: Path, text: str = TOML) -> str:
    (folder / "texts").mkdir(exist_ok=True)
    (folder / "texts" / "ask.md").write_text(
        "A {difficulty} {kind} of {client}: {about.difficulty}, {number}"
    )
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
    }
    (folder / "answer.schema.json").write_text(json.dumps(schema))
    (folder / "answers.toml").write_text('[answer]\nanswer = "{number} of {stratum}"\n')
    (folder / "tickets.toml").write_text(text.replace("\"A/S \\\\ 'x'\"", "\"A-S \\\\ 'x'\""))
    return "tickets.toml"


def asked(folder: Path, counts: dict[str, int], **arguments: Any) -> Outcome:
    rows = [
        chat(f"{level} {n}", difficulty=level, kind="bug" if n % 3 else "idea")
        for level, most in counts.items()
        for n in range(most)
    ]
    given = {
        "data": (write_rows(folder / "data.jsonl", rows),),
        "targets": {"difficulty": LEVELS},
        "recipe": recipe(folder),
    }
    return run(rebalance_recipe, folder, **given | arguments)


def recipes(outcome: Outcome) -> list[Recipe]:
    return [load_recipe(path) for path in sorted(made(outcome, "recipes").glob("*-rest*.toml"))]


def test_the_strata_are_exactly_what_is_missing(tmp_path: Path) -> None:
    """F21: 798 easy, 535 medium, 0 hard: the rest is asked for, and nothing else."""
    outcome = asked(tmp_path, {"easy": 798, "medium": 535})
    (rest,) = recipes(outcome)
    quotas: dict[str, int] = {}
    for cell in rest.cells():
        quotas[cell.labels["difficulty"]] = quotas.get(cell.labels["difficulty"], 0) + cell.quota
    assert quotas == {"medium": 660, "hard": 664}
    assert outcome.measured["rows"] == 798 + 535 + 660 + 664
    assert rest.file.rows == outcome.measured["missing"] == 1324
    assert rest.file.first == load_recipe(tmp_path / recipe(tmp_path)).beyond
    assert set(rest.file.strata) == {"client", "difficulty", "kind"}


def test_a_recipe_says_what_the_other_one_said(tmp_path: Path) -> None:
    (rest,) = recipes(asked(tmp_path, {"easy": 60, "medium": 30, "hard": 10}))
    base = load_recipe(tmp_path / "tickets.toml")
    assert (rest.prompt, rest.schema, rest.system) == (base.prompt, base.schema, base.system)
    assert rest.file.strata["client"] == base.file.strata["client"]
    assert rest.file.about["difficulty"] == {
        label: text for label, text in base.file.about["difficulty"].items() if label != "easy"
    }


def test_two_fields_that_depend_on_each_other_take_several_recipes(tmp_path: Path) -> None:
    """A recipe crosses its axes; a gap is seldom a product of its sides."""
    outcome = asked(
        tmp_path,
        {"easy": 60, "medium": 30, "hard": 10},
        targets={"difficulty": LEVELS, "kind": KINDS},
    )
    told = outcome.measured["recipes"]
    assert [each["labels"]["difficulty"] for each in told] == [["medium"], ["hard"]]
    quotas: dict[tuple[str, str], int] = {}
    for rest in recipes(outcome):
        for cell in rest.cells():
            at = (cell.labels["difficulty"], cell.labels["kind"])
            quotas[at] = quotas.get(at, 0) + cell.quota
    total = outcome.measured["rows"]
    bugs = 40 + 20 + 6 + sum(rows for (_, kind), rows in quotas.items() if kind == "bug")
    assert abs(bugs - total / 2) < 1
    assert 100 + sum(quotas.values()) == total


def test_what_the_recipe_makes_closes_the_gap(tmp_path: Path) -> None:
    """F21: from rows to recipe to rows, and a look that says so."""
    outcome = asked(tmp_path, {"easy": 30, "medium": 15, "hard": 5})
    place = next(made(outcome, "recipes").glob("*-rest.toml"))
    filled = run(generate_offline, tmp_path, "new", recipe=str(place.relative_to(tmp_path)))
    files = (str(tmp_path / "data.jsonl"), str(made(filled, "rows")))
    parsed = rebalance.parse({"data": files, "targets": {"difficulty": LEVELS}})
    assert isinstance(parsed, RebalanceArguments)
    found = shares_of(parsed, lambda *_: None)
    assert (found["within"], found["rows"]) == (True, outcome.measured["rows"])


def test_the_cost_is_that_of_the_model_and_needs_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F22: told before anything is spent."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    other = tmp_path / "other"
    other.mkdir()
    outcome = asked(tmp_path, {"easy": 60, "hard": 9}, model="anthropic/claude-haiku-4-5")
    estimate = outcome.measured["recipes"][0]["estimate"]
    assert estimate["requests"] == outcome.measured["missing"]
    assert outcome.measured["cost"] == estimate["cost"] > 0
    assert "USD" in outcome.summary
    assert asked(other, {"easy": 60, "hard": 9}).measured["cost"] is None


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"targets": {"level": {"easy": 1.0}}}, RecipeInvalid, "no such axis; there are client"),
    ({"targets": {"difficulty": {"easy": 0.5, "brutal": 0.5}}}, RecipeInvalid, "asks for no brutal"),
    ({"model": "anthropic/nobody-knows"}, PriceUnknown, "nobody-knows"),
    ({"model": "nobody/x"}, UnknownName, "nobody"),
    ({"targets": {"difficulty": {"easy": 0.6, "medium": 0.3, "hard": 0.1}}}, ConfigInvalid,
     "nothing is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "told"), WRONG)
def test_what_no_recipe_can_fill_is_refused(
    tmp_path: Path, arguments: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        asked(tmp_path, {"easy": 60, "medium": 30, "hard": 10}, **arguments)


def test_any_text_is_written_as_toml_reads_it() -> None:
    import tomllib

    texts = ["\x7f", '"', "\\", "\n\t\x01", "é\U0001f600", "a.b", "", "'''", "# no"]
    told = {"list": texts, "number": 1.5, "table": {text: text for text in texts if text}}
    told |= {"deep": {text: {"x": 1} for text in texts if text}}
    assert tomllib.loads(_toml(told)) == told
