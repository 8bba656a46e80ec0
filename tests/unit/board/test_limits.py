"""How many cards a column may hold is said in crewboard.toml, by any word for the column."""

from pathlib import Path

import pytest

from crewboard.coordination.board import Column
from crewboard.coordination.board.headings import Place
from crewboard.coordination.board.limits import place_named, read_limits
from crewboard.coordination.settings import Settings
from crewboard.errors import ConfigInvalid

WRONG = ["{Ideas = 3}", '{"In Progress" = 0}', '{Done = "three"}', "{Done = true}", "3", "[1]"]


def written(folder: Path, text: str) -> Path:
    path = folder / "crewboard.toml"
    path.write_text(text)
    return path


def test_limits_are_read_by_the_words_people_use(tmp_path: Path) -> None:
    config = written(tmp_path, '[board]\nwip = {"In Progress" = 3, geblokkeerd = 5}\n')
    assert read_limits(config) == {Column.IN_PROGRESS: 3, Column.BLOCKED: 5}
    assert Settings.load(config).board.wip == {"In Progress": 3, "geblokkeerd": 5}


@pytest.mark.parametrize("text", ["", "[crew]\nname = 'x'\n", "[board]\n"])
def test_without_limits_there_are_none(text: str, tmp_path: Path) -> None:
    assert read_limits(written(tmp_path, text)) == {}
    assert read_limits(tmp_path / "nowhere.toml") == {}


@pytest.mark.parametrize("wip", WRONG)
def test_a_wrong_limit_is_told_the_same_by_the_board_and_by_the_settings(
    wip: str, tmp_path: Path
) -> None:
    config = written(tmp_path, f"[board]\nwip = {wip}\n")
    for read in (read_limits, Settings.load):
        with pytest.raises(ConfigInvalid, match="board"):
            read(config)


def test_a_place_is_named_by_its_column_or_its_inbox() -> None:
    assert place_named("  in   progress ") == Place(Column.IN_PROGRESS)
    assert place_named("Waiting on Ada decisions") == Place(Column.IN_PROGRESS, "ada")
    assert place_named("Ideas") is None
