"""What a board names is looked up on the disk, in the repository and in the ledger."""

import subprocess
from pathlib import Path

import pytest
from unit.views.scenes import Scene

from crewboard.coordination.board.lint import lint
from crewboard.coordination.board.lint.gather import (
    case_of,
    facts_of,
    lost_commits,
    missing_paths,
    view_of,
)
from crewboard.coordination.tasks import State


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, str]:
    """A repository with one commit, and its name."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(tmp_path), "-c", "user.name=ada", "-c", "user.email=a@b", *arguments],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    git("init", "--quiet")
    (tmp_path / "a").write_text("a")
    git("add", "a")
    git("commit", "--quiet", "-m", "a")
    return tmp_path, git("rev-parse", "HEAD")


def test_paths_are_looked_for_beneath_the_root(tmp_path: Path) -> None:
    """F4."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "one.jsonl").write_text("{}")
    board = b"""- `data/one.jsonl`, `data/`, `data/*.jsonl`, `one.jsonl`, [one](data/one.jsonl#top)
- `data/two.jsonl` `data/*.csv` [two](two.md) `gone.py`
- `/etc/passwd` `../x/y.md` `~/x/y.md` `.../x/y.md` `https://x.y/z.md` `and/or maybe` `v1.2` #top
```
`in/code.md`
```
"""
    found = missing_paths(board, tmp_path)
    assert found == {"data/two.jsonl", "data/*.csv", "two.md", "gone.py"}


@pytest.mark.parametrize(
    "name", ["a/" * 190 + "b", "a\0/b.md", "**/" * 100 + "x.md", "x/***/y.md", "a" * 300 + "/b.md"]
)
def test_a_hostile_path_is_missing_and_breaks_nothing(name: str, tmp_path: Path) -> None:
    assert missing_paths(f"- `{name}`".encode(), tmp_path) <= {name}


def test_commits_are_asked_of_the_repository(repository: tuple[Path, str]) -> None:
    root, head = repository
    board = f"- commit {head[:10]}, `{head}`, `da0a599`, commit beefcafe1, `1234567`, `deadbeef`"
    assert lost_commits(board.encode(), root) == {"da0a599", "beefcafe1"}


def test_without_a_repository_no_commit_is_called_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert lost_commits(b"- `da0a599`", tmp_path) == frozenset()


def test_without_git_no_commit_is_called_lost(
    repository: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert lost_commits(b"- `da0a599`", repository[0]) == frozenset()


def test_a_repository_named_by_the_environment_is_not_asked(
    repository: tuple[Path, str],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """GIT_DIR of a hook that runs us points at another repository."""
    root, head = repository
    monkeypatch.setenv("GIT_DIR", str(tmp_path_factory.mktemp("other")))
    assert lost_commits(f"- `{head}` `da0a599`".encode(), root) == {"da0a599"}


def test_the_ledgers_facts_are_what_the_rules_ask_for(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    goal = scene.goal()
    step = scene.step(goal, "mix")
    scene.move(step, State.WORKING)
    scene.make(step)
    facts = facts_of(scene.workspace, scene.ledger, None)
    assert {goal.id, step.id} <= facts.ids
    assert facts.tasks[step.id].state == "WORKING"
    assert not facts.crew_alive
    assert len(facts.hashes) == 1
    assert facts.last is not None
    assert facts.last >= facts.tasks[goal.id].last
    assert view_of(scene.workspace, scene.ledger) is not None


def test_the_board_that_a_crew_left_is_clean_but_for_work_that_stands_still(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.finish(scene.step(scene.goal(), "mix"))
    data = scene.refresh()
    text = data if isinstance(data, bytes) else data.encode()
    told = lint(case_of(text, scene.workspace))
    assert {each.rule for each in told} <= {"B303"}


def test_a_goal_is_at_rest_while_only_a_human_can_move_it(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    goal = scene.goal()
    scene.move(goal, State.WORKING, "children")
    asked = scene.ask(goal)
    assert facts_of(scene.workspace, scene.ledger, None).tasks[goal.id].at_rest
    scene.answer(asked, "drop")
    facts = facts_of(scene.workspace, scene.ledger, None)
    assert not facts.tasks[goal.id].at_rest
    assert facts.decided == {asked.id}


def test_looking_up_leaves_no_trace(tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    missing_paths(b"- `a/b.md`", tmp_path)
    lost_commits(b"- `da0a599`", tmp_path)
    assert sorted(tmp_path.iterdir()) == before
