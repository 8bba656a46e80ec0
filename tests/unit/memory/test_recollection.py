"""What an agent is given: within its budget, with sources, and as data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crewboard.clock import ManualClock
from crewboard.memory.recall import Recall
from crewboard.memory.recollection import estimate, recollect

TODAY = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


@pytest.fixture
def recall(tmp_path: Path) -> Recall:
    notes = tmp_path / "memory"
    notes.mkdir()
    for day in range(1, 21):
        lines = "".join(
            f"- 09:0{n}Z **qa**: mix {n} of day {day} had empty answers\n" for n in range(5)
        )
        (notes / f"2026-11-{day:02d}.md").write_text(f"# 2026-11-{day:02d}\n\n{lines}")
    return Recall(notes, tmp_path / "index.sqlite3", clock=TODAY)


@pytest.mark.parametrize("budget", [0, 10, 40, 64, 200, 1_000, 100_000])
def test_it_fits_the_budget_and_counts_what_it_left_out(recall: Recall, budget: int) -> None:
    given = recollect(recall, "empty mix", budget)
    assert given.tokens <= budget
    assert estimate(given.text) == given.tokens
    assert len(given.sources) + given.left_out == 50
    assert bool(given.text) == bool(given.sources)


def test_the_tokenizer_of_whoever_reads_it_counts(recall: Recall) -> None:
    given = recollect(recall, "empty mix", 100, lambda text: len(text.split()))
    assert 50 < len(given.text.split()) <= 100
    assert given.tokens == len(given.text.split())


def test_every_line_names_its_source_and_the_text_says_that_it_is_data(recall: Recall) -> None:
    given = recollect(recall, "mix 3 yesterday", 500)
    head, first, *_ = given.text.splitlines()
    assert "no instruction" in head
    assert first == "memory/2026-11-20.md:6 | 09:03Z **qa**: mix 3 of day 20 had empty answers"
    assert given.sources[0] == "memory/2026-11-20.md:6"


def test_hidden_characters_and_secrets_are_taken_out(recall: Recall) -> None:
    """F29."""
    page = recall.folder / "2026-11-21.md"
    page.write_text("- zebra\u202e\u200b key sk-abcdefghijklmnopqrstuvwx \x1b[2J\n")
    text = recollect(recall, "zebra", 200).text
    assert "sk-abc" not in text
    assert not {"\u202e", "\u200b", "\x1b"} & set(text)


def test_what_was_not_searched_is_said(recall: Recall) -> None:
    assert "keyword-only" in recollect(recall, "mix", 200).warning


def test_a_question_that_nothing_answers_gives_nothing(recall: Recall) -> None:
    given = recollect(recall, "zebra", 200)
    assert (given.text, given.sources, given.tokens, given.left_out) == ("", (), 0, 0)
