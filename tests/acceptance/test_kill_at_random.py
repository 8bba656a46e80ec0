"""kill -9, again and again, at moments that nobody chose: the goal is reached, and paid for once."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from acceptance.aftermath import Aftermath
from acceptance.crew_driver import Ended, Errand, Nursery, run_cold
from acceptance.paid_tools import ASKS
from twins.provider import ProviderProcess

from crewboard.canonical import sha256_file
from crewboard.coordination.tasks import State
from crewboard.coordination.workspace import Workspace

_KILLS = 30
_COLD_EVERY = 10
_ROWS, _COPIES = 240, 24
_LIFE_S = 0.9
"""A kill falls within this time after a start: in the start-up, in a turn, or in a call."""
_CONFIG = """
[crew]
name = "demo"
owner = "ada"
[plugins]
tools = ["acceptance.paid_tools:paid_label"]
[models]
base_url = "{url}"
key_variable = ""
price_in = 1.0
price_out = 2.0
deadline_s = 20.0
{models}
[[policies]]
name = "plans"
kind = "plan"
choose = "approve"
max_usd = 2.0
[[policies]]
name = "treatment"
kind = "data-treatment"
choose = "drop"
[[policies]]
name = "lost-calls"
kind = "unknown-outcome"
choose = "skip"
max_usd = 1.0
"""


def _plan(source: Path, service: str) -> dict[str, Any]:
    """Six steps, two of which pay for each batch, one by key and one by look-up, side by side."""
    paid = {"service": service, "batch_rows": 30, "dawdle_s": 0.02}
    accept = {"labels": {"rows": {"min": 1}}}
    return {
        "steps": [
            {"name": "ingest", "title": "Convert", "tool": "ingest", "arguments": {"files": [str(source)]}},
            {"name": "dedup", "title": "Drop copies", "tool": "dedup",
             "arguments": {"data": {"$artifact": "ingest.rows"}},
             "accept": {"rows": {"duplicates": {"max": 0}}}},
            {"name": "split", "title": "Hold out", "tool": "split",
             "arguments": {"data": {"$artifact": "dedup.rows"}, "test_share": 0.4, "seed": 42}},
            {"name": "label-train", "title": "Sort the train rows", "tool": "paid-label", "accept": accept,
             "arguments": {"data": {"$artifact": "split.train"}, "promise": "keyed", "most_batches": 5} | paid},
            {"name": "label-test", "title": "Sort the test rows", "tool": "paid-label", "accept": accept,
             "arguments": {"data": {"$artifact": "split.test"}, "promise": "lookup", "most_batches": 3,
                           "settles_s": 0.3} | paid},
            {"name": "audit", "title": "Audit", "tool": "audit",
             "arguments": {"data": {"$artifact": "split.train"}}},
        ]
    }  # fmt: skip


def _source(folder: Path) -> Path:
    rows = [{"prompt": f"What is {n} + {n}?", "completion": f"It is {2 * n}."} for n in range(_ROWS)]
    path = folder / "raw.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *rows[:_COPIES]]))
    return path


def _answers(plan: Mapping[str, Any]) -> dict[str, Any]:
    understood = {"summary": "clean rows, some sorted", "pipeline": None}
    return {
        ASKS: "fine",
        "Make the plan for the goal": plan,
        "Say in one sentence what is wanted": understood,
    }


def _workspace(folder: Path, url: str, models: str) -> Path:
    workspace, _ = Workspace.init(folder / "crew", "ada")
    workspace.config.write_text(_CONFIG.format(url=url, models=models))
    return workspace.root


def _kill_often(nursery: Nursery, errand: Errand, charges: Any, seed: int) -> tuple[int, Ended]:
    """Lives that are cut short, then one that is not. How many were really cut, and the last one."""
    chance, cut = random.Random(seed), 0
    for life in range(1, _KILLS + 1):
        cold = life % _COLD_EVERY == 0
        after = chance.uniform(0.0, 2.5 if cold else _LIFE_S)
        due = Errand(errand.root, errand.goal, kill_after=after)
        ended = run_cold(due) if cold else nursery.run(due)
        assert ended.code in {None, 0}
        cut += ended.code is None
        Aftermath(errand.root, charges).check_life()
    return cut, nursery.run(errand)


def test_a_goal_that_is_killed_thirty_times_is_reached_and_each_batch_is_paid_once(
    tmp_path: Path,
) -> None:
    """F7, F24: nothing is lost, nothing is paid twice. A model makes the plan; a human's rule grants it."""
    source = _source(tmp_path)
    state = tmp_path / "twin"
    with ProviderProcess(state) as twin, Nursery() as nursery:
        twin.configure({"answers": _answers(_plan(source, twin.url)), "latency_s": 0.15})
