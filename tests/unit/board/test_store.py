"""The board's store: whatever people save, on whatever version, nothing is lost and nothing doubled."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crewboard.coordination.board import agreement, saves, unfinished
from crewboard.coordination.board import store as store_module
from crewboard.coordination.board.history import ASIDE, CUT_SHORT
from crewboard.coordination.board.store import BoardStore, Seen
from crewboard.coordination.workspace import human
from crewboard.errors import PageBusy, UnknownName
from crewboard.memory import swap

START = b"""# Board

## Backlog

- **First** ^t00001
- **Second** ^t00002

## Done

- **Third** ^t00003
"""
FILLER = b"".join(b"- filler number %d, which makes the board longer\n" % n for n in range(200))


@pytest.fixture
def board(tmp_path: Path) -> Path:
    path = tmp_path / "KANBAN.md"
    path.write_bytes(START)
    return path


@pytest.fixture
def store(board: Path) -> BoardStore:
    store = BoardStore(board, board.parent / ".crewboard")
    store.patience = 3
    store.take_in()
    return store


def under(card: bytes, line: bytes) -> Callable[[bytes], bytes]:
    """Add a line beneath a card."""

    def change(data: bytes) -> bytes:
        return re.sub(rb"(?m)^(.*" + re.escape(card) + rb".*\n)", rb"\1  - " + line + b"\n", data)

    return change


def in_place(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def by_rename(path: Path, data: bytes) -> None:
    draft = path.with_name("draft")
    draft.write_bytes(data)
    draft.replace(path)


SAVES = pytest.mark.parametrize("save", [in_place, by_rename])
Save = Callable[[Path, bytes], None]


def whys(store: BoardStore) -> list[str]:
    return [version.why for version in store.versions()]


# ── edits ──────────────────────────────────────────────────────────────────────────────────────


def test_a_board_that_was_found_is_the_first_version(store: BoardStore) -> None:
    (found,) = store.versions()
    assert (found.number, found.by, found.parent, found.why) == (1, human(), "", "found")
    assert store.text(found.sha256) == START
    assert store.text(found.parent) == b""


def test_an_edit_is_recorded_and_lands(store: BoardStore, board: Path) -> None:
    version = store.edit(under(b"First", b"begun"), "crew", "told what was begun")
    assert version
    assert (version.number, version.by, version.why) == (2, "crew", "told what was begun")
    assert board.read_bytes() == store.text(version.sha256) == under(b"First", b"begun")(START)
    assert version.parent == store.versions()[0].sha256


def test_an_edit_that_changes_nothing_is_none(store: BoardStore, board: Path) -> None:
    before = board.stat().st_ctime_ns
    assert store.edit(lambda now: now, "crew", "nothing") is None
    assert board.stat().st_ctime_ns == before
    assert len(store.versions()) == 1


def test_a_board_that_is_not_there_is_made_by_the_first_edit(tmp_path: Path) -> None:
    store = BoardStore(tmp_path / "KANBAN.md", tmp_path / ".crewboard")
    assert store.take_in() == b""
    assert store.versions() == ()
    assert store.edit(lambda _: START, "crew", "begun")
    assert (tmp_path / "KANBAN.md").read_bytes() == START


def test_nothing_is_read_where_nothing_was_touched(
    store: BoardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    time.sleep(0.05)
    store.take_in()
    monkeypatch.setattr(store_module, "locked", None)
    assert not store.touched()
    assert store.take_in() == under(b"First", b"begun")(START)


def test_a_store_that_knows_nothing_yet_reads_what_was_left(store: BoardStore, board: Path) -> None:
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    other = BoardStore(board, board.parent / ".crewboard")
    assert other.touched()
    assert other.take_in() == board.read_bytes()
    assert len(other.versions()) == 2
    assert not other.touched()


def test_two_stores_in_turns_build_on_each_other(store: BoardStore, board: Path) -> None:
    other = BoardStore(board, board.parent / ".crewboard")
    for n in range(5):
        store.edit(under(b"First", b"one %d" % n), "crew", "an edit")
        other.edit(under(b"Third", b"two %d" % n), "crew", "an edit")
    lines = board.read_bytes().split(b"\n")
    assert sum(line.startswith((b"  - one", b"  - two")) for line in lines) == 10
    assert len(store.versions()) == 11


# ── saves of people ────────────────────────────────────────────────────────────────────────────


@SAVES
def test_a_save_on_the_newest_version_is_taken_as_it_is(
    store: BoardStore, board: Path, save: Save
) -> None:
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    saved = under(b"Second", b"mine")(board.read_bytes())
    save(board, saved)
    inode = board.stat().st_ino
    assert store.touched()
    assert store.take_in() == saved
    assert board.stat().st_ino == inode
    assert store.versions()[-1].by == human()
    assert store.versions()[-1].saved == ""


@SAVES
def test_a_save_on_an_older_version_is_merged_and_says_so(
    store: BoardStore, board: Path, save: Save
) -> None:
    """F1: a stale copy never takes back what was done since."""
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    store.edit(under(b"Third", b"proved"), "crew", "an edit")
    save(board, under(b"Second", b"mine")(START))
    merged = store.take_in()
    assert board.read_bytes() == merged
    for line in (b"  - begun\n", b"  - proved\n", b"  - mine\n"):
        assert merged.count(line) == 1
    version = store.versions()[-1]
    assert version.by == human()
    assert "made on version 1: what came after it was put back" in version.why
    assert store.text(version.saved) == under(b"Second", b"mine")(START)
    assert store.text(version.parent) == store.text(store.versions()[-2].sha256)


@SAVES
def test_an_editor_that_never_reloads_may_save_again_and_again(
    store: BoardStore, board: Path, save: Save
) -> None:
    buffer = START
    for n in range(5):
        store.edit(under(b"First", b"crew %d" % n), "crew", "an edit")
        buffer = under(b"Second", b"mine %d" % n)(buffer)
        save(board, buffer)
        store.take_in()
    lines = [line for line in board.read_bytes().split(b"\n") if line.startswith(b"  - ")]
    assert sorted(lines) == sorted(
        b"  - %s %d" % (who, n) for who in (b"crew", b"mine") for n in range(5)
    )


def test_a_save_while_an_edit_is_made_lets_it_be_made_again(store: BoardStore, board: Path) -> None:
    """The change sees what was saved, and both are there in the end."""
    seen: list[bytes] = []

    def change(now: bytes) -> bytes:
        if not seen:
            in_place(board, under(b"Second", b"mine")(now))
        seen.append(now)
        return under(b"First", b"begun")(now)

    assert store.edit(change, "crew", "an edit")
    assert seen == [START, under(b"Second", b"mine")(START)]
    assert board.read_bytes() == change(seen[1])


@SAVES
def test_a_save_between_the_record_and_the_swap_is_merged(
    store: BoardStore, board: Path, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = agreement.Agreement.record
    saved: list[bytes] = []

    def record(self: agreement.Agreement, *what: Any) -> object:
        version = real(self, *what)
        if not saved:
            saved.append(under(b"Second", b"mine")(START))
            save(board, saved[0])
        return version

    monkeypatch.setattr(agreement.Agreement, "record", record)
    version = store.edit(under(b"First", b"begun"), "crew", "an edit")
    assert version
    assert version.number == 2
    assert board.read_bytes() == under(b"First", b"begun")(under(b"Second", b"mine")(START))
    assert [each.by for each in store.versions()] == [human(), "crew", human()]


@pytest.mark.parametrize("reach", [300, 200], ids=["looked through", "too old to tell"])
def test_a_text_that_lay_in_an_editor_over_night_takes_nothing_away(
    store: BoardStore, board: Path, monkeypatch: pytest.MonkeyPatch, reach: int
) -> None:
    """More versions came since than are looked through: the oldest of these is not taken for its base."""
    monkeypatch.setattr(saves, "_LOOKED_THROUGH", reach)
    for n in range(240):
        store.edit(under(b"First", b"crew %d" % n), "crew", "an edit")
    in_place(board, under(b"Second", b"mine")(START))
    lines = store.take_in().split(b"\n")
    for line in (b"mine", *(b"crew %d" % n for n in range(240))):
        assert lines.count(b"  - " + line) == 1
    told = "made on version 1:" if reach == 300 else "too old to tell"
    assert told in store.versions()[-1].why


def test_a_text_of_long_ago_is_not_put_to_another_stale_one(store: BoardStore, board: Path) -> None:
    """Two editors that never reload: what the other one saved is nearer than all that the crew wrote."""
    in_place(board, under(b"First", b"mine 1")(START))
    store.take_in()
    for n in range(210):
        store.edit(under(b"Third", b"crew %d" % n), "crew", "an edit")
    in_place(board, under(b"First", b"yours 1")(START))
    store.take_in()
    store.edit(under(b"Third", b"crew 210"), "crew", "an edit")
    in_place(board, under(b"First", b"mine 2")(under(b"First", b"mine 1")(START)))
    lines = store.take_in().split(b"\n")
    for line in (b"mine 1", b"mine 2", b"yours 1", *(b"crew %d" % n for n in range(211))):
        assert lines.count(b"  - " + line) == 1


def test_a_tick_on_a_card_that_the_crew_has_just_written_is_not_taken_for_another_card(
    store: BoardStore, board: Path
) -> None:
    store.edit(
        lambda now: now.replace(b"## Done", b"- [ ] **New** ^t00009\n\n## Done"), "crew", "an edit"
    )
    saved = board.read_bytes().replace(b"[ ] **New**", b"[x] **New**")
    in_place(board, saved)
    assert store.take_in() == saved
    assert store.versions()[-1].why == "a save"


def test_a_card_that_the_crew_moved_stays_moved_when_a_stale_text_is_saved(
    store: BoardStore, board: Path
) -> None:
    """The lines are the same, only under another heading: that too tells the versions apart."""
    card = b"- **First** ^t00001\n"
    store.edit(
        lambda now: now.replace(card, b"").replace(b"## Done\n\n", b"## Done\n\n" + card),
        "crew",
        "moved",
    )
    in_place(board, under(b"Second", b"mine")(START))
    merged = store.take_in()
    assert merged.count(card) == 1
    assert merged.index(card) > merged.index(b"## Done")
    assert b"  - mine\n" in merged


def test_who_goes_on_with_a_line_of_their_own_gets_no_second_one(
    store: BoardStore, board: Path
) -> None:
    for words in (b"Fix", b"Fix the", b"Fix the login", b"Mend the login"):
        in_place(board, START.replace(b"## Done", b"- " + words + b"\n\n## Done"))
        assert store.take_in() == board.read_bytes()
        assert board.read_bytes().count(b"\n- ") == 4
    assert whys(store)[1:] == ["a save"] * 4


def test_a_line_of_the_crew_is_not_given_up_for_a_similar_one(
    store: BoardStore, board: Path
) -> None:
    """Somebody who had not seen it wrote almost the same, at the same place."""
    store.edit(under(b"First", b"tried at 10:00"), "crew", "an edit")
    in_place(board, under(b"First", b"tried at 11:00")(START))
    merged = store.take_in()
    assert merged.count(b"  - tried at 10:00\n") == merged.count(b"  - tried at 11:00\n") == 1


def test_lines_that_other_programs_end_otherwise_stay_so(store: BoardStore, board: Path) -> None:
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    in_place(board, board.read_bytes().replace(b"\n", b"\r\n"))
    store.take_in()
    store.edit(lambda now: now + b"- more\r\n", "crew", "an edit")
    assert b"\n" not in board.read_bytes().replace(b"\r\n", b"")


# ── exact reverts ──────────────────────────────────────────────────────────────────────────────


def test_an_exact_revert_is_kept_aside_and_reported(store: BoardStore, board: Path) -> None:
    """F1: an unrelated commit put back the board of three days before."""
    store.edit(under(b"First", b"decided"), "crew", "an edit")
    newest = board.read_bytes()
    in_place(board, START)
    assert store.take_in() == board.read_bytes() == newest
    version = store.versions()[-1]
    assert version.kept_aside
    assert version.why == ASIDE
    assert version.parent == version.sha256  # nothing was done to the board
    assert store.text(version.saved) == START


def test_the_same_revert_again_is_left_on_the_disk(store: BoardStore, board: Path) -> None:
    """We do not fight: it is put back once, and the next edit stands on the newest version."""
    store.edit(under(b"First", b"decided"), "crew", "an edit")
    for _ in range(4):
        in_place(board, START)
        newest = store.take_in()
        assert b"decided" in newest
    assert board.read_bytes() == START
    assert whys(store).count(ASIDE) == 1
    assert not store.touched()
    store.edit(under(b"Third", b"proved"), "crew", "an edit")
    assert board.read_bytes() == under(b"Third", b"proved")(newest)
    assert BoardStore(board, board.parent / ".crewboard").take_in() == board.read_bytes()


def test_what_was_kept_aside_can_be_taken_over(store: BoardStore, board: Path) -> None:
    store.edit(under(b"First", b"decided"), "crew", "an edit")
    in_place(board, START)
    store.take_in()
    version = store.restore(store.versions()[-1].number, "human:p")
    assert board.read_bytes() == START == store.text(version.sha256)
    assert version.by == "human:p"


def test_who_takes_back_only_their_own_words_is_not_asked(store: BoardStore, board: Path) -> None:
    in_place(board, under(b"First", b"mine")(START))
    store.take_in()
    in_place(board, START)
    assert store.take_in() == START
    assert whys(store) == ["found", "a save", "a save"]


# ── saves that do not look finished ────────────────────────────────────────────────────────────


@pytest.fixture
def long(tmp_path: Path) -> BoardStore:
    """A board that was long from the beginning."""
    board = tmp_path / "long" / "KANBAN.md"
    board.parent.mkdir()
    board.write_bytes(START + FILLER)
    store = BoardStore(board, board.parent / ".crewboard")
    store.take_in()
    return store


UNFINISHED = {
    "empty": b"",  # emptied, and not yet filled
    "blank": b"\n\n",
    "torn": (START + FILLER)[:1000],  # half a line at the end
    "short": (START + FILLER)[:2000].rpartition(b"\n")[0] + b"\n",  # whole lines, but few
}


@pytest.mark.parametrize("left", UNFINISHED.values(), ids=UNFINISHED)
def test_an_unfinished_save_is_waited_for(long: BoardStore, left: bytes) -> None:
    """F3: it is not taken for a person who deleted half the board."""
    long.patience = 0.3
    in_place(long.path, left)
    for _ in range(2):
        with pytest.raises(PageBusy):
            long.take_in()
        with pytest.raises(PageBusy):
            long.edit(lambda now: now + b"- more\n", "crew", "an edit")
    assert long.path.read_bytes() == left
    assert whys(long) == ["found"]
    finished = under(b"First", b"mine")(START + FILLER)
    in_place(long.path, finished)
    assert long.take_in() == finished


def test_an_unfinished_save_is_told_as_what_it_is_in_the_same_words(long: BoardStore) -> None:
    long.patience = 1.0
    in_place(long.path, b"")
    said = set()
    for _ in range(2):
        with pytest.raises(PageBusy) as caught:
            long.take_in()
        said.add(str(caught.value))
    [text] = said  # so that whoever waits for it logs it once
    assert "looks like a save that was cut short: it is empty" in text
    assert "60 s" in text


@pytest.mark.parametrize(
    ("name", "why", "stands"),
    [
        ("empty", CUT_SHORT, START + FILLER),
        ("blank", CUT_SHORT, START + FILLER),
        ("torn", "a save; its end, which was cut off, put back", START + FILLER),
        ("short", "a save", UNFINISHED["short"]),
    ],
)
def test_what_lies_there_for_a_minute_is_no_save_in_progress(
    long: BoardStore, monkeypatch: pytest.MonkeyPatch, name: str, why: str, stands: bytes
) -> None:
    """Whole lines were meant; nothing at all never is. Either way what was saved is kept."""
    monkeypatch.setattr(unfinished, "MENDED_S", 0.0)
    monkeypatch.setattr(unfinished, "MEANT_S", 0.0)
    in_place(long.path, UNFINISHED[name])
    long.take_in()
    version = long.versions()[-1]
    assert version.why == why
    assert long.path.read_bytes() == stands
    assert long.text(version.saved or version.sha256) == UNFINISHED[name]


def test_half_a_line_of_nobody_is_kept_aside(
    long: BoardStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "MEANT_S", 0.0)
    in_place(long.path, UNFINISHED["torn"] + b"\xff what no version holds")
    assert long.take_in() == START + FILLER
    assert long.versions()[-1].kept_aside


def test_a_torn_text_of_an_old_version_is_waited_for_too(store: BoardStore, board: Path) -> None:
    """It is nearer to the old version than to the new one that it was cut from."""
    store.edit(lambda now: now + FILLER, "crew", "an edit")
    store.patience = 0.3
    in_place(board, UNFINISHED["torn"])
    with pytest.raises(PageBusy):
        store.take_in()
    assert len(store.versions()) == 2


def test_a_short_text_of_an_old_version_is_whole(store: BoardStore, board: Path) -> None:
    """What it lacks came later, so nothing was cut off."""
    store.edit(lambda now: now + FILLER, "crew", "an edit")
    in_place(board, under(b"First", b"mine")(START))
    assert store.take_in() == under(b"First", b"mine")(START) + FILLER


def test_a_small_part_may_be_deleted_at_once(store: BoardStore, board: Path) -> None:
    store.edit(lambda now: now + FILLER, "crew", "an edit")
    saved = b"\n".join(board.read_bytes().split(b"\n")[:-20]) + b"\n"
    in_place(board, saved)
    assert store.take_in() == saved


def test_an_end_that_was_cut_off_is_put_back(store: BoardStore, board: Path) -> None:
    """git tears a file that grows while it is read: its last bytes are missing."""
    text = under(b"First", b"mine")(START)
    in_place(board, text[:-12])
    assert store.take_in() == text
    assert "put back" in store.versions()[-1].why


def test_a_board_without_a_final_newline_stays_so(store: BoardStore, board: Path) -> None:
    in_place(board, START + b"- last")
    assert store.take_in() == START + b"- last"
    in_place(board, START + b"- last, and more")
    assert store.take_in() == START + b"- last, and more"


def test_a_board_that_was_removed_is_put_back(store: BoardStore, board: Path) -> None:
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    text = board.read_bytes()
    board.unlink()
    assert store.take_in() == board.read_bytes() == text
    assert store.versions()[-1].why == "the board was gone: put back"


# ── late saves ─────────────────────────────────────────────────────────────────────────────────


def test_a_save_into_the_file_that_was_replaced_is_merged(store: BoardStore, board: Path) -> None:
    """An editor had opened the old file, and writes when another one lies under its name."""
    with board.open("r+b") as editor:
        editor.close()
    retired = board.parent / ".crewboard" / "retired"
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    (out,) = retired.iterdir()
    out.write_bytes(under(b"Second", b"mine")(START))
    merged = store.take_in()
    assert (
        board.read_bytes() == merged == under(b"First", b"begun")(under(b"Second", b"mine")(START))
    )
    assert "it came late" in store.versions()[-1].why
    assert store.take_in() == merged
    assert len(store.versions()) == 3


def test_a_late_save_that_is_not_finished_is_waited_for(store: BoardStore, board: Path) -> None:
    store.edit(lambda now: now + FILLER, "crew", "an edit")
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    retired = board.parent / ".crewboard" / "retired"
    out = max(retired.iterdir())
    with out.open("r+b") as editor:
        editor.truncate(0)
        store.take_in()
        assert len(store.versions()) == 3
        editor.write(under(b"Second", b"mine")(START + FILLER))
    assert b"  - mine\n" in store.take_in()


def test_retired_files_are_let_go_after_a_minute(
    store: BoardStore, board: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        store.edit(under(b"First", b"%d" % n), "crew", "an edit")
    retired = board.parent / ".crewboard" / "retired"
    assert len(list(retired.iterdir())) == 3
    later = time.monotonic_ns() + 61 * 10**9
    monkeypatch.setattr(time, "monotonic_ns", lambda: later)
    with min(retired.iterdir()).open("ab"):
        store.take_in()
        assert len(list(retired.iterdir())) == 1  # somebody has it open for writing
    store.take_in()
    assert list(retired.iterdir()) == []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_saves_in_the_instant_of_the_swap_are_merged(
    store: BoardStore, board: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """After the last look at the file, and before it is replaced."""
    real, left = swap.exchange, list(range(number))
    text = START

    def exchange(one: Path, other: Path) -> bool:
        nonlocal text
        if left:
            text = under(b"Second", b"mine %d" % left.pop())(text)
            by_rename(board, text)
        return real(one, other)

    monkeypatch.setattr(swap, "exchange", exchange)
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    lines = board.read_bytes().split(b"\n")
    for line in (b"begun", *(b"mine %d" % n for n in range(number))):
        assert lines.count(b"  - " + line) == 1
    assert board.read_bytes() == store.take_in()


@pytest.mark.parametrize("name", [".KANBAN.md.next", ".KANBAN.md.out"])
def test_a_save_that_a_killed_writer_had_in_its_hands_is_merged(
    store: BoardStore, board: Path, name: str
) -> None:
    """It came in between, was swapped out, and nobody lived to give it back."""
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    board.with_name(name).write_bytes(under(b"Second", b"mine")(START))
    store.edit(under(b"Third", b"proved"), "crew", "an edit")
    for line in (b"  - begun\n", b"  - mine\n", b"  - proved\n"):
        assert board.read_bytes().count(line) == 1
    assert sorted(each.name for each in board.parent.iterdir()) == [".crewboard", "KANBAN.md"]


def test_what_a_killed_writer_had_recorded_lands(store: BoardStore, board: Path) -> None:
    """The journal is synced before the board is swapped: its readers may know the version."""
    journal = board.parent / ".crewboard" / "board"
    landed = (journal / "landed.json").read_bytes()
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    board.write_bytes(START)  # as it was: the swap never took place
    (journal / "landed.json").write_bytes(landed)
    other = BoardStore(board, board.parent / ".crewboard")
    assert other.take_in() == board.read_bytes() == under(b"First", b"begun")(START)
    assert whys(other) == ["found", "an edit"]


# ── undo, restore, peek ────────────────────────────────────────────────────────────────────────


def test_an_undo_takes_back_one_version_and_keeps_what_came_after(
    store: BoardStore, board: Path
) -> None:
    store.edit(under(b"First", b"one"), "crew", "an edit")
    in_place(board, under(b"Second", b"mine")(board.read_bytes()))
    store.take_in()
    version = store.undo(2, "human:p")
    assert (version.by, version.why) == ("human:p", "undo of version 2")
    assert board.read_bytes() == under(b"Second", b"mine")(START)
    assert store.undo(version.number, "human:p").number == version.number + 1
    assert b"  - one\n" in board.read_bytes()


def test_an_undo_of_what_is_gone_already_changes_nothing(store: BoardStore, board: Path) -> None:
    store.edit(under(b"First", b"one"), "crew", "an edit")
    store.undo(2, "human:p")
    assert store.undo(2, "human:p").number == 3


@pytest.mark.parametrize("number", [0, -1, 2, 99])
def test_a_version_that_is_not_there_is_told(store: BoardStore, number: int) -> None:
    with pytest.raises(UnknownName, match="1 to 1"):
        store.undo(number, "human:p")


def test_a_peek_writes_and_records_nothing(store: BoardStore, board: Path) -> None:
    store.edit(under(b"First", b"begun"), "crew", "an edit")
    newest = board.read_bytes()
    assert store.peek() == Seen(newest, newest)
    in_place(board, under(b"Second", b"mine")(START))
    seen = store.peek()
    assert seen == Seen(newest, under(b"First", b"begun")(under(b"Second", b"mine")(START)))
    assert board.read_bytes() == under(b"Second", b"mine")(START)
    assert len(store.versions()) == 2
    assert store.take_in() == seen.now


def test_the_store_loads_no_heavy_library() -> None:
    code = "import sys, crewboard.coordination.board.store; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
