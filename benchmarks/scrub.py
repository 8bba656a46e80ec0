"""Megabytes a second of a scrub, beside the script that one would write for it, and what each leaves.

    python benchmarks/scrub.py [--mb 45]

The corpus is that of `corpus.py`. The script parses each row, replaces e-mail addresses and telephone
numbers in its texts by two regular expressions of the kind that is passed around, and writes the row
again; it knows no cards, accounts or keys, no placeholders and no code. Each way runs in a process of
its own. `real` counts rows in which the audit's recognisers still find something, `touched` rows whose
bytes changed though nothing was planted there.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

MB = 1_000_000
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"(?:\+?\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mb", type=float, default=45)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FOLDER"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(given.one[0], Path(given.one[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.jsonl"
        make = [sys.executable, Path(__file__).with_name("corpus.py"), path, "--mb", str(given.mb)]
        manifest = json.loads(subprocess.run(make, check=True, capture_output=True).stdout)
        print(f"{manifest['rows']:,} rows, {manifest['bytes'] / MB:.0f} MB\n")
        print(f"{'':10}{'MB/s':>8}{'CPU s':>8}{'peak MB':>9}{'real':>7}{'touched':>9}")
        for way in ("crewboard", "script"):
            command = [sys.executable, __file__, "--one", way, folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            told = json.loads(done.stdout.splitlines()[-1])
            rate = manifest["bytes"] / MB / told["seconds"]
            left = f"{told['real']:>7,}{told['touched']:>9,}"
            print(f"{way:10}{rate:>8.1f}{told['cpu']:>8.2f}{told['peak_mb']:>9.0f}{left}")


def _one(way: str, folder: Path) -> dict[str, Any]:
    path = folder / "corpus.jsonl"
    began, cpu = time.perf_counter(), time.process_time()
    out = (_scrub if way == "crewboard" else _script)(path)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    real, touched = _left(path, out)
    told = {"seconds": seconds, "cpu": used, "peak_mb": peak}
    return {**told, "real": real, "touched": touched}


def _scrub(path: Path) -> Path:
    from crewboard.tools.contract.bench import Bench
    from crewboard.tools.scrub import ScrubArguments, scrub

    bench = Bench(path.parent, path.parent / "out")
    return scrub.run(ScrubArguments(files=(path.name,)), bench).made[0].path


def _script(path: Path) -> Path:
    out = path.with_name("script.jsonl")
    with out.open("wb") as file:
        for row in map(orjson.loads, _sound(path)):
            file.write(orjson.dumps(_replaced(row)) + b"\n")
    return out


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return PHONE.sub("[PHONE]", EMAIL.sub("[EMAIL]", value))
    if isinstance(value, dict):
        return {key: _replaced(each) for key, each in value.items()}
    return [_replaced(each) for each in value] if isinstance(value, list) else value


def _sound(path: Path) -> Iterator[bytes]:
    for line in path.read_bytes().splitlines():
        try:
            if isinstance(orjson.loads(line), dict):
                yield line
        except orjson.JSONDecodeError:
            continue


def _left(path: Path, out: Path) -> tuple[int, int]:
    from crewboard.tools.pii import REAL, pii_in
    from crewboard.tools.scrub.code import code_in, is_within
    from crewboard.tools.scrub.leaves import texts_in

    def is_guilty(line: bytes) -> bool:
        return any(
            hit.kind in REAL and not is_within(hit.start, hit.end, code_in(text))
            for _, _, text in texts_in(orjson.loads(line))
            for hit in pii_in(text)
        )

    pairs = list(zip(_sound(path), out.read_bytes().splitlines(), strict=True))
    real = sum(is_guilty(after) for _, after in pairs)
    return real, sum(one != two and not is_guilty(one) for one, two in pairs)


if __name__ == "__main__":
    main()
