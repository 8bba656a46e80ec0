"""Rows a second and memory of a mix, beside `datasets.interleave_datasets` on the same rows.

    python benchmarks/mix.py [--rows 60000]

Three sources of that many rows are mixed .5/.3/.2, each way in a process of its own. Then the files are
shuffled and named in another order, and mixed again: are the bytes the same? `datasets` loads JSON into its
Arrow cache, interleaves with the same probabilities and seed, and writes JSON; it keeps no account of rows,
no manifest and no hashes, and stops at the end of the first source that runs out.
"""

import argparse
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RATIOS = (0.5, 0.3, 0.2)
SEED = 42


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=60_000, help="in each of three sources")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FOLDER"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(*given.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        size = _write(Path(folder), given.rows) / 1e6
        print(f"3 x {given.rows:,} rows, {size:.0f} MB, ratios {RATIOS}, seed {SEED}\n")
        print(
            f"{'':24}{'rows/s in':>10}{'rows out':>10}{'CPU s':>7}{'peak MB':>9}  same bytes again"
        )
        for way in ("crewboard", "datasets"):
            first = _measured(way, folder)
            _reorder(Path(folder))
            again = _measured(way, folder)["sha256"] == first["sha256"]
            rate, cpu, peak = 3 * given.rows / first["seconds"], first["cpu"], first["peak_mb"]
            numbers = f"{rate:>10,.0f}{first['rows']:>10,}{cpu:>7.2f}{peak:>9.0f}"
            print(f"{way:24}{numbers}  {again}")


def _measured(way: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", way, folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _one(way: str, folder: str) -> dict[str, Any]:
    files = sorted(Path(folder).glob("*.jsonl"))
    with tempfile.TemporaryDirectory() as work:
        began, cpu = time.perf_counter(), time.process_time()
        out = (_mix if way == "crewboard" else _interleave)(files, Path(work))
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        data = out.read_bytes()
    return {
        "rows": data.count(b"\n"),
        "sha256": hashlib.sha256(data).hexdigest(),
        "seconds": seconds,
        "cpu": used,
        "peak_mb": peak,
    }


def _mix(files: list[Path], work: Path) -> Path:
    from crewboard.tools.contract.bench import Bench
    from crewboard.tools.mix import MixArguments, mix

    bench = Bench(work, work / "out", files)
    arguments = MixArguments(sources=tuple(map(str, files)), ratios=RATIOS, seed=SEED)
    return mix.run(arguments, bench).made[0].path


def _interleave(files: list[Path], work: Path) -> Path:
    from datasets import disable_progress_bars, interleave_datasets, load_dataset

    disable_progress_bars()
    loaded = [
        load_dataset("json", data_files=str(file), split="train", cache_dir=str(work))
        for file in files
    ]
    mixed = interleave_datasets(loaded, probabilities=list(RATIOS), seed=SEED)
    mixed.to_json(str(work / "out.jsonl"))
    return work / "out.jsonl"


def _write(folder: Path, rows: int) -> int:
    chance = random.Random(7)
    words = [f"word{i}" for i in range(2000)]
    for name in "abc":
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
            for number in range(rows):
                asked = f"{name} {number} " + " ".join(chance.choices(words, k=20))
                told = " ".join(chance.choices(words, k=chance.randint(30, 120)))
                turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": told}]
                out.write(json.dumps({"messages": turns}) + "\n")
    return sum(path.stat().st_size for path in folder.glob("*.jsonl"))


def _reorder(folder: Path) -> None:
    """The same rows in another order within each file."""
    for path in folder.glob("*.jsonl"):
        lines = path.read_bytes().splitlines(keepends=True)
        random.Random(3).shuffle(lines)
        path.write_bytes(b"".join(lines))


if __name__ == "__main__":
    main()
