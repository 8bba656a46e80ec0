"""Every verb of `crewboard data` that takes rows over a file of millions, beside a plain loop of orjson.

    python benchmarks/large.py [--rows 10000000] [--verb audit ...] [--folder /tmp]

The rows are seeded and short (some 70 bytes each; one in fifty repeats another). Each verb runs in a process
of its own, whose processor time and highest resident memory are what is told. The yardstick parses each
line and writes it again, and keeps no books.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

VERBS = {
    "audit": "audit {rows} --report out/report.json --findings out/findings.jsonl",
    "convert": "convert {rows} --to sharegpt --out out",
    "check": "check {rows} --for trl",
    "filter": "filter {rows} --min-words 2 --out out",
    "dedup": "dedup {rows} --out out",
    "scrub": "scrub {rows} --out out",
    "rebalance": "rebalance {rows} --target category=a:0.5,b:0.5 --out out",
    "mix": "mix a={rows}:0.5 b=few.jsonl:0.5 --out out",
}
LOOP = """
import sys
import orjson
with open(sys.argv[1], "rb") as rows, open("out/rows.jsonl", "wb") as out:
    for line in rows:
        out.write(orjson.dumps(orjson.loads(line)) + b"\\n")
"""


class Cost(NamedTuple):
    seconds: float
    cpu: float
    peak_mb: float
    code: int


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--verb", nargs="*", choices=VERBS, default=list(VERBS))
    parser.add_argument("--folder", help="where the file and the outputs go")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        os.chdir(folder)
        size = write_rows(Path("rows.jsonl"), given.rows)
        write_rows(Path("few.jsonl"), max(10, given.rows // 10), seed=8)
        print(f"{given.rows:,} rows, {size / 1e6:,.0f} MB\n")
        print(f"{'':12}{'rows/s':>12}{'seconds':>10}{'CPU s':>9}{'peak MB':>9}{'bytes/row':>11}")
        loop = _tell("orjson", _run([sys.executable, "-c", LOOP, "rows.jsonl"]), given.rows, None)
        for verb in given.verb:
            words = VERBS[verb].format(rows="rows.jsonl").split()
            command = [sys.executable, "-m", "crewboard", "data", *words]
            _tell(verb, _run(command), given.rows, loop)


def _tell(name: str, cost: Cost, rows: int, loop: Cost | None) -> Cost:
    """One line; the bytes a row are those beyond what the loop holds."""
    more = (cost.peak_mb - loop.peak_mb) * 1e6 / rows if loop else 0
    rate = f"{rows / cost.seconds:>12,.0f}{cost.seconds:>10.1f}{cost.cpu:>9.1f}"
    failed = "" if cost.code in {0, 5} else f"  exit code {cost.code}"
    print(f"{name:12}{rate}{cost.peak_mb:>9.0f}{more:>11.1f}{failed}", flush=True)
    return cost


def _run(command: list[str]) -> Cost:
    with tempfile.TemporaryDirectory(dir=".") as work:
        out = Path("out")
        out.symlink_to(work)
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.unlink()
        return _cost(time.perf_counter() - began, used, process.returncode)


def _cost(seconds: float, used: resource.struct_rusage, code: int) -> Cost:
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3, code)


def write_rows(path: Path, count: int, seed: int = 7) -> int:
    """Chat rows of one turn each; the bytes written."""
    with path.open("wb") as file:
        for batch in _batches(count, random.Random(seed)):
            file.write(batch)
    return path.stat().st_size


def _batches(count: int, chance: random.Random) -> Iterator[bytes]:
    for start in range(0, count, 10_000):
        lines = []
        for number in range(start, min(count, start + 10_000)):
            said = chance.randrange(number) if number and chance.random() < 0.02 else number
            turns = f'{{"role":"user","content":"q {said}"}},{{"role":"assistant","content":"a {said}"}}'
            lines.append(f'{{"messages":[{turns}],"category":"{"ab"[said % 2]}"}}\n')
        yield "".join(lines).encode()


if __name__ == "__main__":
    main()
