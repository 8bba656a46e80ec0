"""`crewboard data repair`, as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.tools.data_rows import chat, read_rows, write_rows

from crewboard.cli.data.repair import repair
from crewboard.errors import ArgumentsInvalid, ConfigInvalid
from crewboard.tools.audit.rules import RULES


def typed(*words: str) -> Result:
    result = CliRunner().invoke(repair, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    turns = [{"role": "client", "content": "a"}, {"role": "gpt", "content": "b."}]
    write_rows(tmp_path / "data.jsonl", [chat("good"), chat("x", ""), {"messages": turns}])
    return tmp_path


def test_the_offers_are_shown_for_every_rule(here: Path) -> None:
    shown = typed("--offers").output
    assert all(f"\n{rule} " in shown for rule in RULES)
    told = json.loads(typed("--offers", "--json").output)["offers"]
    assert {offer["rule"] for offer in told} == set(RULES)


def test_a_plan_and_options_choose_together(here: Path) -> None:
    (here / "repair.toml").write_text(
        '[fix]\nunknown-role = "reconstruct"\nempty-content = "leave"\n[aliases]\nclient = "user"\n'
    )
    result = typed("data.jsonl", "--plan", "repair.toml", "--fix", "empty-content=drop")
    assert result.exit_code == 0
    (rows,) = here.glob("repaired/rows.*.jsonl")
    assert [row["messages"][0]["role"] for row in read_rows(rows)] == ["user", "user"]
    lines = [line.split() for line in result.output.splitlines()]
    assert ["empty-content", "drop", "1", "0", "0"] in lines
    assert ["unknown-role", "reconstruct", "1", "1", "0"] in lines
    told = typed("data.jsonl", "--fix", "empty-content=drop", "--json")
    assert json.loads(told.output)["dropped"] == {"empty-content": 1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a FILE"),
        (["data.jsonl"], "nothing was chosen"),
        (["data.jsonl", "--fix", "empty-content"], "write RULE=ACTION"),
        (["data.jsonl", "--max-words", "0"], "not in the range"),
    ],
)
def test_wrong_usage_is_one_sentence(here: Path, words: list[str], said: str) -> None:
    result = typed(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert not (here / "repaired").exists()


def test_a_wrong_choice_names_what_is_offered(here: Path) -> None:
    with pytest.raises(ArgumentsInvalid, match="there is drop, reconstruct:first"):
        typed("data.jsonl", "--fix", "duplicate-key=reconstruct")


@pytest.mark.parametrize("text", ["[fix", "[fix]\na = 3\n", "[fixes]\n", 'max_words = "many"'])
def test_a_plan_that_cannot_be_read_names_its_place(here: Path, text: str) -> None:
    (here / "repair.toml").write_text(text)
    with pytest.raises(ConfigInvalid, match=r"repair\.toml"):
        typed("data.jsonl", "--plan", "repair.toml")
