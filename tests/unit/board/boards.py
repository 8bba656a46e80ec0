"""Cards, views and documents that the board's tests share."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from crewboard.coordination.board import (
    Answered,
    Blocker,
    BoardView,
    Card,
    Choice,
    Column,
    DecisionCard,
    Evidence,
)

NOW = datetime(2026, 11, 21, 21, 4, tzinfo=UTC)
FOUNDING = Path(__file__).resolve().parents[3] / ".." / "shared" / "founding"

MIXED = Card(
    "t41x9",
    "Mix stage 1",
    Column.DONE,
    owner="executor",
    evidence=(Evidence("data/mix.3f2a91c0.jsonl", "3f2a91c0" * 8, "43,170 rows", "pass"),),
)
TRAINING = Card("t41xa", "Train on the mix", Column.IN_PROGRESS, "executor", "running")
GENERATE = Card(
    "t7k2m",
    "Generate 500 dialogues",
    Column.BLOCKED,
    blocker=Blocker(
        "HTTP 402", "ada", "3 calls", "settle the bill", NOW - timedelta(days=3, hours=1)
    ),
)
DROP = DecisionCard(
    "d7k2m",
    "Drop the 30 empty rows?",
    "petrarch",
    (Choice("drop", "unblocks the mix, reversible", recommended=True), Choice("keep", "3 h")),
    "qa",
    NOW,
    due=NOW + timedelta(days=1),
    decides="whether the mix can be built",
    blocks=("t41xa",),
)
ANSWER = Answered("drop", "petrarch", NOW, "cli")
VIEW = BoardView("Demo", NOW, (MIXED, TRAINING, GENERATE), (DROP,))
