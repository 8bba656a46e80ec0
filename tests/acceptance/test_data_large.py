"""Rows by the hundred thousand in an address space that a list of them would not fit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 200_000
ROOM_MB = 64
"""Beyond what the same verb takes for ten rows. As a list of dicts these rows take 230 MB."""
SOURCE = Path(__file__).resolve().parents[2] / "src"
VERBS = [
    "audit {rows} --report out/report.json --findings out/findings.jsonl",
    "filter {rows} --min-words 2 --out out",
    "dedup {rows} --policy keep --out out",
]
_PROGRAM = """
import resource, sys
from pathlib import Path
limit, *words = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
from crewboard.cli import run
code = run(words)
status = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in status if line.startswith("VmPeak")))
sys.exit(code)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.partition(" ")[0])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, verb: str) -> None:
    """F28: out of memory is not an end."""
    (tmp_path / "out").mkdir()
    for name, count in (("few.jsonl", 10), ("many.jsonl", ROWS)):
        (tmp_path / name).write_bytes(b"".join(map(_row, range(count))))
    base = _peak(tmp_path, 0, verb.format(rows="few.jsonl"))
    _peak(tmp_path, base + ROOM_MB * 1_000_000, verb.format(rows="many.jsonl"))


def _peak(folder: Path, limit: int, verb: str) -> int:
    """The most bytes of address space that a verb took; fails when it failed."""
    environ = {**os.environ, "PYTHONPATH": str(SOURCE), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(limit), "data", *verb.split()],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1]) * 1024


def _row(number: int) -> bytes:
    asked, told = b'{"role":"user","content":"q %d"}', b'{"role":"assistant","content":"a %d"}'
    return b'{"messages":[' + asked % number + b"," + told % number + b"]}\n"
