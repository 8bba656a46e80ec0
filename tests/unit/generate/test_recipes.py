from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from crewboard.errors import CrewboardError, InputMissing, PathOutside
from crewboard.tools.files.chat import faults_of
from crewboard.tools.generate.errors import RecipeInvalid
from crewboard.tools.generate.offline import Templates
from crewboard.tools.generate.order import offline_target, open_target
from crewboard.tools.generate.recipe import load_recipe
from crewboard.tools.generate.requests import Writer
from crewboard.tools.generate.run import Order, Result, carry_out, estimate_of
from crewboard.tools.generate.shipped import SHIPPED, shipped
from crewboard.tools.providers.settings import ModelSettings

SEEDS = Path(__file__).resolve().parents[4] / "shared" / "data" / "self_instruct_seed_tasks.jsonl"
NAMES = sorted(path.stem for path in SHIPPED.glob("*.toml") if "." not in path.stem)
RECIPE = """
name = "small"
rows = 4
prompt = "p.md"
schema = "s.json"
[strata.level]
low = 1
high = 1
"""
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def _written(folder: Path, recipe: str = RECIPE, prompt: str = "Number {number}, {level}.") -> Path:
    (folder / "r.toml").write_text(recipe)
    (folder / "p.md").write_text(prompt)
    (folder / "s.json").write_bytes(orjson.dumps(SCHEMA))
    return folder / "r.toml"


def _offline(name: str, out: Path, rows: int | None = None, examples: Path | None = None) -> Result:
    path = shipped(name)
    assert path is not None
    recipe = load_recipe(path, examples)
    recipe = recipe if rows is None else recipe.with_rows(rows)
    return carry_out(Order(recipe, offline_target(recipe), out))


def _rows(result: Result) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in result.rows.read_bytes().splitlines()]


def test_the_shipped_recipes_are_these() -> None:
    assert NAMES == ["follow-ups", "seed-tasks", "short-videos", "support-desk"]


def test_ten_scripts_hold_sixty_prompts(tmp_path: Path) -> None:
    rows = _rows(_offline("short-videos", tmp_path))
    assert len(rows) == 10
    assert sum(len(row["scenes"]) for row in rows) == 60
    assert sorted({row["tone"] for row in rows}) == ["calm", "funny", "urgent"]


def test_follow_ups_have_their_fixed_number_of_turns(tmp_path: Path) -> None:
    rows = _rows(_offline("follow-ups", tmp_path))
    assert [len(row["messages"]) for row in rows] == [6] * 200
    assert [list(faults_of(row["messages"])) for row in rows] == [[]] * 200


def test_offline_rows_say_so_and_come_out_the_same_every_time(tmp_path: Path) -> None:
    first, second = (_offline("support-desk", tmp_path / name, 150) for name in ("a", "b"))
    assert first.rows.read_bytes() == second.rows.read_bytes()
    rows = _rows(first)
    assert {row["provenance"]["generator"] for row in rows} == {"offline"}
    assert all(row["synthetic"] is True for row in rows)
    assert first.report["by_axis"]["difficulty"] == {"easy": 45, "medium": 68, "hard": 37}
    assert first.report["actual"]["cost_microusd"] == 0


@pytest.mark.skipif(not SEEDS.exists(), reason="the seed tasks are not here")
def test_a_recipe_that_begins_beyond_another_asks_nothing_that_it_asked(tmp_path: Path) -> None:
    """The rest of a set costs nothing twice."""
    path = shipped("support-desk")
    assert path is not None
    base = load_recipe(path).with_rows(150)
    rest = replace(base, file=base.file.model_copy(update={"first": base.beyond}))
    rows = {
        name: _rows(carry_out(Order(recipe, offline_target(recipe), tmp_path / name)))
        for name, recipe in (("base", base), ("rest", rest))
    }
    asked = {name: {row["provenance"]["request"] for row in rows[name]} for name in rows}
    assert [len(asked[name]) for name in rows] == [150, 150]
    assert not asked["base"] & asked["rest"]
    assert rest.sha256 == base.sha256


def test_a_users_own_seed_tasks_are_used_where_they_lie(tmp_path: Path) -> None:
    rows = _rows(_offline("seed-tasks", tmp_path, 60, SEEDS))
    known = {orjson.loads(line)["instruction"] for line in SEEDS.read_bytes().splitlines()}
    assert all(any(row["task"].endswith(each) for each in known) for row in rows)
    assert len(rows) == 60


@pytest.mark.parametrize("name", NAMES)
def test_no_two_questions_of_a_shipped_recipe_are_the_same(name: str) -> None:
    path = shipped(name)
    assert path is not None
    recipe = load_recipe(path)
    writer = Writer(recipe.with_rows(300), offline_target(recipe))
    keys = [writer.first(cell, n).key for cell in recipe.cells() for n in range(1, 9)]
    assert len(set(keys)) == len(keys)
    Templates(recipe).check()


WRONG: list[tuple[str, str, str, str]] = [
    ("an unknown key", "colour = 1\n" + RECIPE, "x", "colour"),
    ("no rows", RECIPE.replace("rows = 4", "rows = 0"), "x", "rows"),
    ("broken TOML", "name = ", "x", "its TOML"),
    ("an unknown place", RECIPE, "For {nobody}.", "{nobody}"),
    ("a weight below zero", RECIPE.replace("low = 1", "low = -1"), "x", "strata.level"),
    ("a slash in a label", RECIPE.replace("low = 1", '"a/b" = 1'), "x", "holds no /"),
    ("turns without a chat", RECIPE.replace("rows = 4", "rows = 4\nturns = 2"), "x", "turns"),
    ("a label that is a field", RECIPE.replace("strata.level", "strata.text"), "x", "text is also"),
    (
        "a field that is not there",
        RECIPE + '[diversity]\nfields = ["nothing"]\n',
        "x",
        "the schema has no nothing",
    ),
]


@pytest.mark.parametrize(("name", "recipe", "prompt", "told"), WRONG, ids=[row[0] for row in WRONG])
def test_a_recipe_that_cannot_hold_is_refused_by_its_place(
    tmp_path: Path, name: str, recipe: str, prompt: str, told: str
) -> None:
    """F15: before anything is sent."""
    with pytest.raises(RecipeInvalid) as caught:
        load_recipe(_written(tmp_path, recipe, prompt))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [('prompt = "gone.md"', InputMissing), ('prompt = "../up.md"', PathOutside)],
)
def test_a_recipe_names_only_what_lies_beside_it(
    tmp_path: Path, change: str, expected: type[CrewboardError]
) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "up.md").write_text("secret")
    with pytest.raises(expected):
        load_recipe(_written(folder, RECIPE.replace('prompt = "p.md"', change)))


def test_a_prompt_that_asks_twice_the_same_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text("[answer]\ntext = '{word}'\n[rules]\nword = ['a', 'b']\n")
    text = RECIPE.replace("rows = 4", "rows = 4\ngrammar = 'g.toml'")
    recipe = load_recipe(_written(tmp_path, text, "Always the same, {level}."))
    with pytest.raises(RecipeInvalid, match="are the same"):
        carry_out(Order(recipe, offline_target(recipe), tmp_path / "out"))


def test_an_estimate_shows_its_arithmetic(tmp_path: Path) -> None:
    """F22: tokens, rate, kind of operation and the version of the price table beside the figure."""
    recipe = load_recipe(_written(tmp_path))
    luna = open_target("openai/gpt-6-luna", ModelSettings(key_variable=""), {})
    told = estimate_of(Order(recipe, luna, tmp_path)).told()
    assert told.startswith("4 requests, 92 tokens in at 0.1 and ")
    assert f"USD per million (inference, prices of {luna.price.version}): about 0.0" in told
    free = estimate_of(Order(recipe, offline_target(recipe), tmp_path)).told()
    assert free == "4 requests, 92 tokens in, free"
