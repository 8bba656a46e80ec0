"""Recall: what was written is found, whoever wrote it."""

import os
from pathlib import Path

import pytest

from crewboard.errors import RecallUnavailable
from crewboard.memory import recall
from crewboard.memory.recall import Recall, passages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "memory"
    notes.mkdir()
    (notes / "2026-11-20.md").write_text(
        "# 2026-11-20\n\n- 09:00Z **qa**: audited the TOEFL superset <!-- e:1 -->\n"
        "- 10:00Z **qa**: found 30 empty assistant turns <!-- e:2 -->\n"
        "- 11:00Z **lead**: lunch <!-- e:3 -->\n"
    )
    (notes / "2026-11-21.md").write_text(
        "# 2026-11-21\n\n- 09:00Z **executor**: trained 671 steps\n- petrarch likes ratios\n"
    )
    return notes


@pytest.fixture
def index(folder: Path) -> Recall:
    return Recall(folder, folder.parent / ".crewboard" / "recall.sqlite")


def texts(index: Recall, query: str) -> list[str]:
    return [hit.text for hit in index.search(query)]


def test_a_hit_names_its_file_and_line(index: Recall, folder: Path) -> None:
    best = index.search("empty assistant")[0]
    assert (best.path, best.line, best.day) == (folder / "2026-11-20.md", 4, "2026-11-20")
    assert best.text == "10:00Z **qa**: found 30 empty assistant turns"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("training", "trained 671 steps"),  # a stem
        ("superset", "audited the TOEFL"),  # the bullet itself before its neighbours
        ('"toefl" OR NEAR(', "audited the TOEFL"),  # operators are words
        ("671*", "trained 671 steps"),
        ("Petrarch's ratio", "petrarch likes ratios"),
    ],
)
def test_words_find_their_passage_first(index: Recall, query: str, found: str) -> None:
    assert found in texts(index, query)[0]


def test_a_neighbour_answers_when_the_word_stands_beside_it(index: Recall) -> None:
    assert any("empty assistant" in text for text in texts(index, "superset"))


@pytest.mark.parametrize("query", ["", "  ", "!?", '"'])
def test_a_query_without_words_finds_nothing(index: Recall, query: str) -> None:
    assert index.search(query) == ()


def test_a_hand_edit_is_seen_even_when_stat_cannot_tell(index: Recall, folder: Path) -> None:
    """Same size, same time stamp, other words."""
    path = folder / "2026-11-21.md"
    assert texts(index, "ratios")
    state = path.stat()
    path.write_text(path.read_text().replace("ratios", "quotas"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert path.stat().st_size == state.st_size
    assert texts(index, "quotas")
    assert texts(index, "ratios") == []


def test_new_and_removed_files_are_seen(index: Recall, folder: Path) -> None:
    assert index.files() == 2
    (folder / "MEMORY.md").write_text("We never train on Fridays.\n")
    assert texts(index, "fridays") == ["We never train on Fridays."]
    (folder / "2026-11-20.md").unlink()
    assert texts(index, "superset") == []
    assert index.files() == 2


def test_the_newer_of_two_equal_notes_comes_first(index: Recall, folder: Path) -> None:
    for day in ("2026-10-01", "2026-11-19", "2026-09-01"):
        (folder / f"{day}.md").write_text("- the gallery grew\n")
    days = [hit.day for hit in index.search("gallery")]
    assert days == ["2026-11-19", "2026-10-01", "2026-09-01"]


def test_a_damaged_index_is_made_again(index: Recall) -> None:
    assert texts(index, "ratios")
    index.index.write_bytes(b"this is no database" * 1000)
    assert texts(index, "ratios")[0] == "petrarch likes ratios"


def test_without_fts5_the_error_says_so(index: Recall, monkeypatch: pytest.MonkeyPatch) -> None:
    real = dict(recall._statements())
    real["schema"] = real["schema"].replace("fts5", "fts5_that_is_not_there")
    monkeypatch.setattr(recall, "_statements", lambda: real)
    with pytest.raises(RecallUnavailable, match="FTS5"):
        index.search("anything")


def test_passages_are_bullets_and_paragraphs_with_their_lines() -> None:
    text = "# T\n\none\ntwo\r\n- a\n  goes on\n  - b\n\n## H\n1. c <!-- e:9 -->\n"
    assert [(p.line, p.text) for p in passages(text)] == [
        (3, "one two"),
        (5, "a goes on"),
        (7, "b"),
        (10, "c"),
    ]
