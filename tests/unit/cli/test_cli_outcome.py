"""The exit code of a goal follows from the ledger, whatever the crew that ran it said."""

from pathlib import Path

import pytest
from unit.views.scenes import UNPAID, Scene

from crewboard.cli import exits, facts, outcome
from crewboard.coordination.tasks import State


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


ENDS = {
    State.COMPLETED: exits.DONE,
    State.FAILED: exits.FAILED,
    State.REJECTED: exits.FAILED,
    State.CANCELED: exits.FAILED,
}


@pytest.mark.parametrize("state", ENDS)
def test_an_ended_goal_gives_how_it_ended(scene: Scene, state: State) -> None:
    goal = scene.goal()
    scene.move(goal, state)
    with scene.ledger.read() as tx:
        assert outcome.exit_code(tx, goal.id) == ENDS[state]


def test_a_goal_that_waits_for_something_outside_is_blocked(scene: Scene) -> None:
    goal = scene.goal()
    scene.move(goal, State.INPUT_REQUIRED, "human", reason=UNPAID)
    with scene.ledger.read() as tx:
        assert outcome.exit_code(tx, goal.id) == exits.BLOCKED
        assert [task.id for task in facts.blocked(tx)] == [goal.id]


WORST = [
    ([], exits.DONE),
    ([0, 0], exits.DONE),
    ([0, 5], exits.FAILED),
    ([5, 4], exits.BLOCKED),  # what a person can move comes first
    ([5, 4, 3, 0], exits.WAITING),
]


@pytest.mark.parametrize(("codes", "code"), WORST)
def test_over_several_goals_what_a_person_can_move_comes_first(codes: list[int], code: int) -> None:
    assert outcome.worst(codes) == code


def test_what_a_newer_plan_replaced_blocks_nobody(scene: Scene) -> None:
    goal = scene.goal()
    old = scene.step(goal, "train")
    scene.move(old, State.FAILED, reason=UNPAID)
    scene.step(goal, "train", revision=2)
    with scene.ledger.read() as tx:
        assert facts.blocked(tx) == []
        assert facts.of_goal(tx, goal)["steps"] == {"done": 0, "total": 1}


def test_a_goal_moves_while_a_task_of_it_rests_until_a_set_time(scene: Scene) -> None:
    goal = scene.goal()
    with scene.ledger.read() as tx:
        assert not outcome.moves(tx, goal.id)
    scene.move(goal, State.WORKING, "retry", delay=30)
    with scene.ledger.read() as tx:
        assert outcome.moves(tx, goal.id)
