"""Conflicted copies beside the board are merged once; editors' own files are nobody's save."""

from pathlib import Path

import pytest

from crewboard.coordination.board.store import BoardStore

START = b"# Board\n\n## Backlog\n\n- first\n- second\n"


@pytest.fixture
def board(tmp_path: Path) -> Path:
    path = tmp_path / "KANBAN.md"
    path.write_bytes(START)
    return path


@pytest.fixture
def store(board: Path) -> BoardStore:
    store = BoardStore(board, board.parent / ".crewboard")
    store.take_in()
    store.edit(lambda now: now.replace(b"- first\n", b"- first\n  - begun\n"), "crew", "an edit")
    return store


COPIES = [
    "KANBAN (Petra's conflicted copy 2026-11-20).md",
    "KANBAN (conflicted copy 2026-11-20 211500).md",
    "KANBAN_conflicted copy.md",
    "KANBAN.sync-conflict-20261120-211500-ABCDEFG.md",
]


@pytest.mark.parametrize("name", COPIES)
def test_a_conflicted_copy_is_merged_once_and_left(
    store: BoardStore, board: Path, name: str
) -> None:
    copy = board.with_name(name)
    copy.write_bytes(START.replace(b"- second\n", b"- second\n  - elsewhere\n"))
    merged = store.take_in()
    assert merged == board.read_bytes()
    assert b"- first\n  - begun\n- second\n  - elsewhere\n" in merged
    version = store.versions()[-1]
    assert name in version.why
    assert store.text(version.saved) == copy.read_bytes()
    for other in (store, BoardStore(board, board.parent / ".crewboard")):
        copy.touch()
        other.take_in()
    assert len(store.versions()) == 3
    assert copy.exists()


def test_where_both_changed_the_same_the_board_stays(store: BoardStore, board: Path) -> None:
    store.edit(lambda now: now.replace(b"- second", b"- second, here"), "human:p", "an edit")
    board.with_name(COPIES[0]).write_bytes(START.replace(b"- second", b"- second, there"))
    merged = store.take_in()
    assert b"- second, here\n" in merged
    assert b"second, there" in merged  # noted beneath


@pytest.mark.parametrize(
    "name",
    [
        ".KANBAN.md.swp",
        "#KANBAN.md#",
        ".#KANBAN.md",
        "KANBAN.md~",
        "KANBAN.md.orig",
        "KANBAN copy.md",
        "OTHER (conflicted copy).md",
    ],
)
def test_other_files_are_left_alone(store: BoardStore, board: Path, name: str) -> None:
    board.with_name(name).write_bytes(START + b"- not ours\n")
    store.take_in()
    assert len(store.versions()) == 2


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe#\0"], ids=["empty", "blank", "utf-16"])
def test_a_copy_that_cannot_be_read_is_told_and_stops_nothing(
    store: BoardStore, board: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    board.with_name(COPIES[0]).write_bytes(content)
    store.edit(lambda now: now + b"- more\n", "crew", "an edit")
    assert board.read_bytes().endswith(b"- more\n")
    assert "not merged" in caplog.text


def test_a_link_is_no_copy(store: BoardStore, board: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_bytes(START + b"- secret\n")
    board.with_name(COPIES[0]).symlink_to(outside)
    store.take_in()
    assert b"secret" not in board.read_bytes()
