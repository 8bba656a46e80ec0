"""Every event has words, and none of them fails on facts that are missing."""

from typing import Any

import pytest

from crewboard.cli.words import words, worth_telling
from crewboard.coordination.ledger import Event


def event(kind: str, **data: Any) -> Event:
    return Event(1, "2026-11-21T09:00:00.000Z", kind, "executor", "g1", "t1", data, "", "")


TITLES = {"t1": "Mix the rows"}
TOLD = [
    (event("task.moved", state="WORKING"), "«Mix the rows» is at work"),
    (event("task.moved", state="COMPLETED"), "«Mix the rows» is done"),
    (
        event("task.moved", state="FAILED", reason={"cause": "HTTP 402."}),
        "«Mix the rows» is blocked: HTTP 402.",
    ),
    (event("task.moved", state="WORKING", waits="retry", cause="429"), "«Mix the rows» backs off: 429"),
    (event("task.moved", state="CANCELED"), "«Mix the rows» was cancelled by executor"),
    (
        event("artifact.made", name="rows", rows=43175, path="data/x.jsonl"),
        "«Mix the rows» made rows, 43,175 rows: data/x.jsonl",
    ),
    (
        event("verdict.signed", sha256="ab" * 32, judgement="rework", findings=["rows.rows is 0"]),
        "did not accept abababab of «Mix the rows»: rows.rows is 0",
    ),
    (
        event("decision.asked", decision="d1", owner="ada", question="Drop?", options=["yes", "no"]),
        "asks ada: Drop? -> crewboard approve d1 --choose yes|no",
    ),
    (event("decision.answered", decision="d1", choice="yes", note="ok"), "chose yes for d1 (ok)"),
    (
        event("effect.done", tool="model x", step="plan", cost=1500),
        "model x (plan) ended in «Mix the rows» for 0.0015 USD",
    ),
    (event("plugin.thing", size=3), "plugin.thing: size=3"),
    (event("plugin.bare"), "plugin.bare"),
]  # fmt: skip


@pytest.mark.parametrize(("happened", "told"), TOLD)
def test_an_event_is_told_in_words(happened: Event, told: str) -> None:
    assert words(happened, TITLES) == told


KINDS = [
    "task.created", "task.moved", "task.recovered", "task.reworked", "plan.made", "artifact.made",
    "verdict.signed", "decision.asked", "decision.answered", "decision.overdue", "effect.done",
    "effect.intended", "effect.refused", "message.dead", "message.received", "crew.started",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_without_its_facts_is_told_all_the_same(kind: str) -> None:
    assert words(event(kind), {})


def test_a_call_that_cost_nothing_is_not_worth_telling() -> None:
    assert not worth_telling(event("effect.done", cost=0))
    assert worth_telling(event("effect.done", cost=1))
