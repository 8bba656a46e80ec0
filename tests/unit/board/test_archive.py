"""Done cards leave the board for the archive byte for byte, and none is ever in neither."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crewboard.coordination.board.archive import bring_back, ended_at, put_away, ripe, taken_off

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BOARD = (
    b"# B\r\n\r\n## \xe2\x9c\x85 Done\r\n"
    b"- **Mix** ^t41x9\r\n  - of mine \xff\r\n    wrapped\r\n"
    b"- Old story\r\n"
    b"- New story\r\n"
    b"\r\n## Backlog\r\n- Open ^t41xa\r\n- Old story, still to do\r\n"
)
ENDED = {
    "t41x9": NOW - timedelta(days=40),
    "Old story": NOW - timedelta(days=60),
    "New story": NOW - timedelta(days=2),
    "t41xa": NOW - timedelta(days=99),
}
MONTH_AGO = NOW - timedelta(days=30)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "archive.lock"


def test_only_done_cards_that_are_old_enough_go() -> None:
    put = ripe(BOARD, ENDED, MONTH_AGO)
    assert [each.key for each in put] == ["t41x9", "Old story"]
    assert [each.file for each in put] == ["KANBAN-archive/2026-10.md", "KANBAN-archive/2026-09.md"]
    assert put[0].block == b"- **Mix** ^t41x9\r\n  - of mine \xff\r\n    wrapped\r\n"


def test_a_card_whose_end_nobody_knows_stays() -> None:
    assert ripe(BOARD, {}, NOW) == []


def test_of_two_cards_of_one_name_none_goes() -> None:
    twice = BOARD.replace(b"- New story", b"- Old story")
    assert [each.key for each in ripe(twice, ENDED, MONTH_AGO)] == ["t41x9"]


def test_the_rest_of_the_board_keeps_its_bytes() -> None:
    put = ripe(BOARD, ENDED, MONTH_AGO)
    rest = taken_off(BOARD, put)
    assert rest == BOARD.replace(put[0].block, b"").replace(put[1].block, b"")


def test_a_card_that_was_changed_meanwhile_stays_on_the_board() -> None:
    put = ripe(BOARD, ENDED, MONTH_AGO)
    newer = BOARD.replace(b"of mine", b"of mine, and more")
    assert b"and more" in taken_off(newer, put)
    assert b"- Old story\r\n- New" not in taken_off(newer, put)


def test_every_word_is_on_the_board_or_in_the_archive(tmp_path: Path, lock: Path) -> None:
    put = ripe(BOARD, ENDED, MONTH_AGO)
    put_away(tmp_path, lock, put, "human:ada", NOW)
    october = (tmp_path / "KANBAN-archive" / "2026-10.md").read_bytes()
    assert october.startswith(
        b"# Put away from KANBAN.md, 2026-10\n\n## 2026-11-21 09:00 UTC, by human:ada\n"
    )
    assert put[0].block in october
    rest = taken_off(BOARD, put) + october + (tmp_path / put[1].file).read_bytes()
    assert all(line in rest for line in BOARD.splitlines(keepends=True))


def test_a_kill_between_archive_and_board_is_made_good_by_the_next_run(
    tmp_path: Path, lock: Path
) -> None:
    put = ripe(BOARD, ENDED, MONTH_AGO)
    put_away(tmp_path, lock, put, "human:ada", NOW)
    before = (tmp_path / put[0].file).read_bytes()
    put_away(tmp_path, lock, put, "human:ada", NOW + timedelta(hours=1))
    assert (tmp_path / put[0].file).read_bytes() == before, "written once"


def test_a_second_run_adds_below_and_touches_nothing_above(tmp_path: Path, lock: Path) -> None:
    file = tmp_path / "KANBAN-archive" / "2026-10.md"
    file.parent.mkdir()
    file.write_bytes(b"my own archive\xff, without a last newline")
    put_away(tmp_path, lock, ripe(BOARD, ENDED, MONTH_AGO)[:1], "human:ada", NOW)
    assert file.read_bytes().startswith(
        b"my own archive\xff, without a last newline\n\n## 2026-11-21"
    )


def test_what_is_on_the_board_again_leaves_the_archive(tmp_path: Path, lock: Path) -> None:
    put = ripe(BOARD, ENDED, MONTH_AGO)
    put_away(tmp_path, lock, put, "human:ada", NOW)
    why = "archive: 2 done cards to KANBAN-archive/2026-10.md, KANBAN-archive/2026-09.md"
    assert bring_back(tmp_path, lock, taken_off(BOARD, put), why) == []
    assert bring_back(tmp_path, lock, BOARD, why) == ["Mix", "Old story"]
    assert put[0].block not in (tmp_path / put[0].file).read_bytes()


@pytest.mark.parametrize("why", ["undo", "see ../KANBAN-archive/../../x.md", "KANBAN-archive/x.md"])
def test_only_archives_are_touched_whatever_a_reason_says(
    why: str, tmp_path: Path, lock: Path
) -> None:
    (tmp_path / "x.md").write_bytes(BOARD)
    assert bring_back(tmp_path, lock, BOARD, why) == []
    assert (tmp_path / "x.md").read_bytes() == BOARD


def test_how_long_a_card_is_done_is_told_by_the_ledger_then_by_the_versions() -> None:
    ages = [
        (NOW - timedelta(days=1), BOARD),
        (NOW - timedelta(days=5), BOARD),
        (NOW - timedelta(days=9), BOARD.replace(b"- New story\r\n", b"")),
        (NOW - timedelta(days=20), BOARD),  # it was done before, then open: that counts no more
    ]
    told = {"t41x9": NOW - timedelta(days=77), "t41xa": NOW}
    found = ended_at(BOARD, told, ages)
    assert found == {
        "t41x9": NOW - timedelta(days=77),
        "New story": NOW - timedelta(days=5),
        "Old story": NOW - timedelta(days=20),
    }
