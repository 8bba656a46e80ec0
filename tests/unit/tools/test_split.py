from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import InputUnreadable
from crewboard.tools.split import split


def sides(folder: Path, rows: list[Row], seed: int = 1, share: float = 0.2) -> list[list[Row]]:
    name = write_rows(folder / "d.jsonl", rows)
    outcome = run(split, folder, data=name, test_share=share, seed=seed)
    return [read_rows(made(outcome, side)) for side in ("train", "test")]


def asked(rows: list[Row]) -> set[str]:
    return {" ".join(row["messages"][0]["content"].split()).casefold() for row in rows}


def test_the_share_that_was_asked_for_comes_out_about(tmp_path: Path) -> None:
    train, test = sides(tmp_path, [chat(f"Question {i}") for i in range(2000)])
    assert len(train) + len(test) == 2000
    assert 300 < len(test) < 500


def test_another_seed_gives_another_split(tmp_path: Path) -> None:
    rows = [chat(f"Question {i}") for i in range(100)]
    assert sides(tmp_path, rows, seed=1)[1] != sides(tmp_path, rows, seed=2)[1]


def test_a_row_stays_on_its_side_when_others_are_added(tmp_path: Path) -> None:
    rows = [chat(f"Question {i}") for i in range(200)]
    before, after = sides(tmp_path, rows[:100])[1], sides(tmp_path, rows)[1]
    assert asked(before) <= asked(after)


QUESTIONS = st.lists(st.sampled_from("abcdefgh").map(lambda c: c * 3), min_size=2, max_size=25)


@settings(max_examples=60, deadline=None)
@given(
    questions=QUESTIONS.filter(lambda found: len(set(found)) > 1),
    share=st.floats(0.001, 0.999),
    random=st.randoms(use_true_random=False),
)
def test_no_question_is_on_both_sides_and_the_order_of_rows_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    questions: list[str],
    share: float,
    random: Random,
) -> None:
    """F26: the same rows and seed give the same split, in any order of the file."""
    folder = tmp_path_factory.mktemp("split")
    rows = [chat(f" {q.upper() if i % 2 else q}", f"Answer {i}") for i, q in enumerate(questions)]
    train, test = sides(folder, rows, share=share)
    assert train
    assert test
    assert not asked(train) & asked(test)
    shuffled = list(rows)
    random.shuffle(shuffled)
    again = sides(folder, shuffled, share=share)
    assert [sorted(map(str, side)) for side in again] == [
        sorted(map(str, side)) for side in (train, test)
    ]


def test_rows_that_all_ask_the_same_cannot_be_parted(tmp_path: Path) -> None:
    with pytest.raises(InputUnreadable, match="fewer than two different questions"):
        sides(tmp_path, [chat("Same?", "a"), chat("same?", "b")])


def test_rows_that_are_no_chat_are_accounted_for(tmp_path: Path) -> None:
    """F13."""
    name = write_rows(tmp_path / "d.jsonl", [chat("a"), chat("b"), {"text": "x"}])
    assert dropped(run(split, tmp_path, data=name)) == {"no-messages": 1}
