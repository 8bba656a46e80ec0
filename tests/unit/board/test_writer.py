"""The board's writer: which files it refuses, and what it leaves behind."""

from dataclasses import replace
from pathlib import Path

import pytest
from unit.board.boards import NOW, TRAINING, VIEW

from crewboard.coordination.board import BoardView, BoardWriter, render_into
from crewboard.errors import BoardNotAFile, InputUnreadable, PathOutside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return workspace


@pytest.fixture
def writer(root: Path) -> BoardWriter:
    return BoardWriter(root / "KANBAN.md", root / ".crewboard" / "board.lock")


def test_a_sync_writes_what_the_rendering_says(writer: BoardWriter) -> None:
    assert writer.sync(VIEW)
    assert writer.path.read_bytes() == render_into(b"", VIEW)


def test_a_sync_that_changes_nothing_does_not_touch_the_file(writer: BoardWriter) -> None:
    writer.sync(VIEW)
    before = writer.path.stat()
    assert not writer.sync(VIEW)
    assert writer.path.stat() == before


def test_only_the_board_and_its_lock_are_left(writer: BoardWriter, root: Path) -> None:
    writer.sync(VIEW)
    writer.sync(replace(VIEW, cards=()))
    found = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())
    assert found == [".crewboard/board.lock", "KANBAN.md"]


def test_a_board_may_be_a_link_within_the_workspace(writer: BoardWriter, root: Path) -> None:
    (root / "docs").mkdir()
    (root / "docs" / "board.md").write_text("# mine\n")
    writer.path.symlink_to("docs/board.md")
    assert writer.sync(VIEW)
    assert writer.path.is_symlink()
    assert (root / "docs" / "board.md").read_bytes() == render_into(b"# mine\n", VIEW)


def test_a_board_that_links_out_of_the_workspace_is_refused(
    writer: BoardWriter, root: Path
) -> None:
    outside = root.parent / "outside.md"
    outside.write_text("not yours\n")
    writer.path.symlink_to(outside)
    with pytest.raises(PathOutside):
        writer.sync(VIEW)
    assert outside.read_text() == "not yours\n"


def test_a_folder_in_the_boards_place_is_refused(writer: BoardWriter) -> None:
    writer.path.mkdir()
    with pytest.raises(BoardNotAFile, match="KANBAN"):
        writer.sync(VIEW)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_board_in_another_encoding_is_left_alone(writer: BoardWriter, encoding: str) -> None:
    data = "\ufeff# Board\n".encode(encoding)
    writer.path.write_bytes(data)
    with pytest.raises(InputUnreadable, match="UTF-16"):
        writer.sync(VIEW)
    assert writer.path.read_bytes() == data


def test_no_secret_reaches_the_board(writer: BoardWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    """F29: neither a known value nor a known shape, in any field."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "very-secret-value")
    told = replace(TRAINING, title="use very-secret-value", details=("sk-abcdefghijklmnopqrstu",))
    writer.sync(BoardView("B", NOW, (told,)))
    board = writer.path.read_text()
    assert "very-secret" not in board
    assert "sk-abc" not in board
    assert "redacted" in board
