"""The doctor reads the board with the rules of `crewboard board lint`, and says each thing once."""

from pathlib import Path

import pytest
from unit.views.scenes import Scene

from crewboard.coordination.doctor import Finding, Level, doctor


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene.at(tmp_path)
    scene.finish(scene.step(scene.goal(), "mix"))
    scene.refresh()
    return scene


def found(scene: Scene, check: str) -> list[Finding]:
    return [each for each in doctor(scene.workspace) if each.check == check]


def written(scene: Scene, text: str) -> None:
    board = scene.workspace.board
    board.write_text(board.read_text() + "\n" + text)


def test_a_board_that_says_nothing_wrong_is_fine(scene: Scene) -> None:
    (finding,) = found(scene, "words")
    assert finding.level is Level.OK


def test_each_rule_is_told_once_with_its_first_place(scene: Scene) -> None:
    written(scene, "- by October 32\n- by October 33\n")
    (finding,) = found(scene, "words")
    assert finding.level is Level.WARN
    assert "B401" in finding.says
    assert "and 1 more" in finding.says
    assert "crewboard board lint" in finding.remedy


@pytest.mark.parametrize(
    "text", ["- key sk-" + "a1" * 20, "<<<<<<< a\n- one\n=======\n- two\n>>>>>>> b"]
)
def test_a_secret_or_a_conflict_fails_the_round(text: str, scene: Scene) -> None:
    """F3, F29."""
    written(scene, text)
    (finding,) = found(scene, "words")
    assert finding.level is Level.FAIL
    assert "a1a1" not in finding.says


def test_wrong_settings_do_not_hide_what_the_board_says(scene: Scene) -> None:
    scene.workspace.config.write_text("[board]\nwip = 3\n")
    written(scene, "- by October 32\n")
    assert [each.level for each in found(scene, "words")] == [Level.WARN]
    assert found(scene, "settings")[0].level is Level.FAIL


def test_no_board_is_no_fault_of_its_words(scene: Scene) -> None:
    scene.workspace.board.unlink()
    assert [each.level for each in found(scene, "words")] == [Level.OK]
