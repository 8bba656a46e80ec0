"""What people do to the file moves the work: through the real board, journal and ledger."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from unit.views.scenes import Scene

from crewboard.coordination import pauses, tasks
from crewboard.coordination.policy import Rulebook
from crewboard.coordination.steering import Rules, take_in
from crewboard.coordination.tasks import State, Task

DOING, BLOCKED, BACKLOG, DONE = "🔨 In Progress", "🚫 Blocked", "📋 Backlog", "✅ Done"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def save(scene: Scene, text: str) -> str:
    """As an editor saves: whole, by rename. What the board says once the crew has looked."""
    path = scene.workspace.board
    draft = path.with_name("draft.md")
    draft.write_text(text)
    draft.replace(path)
    return scene.refresh()


def line_of(scene: Scene, card: str) -> str:
    return next(x for x in scene.board().splitlines() if x.endswith(f"^{card}"))


def block_of(scene: Scene, card: str) -> str:
    return re.search(rf"^- .*\^{card}\n(?:  .*\n)*", scene.board(), re.MULTILINE)[0]  # type: ignore[index]


def moved(scene: Scene, card: str, heading: str) -> str:
    block = block_of(scene, card)
    return scene.board().replace(block, "").replace(f"## {heading}\n", f"## {heading}\n{block}")


def told(scene: Scene) -> list[tuple[str, str]]:
    with scene.ledger.read() as tx:
        return [(r["kind"], r["actor"]) for r in tx.run("events_after", seq=0, count=1000)]


def now(scene: Scene, task: Task) -> Task:
    with scene.ledger.read() as tx:
        return tasks.get(tx, task.id)


def runnable(scene: Scene) -> list[str]:
    with scene.ledger.read() as tx:
        return [row["id"] for row in tx.run("runnable_tasks", at=tx.at)]


def goals(scene: Scene) -> list[Task]:
    with scene.ledger.read() as tx:
        return tasks.goals(tx)


# ── goals ──────────────────────────────────────────────────────────────────────────────────────


def test_a_card_for_the_crew_becomes_a_goal_and_keeps_its_words(scene: Scene) -> None:
    (scene.workspace.root / "rows.jsonl").write_text("{}\n")
    line = "- [ ] Clean these rows @crew data:rows.jsonl"
    board = save(
        scene, scene.board().replace("## 📋 Backlog\n", f"## 📋 Backlog\n{line}\n  - soon\n")
    )
    [goal] = goals(scene)
    assert goal.spec["text"] == "Clean these rows"
    assert list(goal.spec["sources"]) == [str(scene.workspace.root / "rows.jsonl")]
    assert goal.sender.startswith("human:")
    assert f"{line} ^{goal.id}\n" in board
    assert "  - soon\n" in board
    assert scene.refresh() == board
    assert len(goals(scene)) == 1


def test_every_look_and_every_process_gives_the_goal_once(scene: Scene) -> None:
    save(scene, scene.board().replace("## 📋 Backlog\n", "## 📋 Backlog\n- do it @crew\n"))
    scene.reopened()
    scene.refresh()
    scene.reopened()
    scene.refresh()
    assert len(goals(scene)) == 1


def test_assigning_a_card_later_gives_it_too(scene: Scene) -> None:
    save(scene, scene.board().replace("## 📋 Backlog\n", "## 📋 Backlog\n- do it\n"))
    assert goals(scene) == []
    save(scene, scene.board().replace("- do it\n", "- do it @lead\n"))
    assert [goal.spec["text"] for goal in goals(scene)] == ["do it"]


def test_a_card_elsewhere_or_for_a_person_is_no_goal(scene: Scene) -> None:
    board = scene.board().replace("## 📋 Backlog\n", "## 📋 Backlog\n- call @bob\n")
    save(scene, board.replace("## 📝 Notes\n", "## 📝 Notes\n- the @crew is good\n"))
    assert goals(scene) == []
    assert ("card.added", told(scene)[0][1]) in told(scene)


def test_a_card_whose_file_is_missing_stands_in_blocked_and_says_what_it_lacks(
    scene: Scene,
) -> None:
    line = "- do it @crew data:no.jsonl"
    save(scene, scene.board().replace("## 📋 Backlog\n", f"## 📋 Backlog\n{line}\n  - soon\n"))
    [goal] = goals(scene)
    assert goal.waits == "human"
    assert runnable(scene) == []  # nobody need look at it before a person has
    assert scene.column(goal.id) == BLOCKED
    block = block_of(scene, goal.id)
    assert f"{line} ^{goal.id}\n" in block
    assert "  - soon\n" in block
    assert "no.jsonl does not exist" in block
    assert "move it to In Progress" in block


def test_a_card_that_could_not_be_taken_is_taken_up_when_it_is_reworded_or_moved(
    scene: Scene,
) -> None:
    save(
        scene,
        scene.board().replace("## 📋 Backlog\n", "## 📋 Backlog\n- do it @crew data:no.jsonl\n"),
    )
    [goal] = goals(scene)
    save(scene, scene.board().replace("data:no.jsonl", "data:rows.jsonl pipeline:data"))
    again = now(scene, goal)
    assert (again.title, again.spec["text"]) == ("do it", "do it")
    assert (again.spec["files"], again.spec["pipeline"]) == (["rows.jsonl"], "data")
    assert runnable(scene) == [goal.id]
    assert ("goal.amended", goal.sender) in told(scene)


def test_moving_a_card_that_could_not_be_taken_has_it_looked_at_again(scene: Scene) -> None:
    save(
        scene,
        scene.board().replace("## 📋 Backlog\n", "## 📋 Backlog\n- do it @crew data:no.jsonl\n"),
    )
    [goal] = goals(scene)
    save(scene, moved(scene, goal.id, DOING))
    assert runnable(scene) == [goal.id]


def test_rewording_a_goal_that_is_planned_changes_its_title_only(scene: Scene) -> None:
    save(scene, scene.board().replace("## 📋 Backlog\n", "## 📋 Backlog\n- do it @crew\n"))
    [goal] = goals(scene)
    scene.step(goal, "mix")
    save(scene, scene.board().replace("- do it @crew", "- do it all @crew pipeline:data"))
    assert now(scene, goal).spec == goal.spec


# ── moves ──────────────────────────────────────────────────────────────────────────────────────


def at_work(scene: Scene) -> Task:
    step = scene.step(scene.goal(), "mix")
    scene.move(step, State.WORKING)
    scene.refresh()
    return step


def test_moving_to_blocked_pauses_and_back_goes_on(scene: Scene) -> None:
    step = at_work(scene)
    save(scene, moved(scene, step.id, BLOCKED))
    held = now(scene, step).paused
    assert held is not None
    assert scene.column(step.id) == BLOCKED
    assert "paused by" in block_of(scene, step.id)
    save(scene, moved(scene, step.id, DOING))
    assert now(scene, step).paused is None
    assert scene.column(step.id) == DOING
    assert [kind for kind, who in told(scene) if who.startswith("human:")][-4:] == [
        "card.moved", "task.paused", "card.moved", "task.resumed",
    ]  # fmt: skip


def test_moving_to_backlog_means_not_now(scene: Scene) -> None:
    step = at_work(scene)
    save(scene, moved(scene, step.id, BACKLOG))
    assert scene.column(step.id) == BACKLOG
    assert "held back by" in line_of(scene, step.id)


def test_moving_to_done_asks_for_evidence_and_moves_nothing(scene: Scene) -> None:
    """F28: items ticked as done whose outputs are nowhere."""
    step = at_work(scene)
    save(scene, moved(scene, step.id, DONE))
    assert scene.column(step.id) == DOING
    assert "it is done when what it makes is accepted" in block_of(scene, step.id)
    scene.finish(step)
    scene.refresh()
    assert scene.column(step.id) == DONE
    assert "accepted by QA" not in block_of(scene, step.id)


def test_ticking_the_box_of_a_card_asks_for_evidence_too(scene: Scene) -> None:
    step = at_work(scene)
    line = line_of(scene, step.id)
    boxed = save(scene, scene.board().replace(line, f"- [ ] {line[2:]}"))
    assert f"- [ ] {line[2:]}" in boxed
    save(scene, boxed.replace(f"- [ ] {line[2:]}", f"- [x] {line[2:]}"))
    assert line_of(scene, step.id).startswith("- [ ]")
    assert "it is done when what it makes is accepted" in block_of(scene, step.id)


def test_a_lane_of_peoples_own_keeps_the_card_until_its_state_changes(scene: Scene) -> None:
    step = at_work(scene)
    save(scene, scene.board() + "\n## 🧪 Review\n")
    save(scene, moved(scene, step.id, "🧪 Review"))
    assert scene.column(step.id) == "🧪 Review"
    scene.goal("another thing happens")
    scene.refresh()
    assert scene.column(step.id) == "🧪 Review"
    scene.finish(step)
    scene.refresh()
    assert scene.column(step.id) == DONE


def test_what_has_ended_stays_ended(scene: Scene) -> None:
    step = at_work(scene)
    scene.finish(step)
    scene.refresh()
    save(scene, moved(scene, step.id, DOING))
    assert scene.column(step.id) == DONE
    assert "stays so" in block_of(scene, step.id)


# ── words ──────────────────────────────────────────────────────────────────────────────────────


def test_a_title_that_people_reworded_is_the_tasks_title(scene: Scene) -> None:
    step = at_work(scene)
    line = line_of(scene, step.id)
    save(scene, scene.board().replace(line, line.replace("Do mix", "Mix *all* of it")))
    assert now(scene, step).title == "Mix *all* of it"
    scene.finish(step)
    scene.refresh()
    assert "Mix *all* of it" in line_of(scene, step.id)


def test_a_note_beneath_a_card_is_an_event_and_stays(scene: Scene) -> None:
    step = at_work(scene)
    line = line_of(scene, step.id)
    board = save(scene, scene.board().replace(line, f"{line}\n  - the fan is loud"))
    assert "  - the fan is loud\n" in board
    assert told(scene)[-1][0] == "card.noted"


# ── deleting ───────────────────────────────────────────────────────────────────────────────────


def delete(scene: Scene, card: str) -> str:
    return save(scene, scene.board().replace(block_of(scene, card), ""))


def test_a_deleted_card_holds_its_work_back_and_comes_back_with_its_line(scene: Scene) -> None:
    step = at_work(scene)
    line = line_of(scene, step.id)
    board = delete(scene, step.id)
    held = now(scene, step).paused
    assert held is not None
    assert held.gone
    assert step.id not in board
    save(scene, board.replace(f"## {DOING}\n", f"## {DOING}\n{line}\n"))
    assert now(scene, step).paused is None


def test_a_deleted_card_is_cancelled_after_a_day(scene: Scene) -> None:
    step = at_work(scene)
    delete(scene, step.id)
    scene.clock.advance(hours=25)
    with scene.ledger.write() as tx:
        assert pauses.cancel_gone(tx, scene.clock.now()) == [step.id]


def test_a_done_card_that_was_taken_off_stays_off(scene: Scene) -> None:
    step = at_work(scene)
    scene.finish(step)
    scene.refresh()
    assert step.id not in delete(scene, step.id)
    scene.goal("another")
    assert step.id not in scene.refresh()
    assert now(scene, step).state is State.COMPLETED


def test_a_question_that_was_deleted_comes_back(scene: Scene) -> None:
    """No answer is an answer."""
    step = at_work(scene)
    asked = scene.ask(step)
    scene.refresh()
    delete(scene, asked.id)
    scene.goal("another")
    assert f"^{asked.id}" in scene.refresh()


@dataclass(frozen=True)
class OneSave:
    """A journal of one save by a human."""

    before: bytes
    after: bytes
    number: int = 10_000
    at: str = "2026-01-01T09:00:00.000Z"
    by: str = "human:ada"
    sha256: str = "after"
    parent: str = "before"

    def versions(self, after: int = 0) -> list["OneSave"]:
        return [self] if after < self.number else []

    def text(self, sha256: str) -> bytes:
        return self.after if sha256 == "after" else self.before


def test_a_board_whose_cards_are_all_gone_at_once_cancels_nothing(scene: Scene) -> None:
    """F3: "accept theirs" dropped what another had done. A replaced file is nobody's wish to end it all."""
    steps = [scene.step(scene.goal(f"goal {n}"), "mix") for n in range(3)]
    journal = OneSave(scene.refresh().encode(), b"# Mine\n")
    rules = Rules(Rulebook("ada"), frozenset(), scene.workspace.root, b"")
    assert take_in(scene.ledger, journal, rules) == 1
    assert all(now(scene, step).paused is None for step in steps)
    assert told(scene)[-1] == ("board.text", "human:ada")
    assert "board.wiped" in [kind for kind, _ in told(scene)]
    assert take_in(scene.ledger, journal, rules) == 0


def test_one_card_that_is_gone_among_others_is_deleted(scene: Scene) -> None:
    step, other = at_work(scene), at_work(scene)
    board = scene.refresh()
    journal = OneSave(board.encode(), board.replace(block_of(scene, step.id), "").encode())
    take_in(scene.ledger, journal, Rules(Rulebook("ada"), frozenset(), scene.workspace.root, b""))
    assert now(scene, step).paused is not None
    assert now(scene, other).paused is None
