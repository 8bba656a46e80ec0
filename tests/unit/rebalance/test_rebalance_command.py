"""`crewboard data rebalance`, as it is typed."""

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.tools.data_rows import chat, write_rows

from crewboard.cli.data.generate import generate
from crewboard.cli.data.rebalance import rebalance
from crewboard.errors import SharesOutOfReach

TARGET = "difficulty=easy:.3,medium:.45,hard:.25"


def typed(*words: str) -> Result:
    result = CliRunner().invoke(rebalance, words, standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    counts = {"easy": 60, "medium": 30, "hard": 10}
    rows = [chat(f"{k} {n}", difficulty=k) for k, most in counts.items() for n in range(most)]
    write_rows(tmp_path / "data.jsonl", rows)
    return tmp_path


def test_shares_are_shown_before_and_after(here: Path) -> None:
    result = typed("data.jsonl", "--target", TARGET)
    assert result.return_value == 0
    assert ["difficulty", "hard", "25.00%", "10", "10.00%", "10", "23.26%"] in [
        line.split() for line in result.output.splitlines()
    ]
    assert len(list(here.glob("rebalanced/rows.*.jsonl"))) == 1


def test_a_check_answers_by_its_exit_code(here: Path) -> None:
    """F19."""
    assert typed("data.jsonl", "--target", TARGET, "--check").return_value == 5
    typed("data.jsonl", "--target", TARGET, "--rows", "40")
    (rows,) = here.glob("rebalanced/rows.*.jsonl")
    told = typed(str(rows), "--target", TARGET, "--check", "--json")
    assert told.return_value == 0
    assert json.loads(told.stdout)["within"]


def test_the_plans_of_an_audit_toml_are_targets(here: Path) -> None:
    (here / "audit.toml").write_text(
        "[fields]\ndifficulty = 'difficulty'\n[balance.difficulty]\ntolerance = 0.3\n"
        "[balance.difficulty.plan]\neasy = 0.3\nmedium = 0.45\nhard = 0.25\n"
    )
    assert typed("data.jsonl", "--plan", "audit.toml", "--check").return_value == 0
    off = typed("data.jsonl", "--plan", "audit.toml", "--tolerance", "0.1", "--check")
    assert off.return_value == 5


def test_what_is_missing_becomes_a_command_that_generates_it(here: Path) -> None:
    """F21, F22: the recipe, its price, and the line that fills the gap."""
    model = ["--model", "anthropic/claude-haiku-4-5"]
    words = ["data.jsonl", "--target", TARGET, "--by", "generating", "--recipe", "support-desk"]
    result = typed(*words, *model)
    (line,) = [each for each in result.output.splitlines() if " data generate " in each]
    typed_next = shlex.split(line)[3:]
    context = generate.make_context("generate", typed_next)
    assert Path(context.params["recipe"]).is_file()
    assert context.params["budget"] > 0
    assert "about 0." in result.output


def test_shares_out_of_reach_are_refused(here: Path) -> None:
    with pytest.raises(SharesOutOfReach, match="hard is short by 15 rows for 100"):
        typed("data.jsonl", "--target", TARGET, "--rows", "100")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data.jsonl"], "name --target"),
        (["data.jsonl", "--target", "difficulty"], "is no target"),
        (["data.jsonl", "--target", "difficulty=easy"], "is no target"),
        (["data.jsonl", "--target", "difficulty=easy:many"], "is no target"),
        (["data.jsonl", "--target", TARGET, "--by", "generating"], "needs --recipe"),
    ],
)
def test_wrong_usage_is_one_sentence(here: Path, words: list[str], said: str) -> None:
    result = CliRunner().invoke(rebalance, words)
    assert result.exit_code == 2
    assert said in result.output
    assert not (here / "rebalanced").exists()
