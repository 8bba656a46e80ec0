"""What lies where while one file takes the place of another."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crewboard.errors import WorkspaceUnwritable
from crewboard.memory import swap
from crewboard.memory.look import Look, Mark, steady
from crewboard.memory.swap import draft_of, next_of, put, stage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_bytes(b"old")
    return path


def look(path: Path) -> Look:
    found = steady(path)
    assert found
    return found


@pytest.mark.parametrize("exchange", [swap.exchange, lambda *_: False], ids=["linux", "other"])
def test_what_came_out_lies_beside_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, exchange: Callable[[Path, Path], bool]
) -> None:
    monkeypatch.setattr(swap, "exchange", exchange)
    inode = path.stat().st_ino
    before = look(path)
    stage(path, b"new")
    assert put(path, before.mark)
    assert path.read_bytes() == b"new"
    assert (next_of(path).read_bytes(), next_of(path).stat().st_ino) == (b"old", inode)
    assert not draft_of(path).exists()
    assert not path.with_name(".page.md.out").exists()


def test_a_file_that_changed_since_is_not_covered(path: Path) -> None:
    before = look(path)
    path.write_bytes(b"newer")
    stage(path, b"ours")
    assert not put(path, before.mark)
    assert path.read_bytes() == b"newer"
    assert draft_of(path).read_bytes() == b"ours"


def test_a_file_that_went_away_is_not_made_again(path: Path) -> None:
    before = look(path)
    path.unlink()
    stage(path, b"ours")
    assert not put(path, before.mark)
    assert not path.exists()


def test_a_file_that_somebody_made_read_only_is_left_alone(path: Path) -> None:
    path.chmod(0o444)
    with pytest.raises(WorkspaceUnwritable, match="read-only"):
        stage(path, b"ours")
    assert [each.name for each in path.parent.iterdir()] == ["page.md"]


def test_the_staged_file_bears_a_time_of_its_own(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the nanosecond: where the kernel stamps by its ticks, no later save gets the same."""
    monkeypatch.setattr(time, "time_ns", lambda: 1_795_000_000_123_456_789)
    stage(path, b"new")
    assert draft_of(path).stat().st_mtime_ns == 1_795_000_000_123_456_789


def test_a_later_save_of_the_same_size_has_another_mark(path: Path) -> None:
    for size in range(1, 50):
        stage(path, b"a" * size)
        assert put(path, look(path).mark)
        ours = Mark.of(path.stat())
        path.write_bytes(b"b" * size)
        assert Mark.of(path.stat()) != ours
