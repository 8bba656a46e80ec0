"""From an output folder to artifacts: named by their bytes, whole, and the same every time."""

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

import pytest

from crewboard.canonical import sha256_file
from crewboard.errors import DiskFull, RowsUnaccounted, SelfCheckFailed
from crewboard.tools.contract import (
    Arguments,
    Made,
    Manifest,
    Outcome,
    Produced,
    RowAccount,
    Tool,
    ToolContext,
    publish,
)
from crewboard.tools.contract.manifest import tree_sha256
from crewboard.tools.files import atomic


class Reason(StrEnum):
    LONG = "over-long"
    BLANK = "blank"


def run(arguments: Arguments, context: ToolContext) -> Outcome:
    raise AssertionError("never run")


MIX = Tool("mix", "Mix.", Arguments, run, {"rows": "chat-jsonl"})
PRODUCED = Produced(MIX, {"seed": 42, "ratios": [0.4, 0.6]}, {"data.0": "a" * 64}, 42)
ROWS = b'{"a":1}\n{"a":2}\n'


def outcome(out: Path, content: bytes = ROWS, **more: Any) -> Outcome:
    out.mkdir(parents=True, exist_ok=True)
    (out / "rows.jsonl").write_bytes(content)
    account = RowAccount(3, 2, {Reason.LONG: 1})
    measured = {"reasons": {Reason.LONG: 1, Reason.BLANK: 0}, "ratio": 0.93}
    made = Outcome((Made("rows", out / "rows.jsonl", 2),), "2 rows", account, measured)
    return replace(made, **more)


def place(root: Path, made: Outcome, produced: Produced = PRODUCED) -> Manifest:
    (manifest,) = publish(made, produced, root / "data", root)
    return manifest


def test_an_artifact_is_named_by_its_bytes_and_has_its_manifest_beside_it(tmp_path: Path) -> None:
    """F14, F25: one name never means two contents, and says where it comes from."""
    manifest = place(tmp_path, outcome(tmp_path / "out"))
    artifact = tmp_path / manifest.path
    assert manifest.path == f"data/rows.{sha256_file(artifact)[:8]}.jsonl"
    assert artifact.read_bytes() == ROWS
    assert (manifest.size, manifest.rows, manifest.seed) == (len(ROWS), 2, 42)
    written = json.loads((tmp_path / f"{manifest.path}.manifest.json").read_text())
    assert written["sha256"] == manifest.sha256 == sha256_file(artifact)
    assert written["parents"] == {"data.0": "a" * 64}
    assert written["accounting"] == {
        "rows_in": 3, "rows_out": 2, "made": 0, "dropped": {"over-long": 1},
    }  # fmt: skip
    assert written["measured"]["reasons"] == {"over-long": 1, "blank": 0}
    assert not list((tmp_path / "out").iterdir())


def test_a_run_that_is_repeated_lands_on_the_same_bytes(tmp_path: Path) -> None:
    first = place(tmp_path, outcome(tmp_path / "out"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()}
    assert place(tmp_path, outcome(tmp_path / "again")) == first
    after = {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()}
    assert after == before
    elsewhere = tmp_path / "elsewhere"
    place(elsewhere, outcome(elsewhere / "out"))
    assert {path.name: path.read_bytes() for path in (elsewhere / "data").iterdir()} == before


def test_other_bytes_stand_beside_and_not_instead(tmp_path: Path) -> None:
    place(tmp_path, outcome(tmp_path / "out"))
    place(tmp_path, outcome(tmp_path / "again", ROWS + b"\n"))
    assert len(list((tmp_path / "data").glob("rows.*.jsonl"))) == 2


def test_a_place_that_holds_other_bytes_than_its_name_says_is_not_taken_for_it(
    tmp_path: Path,
) -> None:
    """F25: somebody edited the file in place."""
    manifest = place(tmp_path, outcome(tmp_path / "out"))
    (tmp_path / manifest.path).write_bytes(b"edited\n")
    with pytest.raises(SelfCheckFailed, match="holds other bytes than its name says"):
        place(tmp_path, outcome(tmp_path / "again"))
    assert (tmp_path / "again" / "rows.jsonl").read_bytes() == ROWS


def test_a_folder_is_hashed_by_its_names_and_bytes(tmp_path: Path) -> None:
    adapter = Tool("train", "Train.", Arguments, run, {"adapter": "lora"})

    def folder(name: str, **files: str) -> Path:
        for file, text in files.items():
            target = tmp_path / name / "adapter" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return tmp_path / name / "adapter"

    one = folder("one", a="1", b="2")
    assert tree_sha256(one) == tree_sha256(folder("two", b="2", a="1"))
    assert tree_sha256(one) != tree_sha256(folder("three", a="2", b="1"))
    assert tree_sha256(one) != tree_sha256(folder("four", a="1", c="2"))
    made = Outcome((Made("adapter", one),), "trained")
    manifest = place(tmp_path, made, replace(PRODUCED, tool=adapter))
    assert (manifest.size, manifest.accounting) == (2, None)
    assert tree_sha256(tmp_path / manifest.path) == manifest.sha256
    again = Outcome((Made("adapter", tmp_path / "two" / "adapter"),), "trained")
    assert place(tmp_path, again, replace(PRODUCED, tool=adapter)) == manifest


def absent(out: Path) -> Outcome:
    made = outcome(out)
    (out / "rows.jsonl").unlink()
    return made


def empty_folder(out: Path) -> Outcome:
    (out / "rows").mkdir(parents=True)
    return Outcome((Made("rows", out / "rows"),), "nothing")


def undeclared(out: Path) -> Outcome:
    made = outcome(out)
    (out / "more.jsonl").write_bytes(ROWS)
    return replace(made, made=(*made.made, Made("more", out / "more.jsonl", 2)))


def forgotten(out: Path) -> Outcome:
    return outcome(out, made=())


def negative(out: Path) -> Outcome:
    return outcome(out, made=(Made("rows", out / "rows.jsonl", -1),))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (absent, "rows was not written"),
        (empty_folder, "rows was not written"),
        (undeclared, r"declared and made differ: \['more'\]"),
        (forgotten, r"declared and made differ: \['rows'\]"),
        (negative, "rows has -1 rows"),
    ],
)
def test_what_was_promised_and_what_is_there_must_agree(
    tmp_path: Path, make: Callable[[Path], Outcome], reason: str
) -> None:
    """F11, F24: a run succeeds only when what it promised exists."""
    with pytest.raises(SelfCheckFailed, match=reason):
        place(tmp_path, make(tmp_path / "out"))
    assert not (tmp_path / "data").exists()


def test_rows_that_do_not_add_up_are_not_published(tmp_path: Path) -> None:
    """F13."""
    with pytest.raises(RowsUnaccounted):
        place(tmp_path, outcome(tmp_path / "out", rows=RowAccount(3, 2)))
    assert not (tmp_path / "data").exists()


def test_a_full_disk_is_told_as_one_and_leaves_no_half_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F28."""

    def full(_handle: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    made = outcome(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(atomic, "os", _Os(full))
        with pytest.raises(DiskFull):
            place(tmp_path, made)
    assert not list((tmp_path / "data").glob("*.manifest.json"))
    place(tmp_path, outcome(tmp_path / "again"))  # and once there is space, all is well
    assert len(list((tmp_path / "data").glob("*.manifest.json"))) == 1


class _Os:
    """The `os` module with another `fsync`."""

    def __init__(self, fsync: Callable[[int], NoReturn]) -> None:
        self.fsync = fsync

    def __getattr__(self, name: str) -> Any:
        import os

        return getattr(os, name)
