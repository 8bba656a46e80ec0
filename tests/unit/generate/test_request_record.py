"""The record of what was paid: nothing is built on a line before it is on disk."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from crewboard.tools.generate.cache import Record
from crewboard.tools.generate.errors import RecordDamaged, RunTaken


def _filled(path: Path, *kinds: str) -> None:
    async def fill(record: Record) -> None:
        await asyncio.gather(*(record.append({"kind": kind}) for kind in kinds))

    with Record(path) as record:
        asyncio.run(fill(record))


def _kinds(path: Path) -> list[str]:
    found: list[str] = []
    with Record(path) as record:
        record.replay(lambda entry, _offset: found.append(entry["kind"]))
    return found


def test_entries_are_applied_in_the_order_of_the_file_live_and_again(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    live: list[tuple[Any, int]] = []

    async def scene(record: Record) -> None:
        record.replay(lambda entry, offset: live.append((entry, offset)))
        await asyncio.gather(*(record.append({"kind": "sent", "n": n}) for n in range(50)))

    with Record(path) as record:
        asyncio.run(scene(record))
    again: list[tuple[Any, int]] = []
    with Record(path) as record:
        record.replay(lambda entry, offset: again.append((entry, offset)))
        assert [record.read(offset) for _, offset in again] == [entry for entry, _ in again]
    assert again == live
    assert [entry["n"] for entry, _ in live] == list(range(50))


@pytest.mark.parametrize("torn", [b'{"kind": "sen', b"{", b'{"kind": "sent", "text": "\xc3'])
def test_a_line_that_a_crash_tore_is_cut_off_and_the_next_stands_whole(
    tmp_path: Path, torn: bytes
) -> None:
    path = tmp_path / "r.jsonl"
    _filled(path, "one", "two")
    with path.open("ab") as file:
        file.write(torn)
    _filled(path, "three")
    assert _kinds(path) == ["one", "two", "three"]


def test_a_file_of_one_torn_line_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"x" * 200_000)
    _filled(path, "one")
    assert _kinds(path) == ["one"]


def test_a_damaged_line_is_told_by_its_number_and_not_skipped(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"kind":"sent"}\nnot json\n{"kind":"sent"}\n')
    with pytest.raises(RecordDamaged, match="line 2"):
        _kinds(path)


def test_two_runs_never_write_one_record(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with Record(path), pytest.raises(RunTaken), Record(path):
        pass


def test_what_the_reader_of_an_entry_raises_reaches_whoever_wrote_it(tmp_path: Path) -> None:
    def refuse(_entry: Any, _offset: int) -> None:
        raise ValueError("no")

    async def scene(record: Record) -> None:
        record.replay(refuse)
        with pytest.raises(ValueError, match="no"):
            await record.append({"kind": "sent"})

    with Record(tmp_path / "r.jsonl") as record:
        asyncio.run(scene(record))
