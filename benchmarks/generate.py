"""Generating against the twin provider: requests a second, CPU for each, memory; and the kills in full.

    .venv/bin/python benchmarks/generate.py [REQUESTS]        10,000 requests, concurrency 64, 50 ms latency
    .venv/bin/python benchmarks/generate.py sdk [REQUESTS]    the same requests through OpenAI's own SDK
    .venv/bin/python benchmarks/generate.py kills [ROWS [KILLS]]    6,665 rows, faults, 20 kills

The twin runs in a process of its own, so CPU and memory are the generator's alone. The SDK runs with its
retries off and its asynchronous client; it validates no answer, keeps no record and fills no quota.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from crewboard.tools.generate.admission import Pace
from crewboard.tools.generate.order import open_target
from crewboard.tools.generate.recipe import Recipe, load_recipe
from crewboard.tools.generate.requests import Writer
from crewboard.tools.generate.run import Order, carry_out
from crewboard.tools.generate.shipped import shipped
from crewboard.tools.providers.settings import ModelSettings
from crewboard.tools.twins.provider.script import Script
from crewboard.tools.twins.provider.server import ProviderTwin

MODEL = "openai/gpt-6-luna"
ENVIRON = {"OPENAI_API_KEY": "sk-benchmark-0123456789"}
CONCURRENCY = 64
FAULTS = [
    {"kind": "status", "status": 529, "every": 97},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "0.02"}, "every": 131},
    {"kind": "drop", "every": 211, "fresh": True},
    {"kind": "reset", "every": 283},
    {"kind": "error_body", "every": 307},
    {"kind": "misfit", "every": 53},
    {"kind": "cut", "every": 71},
    {"kind": "malformed", "every": 149},
    {"kind": "refusal", "every": 113},
    {"kind": "echo", "every": 89},
]


@dataclass(frozen=True)
class Twin:
    url: str
    charges: Path

    def charged(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.charges.read_text().split("\n")[:-1]]


def recipe(rows: int) -> Recipe:
    path = shipped("support-desk")
    assert path is not None
    return load_recipe(path).with_rows(rows)


@contextmanager
def twin(folder: Path, script: dict[str, object]) -> Iterator[Twin]:
    """The twin in another process."""
    command = [sys.executable, __file__, "serve", str(folder / "charges.jsonl"), json.dumps(script)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Twin(process.stdout.readline().strip(), folder / "charges.jsonl")
    finally:
        process.terminate()
        process.communicate()


def serve(charges: str, script: str) -> None:
    with ProviderTwin(Path(charges), Script.model_validate_json(script)) as served:
        print(served.openai_url, flush=True)
        while True:
            time.sleep(3600)


def order(url: str, out: Path, rows: int) -> Order:
    target = open_target(MODEL, ModelSettings(base_url=url, idempotency=True), ENVIRON)
    pace = Pace(most=CONCURRENCY, start=CONCURRENCY, base_s=0.01, cap_s=1.0)
    return Order(recipe(rows), target, out, budget=10**12, pace=pace)


def told(what: str, requests: int, cpu: float, wall: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{what}: {requests:,} requests in {wall:.1f} s wall, {requests / wall:.0f}/s; "
        f"{1000 * cpu / requests:.2f} ms CPU each; peak memory {peak} MB"
    )


def measure(requests: int) -> None:
    with tempfile.TemporaryDirectory() as name, twin(Path(name), {"latency_s": 0.05}) as served:
        cpu, wall = time.process_time(), time.perf_counter()
        carry_out(order(served.url, Path(name) / "out", requests))
        told("crewboard", requests, time.process_time() - cpu, time.perf_counter() - wall)


def measure_sdk(requests: int) -> None:
    import openai

    async def ask(url: str, bodies: list[dict[str, object]]) -> None:
        key = ENVIRON["OPENAI_API_KEY"]
        gate = asyncio.Semaphore(CONCURRENCY)
        async with openai.AsyncOpenAI(api_key=key, base_url=url, max_retries=0) as client:

            async def one(body: dict[str, object]) -> None:
                async with gate:
                    await client.chat.completions.create(**body)  # type: ignore[call-overload]

            await asyncio.gather(*map(one, bodies))

    with tempfile.TemporaryDirectory() as name, twin(Path(name), {"latency_s": 0.05}) as served:
        wanted = order(served.url, Path(name), requests)
        writer = Writer(wanted.recipe, wanted.target)
        bodies = [
            writer.first(cell, n + 1).body
            for cell in wanted.recipe.cells()
            for n in range(cell.quota)
        ]
        cpu, wall = time.process_time(), time.perf_counter()
        asyncio.run(ask(served.url, bodies))
        told("the SDK alone", requests, time.process_time() - cpu, time.perf_counter() - wall)


def kills(rows: int, times: int) -> None:
    """Killed `times` times at random; then what the ledger and the rows say."""
    script: dict[str, object] = {"latency_s": 0.05, "faults": FAULTS}
    dice, started = Random(1), time.perf_counter()
    with tempfile.TemporaryDirectory() as name, twin(Path(name), script) as served:
        out = Path(name) / "out"
        command = [sys.executable, __file__, "run", served.url, str(out), str(rows)]
        for kill in range(1, times + 1):
            process = subprocess.Popen(command, env={**os.environ, **ENVIRON})
            goal = kill * rows // (times + 1) + dice.randrange(rows // (4 * times) + 1)
            while process.poll() is None and len(served.charged()) < goal:
                time.sleep(0.05)
            process.kill()
            process.wait()
        subprocess.run(command, check=True)
        charged = served.charged()
        made = [json.loads(line) for line in (out / "rows.jsonl").read_bytes().splitlines()]
        report = json.loads((out / "report.json").read_text())
        distinct = {charge["request"] for charge in charged}
    print(f"{times} kills, {time.perf_counter() - started:.0f} s: {len(made):,} rows of {rows:,}")
    print(
        f"charges {len(charged):,}, distinct requests {len(distinct):,}, lost {report['actual']['lost']}"
    )
    print(f"quotas exact: {report['got'] == report['planned']}; {report['by_axis']}")
    print(
        f"rejected: {report['rejected']}; difficulty {Counter(row['difficulty'] for row in made)}"
    )


def main() -> None:
    verb, *rest = [*sys.argv[1:], "10000"] if len(sys.argv) < 2 else sys.argv[1:]
    if verb == "serve":
        serve(*rest)
    elif verb == "run":
        carry_out(order(rest[0], Path(rest[1]), int(rest[2])))
    elif verb == "kills":
        kills(*[int(each) for each in (*rest, *("6665", "20")[len(rest) :])])
    elif verb == "sdk":
        measure_sdk(int((*rest, "10000")[0]))
    else:
        measure(int(verb))


if __name__ == "__main__":
    main()
