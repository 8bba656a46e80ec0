import errno
import os
from pathlib import Path

import pytest

from crewboard.errors import DiskFull
from crewboard.tools.files.atomic import (
    fits,
    make_folder,
    require_space,
    take_away_left,
    whole,
    write_whole,
)
from crewboard.tools.files.errors import OutputUnwritable


def test_a_file_appears_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"one")
    write_whole(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def fail_while_writing(path: Path, error: BaseException) -> None:
    with whole(path) as file:
        file.write(b"half")
        raise error


def test_a_failure_leaves_the_old_file_and_no_trace_of_the_new(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"old")
    with pytest.raises(ZeroDivisionError):
        fail_while_writing(tmp_path / "a", ZeroDivisionError())
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_device_waits_for_a_person(tmp_path: Path, number: int) -> None:
    """F28."""
    with pytest.raises(DiskFull, match="Free some"):
        fail_while_writing(tmp_path / "a", OSError(number, "full"))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_that_fills_up_is_told_as_such(tmp_path: Path) -> None:
    """F28: the real refusal of the kernel, not one that the test made up."""
    with pytest.raises(DiskFull), whole(tmp_path / "a"), Path("/dev/full").open("wb") as full:
        full.write(b"x")


def test_other_failures_of_the_system_pass_unchanged(tmp_path: Path) -> None:
    with pytest.raises(PermissionError):
        fail_while_writing(tmp_path / "a", PermissionError(errno.EACCES, "no"))


def test_space_is_looked_for_before_the_work(tmp_path: Path) -> None:
    """F28."""
    require_space(tmp_path, 1)
    with pytest.raises(DiskFull):
        require_space(tmp_path, 1 << 60)


def test_what_is_no_file_is_never_replaced_by_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "folder", tmp_path / "pipe", tmp_path / "no" / "file"):
        with pytest.raises(OutputUnwritable, match=path.name):
            write_whole(path, b"x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "pipe"]


def test_a_block_that_fills_the_device_says_so(tmp_path: Path) -> None:
    """F28."""
    with pytest.raises(DiskFull), fits(tmp_path), Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


def test_what_a_killed_writer_left_is_taken_away_and_what_a_living_one_holds_is_not(
    tmp_path: Path,
) -> None:
    place = tmp_path / "a[1].jsonl"
    for name in (".a[1].jsonl.99999", ".a[1].jsonl.bak", ".a1.jsonl.99999"):
        (tmp_path / name).touch()
    with whole(place) as file:
        file.write(b"x")
        take_away_left(place)
    assert place.read_bytes() == b"x"
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".a1.jsonl.99999", ".a[1].jsonl.bak", "a[1].jsonl"]


@pytest.mark.parametrize("name", ["file/below", "loop/below", "file"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputUnwritable, match=name):
        make_folder(tmp_path / name)


def test_a_file_that_may_not_become_as_large_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(OutputUnwritable, match="ulimit"), fits(tmp_path):
        raise OSError(errno.EFBIG, "File too large")
