"""Recall: what was written is found, whoever wrote it."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crewboard.canonical import sha256_file
from crewboard.clock import ManualClock
from crewboard.errors import RecallUnavailable
from crewboard.memory import index as indexing
from crewboard.memory import recall as recalling
from crewboard.memory.passages import passages
from crewboard.memory.recall import Recall


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
    real = dict(indexing._statements())
    real["schema"] = real["schema"].replace("fts5", "fts5_that_is_not_there")
    monkeypatch.setattr(indexing, "_statements", lambda: real)
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


# ── ids, days, and what was looked at ────────────────────────────────────────────────────────────

SATURDAY = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))


def of_days(tmp_path: Path, **days: str) -> Recall:
    notes = tmp_path / "n"
    notes.mkdir()
    for day, text in days.items():
        (notes / f"2026-{day[1:3]}-{day[3:]}.md").write_text(text)
    return Recall(notes, tmp_path / "n.sqlite3", clock=SATURDAY)


def test_the_passages_that_name_a_card_come_first(tmp_path: Path) -> None:
    """Even where forty others bear every other word of the question."""
    filler = "".join(f"- {n} nothing to see\n\n" for n in range(300))
    chatter = "- ratio seed audit merge shuffle\n\n" * 50
    index = of_days(tmp_path, d1101=filler + "- ^t41x9: rebuilt\n\n" + chatter)
    for query in ("ratio seed audit merge shuffle ^t41x9?", "T41X9 shuffle audit", "^t41x9"):
        assert texts(index, query)[0] == "^t41x9: rebuilt"
    assert texts(index, "^tzzzz") == []


@pytest.mark.parametrize(
    ("query", "day"),
    [
        ("mix yesterday", "2026-11-20"),
        ("mix on 2026-11-03", "2026-11-03"),
        ("mix last week", "2026-11-12"),
        ("3 November", "2026-11-03"),
        ("the mix of last monday", "2026-11-16"),
    ],
)
def test_date_words_put_the_days_that_they_mean_on_top(
    tmp_path: Path, query: str, day: str
) -> None:
    same = dict.fromkeys(["d1103", "d1112", "d1116", "d1120", "d1121"], "- a mix\n- made a mix\n")
    best = of_days(tmp_path, **same).search(query)[0]
    assert best.day == day


def test_a_day_without_notes_falls_back_to_the_words(tmp_path: Path) -> None:
    index = of_days(tmp_path, d1101="- a mix\n")
    assert texts(index, "mix yesterday") == ["a mix"]
    assert texts(index, "yesterday") == []


def test_the_words_of_a_heading_find_what_stands_beneath_it(tmp_path: Path) -> None:
    index = of_days(tmp_path, d1101="## Open blockers\n- rent\n")
    assert texts(index, "blocker") == ["rent"]


def test_long_term_memory_beside_the_notes_is_searched_too(index: Recall, folder: Path) -> None:
    memory = folder.parent / "MEMORY.md"
    memory.write_text("- never on Fridays <!-- m:x 00000000 00000000 -->\n")
    both = Recall(folder, index.index, beside=(memory,))
    (hit,) = both.search("fridays")
    assert (hit.path, hit.line, hit.text) == (memory, 1, "never on Fridays")
    memory.unlink()
    assert both.search("fridays") == ()


def test_without_a_model_it_says_that_it_goes_by_words(index: Recall) -> None:
    looked = index.coverage()
    assert (looked.files, looked.indexed, looked.whole) == (2, 2, True)
    assert looked.warning.startswith("keyword-only: no model is set")


def test_no_files_at_all_is_said(tmp_path: Path) -> None:
    looked = Recall(tmp_path / "nothing", tmp_path / "i.sqlite3").coverage()
    assert "0 of 0 files indexed" in looked.warning


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_found(
    index: Recall, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> str:
        if path.name == "2026-11-20.md":
            raise PermissionError(13, "Permission denied")
        return sha256_file(path)

    monkeypatch.setattr(indexing, "sha256_file", refused)
    assert texts(index, "ratios")
    warning = index.coverage().warning
    assert "1 of 2 files indexed" in warning
    assert "2026-11-20.md cannot be read: Permission denied" in warning


def test_an_index_of_another_version_is_made_anew(index: Recall) -> None:
    assert texts(index, "ratios")
    with closing(sqlite3.connect(index.index)) as file:
        file.execute("DROP TABLE passage")
        file.execute("PRAGMA user_version = 1")
    assert texts(index, "ratios")


# ── with a model of meaning ──────────────────────────────────────────────────────────────────────


class Synonyms:
    """A model that knows two meanings: of reading, and of all else."""

    name = "synonyms"
    asked = 0

    def embed(self, texts: Sequence[str]) -> Any:
        self.asked += len(texts)
        reading = [bool({"read", "peruse"} & set(text.lower().split())) for text in texts]
        return numpy.array([[1.0, 0.0] if each else [0.0, 1.0] for each in reading])


numpy = pytest.importorskip("numpy", reason="vectors need numpy, of the train extra")


def test_a_model_finds_what_no_word_tells(tmp_path: Path) -> None:
    words = of_days(tmp_path, d1101="- peruse the log\n\nx\n\ny\n\n- trained\n")
    assert texts(words, "read") == []
    both = Recall(words.folder, tmp_path / "m.sqlite3", embedder=Synonyms(), clock=SATURDAY)
    assert texts(both, "read")[0] == "peruse the log"
    assert both.coverage().warning == ""


def test_words_count_more_than_the_model(tmp_path: Path) -> None:
    index = of_days(tmp_path, d1101="- peruse the log\n\nx\n\ny\n\n- zebra stripes\n")
    both = Recall(index.folder, tmp_path / "m.sqlite3", embedder=Synonyms(), clock=SATURDAY)
    found = texts(both, "read zebra")
    assert found[0] == "zebra stripes"
    assert "peruse the log" in found


def test_the_model_reads_a_passage_once(tmp_path: Path) -> None:
    index = of_days(tmp_path, d1101="- one\n- two\n")
    model = Synonyms()
    both = Recall(index.folder, tmp_path / "m.sqlite3", embedder=model, clock=SATURDAY)
    assert both.embed() == 2
    (index.folder / "2026-11-01.md").write_text("- two\n- one\n- three\n")
    assert both.embed() == 1
    assert model.asked == 3


def test_what_the_model_has_not_read_yet_is_said_and_found_by_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalling, "_AT_ONCE", 1)
    index = of_days(tmp_path, d1101="- zebra lion\n\n- x\n", d1102="- zebra lion and so on\n")
    both = Recall(index.folder, tmp_path / "m.sqlite3", embedder=Synonyms(), clock=SATURDAY)
    assert texts(both, "zebra lion") == ["zebra lion", "zebra lion and so on", "x"]
    assert "1 of 3 passages read with the model so far" in both.coverage().warning
