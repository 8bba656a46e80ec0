"""A file with git's conflict markers is made whole, and loses nothing."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins.board_people import collision, doubled, lost

from crewboard.coordination.board.conflicts import resolve
from crewboard.coordination.board.merge import Merged


def conflict(ours: str, theirs: str, base: str | None = None) -> bytes:
    middle = "" if base is None else f"||||||| 1a2b3c4\n{base}"
    return f"# B\n<<<<<<< HEAD\n{ours}{middle}=======\n{theirs}>>>>>>> other\n- end\n".encode()


def test_both_sides_cards_stay_once_each() -> None:
    """F3: conflicts were resolved by accepting one side."""
    found = resolve(conflict("- same\n- ours\n", "- same\n- theirs\n"))
    assert found == Merged(b"# B\n- same\n- theirs\n- ours\n- end\n", ())


def test_a_base_that_git_shows_tells_who_took_what_off() -> None:
    shown = conflict("- a\n", "- a\n- b\n- c\n", "- a\n- b\n")
    assert resolve(shown).data == b"# B\n- a\n- c\n- end\n"
    assert resolve(conflict("- a\n", "- a\n- b\n- c\n")).data == b"# B\n- a\n- b\n- c\n- end\n"


def test_what_gave_way_is_noted_under_the_name_of_its_side() -> None:
    found = resolve(conflict("- a ours ^t0001\n", "- a theirs ^t0001\n", "- a ^t0001\n"))
    assert (
        found.data == b"# B\n- a theirs ^t0001\n  - \xe2\x9a\xa0 HEAD's text kept: a ours\n- end\n"
    )
    assert [each.line for each in found.kept] == [3]


@pytest.mark.parametrize(
    "data",
    [
        b"no markers\n",
        b"<<<<<<< HEAD\n- a\n",
        b"<<<<<<< HEAD\n- a\n=======\n- b\n",
        b"=======\n- a\n>>>>>>> x\n",
        b"Title\n=======\n",  # an underline
        b"<<<<<<<< eight\n- a\n========\n- b\n>>>>>>>> eight\n",
        b"text <<<<<<< HEAD\n=======\n>>>>>>> x\n",
        b"",
    ],
)
def test_what_is_no_whole_conflict_stays_as_it_is(data: bytes) -> None:
    assert resolve(data) == Merged(data, ())


def test_a_marker_that_begins_again_leaves_the_first_as_text() -> None:
    data = b"<<<<<<< one\n- a\n<<<<<<< two\n- b\n=======\n- c\n>>>>>>> two\n"
    assert resolve(data).data == b"<<<<<<< one\n- a\n- c\n- b\n"


def test_several_conflicts_and_carriage_returns_are_read() -> None:
    data = conflict("- a\n", "- b\n").replace(b"\n", b"\r\n") * 2
    text = resolve(data).data
    assert text.count(b"- a\r\n") == text.count(b"- b\r\n") == 2
    assert b"<<<<<<<" not in text
    assert b"=======" not in text


@given(st.binary(max_size=80))
def test_any_bytes_are_taken(data: bytes) -> None:
    resolve(data)
    resolve(b"<<<<<<< a\n" + data + b"\n=======\n" + data + b"x\n>>>>>>> b\n")


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_what_git_could_not_merge_is_merged(style: str, tmp_path: Path) -> None:
    """F1, F3: with real files of git, in each of its styles."""
    flags = [] if style == "merge" else [f"--{style}"]
    for seed in range(12):
        found = collision(seed)
        names = ("ours", "base", "theirs")
        for name in names:
            (tmp_path / name).write_bytes(getattr(found, name))
        command = ["git", "merge-file", "-p", *flags, *names]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        text = resolve(done.stdout).data
        assert b"<<<<<<<" not in text
        assert lost(found, done.stdout + text) == lost(found, done.stdout)
        if style != "merge":
            assert lost(found, text) == lost(found, done.stdout)
        assert all(text.count(name.encode()) for name in doubled(found, text))
