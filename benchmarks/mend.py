"""What the verbs that mend cost, each on the corpus of benchmarks/corpus.py.

    .venv/bin/python benchmarks/corpus.py c90.jsonl --mb 90
    .venv/bin/python benchmarks/mend.py c90.jsonl

Each in a process of its own, as a user runs it; beside them `orjson.loads` on every line, the yardstick, and
the script that people write instead for exact copies (json, a set of dumped messages).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(sys.executable).parent / "crewboard"
PARSE = """
import sys, orjson
for line in open(sys.argv[1], "rb"):
    try:
        orjson.loads(line)
    except ValueError:
        pass
"""
SCRIPT = """
import json, sys
seen = set()
with open(sys.argv[1], "rb") as rows, open(sys.argv[2], "wb") as out:
    for line in rows:
        try:
            key = json.dumps(json.loads(line)["messages"], sort_keys=True)
        except (ValueError, KeyError, TypeError):
            continue
        if key not in seen:
            seen.add(key)
            out.write(line)
"""
VERBS: dict[str, list[str]] = {
    "dedup": [],
    "dedup --near": ["--key", "stripped", "--near"],
    "filter": [],
    "filter --language --rule": ["--language", "en", "--rule", "placeholder-text", "--keep-faulty"],
    "repair": ["--fix", "role-alternation=reconstruct", "--fix", "empty-content=reconstruct"],
    "rebalance": ["--target", "difficulty=easy:.3,medium:.45,hard:.25", "--tolerance", "0.02"],
    "scrub": [],
}


def spent(command: list[str], folder: Path) -> tuple[float, float, float, int]:
    """CPU s, wall s, peak MB and the exit code of one process."""
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    return (
        used.ru_utime + used.ru_stime,
        wall,
        used.ru_maxrss / 1024,
        os.waitstatus_to_exitcode(status),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    given = parser.parse_args()
    corpus = given.corpus.resolve()
    mb = corpus.stat().st_size / 1e6
    with tempfile.TemporaryDirectory(dir=corpus.parent) as name:
        folder = Path(name)
        yardstick = spent([sys.executable, "-c", PARSE, str(corpus)], folder)
        lines = [("orjson.loads", yardstick)]
        lines.append(
            (
                "script: exact copies",
                spent([sys.executable, "-c", SCRIPT, str(corpus), "o"], folder),
            )
        )
        for verb, options in VERBS.items():
            words = [verb.split()[0], str(corpus), *options, "--out", verb.replace(" ", "")]
            lines.append((verb, spent([str(BIN), "data", *words], folder)))
    print(f"{mb:,.0f} MB")
    print(f"{'':26}{'CPU s':>8}{'x parse':>9}{'MB/s':>8}{'peak MB':>9}{'exit':>6}")
    for verb, (cpu, _wall, peak, code) in lines:
        print(f"{verb:26}{cpu:8.2f}{cpu / yardstick[0]:9.1f}{mb / cpu:8.1f}{peak:9.0f}{code:6}")


if __name__ == "__main__":
    main()
