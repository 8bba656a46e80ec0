"""kill -9 at every boundary of a small goal, one after another, until a run comes to none of them."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from acceptance.aftermath import Aftermath
from acceptance.crew_driver import Errand, Nursery
from acceptance.paid_tools import ASKS
from twins.desk import Manners, answers_from
from twins.provider import ProviderTwin

from crewboard.canonical import sha256_file
from crewboard.coordination.workspace import Workspace

_CONFIG = """
[crew]
name = "demo"
owner = "ada"
[plugins]
tools = ["acceptance.paid_tools:paid_label"]
[models]
base_url = "{url}"
key_variable = ""
idempotency = true
price_in = 1.0
price_out = 2.0
[[policies]]
name = "plans"
kind = "plan"
choose = "approve"
max_usd = 1.0
"""
_AT_ONCE = 3
_FEWEST, _MOST = 150, 1000


def _plan(source: Path, service: str) -> dict[str, Any]:
    paid = {"data": {"$artifact": "ingest.rows"}, "service": service, "promise": "lookup"}
    return {
        "steps": [
            {"name": "ingest", "title": "Convert", "tool": "ingest",
             "arguments": {"files": [str(source)]}},
            {"name": "label", "title": "Sort", "tool": "paid-label",
             "arguments": {**paid, "most_batches": 1, "settles_s": 0.1},
             "accept": {"labels": {"rows": {"min": 5}}}},
        ]
    }  # fmt: skip


def _errand(folder: Path, twin: ProviderTwin) -> Errand:
    """A goal of two steps, which thinks twice and pays for one batch."""
    source = folder / "raw.jsonl"
    rows = [{"prompt": f"What is {n} + 1?", "completion": f"It is {n + 1}."} for n in range(5)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    answers = {
        ASKS: "fine",
        "Make the plan for the goal": _plan(source, twin.url),
        "Say in one sentence what is wanted": {"summary": "a few rows, sorted", "pipeline": None},
    }
    twin.desk.manners = Manners(answers_from(answers))
    workspace, _ = Workspace.init(folder / "crew", "ada")
    workspace.config.write_text(_CONFIG.format(url=twin.openai_url))
    data = {"sources": {str(source): sha256_file(source)}, "model": "openai/planner"}
    return Errand(workspace.root, {"text": "Sort these rows", "data": data, "budget": 150_000})


def test_a_crew_that_dies_at_any_boundary_goes_on_from_there_and_pays_nothing_twice(
    tmp_path: Path,
) -> None:
    """F7, F24: just before each commit of ledger and checkpoints, around each rename and each piece on
    the wire. Boundary after boundary, until a run comes to its end first."""
    boundaries = count(1)
    with ThreadPoolExecutor(_AT_ONCE) as walkers:
        walked = [walkers.submit(_walk, tmp_path, boundaries) for _ in range(_AT_ONCE)]
        last = [each.result() for each in walked]
    assert min(last) > _FEWEST


def _walk(folder: Path, boundaries: Iterator[int]) -> int:
    """Take the next boundary until a run survives; which one that was."""
    with Nursery() as nursery:
        while (boundary := next(boundaries)) < _MOST:
            if not _dies(nursery, folder / str(boundary), boundary):
                break
    return boundary


def _dies(nursery: Nursery, folder: Path, boundary: int) -> bool:
    """Kill one crew at `boundary`, let another finish, and look; whether the first came that far."""
    folder.mkdir()
    with ProviderTwin(folder / "twin") as twin:
        errand = _errand(folder, twin)
        died = nursery.run(Errand(errand.root, errand.goal, die_at=boundary)).code is None
        Aftermath(errand.root, twin.charges).check_life()
        assert nursery.run(errand).code == 0, f"after boundary {boundary}"
        after = Aftermath(errand.root, twin.charges)
        after.check_end()
        assert after.batches_paid() == after.batches_told() == 1
        assert len(twin.charges) == 3
    return died
