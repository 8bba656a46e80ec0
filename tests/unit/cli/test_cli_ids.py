"""An id may be typed with its `^`, or as far as it is clear."""

from pathlib import Path

import pytest
from unit.views.scenes import Scene

from crewboard.cli.ids import find_goal, find_task
from crewboard.coordination.tasks import State
from crewboard.errors import Ambiguous, UnknownName


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def test_an_id_is_known_in_every_way_it_is_written(scene: Scene) -> None:
    goal = scene.goal()
    with scene.ledger.read() as tx:
        for written in (goal.id, f"^{goal.id}", goal.id.upper(), f" {goal.id} ", goal.id[:4], "g"):
            assert find_task(tx, written).id == goal.id


def test_a_prefix_of_several_is_refused_and_names_them(scene: Scene) -> None:
    ids = {scene.goal().id, scene.goal().id}
    with scene.ledger.read() as tx, pytest.raises(Ambiguous) as caught:
        find_goal(tx, "g")
    assert all(each in str(caught.value) for each in ids)


def test_a_prefix_means_what_is_alive_before_what_has_ended(scene: Scene) -> None:
    ended, alive = scene.goal(), scene.goal()
    scene.move(ended, State.COMPLETED)
    with scene.ledger.read() as tx:
        assert find_goal(tx, "g").id == alive.id
        assert find_goal(tx, ended.id).id == ended.id


@pytest.mark.parametrize("wrong", ["", "^", "zzzzz", "%"])
def test_what_means_nothing_is_told_with_what_there_is(scene: Scene, wrong: str) -> None:
    goal = scene.goal()
    with scene.ledger.read() as tx, pytest.raises(UnknownName) as caught:
        find_goal(tx, wrong)
    assert goal.id in str(caught.value)
