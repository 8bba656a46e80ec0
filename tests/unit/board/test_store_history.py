"""The journal of the board: what a kill, a full disk or an old copy does to it."""

import json
import zlib
from pathlib import Path

import pytest

from crewboard.clock import ManualClock
from crewboard.coordination.board.history import KEPT, History, Version, sha256_of
from crewboard.coordination.board.store import BoardStore
from crewboard.errors import InputUnreadable, VersionGone


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def history(tmp_path: Path, clock: ManualClock) -> History:
    return History(tmp_path / "board", clock)


def record(history: History, data: bytes, why: str = "an edit", by: str = "crew") -> Version:
    parent = history.newest.sha256 if history.newest else ""
    return history.record(Version(0, "", by, sha256_of(data), parent, why), data)


def fresh(history: History) -> History:
    other = History(history.folder, history.clock)
    other.refresh()
    return other


def test_versions_are_numbered_and_kept(history: History) -> None:
    made = [record(history, b"text %d" % n) for n in range(3)]
    other = fresh(history)
    assert other.versions() == tuple(made) == history.versions()
    assert [each.number for each in made] == [1, 2, 3]
    assert other.versions(after=2) == (made[2],)
    assert other.versions(after=9) == ()
    assert other.text(made[1].sha256) == b"text 1"
    assert other.text("") == b""


def test_a_line_is_canonical_json(history: History) -> None:
    record(history, b"text", why="what was done")
    (line,) = history.journal.read_bytes().splitlines()
    assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode()
    assert json.loads(line)["at"] == "2026-01-01T09:00:00.000Z"


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_line_that_was_cut_short_never_took_place(history: History, cut: int) -> None:
    """A writer was killed while it wrote its line: the next one cuts it off and takes its number."""
    record(history, b"one")
    record(history, b"two")
    whole = history.journal.read_bytes()
    history.journal.write_bytes(whole[:-cut])
    other = fresh(history)
    assert [each.number for each in other.versions()] == [1]
    again = record(other, b"three", why="")
    assert again.number == 2
    assert history.journal.read_bytes().endswith(b'"why":""}\n')
    assert fresh(history).versions() == other.versions()


def test_what_other_processes_add_is_read_from_where_we_were(history: History) -> None:
    record(history, b"one")
    other = fresh(history)
    record(history, b"two")
    other.refresh()
    assert len(other.versions()) == 2
    record(other, b"three")
    history.refresh()
    assert [each.number for each in history.versions()] == [1, 2, 3]


def test_a_journal_that_an_older_copy_replaced_is_read_again(history: History) -> None:
    record(history, b"one")
    older = history.journal.read_bytes()
    record(history, b"two")
    history.journal.write_bytes(older)
    history.refresh()
    assert len(history.versions()) == 1
    history.journal.unlink()
    history.refresh()
    assert history.newest is None


@pytest.mark.parametrize("line", [b"nonsense\n", b"{}\n", b'{"number":7}\n', b"[]\n"])
def test_a_line_that_is_no_version_is_told_with_its_place(history: History, line: bytes) -> None:
    record(history, b"one")
    with history.journal.open("ab") as file:
        file.write(line)
    with pytest.raises(InputUnreadable, match="at line 2"):
        fresh(history)


def test_words_are_redacted(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """F29"""
    monkeypatch.setenv("OPENROUTER_API_KEY", "very-secret-value")
    record(
        history, b"one", why="used very-secret-value\nsk-abcdefghijklmnopqrstu", by="human:\x07p"
    )
    text = history.journal.read_text()
    assert "very-secret" not in text
    assert "sk-abc" not in text
    assert fresh(history).versions()[0].by == "human: p"


def test_bytes_that_are_not_what_their_name_says_are_told(history: History) -> None:
    version = record(history, b"one")
    blob = history.blobs / f"{version.sha256}.z"
    blob.write_bytes(zlib.compress(b"other"))
    with pytest.raises(InputUnreadable, match="not the bytes"):
        history.text(version.sha256)
    blob.write_bytes(b"no zlib")
    with pytest.raises(InputUnreadable):
        history.text(version.sha256)


# ── pruning ────────────────────────────────────────────────────────────────────────────────────


def kept(history: History) -> set[int]:
    return {v.number for v in history.versions() if history.has(v.sha256)}


def test_the_bytes_of_old_versions_are_dropped(history: History, clock: ManualClock) -> None:
    versions = [record(history, b"text %d" % n) for n in range(KEPT + 50)]
    assert history.prune(None) == 0  # all of them of this day
    clock.advance(days=2)
    assert history.prune(None) == 49
    assert kept(history) == set(range(50, KEPT + 51))  # with what the oldest one was made from
    assert history.versions() == tuple(versions)
    with pytest.raises(VersionGone, match="version 7 of the board"):
        history.text(versions[6].sha256)


def test_what_nobody_has_read_is_never_dropped(history: History, clock: ManualClock) -> None:
    for n in range(KEPT + 50):
        record(history, b"text %d" % n)
    clock.advance(days=2)
    assert history.prune(keep_after=20) == 19
    assert kept(history) == set(range(20, KEPT + 51))


def test_a_clock_that_went_back_drops_nothing_of_today(
    history: History, clock: ManualClock
) -> None:
    for n in range(KEPT + 10):
        record(history, b"text %d" % n)
    clock.advance(hours=-1)
    assert history.prune(None) == 0


def test_texts_that_come_again_are_kept_once(history: History) -> None:
    for text in (b"one", b"two", b"one", b"two"):
        record(history, text)
    assert len(list(history.blobs.iterdir())) == 2


def test_the_store_prunes_by_itself(tmp_path: Path, clock: ManualClock) -> None:
    store = BoardStore(tmp_path / "KANBAN.md", tmp_path / ".crewboard", clock=clock)
    store.keep_after = 120
    for n in range(KEPT + 100):
        clock.advance(hours=1)
        store.edit(lambda _, n=n: b"- %d\n" % n, "crew", "an edit")  # type: ignore[misc]
    blobs = len(list((tmp_path / ".crewboard" / "board" / "versions").iterdir()))
    assert blobs == KEPT + 1
    assert len(store.versions()) == KEPT + 100
