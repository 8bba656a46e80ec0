"""Packed files give the bytes that were packed, and never more than memory holds."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from crewboard.errors import InputUnreadable
from crewboard.tools.files.jsonl import Fault, Line, read_jsonl
from crewboard.tools.files.unpack import open_unpacked

zstandard = pytest.importorskip("zstandard")

PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstandard.compress}
ROWS = b"".join(orjson.dumps({"n": n, "text": f"row {n * 7919}"}) + b"\n" for n in range(20_000))


def read(path: Path) -> bytes:
    with open_unpacked(path) as file:
        return file.read()


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_packed_file_is_read_as_what_was_packed_whatever_its_name(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "rows.jsonl").write_bytes(pack(ROWS))
    assert read(tmp_path / "rows.jsonl") == ROWS


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_frames_one_after_the_other_are_one_file(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "x").write_bytes(pack(b"a\n") + pack(ROWS) + pack(b"b\n"))
    assert read(tmp_path / "x") == b"a\n" + ROWS + b"b\n"


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@pytest.mark.parametrize("cut", [-1, -4, -400, 5000, 30])
def test_a_packed_file_that_was_cut_off_is_an_error_and_no_short_file(
    tmp_path: Path, pack: Callable[[bytes], bytes], cut: int
) -> None:
    (tmp_path / "x").write_bytes(pack(ROWS)[:cut])
    with pytest.raises(InputUnreadable, match="cut off"):
        read(tmp_path / "x")


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_a_damaged_packed_file_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    data = bytearray(pack(ROWS))
    data[len(data) // 2] ^= 0xFF
    data[len(data) // 2 + 1] ^= 0x55
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(InputUnreadable):
        read(tmp_path / "x")


def test_offsets_of_a_packed_file_count_unpacked_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b'{"a":1}\nbad\n{"a":2}\n'))
    found = list(read_jsonl(tmp_path / "x.gz"))
    assert [(type(item), item.number, item.offset) for item in found] == [
        (Line, 1, 0),
        (Fault, 2, 8),
        (Line, 3, 12),
    ]


BOMB = """
import resource, sys
from pathlib import Path
from crewboard.tools.files.errors import InputExpands
from crewboard.tools.files.jsonl import read_jsonl
import zstandard
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    for _ in read_jsonl(Path(sys.argv[1])):
        pass
except InputExpands as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("packing", PACKERS)
def test_a_decompression_bomb_is_stopped_in_little_memory(tmp_path: Path, packing: str) -> None:
    row = b'{"messages": "' + b" " * 2_000_000 + b'"}\n'
    path = tmp_path / "bomb"
    if packing == "gzip":
        with gzip.open(path, "wb", 9) as file:
            for _ in range(150):
                file.write(row)
    else:
        with zstandard.open(path, "wb") as file:
            for _ in range(150):
                file.write(row)
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(path)], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) < 100_000  # KiB


def test_text_in_many_copies_is_no_bomb(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(ROWS * 100, 9))
    assert len(read(tmp_path / "x.gz")) == 100 * len(ROWS)


def test_a_small_file_may_expand_as_far_as_it_likes(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b" " * 1_000_000 + b'{"a":1}\n'))
    assert len(list(read_jsonl(tmp_path / "x.gz"))) == 1
