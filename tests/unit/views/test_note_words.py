"""Which events become a bullet, and in what words."""

from pathlib import Path
from typing import Any

import pytest
from unit.views.scenes import Scene

from crewboard.coordination.ledger import Event
from crewboard.coordination.tasks import Task
from crewboard.coordination.views.notes import note_of

ACCOUNT = {"rows_in": 43_202, "rows_out": 43_170, "made": 0, "dropped": {"empty": 30, "roles": 2}}
QUESTION = {"decision": "d7k2m", "owner": "ada", "question": "Drop?", "options": ["drop", "keep"]}
BILL = {"cause": "HTTP 402.", "owner": "ada", "tried": "3 calls", "needed": "pay"}
CALL = {"tool": "generate", "step": "batch 3", "key": "ab"}


def task(folder: Path, kind: str = "work") -> Task:
    scene = Scene.at(folder)
    return scene.step(scene.goal(), "mix", kind=kind, title="Mix")


def told(kind: str, data: dict[str, Any], about: Task | None) -> str | None:
    at = "2026-11-21T21:04:00.000Z"
    event = Event(7, at, kind, "executor", "g41x9", "t41x9", data, "0" * 64, "ab" * 32)
    note = note_of(event, about)
    return note.text if note else None


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("task.created", {"kind": "goal", "role": "lead", "title": "X"}, "set a goal for lead: X"),
        ("task.created", {"kind": "work", "role": "qa", "title": "X"}, None),
        (
            "plan.made",
            {"steps": ["a", "b"], "revision": 2, "assumed": ["seed: 42"]},
            "planned 2 steps (a, b, plan 2); assumed: seed: 42",
        ),
        (
            "artifact.made",
            {"name": "rows", "rows": 43_170, "path": "data/x.jsonl", "accounting": ACCOUNT},
            "made rows, 43,170 rows of 43,202 (dropped 30 empty, 2 roles): `data/x.jsonl`",
        ),
        (  # what was dropped is not what is left of all that was read
            "artifact.made",
            {"name": "dropped", "rows": 32, "path": "d.jsonl", "accounting": ACCOUNT},
            "made dropped, 32 rows: `d.jsonl`",
        ),
        (
            "artifact.made",
            {"name": "report", "rows": None, "path": "r.md", "accounting": None},
            "made report: `r.md`",
        ),
        (
            "verdict.signed",
            {"judgement": "rework", "sha256": "cd" * 32, "findings": ["2 rows", "no end"]},
            "gave back «Mix» (sha256:cdcdcdcdcdcd): 2 rows; no end",
        ),
        ("decision.asked", QUESTION, "asked ada: Drop? (drop / keep)"),
        (
            "decision.answered",
            {"decision": "d7k2m", "choice": "drop", "via": "cli", "note": "as before"},
            "chose drop via cli: as before",
        ),
        (
            "decision.overdue",
            {"decision": "d7k2m", "on_expiry": "hold"},
            "got no answer in time; on expiry: hold",
        ),
        (
            "task.moved",
            {"state": "INPUT_REQUIRED", "waits": "human", "reason": BILL},
            "«Mix» is blocked: HTTP 402; needed: pay",
        ),
        ("task.moved", {"state": "WORKING", "was": "SUBMITTED"}, None),
        ("task.moved", {"state": "COMPLETED", "waits": None}, "completed «Mix»"),
        ("task.recovered", {"recoveries": 1}, "took «Mix» up again after a crash (recovery 1)"),
        ("task.reworked", {"attempt": 2}, "runs «Mix» again with other arguments (rework 2)"),
        ("effect.done", {**CALL, "cost": 0}, None),
        ("effect.done", {**CALL, "cost": 12_300}, "paid 0.0123 USD for generate (batch 3)"),
        (
            "effect.refused",
            {**CALL, "cost": 0, "why": "HTTP 402"},
            "generate (batch 3) was refused: HTTP 402",
        ),
        ("message.dead", {"to": "qa", "why": "gone"}, "a message to qa was given up: gone"),
        ("effect.intended", {**CALL, "estimate": 1}, None),
        ("crew.started", {"fence": 1}, None),
    ],
)
def test_an_event_becomes_one_short_bullet_or_none(
    tmp_path: Path, kind: str, data: dict[str, Any], text: str | None
) -> None:
    assert told(kind, data, task(tmp_path)) == text


@pytest.mark.parametrize("kind", ["review", "question"])
def test_the_end_of_a_review_or_a_question_is_told_by_its_verdict_or_answer(
    tmp_path: Path, kind: str
) -> None:
    assert told("task.moved", {"state": "COMPLETED", "waits": None}, task(tmp_path, kind)) is None


def test_two_machines_that_share_their_notes_never_name_two_events_alike() -> None:
    """F3: both have an event 7; the hash that it is bound by tells them apart."""
    data = {"to": "qa", "why": "gone"}
    at = "2026-11-21T21:04:00.000Z"
    both = [
        note_of(Event(7, at, "message.dead", "lead", None, None, data, "", mark * 64), None)
        for mark in "ab"
    ]
    assert [note.event for note in both if note] == ["7.aaaaaaaa", "7.bbbbbbbb"]
