"""A tick that people make in their editor: what it answers, and what it can never answer."""

from pathlib import Path

import pytest
from unit.steering.test_steering import at_work, block_of, save, told
from unit.views.scenes import Scene

from crewboard.coordination import decisions
from crewboard.coordination.decisions import Decision, Option

FREE = (Option("drop", "every row counts once"), Option("keep", "they count more"))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    found = Scene.at(tmp_path)
    config = found.workspace.config
    config.write_text(config.read_text() + '\n[board]\ncarries = ["data-treatment"]\n')
    return found


def asked(scene: Scene, **more: object) -> Decision:
    decision = scene.ask(at_work(scene), options=FREE, reversible=True, **more)
    scene.refresh()
    return decision


def tick(scene: Scene, *names: str) -> str:
    board = scene.board()
    for name in names:
        assert f"[ ] **{name}**" in board
        board = board.replace(f"[ ] **{name}**", f"[x] **{name}**")
    return save(scene, board)


def now(scene: Scene, decision: Decision) -> Decision:
    with scene.ledger.read() as tx:
        return decisions.get(tx, decision.id)


def test_a_tick_answers_where_the_rules_let_the_board_carry_it(scene: Scene) -> None:
    decision = asked(scene)
    tick(scene, "drop")
    given = now(scene, decision)
    assert (given.choice, given.via) == ("drop", "board")
    assert (given.decided_by or "").startswith("human:")
    assert scene.column(decision.id) == "🧭 Decided"
    assert "decision.ticked" in [kind for kind, _ in told(scene)]


@pytest.mark.parametrize(
    "more", [{"kind": "plan"}, {"reversible": False}, {"options": (Option("drop", "", 5), FREE[1])}]
)
def test_a_tick_on_what_harms_if_somebody_else_made_it_asks_for_the_command(
    scene: Scene, more: dict[str, object]
) -> None:
    decision = scene.ask(at_work(scene), **{"options": FREE, "reversible": True, **more})
    scene.refresh()
    tick(scene, "drop")
    assert now(scene, decision).waiting
    assert f"crewboard approve {decision.id} --choose drop" in block_of(scene, decision.id)


def test_two_ticks_are_no_answer_and_the_board_says_so(scene: Scene) -> None:
    decision = asked(scene)
    tick(scene, "drop", "keep")
    assert now(scene, decision).waiting
    assert "both ticked" in block_of(scene, decision.id)


def test_a_tick_while_a_tool_is_at_work_is_nobodys(scene: Scene) -> None:
    """F18: what executes never approves, by whatever door."""
    decision = asked(scene)
    step = scene.step(scene.goal(), "train")
    with scene.ledger.write() as tx:
        tx.change("claim_task", id=step.id, fence=1, at=tx.at)
    tick(scene, "drop")
    assert now(scene, decision).waiting
    assert "nobody can tell whose tick this is" in block_of(scene, decision.id)
    assert "[ ] **drop**" in block_of(scene, decision.id)
    with scene.ledger.read() as tx:
        rows = tx.run("events_after", seq=0, count=1000)
    assert any((step.id in row["data"] and row["kind"] == "decision.ticked") or "unverified" in row["data"]
               for row in rows)  # fmt: skip


def test_a_copy_of_the_question_answers_nothing(scene: Scene) -> None:
    decision = asked(scene)
    copy = block_of(scene, decision.id).replace("[ ] **drop**", "[x] **drop**")
    save(scene, scene.board() + f"\n## Mine\n{copy}")
    assert now(scene, decision).waiting


def test_what_people_wrote_beneath_the_options_is_the_note(scene: Scene) -> None:
    decision = asked(scene)
    board = scene.board().replace("[ ] **drop**", "[x] **drop**")
    block = block_of(scene, decision.id).replace("[ ] **drop**", "[x] **drop**")
    save(scene, board.replace(block, f"{block}  - they are empty anyway\n"))
    assert now(scene, decision).note == "they are empty anyway"


def test_a_tool_that_has_long_ended_casts_no_doubt_on_a_tick(scene: Scene) -> None:
    decision = asked(scene)
    step = scene.step(scene.goal(), "train")
    scene.finish(step)
    scene.refresh()
    scene.clock.advance(minutes=1)
    scene.goal("another thing, so that the board is written anew")
    scene.refresh()
    tick(scene, "drop")
    assert now(scene, decision).choice == "drop"


def test_a_tool_that_worked_since_the_board_was_written_does(scene: Scene) -> None:
    decision = asked(scene)
    step = scene.step(scene.goal(), "train")
    scene.refresh()
    scene.clock.advance(minutes=1)
    scene.make(step)
    tick(scene, "drop")
    assert now(scene, decision).waiting
