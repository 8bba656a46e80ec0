"""Paths that cannot leave the workspace, however they are written."""

from pathlib import Path

import pytest

from crewboard.errors import CrewboardError, InputMissing, InputUnreadable, PathOutside
from crewboard.tools.files.beneath import Beneath


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "crew"
    for folder in ("data", ".crewboard", ".git"):
        (root / folder).mkdir(parents=True)
    (root / "data" / "rows.jsonl").write_text("{}\n")
    (root / "KANBAN.md").touch()
    (tmp_path / "secret.txt").touch()
    (tmp_path / "crewmate").mkdir()
    (tmp_path / "crewmate" / "rows.jsonl").touch()
    (root / "data" / "out").symlink_to(tmp_path)
    (root / "data" / "in").symlink_to(root / "data" / "rows.jsonl")
    (root / "board").symlink_to(root / "KANBAN.md")
    (root / "loop").symlink_to(root / "loop")
    return root


@pytest.mark.parametrize("path", ["data/rows.jsonl", "./data/../data/rows.jsonl", "data/in"])
def test_what_lies_beneath_is_found(root: Path, path: str) -> None:
    assert Beneath(root).existing(path) == root / "data" / "rows.jsonl"
    assert Beneath(root).existing(str(root / path)) == root / "data" / "rows.jsonl"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("../secret.txt", PathOutside),
        ("data/../../secret.txt", PathOutside),
        ("/etc/passwd", PathOutside),
        ("../crewmate/rows.jsonl", PathOutside),  # a name that only begins alike
        ("data/out/secret.txt", PathOutside),  # through a link
        ("data/out", PathOutside),
        ("data/rows.jsonl\0.txt", PathOutside),
        ("loop", InputUnreadable),
        ("data/\ud800", PathOutside),  # no name that this system can hold
        ("../nowhere", PathOutside),  # what is outside is not told to be missing
        ("data/nowhere", InputMissing),
        ("~/secret.txt", InputMissing),  # no shell is at work here
        ("data/" + "x" * 300, InputUnreadable),
    ],
)
def test_nothing_else_is_read(root: Path, path: str, error: type[CrewboardError]) -> None:
    with pytest.raises(error) as caught:
        Beneath(root).existing(path)
    assert str(caught.value).isprintable()


def test_a_source_that_the_human_named_is_read_and_nothing_beside_it(
    root: Path, tmp_path: Path
) -> None:
    beneath = Beneath(root, [tmp_path / "secret.txt"])
    assert beneath.existing("../secret.txt") == tmp_path / "secret.txt"
    assert beneath.existing(str(tmp_path / "secret.txt")) == tmp_path / "secret.txt"
    with pytest.raises(PathOutside):
        beneath.existing("../crewmate/rows.jsonl")
    with pytest.raises(PathOutside):
        beneath.writable("../secret.txt")


@pytest.mark.parametrize(
    "path",
    [
        "KANBAN.md",
        "crewboard.toml",
        ".crewboard/ledger.db",
        ".crewboard/key",
        ".git/config",
        "data/../KANBAN.md",
        "board",  # a link to it
        "../elsewhere",
        "data/out/elsewhere",
        "/tmp/elsewhere",
        "a\0b",
    ],
)
def test_the_board_the_state_and_the_world_are_not_written(root: Path, path: str) -> None:
    """F1: only the board's own writer writes the board."""
    with pytest.raises(PathOutside):
        Beneath(root).writable(path)


@pytest.mark.parametrize("path", ["data/new.jsonl", "new/deep/file", "docs/KANBAN.md"])
def test_the_rest_of_the_workspace_is_writable(root: Path, path: str) -> None:
    assert Beneath(root).writable(path) == root / path


def test_paths_are_told_relative_to_the_root(root: Path, tmp_path: Path) -> None:
    beneath = Beneath(root)
    assert beneath.relative(root / "data" / "in") == "data/rows.jsonl"
    assert beneath.relative(tmp_path / "secret.txt") == str(tmp_path / "secret.txt")
