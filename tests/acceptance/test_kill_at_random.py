"""kill -9, again and again, at moments that nobody chose: the goal is reached, and paid for once."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.aftermath import Aftermath
from acceptance.crew_driver import Errand, Nursery, run_cold
from acceptance.paid_tools import ASKS
from twins.charges import Charges
from twins.desk import Manners, answers_from
from twins.provider import ProviderTwin

from crewboard.canonical import sha256_file
from crewboard.coordination.workspace import Workspace

_COLD_EVERY = 10
_ROWS, _COPIES = 240, 24
_BATCH = 12
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
    files = [str(source)]
    paid = {"service": service, "batch_rows": _BATCH, "dawdle_s": 0.02}
    accept = {"labels": {"rows": {"min": 1}}}
    return {
        "steps": [
            {"name": "ingest", "title": "Convert", "tool": "ingest", "arguments": {"files": files}},
            {"name": "dedup", "title": "Drop copies", "tool": "dedup",
             "arguments": {"data": {"$artifact": "ingest.rows"}},
             "accept": {"rows": {"duplicates": {"max": 0}}}},
            {"name": "split", "title": "Hold out", "tool": "split",
             "arguments": {"data": {"$artifact": "dedup.rows"}, "test_share": 0.4, "seed": 42}},
            {"name": "label-train", "title": "Sort the train rows", "tool": "paid-label", "accept": accept,
             "arguments": {"data": {"$artifact": "split.train"}, "promise": "keyed",
                           "most_batches": 12} | paid},
            {"name": "label-test", "title": "Sort the test rows", "tool": "paid-label", "accept": accept,
             "arguments": {"data": {"$artifact": "split.test"}, "promise": "lookup", "most_batches": 8,
                           "settles_s": 0.3} | paid},
            {"name": "audit", "title": "Audit", "tool": "audit",
             "arguments": {"data": {"$artifact": "split.train"}}},
        ]
    }  # fmt: skip


def _source(folder: Path) -> Path:
    rows = [
        {"prompt": f"What is {n} + {n}?", "completion": f"It is {2 * n}."} for n in range(_ROWS)
    ]
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


def _goal(source: Path, more: Mapping[str, Any], ceiling: int) -> dict[str, Any]:
    data = {"sources": {str(source): sha256_file(source)}, "parameters": {}, **more}
    return {"text": "Clean these rows and sort some of them", "data": data, "budget": ceiling}


@dataclass(frozen=True)
class Spree:
    """A kill falls within `longest_s` after a start: in the start-up, in a turn, or in a call."""

    kills: int
    longest_s: float
    seed: int


def _kill_often(nursery: Nursery, errand: Errand, charges: Charges, spree: Spree) -> int:
    """Lives that are cut short, then one that is not; how many were cut."""
    chance, cut = random.Random(spree.seed), 0
    for life in range(1, spree.kills + 1):
        cold = life % _COLD_EVERY == 0
        after = chance.uniform(0.0, 2.5 if cold else spree.longest_s)
        due = Errand(errand.root, errand.goal, kill_after=after)
        ended = run_cold(due) if cold else nursery.run(due)
        assert ended.code in {None, 0}
        cut += ended.code is None
        Aftermath(errand.root, charges).check_life()
    assert nursery.run(errand).code == 0
    return cut


def test_a_goal_that_is_killed_thirty_times_is_reached_and_each_batch_is_paid_once(
    tmp_path: Path,
) -> None:
    """F7, F24: nothing is lost and nothing paid twice. A model makes the plan, a human's rule grants it;
    its budget has room for one run of it, not for two."""
    source = _source(tmp_path)
    with ProviderTwin(tmp_path / "twin") as twin, Nursery() as nursery:
        answers = answers_from(_answers(_plan(source, twin.url)))
        twin.desk.manners = Manners(answers=answers, latency_s=0.25)
        root = _workspace(tmp_path, twin.openai_url, "idempotency = true")
        goal = _goal(source, {"model": "openai/planner"}, 2_050_000)
        spree = Spree(kills=30, longest_s=0.8, seed=1)
        cut = _kill_often(nursery, Errand(root, goal), twin.charges, spree)
        after = Aftermath(root, twin.charges)
        after.check_end()
        assert cut >= 25
        assert after.batches_paid() == after.batches_told() == 20
        assert [d.decided_by for d in after.decisions if d.kind == "plan"] == ["policy:plans"]
        thought = [charge for charge in twin.charges if charge.model == "planner"]
        assert len(thought) == 2


def test_where_no_call_can_be_asked_after_a_rule_skips_what_was_lost_and_rules_go_on(
    tmp_path: Path,
) -> None:
    """F9: the provider honours no key, keeps no list, and takes longer than any life: no call is made
    twice, what nobody knows counts as spent, and the crew plans without its model."""
    source = _source(tmp_path)
    with ProviderTwin(tmp_path / "twin") as twin, Nursery() as nursery:
        answers = answers_from(_answers({"pipeline": "data"}))
        twin.desk.manners = Manners(answers, latency_s=1.0, idempotency=False)
        root = _workspace(tmp_path, twin.openai_url, "")
        goal = _goal(source, {"model": "openai/planner", "pipeline": "data"}, 950_000)
        spree = Spree(kills=15, longest_s=0.45, seed=2)
        cut = _kill_often(nursery, Errand(root, goal), twin.charges, spree)
        after = Aftermath(root, twin.charges)
        after.check_end()
        assert cut >= 5
        lost = [d for d in after.decisions if d.kind == "unknown-outcome"]
        assert {(d.choice, d.decided_by) for d in lost} == {("skip", "policy:lost-calls")}
        assert len(after.steps) == 6


def test_a_batch_that_nobody_can_tell_of_is_skipped_on_a_rules_word_and_its_rows_are_accounted_for(
    tmp_path: Path,
) -> None:
    """F13: each batch is paid once at most; those that were lost are dropped rows with a reason."""
    source = _source(tmp_path)
    with ProviderTwin(tmp_path / "twin") as twin, Nursery() as nursery:
        plan = _plan(source, twin.url)
        for step in plan["steps"]:
            if step["tool"] == "paid-label":
                step["arguments"]["promise"] = "at_most_once"
        answers = answers_from(_answers(plan))
        twin.desk.manners = Manners(answers, latency_s=0.2)
        root = _workspace(tmp_path, twin.openai_url, "idempotency = true")
        goal = _goal(source, {"model": "openai/planner"}, 2_050_000)
        spree = Spree(kills=20, longest_s=0.8, seed=3)
        cut = _kill_often(nursery, Errand(root, goal), twin.charges, spree)
        after = Aftermath(root, twin.charges)
        after.check_end()
        assert cut >= 10
        lost = [d for d in after.decisions if d.kind == "unknown-outcome"]
        assert lost
        told = after.batches_told()
        assert told + len(lost) == 20
        assert told <= after.batches_paid() <= 20
        assert after.dropped("skipped") == len(lost) * _BATCH
