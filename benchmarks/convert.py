"""Rows a second and memory of each conversion, beside the same work done with Hugging Face `datasets`.

    python benchmarks/convert.py [--rows 100000] [--formats openai,adp]

Each conversion runs in a process of its own: chat rows of two rounds, a third of them with a tool call,
go into each format. `datasets` loads the same file and maps it to ShareGPT, once, in one process, which
is what a script of a few lines does: without an account of rows, a check of what is lost, or a manifest.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HOLD_NO_CALLS = {"alpaca", "chatml", "generated", "pairs", "openai-dpo"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--formats", default="")
    parser.add_argument("--one", nargs=2, metavar=("FORMAT", "FILE"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_one(*given.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        _write(file, given.rows)
        size = file.stat().st_size / 1e6
        print(f"{given.rows:,} rows, {size:.0f} MB\n")
        print(f"{'to':24}{'rows/s':>9}{'MB/s':>7}{'CPU s':>7}{'peak MB':>9}  lost")
        names = given.formats.split(",") if given.formats else [*_names(), "(datasets)"]
        for name in names:
            _print(name, _measured(name, file), size)


def _names() -> list[str]:
    from crewboard.tools.convert import FORMATS

    return [name for name in FORMATS if name not in HOLD_NO_CALLS]


def _measured(name: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", name, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _print(name: str, told: dict[str, Any], size: float) -> None:
    rate, cpu = told["rows"] / told["seconds"], told["cpu"]
    lost = ", ".join(told["lost"]) or "nothing"
    print(f"{name:24}{rate:>9,.0f}{size / cpu:>7.1f}{cpu:>7.2f}{told['peak_mb']:>9.0f}  {lost}")


def _one(name: str, file: str) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    rows, lost = _datasets(file) if name == "(datasets)" else _convert(name, file)
    return {
        "rows": rows,
        "lost": lost,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _convert(name: str, file: str) -> tuple[int, list[str]]:
    from crewboard.tools.contract.bench import Bench
    from crewboard.tools.convert import ConvertArguments, convert

    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), Path(folder) / "out", [Path(file)])
        outcome = convert.run(ConvertArguments(files=(file,), to=name), bench)
    assert outcome.rows is not None
    return outcome.rows.rows_out, [each["field"] for each in outcome.measured["lost"]]


def _datasets(file: str) -> tuple[int, list[str]]:
    from datasets import disable_progress_bars, load_dataset

    names = {"user": "human", "assistant": "gpt", "system": "system", "tool": "observation"}

    def sharegpt(row: dict[str, Any]) -> dict[str, Any]:
        turns = [{"from": names[m["role"]], "value": m["content"]} for m in row["messages"]]
        return {"conversations": turns}

    disable_progress_bars()
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_dataset("json", data_files=file, split="train", cache_dir=folder)
        mapped = loaded.map(sharegpt, remove_columns=["messages"])
        mapped.to_json(str(Path(folder) / "out.jsonl"))
        return mapped.num_rows, ["calls, unsaid"]


def _write(file: Path, rows: int) -> None:
    chance = random.Random(7)
    words = [f"word{i}" for i in range(2000)]

    def text(low: int, high: int) -> str:
        return " ".join(chance.choices(words, k=chance.randint(low, high)))

    with file.open("w", encoding="utf-8") as out:
        for number in range(rows):
            turns: list[dict[str, Any]] = [{"role": "system", "content": text(5, 15)}]
            turns.append({"role": "user", "content": text(10, 40)})
            if number % 3 == 0:
                function = {"name": "find", "arguments": json.dumps({"of": text(2, 4)})}
                call = {"id": f"call_{number}", "type": "function", "function": function}
                turns.append({"role": "assistant", "content": None, "tool_calls": [call]})
                turns.append({"role": "tool", "content": text(5, 20), "tool_call_id": call["id"]})
            turns.append({"role": "assistant", "content": text(30, 120)})
            row = {"messages": turns, "source": {"file": "x", "line": number}, "level": "easy"}
            out.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
