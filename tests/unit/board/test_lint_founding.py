"""What really was wrong on the boards of the founding crews, and nothing that was not."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from unit.board.boards import FOUNDING

from crewboard.coordination.board.lint import Finding, LintCase, lint
from crewboard.coordination.board.lint.gather import missing_paths

pytestmark = pytest.mark.skipif(
    not FOUNDING.exists(), reason="the founding boards are not beside this checkout"
)
BOARDS = ["board", "board.mojibake", "week2-status", "week2-status.mojibake", "research-todo"]


def found(name: str) -> list[Finding]:
    data = (FOUNDING / f"{name}.md").read_bytes()
    missing = missing_paths(data, FOUNDING)
    return list(lint(LintCase(data, datetime(2026, 11, 21, tzinfo=UTC), missing=missing)))


def lines(name: str, rule: str) -> list[int]:
    return [each.line for each in found(name) if each.rule == rule]


def test_the_kanban_board() -> None:
    """F4, F6, F28: done and in the backlog at once, files that are not there, done without evidence."""
    told = found("board")
    assert lines("board", "B102") == [36]
    assert "Run 4 COMPLETE" in next(each.says for each in told if each.rule == "B102")
    assert len(lines("board", "B204")) == 13
    assert lines("board", "B205") == [7, 9, 10, 12]
    assert lines("board", "B301") == [27, 28], "dedup policy, and a mix that awaits sign-off"
    assert lines("board", "B302") == [43], "the unpaid bill has no owner"
    assert lines("board", "B504") == [31, 32, 33], "three questions without options or deadline"
    named = {each.says.split()[3].rstrip(",") for each in told if each.rule == "B201"}
    assert {"agents/KANBAN.md", "TODO.md", "evaluation/", "build_stage1_mix.py"} <= named
    assert {each.rule for each in told} == {"B102", "B201", "B204", "B205", "B301", "B302", "B504"}


def test_the_status_report() -> None:
    """F19, F20, F28: a day that does not exist, future steps ticked, "100 %" beside 2,723 addresses."""
    told = found("week2-status")
    assert lines("week2-status", "B401") == [65, 266]
    assert all("October 32" in each.says for each in told if each.rule == "B401")
    assert lines("week2-status", "B108") == [159, 160, 161, 162, 163, 164]
    beside = [each for each in told if each.rule == "B109"]
    assert 38 in [each.line for each in beside]
    assert all("2,723 email patterns" in each.says for each in beside)
    assert {each.rule for each in told} == {"B108", "B109", "B201", "B401"}


def test_the_research_list() -> None:
    assert lines("research-todo", "B106") == [10, 19, 30], "open, though all below is done"
    assert lines("research-todo", "B301") == [17]
    assert {each.rule for each in found("research-todo")} == {"B106", "B201", "B205", "B301"}


@pytest.mark.parametrize("name", ["board", "week2-status"])
def test_a_misread_board_gives_the_same_and_its_encoding(name: str) -> None:
    right, wrong = found(name), found(f"{name}.mojibake")
    (encoding,) = [each for each in wrong if each.rule == "B601"]
    assert "Mac Roman" in encoding.says
    assert [each for each in wrong if each != encoding] == right


@pytest.mark.parametrize("name", BOARDS)
def test_each_line_is_told_once_by_a_rule_for_one_thing(name: str) -> None:
    told = Counter((each.rule, each.line, each.says) for each in found(name))
    assert max(told.values()) == 1
