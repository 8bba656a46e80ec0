"""Killed again and again, a run comes to exactly its rows, and no request is paid twice."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from integration.generate.generating import desk, distinct_charges, report_of, rows_of

from crewboard.tools.generate.strata import by_axis
from crewboard.tools.twins.provider.script import Fault, Script
from crewboard.tools.twins.provider.server import ProviderTwin

ROWS, KILLS = 600, 6
TESTS = Path(__file__).resolve().parents[2]
FAULTS = (
    Fault(kind="status", status=529, every=29),
    Fault(kind="status", status=429, headers={"Retry-After": "0.02"}, every=37),
    Fault(kind="drop", every=53, fresh=True),
    Fault(kind="reset", every=83),
    Fault(kind="error_body", every=71),
    Fault(kind="misfit", every=23),
    Fault(kind="cut", every=31),
    Fault(kind="malformed", every=61),
    Fault(kind="refusal", every=97),
    Fault(kind="echo", every=41),
)


@pytest.mark.parametrize("keyed", ["keyed", "no keys"])
def test_exactly_the_planned_rows_and_one_charge_for_each_request(
    tmp_path: Path, keyed: str
) -> None:
    """F9, F21: faults of every kind and six kills while requests are under way."""
    script = Script(latency_s=0.03, faults=FAULTS)
    out, dice = tmp_path / "out", Random(11)
    with ProviderTwin(tmp_path / "charges.jsonl", script) as twin:
        command = [
            sys.executable, str(TESTS / "integration/generate/generate_process.py"),
            str(out), str(ROWS), twin.openai_url, keyed,
        ]  # fmt: skip
        environ = {**os.environ, "PYTHONPATH": f"{TESTS.parent / 'src'}:{TESTS}"}
        for kill in range(1, KILLS + 1):
            process = subprocess.Popen(command, env=environ)
            _await_charges(twin, kill * ROWS // (KILLS + 2) + dice.randrange(20))
            process.kill()
            process.wait()
        assert not (out / "rows.jsonl").exists()
        done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        charged, distinct = distinct_charges(twin)
        total = twin.charges.total
        paid = {charge.request for charge in twin.charges}
    rows, report = rows_of(out / "rows.jsonl"), report_of(out)
    assert charged == distinct
    assert len(rows) == ROWS
    assert {row["provenance"]["request"] for row in rows} <= paid
    _quotas_are_exact(rows)
    actual = report["actual"]
    assert actual["cost_microusd"] >= total
    if keyed == "keyed":
        assert (charged, actual["lost"]) == (actual["answers"], 0)
    else:
        assert actual["lost"] >= 1
        assert charged <= actual["answers"] + actual["lost"]


def _await_charges(twin: ProviderTwin, count: int) -> None:
    until = time.monotonic() + 120
    while len(twin.charges) < count and time.monotonic() < until:
        time.sleep(0.02)


def _quotas_are_exact(rows: list[dict[str, object]]) -> None:
    plan = desk(ROWS).cells()
    counted = Counter("/".join(str(row[axis]) for axis in plan[0].labels) for row in rows)
    assert counted == {cell.name: cell.quota for cell in plan}
    assert by_axis(counted, plan)["difficulty"] == {"easy": 180, "medium": 270, "hard": 150}
