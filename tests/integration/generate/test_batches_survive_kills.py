"""Killed at every stage of a batch's life, a run comes to its rows, and no batch is paid twice."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson
import pytest
from integration.generate.generating import (
    CANARY,
    MODELS,
    PROVIDERS,
    desk,
    distinct_charges,
    report_of,
    rows_of,
)

from crewboard.tools.generate.strata import by_axis
from crewboard.tools.providers.prices import Usage, price_of
from crewboard.tools.providers.settings import ModelSettings
from crewboard.tools.twins.provider.script import Fault, Faults, Life, Script
from crewboard.tools.twins.provider.server import ProviderTwin

ROWS = 600
TESTS = Path(__file__).resolve().parents[2]
POST = {"openai": "/v1/batches", "anthropic": "/v1/messages/batches"}
RESULTS = {"openai": "/content", "anthropic": "/results"}
MOMENTS = (
    "unsent",  # the wave is written down, and its batch never reaches the provider
    "receipt",  # the batch is made, and nobody was told its name
    "look",  # it runs
    "results",  # its results are on their way, or being written down
    "wave",  # the next one is written down, and perhaps on its way
    "receipt",
    "look",
    "results",
    "answered",  # a part of the results is written down, or all of them
    "collected",  # the wave has just been done with
)


@dataclass(frozen=True)
class Scene:
    provider: str
    twin: ProviderTwin
    out: Path
    dice: Random

    def record(self) -> bytes:
        path = self.out / "record.jsonl"
        return path.read_bytes() if path.exists() else b""

    def noted(self, kind: str) -> int:
        return self.record().count(b'{"kind":"%s"' % kind.encode())

    def made(self) -> int:
        post = ("POST", POST[self.provider])
        return sum((seen.method, seen.path) == post for seen in self.twin.seen)

    def looks(self) -> int:
        batch = POST[self.provider] + "/batch_"
        return sum(seen.path.startswith(batch) for seen in self.twin.seen) - self.fetches()

    def fetches(self) -> int:
        return sum(seen.path.endswith(RESULTS[self.provider]) for seen in self.twin.seen)

    def unnamed(self) -> int:
        """Waves under way whose batch the record does not name."""
        waves = set()
        for entry in map(orjson.loads, self.record().splitlines()):
            if entry["kind"] == "wave":
                waves.add(entry["wave"])
            elif entry["kind"] in {"submitted", "collected"}:
                waves.discard(entry["wave"])
        return len(waves)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_ten_kills_cost_no_row_and_no_second_payment(tmp_path: Path, provider: str) -> None:
    """F9, F21: batches expire at three fifths; what they finished is kept, the rest is asked again."""
    script = Script(batch=Life(looks=3, end="expired", done=0.6))
    with ProviderTwin(tmp_path / "charges.jsonl", script) as twin:
        scene = Scene(provider, twin, tmp_path / "out", Random(23))
        for moment in MOMENTS:
            _killed_at(scene, moment)
        assert not (scene.out / "rows.jsonl").exists()
        assert _started(scene, twin.port).wait(300) == 0
        _let_all_batches_end(scene)
        _every_request_was_paid_once_at_half_the_price(scene)
        assert scene.made() > 4
    _quotas_are_exact(rows_of(scene.out / "rows.jsonl"))


def _killed_at(scene: Scene, moment: str) -> None:
    """Start, wait for the moment and a little more, kill."""
    if moment == "unsent":
        _killed_unsent(scene)
        return
    before = scene.made()
    if moment == "receipt":
        hang = Fault(kind="hang", path=POST[scene.provider], contains="{", times=1)
        scene.twin.desk.faults = Faults((hang,))
    looked: dict[str, Callable[[], int]] = {
        "receipt": scene.made,
        "look": scene.looks,
        "results": scene.fetches,
        "wave": lambda: scene.noted("wave"),
        "answered": lambda: scene.noted("answered"),
        "collected": lambda: scene.noted("collected"),
    }
    count = looked[moment]
    was = count()
    process = _started(scene, scene.twin.port)
    _await(lambda: count() > was, process)
    time.sleep(0.1 if moment == "receipt" else scene.dice.random() * 0.02)
    _kill(process)
    if moment == "receipt":
        assert (scene.made(), scene.unnamed()) == (before + 1, 1)


def _killed_unsent(scene: Scene) -> None:
    """The provider's address is deaf: it takes the connection, and nothing of the request."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        process = _started(scene, deaf.getsockname()[1])
        deaf.settimeout(60)
        connection, _ = deaf.accept()
        with connection:
            _kill(process)
    assert (scene.made(), scene.unnamed()) == (0, 1)


def _started(scene: Scene, port: int) -> "subprocess.Popen[bytes]":
    url = f"http://127.0.0.1:{port}" + ("/v1" if scene.provider == "openai" else "")
    program = TESTS / "integration/generate/generate_batch_process.py"
    command = [sys.executable, str(program), str(scene.out), str(ROWS), scene.provider, url]
    environ = {**os.environ, "PYTHONPATH": f"{TESTS.parent / 'src'}:{TESTS}"}
    return subprocess.Popen(command, env=environ)


def _await(reached: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 120
    while not reached():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.002)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    assert process.wait() < 0, "it ended before it was killed"


def _let_all_batches_end(scene: Scene) -> None:
    """At the twin a batch goes on when somebody looks; at a provider it does so by itself."""
    key = {"anthropic": {"x-api-key": CANARY}, "openai": {}}[scene.provider]
    with httpx.Client(base_url=scene.twin.url, headers=key) as client:
        for number in range(1, scene.made() + 1):
            for _ in range(scene.twin.desk.script.batch.looks + 1):
                place = f"{POST[scene.provider]}/batch_{number:06d}"
                assert client.get(place).status_code == 200


def _every_request_was_paid_once_at_half_the_price(scene: Scene) -> None:
    charged, distinct = distinct_charges(scene.twin)
    actual = report_of(scene.out)["actual"]
    assert charged == distinct == actual["answers"]
    assert actual["lost"] == 0
    assert actual["cost_microusd"] == scene.twin.charges.total
    price = price_of(scene.provider, MODELS[scene.provider].split("/")[1], ModelSettings())
    whole = price.cost(Usage(actual["input_tokens"], actual["output_tokens"]))
    assert whole / 2 <= actual["cost_microusd"] <= whole / 2 + charged  # each is rounded up


def _quotas_are_exact(rows: list[dict[str, Any]]) -> None:
    plan = desk(ROWS).cells()
    counted = Counter("/".join(str(row[axis]) for axis in plan[0].labels) for row in rows)
    assert counted == {cell.name: cell.quota for cell in plan}
    assert by_axis(counted, plan)["difficulty"] == {"easy": 180, "medium": 270, "hard": 150}
    requests = {row["provenance"]["request"] for row in rows}
    assert len(requests) == len(rows) == ROWS
    assert all(row["provenance"]["batch"] for row in rows)
