"""The bus's two ends: at least once out, once in, and one answer to each question."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import GOAL, events, kinds, mail, move_clock, open_ledger, read_task, start

from crewboard.coordination import tasks
from crewboard.coordination.bus import ingress, outbox
from crewboard.coordination.bus.envelope import Envelope, message_id
from crewboard.coordination.bus.ingress import Receipt
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import Change, State, Task
from crewboard.errors import (
    ContextMismatch,
    CrewboardError,
    MessageReused,
    NotWaiting,
    ProviderUnavailable,
    RequestRefused,
    TaskEnded,
    TaskUnknown,
    TooMuchWork,
)

HELLO = Envelope("human:ada", "lead", "m1", "Make a dataset\nof 10 rows", {"kind": "goal"})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def receive(ledger: Ledger, envelope: Envelope) -> Receipt:
    with ledger.write() as tx:
        return ingress.receive(tx, envelope)


def waiting(ledger: Ledger, state: State = State.INPUT_REQUIRED) -> Task:
    """A goal of human:ada that waits on an answer."""
    task = start(ledger, GOAL)
    with ledger.write() as tx:
        return tasks.move(tx, task, "lead", Change(state, waits="answer"))


def reply(task: Task, number: int = 2, **more: Any) -> Envelope:
    return replace(HELLO, message_id=f"m{number}", text=f"answer {number}", task=task.id, **more)


def test_a_message_makes_one_task_however_often_it_comes(ledger: Ledger) -> None:
    """F7, F30: delivered again is not done again."""
    receipts = [receive(ledger, HELLO) for _ in range(3)]
    assert [receipt.duplicate for receipt in receipts] == [False, True, True]
    assert len({receipt.task for receipt in receipts}) == 1
    with ledger.read() as tx:
        (task,) = tasks.everything(tx)
    assert (task.title, task.role, task.sender) == ("Make a dataset", "lead", "human:ada")
    assert task.spec["text"] == HELLO.text
    assert mail(ledger, task) == ["m1"]


def test_a_copy_that_comes_after_the_task_has_ended_gets_the_first_receipt(ledger: Ledger) -> None:
    first = receive(ledger, HELLO)
    with ledger.write() as tx:
        tasks.cancel(tx, tasks.get(tx, first.task), "human:ada")
    assert receive(ledger, HELLO) == Receipt(first.task, duplicate=True)


@pytest.mark.parametrize("change", [{"text": "other"}, {"data": {"kind": "x"}}, {"task": "t1"}])
def test_an_id_with_other_contents_is_refused(ledger: Ledger, change: dict[str, Any]) -> None:
    receive(ledger, HELLO)
    with pytest.raises(MessageReused):
        receive(ledger, replace(HELLO, **change))


def test_two_senders_may_use_the_same_id(ledger: Ledger) -> None:
    other = receive(ledger, replace(HELLO, sender="peer:north"))
    assert receive(ledger, HELLO).task != other.task


@pytest.mark.parametrize("state", [State.INPUT_REQUIRED, State.AUTH_REQUIRED])
def test_an_answer_takes_the_turn(ledger: Ledger, state: State) -> None:
    task = waiting(ledger, state)
    receive(ledger, reply(task))
    now = read_task(ledger, task)
    assert (now.state, now.waits, now.turn) == (State.WORKING, None, 1)
    assert mail(ledger, task) == ["m2"]
    with pytest.raises(NotWaiting, match="another may have answered first"):
        receive(ledger, reply(task, 3))
    assert mail(ledger, task) == ["m2"]


def test_of_answers_that_race_one_wins(ledger: Ledger) -> None:
    for _ in range(10):
        task = waiting(ledger)
        ready = threading.Barrier(4)
        told: list[object] = []

        def race(
            number: int, task: Task = task, ready: threading.Barrier = ready,
            told: list[object] = told,
        ) -> None:  # fmt: skip
            envelope = reply(task, number, sender="human:ada")
            envelope = replace(envelope, message_id=f"{task.id}-{number}")
            ready.wait()
            try:
                told.append(receive(ledger, envelope))
            except NotWaiting as error:
                told.append(error)

        threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(isinstance(each, Receipt) for each in told) == 1
        assert len(told) == 4
        assert len(mail(ledger, task)) == 1


def test_a_foreign_sender_sees_no_task_at_all(ledger: Ledger) -> None:
    """Not even that it exists: another's id and one that was never given read the same."""
    task = waiting(ledger)
    for task_id in (task.id, "t00000"):
        with pytest.raises(TaskUnknown, match=f"no task {task_id} of peer:north"):
            receive(ledger, replace(reply(task), sender="peer:north", task=task_id))
    assert read_task(ledger, task).state is State.INPUT_REQUIRED
    with ledger.read() as tx:
        assert ingress.visible(tx, task.id, "human:ada") == task


@pytest.mark.parametrize("sender", ["peer:north", "qa", ""])
def test_nobody_hangs_work_below_anothers_task(ledger: Ledger, sender: str) -> None:
    goal = start(ledger)
    envelope = Envelope(sender, "executor", "m9", "Mix", {"kind": "work"}, parent=goal.id)
    with pytest.raises(TaskUnknown):
        receive(ledger, envelope)
    assert kinds(ledger) == ["task.created"]


def test_who_does_a_task_hands_parts_of_it_on(ledger: Ledger) -> None:
    goal = start(ledger)
    part = Envelope(
        "lead", "executor", "m9", "Mix", {"kind": "work", "tool": "mix"}, parent=goal.id
    )
    with ledger.read() as tx:
        pass
    made = receive(ledger, part)
    with ledger.read() as tx:
        task = tasks.get(tx, made.task)
    assert (task.goal, task.parent, task.context) == (goal.id, goal.id, goal.context)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"context": "ctx-other"}, ContextMismatch),
        ({"context": None}, None),
    ],
)
def test_an_answer_belongs_to_the_tasks_context(
    ledger: Ledger, change: dict[str, Any], error: type[CrewboardError] | None
) -> None:
    task = waiting(ledger)
    if error is None:
        receive(ledger, reply(task, context=task.context))
        return
    with pytest.raises(error):
        receive(ledger, reply(task, **change))
    assert read_task(ledger, task).state is State.INPUT_REQUIRED


@pytest.mark.parametrize("end", [State.COMPLETED, State.FAILED, State.REJECTED, State.CANCELED])
def test_an_ended_task_takes_no_message(ledger: Ledger, end: State) -> None:
    task = waiting(ledger)
    with ledger.write() as tx:
        tasks.move(tx, task, "lead", Change(end))
    with pytest.raises(TaskEnded):
        receive(ledger, reply(task))
    assert read_task(ledger, task).state is end


def test_a_planned_task_starts_when_its_message_arrives(ledger: Ledger) -> None:
    task = start(ledger, replace(GOAL, waits="plan"))
    receive(ledger, reply(task))
    now = read_task(ledger, task)
    assert (now.state, now.waits) == (State.SUBMITTED, None)
    assert mail(ledger, task) == ["m2"]


def test_a_runaway_sender_meets_a_cap_on_fan_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingress, "_MOST_CHILDREN", 3)
    goal = start(ledger)
    part = Envelope("lead", "executor", "p", "Mix", {"kind": "work"}, parent=goal.id)
    for number in range(3):
        receive(ledger, replace(part, message_id=f"p{number}"))
    with pytest.raises(TooMuchWork, match="3 tasks below"):
        receive(ledger, replace(part, message_id="p3"))


def test_a_runaway_sender_meets_a_cap_on_depth(ledger: Ledger) -> None:
    parent = start(ledger, replace(GOAL, role="lead", sender="lead")).id
    part = Envelope("lead", "lead", "p", "Again", {"kind": "work"})
    with pytest.raises(TooMuchWork, match="levels of tasks"):  # noqa: PT012 - the loop is what is refused
        for number in range(20):
            parent = receive(ledger, replace(part, message_id=f"p{number}", parent=parent)).task
    with ledger.read() as tx:
        assert len(tasks.everything(tx)) == 8


@pytest.mark.parametrize(
    ("text", "title"),
    [("", "(untitled)"), (" \n ", "(untitled)"), ("\n  Do\nthis", "Do"), ("x" * 500, "x" * 120)],
)
def test_a_title_is_the_first_line(ledger: Ledger, text: str, title: str) -> None:
    made = receive(ledger, replace(HELLO, text=text))
    with ledger.read() as tx:
        assert tasks.get(tx, made.task).title == title


def test_the_same_cause_gives_the_same_message_id() -> None:
    assert message_id("t1", 3) == message_id("t1", "3")
    assert message_id("t1", 3) != message_id("t13", "")


def post(ledger: Ledger, envelope: Envelope = HELLO) -> None:
    with ledger.write() as tx:
        outbox.post(tx, envelope)


def test_a_message_goes_out_with_its_reason_or_not_at_all(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.write() as tx:  # noqa: PT012 - all of it is undone
        outbox.post(tx, HELLO)
        raise KeyError
    assert outbox.deliver_due(ledger, lambda envelope: None) == 0


def test_a_message_that_is_put_out_twice_arrives_once_and_unchanged(ledger: Ledger) -> None:
    arrived: list[Envelope] = []
    post(ledger)
    post(ledger)
    assert outbox.deliver_due(ledger, arrived.append) == 1
    assert outbox.deliver_due(ledger, arrived.append) == 0
    assert arrived == [HELLO]


def test_a_crash_between_delivery_and_its_note_has_one_effect(ledger: Ledger) -> None:
    """F7: out at least once, in once."""
    post(ledger)

    def deliver_and_die(envelope: Envelope) -> None:
        receive(ledger, envelope)
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver_due(ledger, deliver_and_die)
    assert outbox.deliver_due(ledger, lambda envelope: _none(receive(ledger, envelope))) == 1
    assert kinds(ledger).count("task.created") == 1


def test_a_peer_that_is_away_gets_its_message_later(ledger: Ledger) -> None:
    """F7, F30: an outbox holds what cannot be delivered, and says nothing is lost."""
    post(ledger)
    tries = 0

    def away(_envelope: Envelope) -> None:
        nonlocal tries
        tries += 1
        raise ProviderUnavailable(provider="peer:north", reason="away")

    assert outbox.deliver_due(ledger, away) == 0
    assert outbox.deliver_due(ledger, away) == 0  # not due yet
    assert tries == 1
    move_clock(ledger, seconds=2)
    assert outbox.deliver_due(ledger, lambda envelope: None) == 1


def test_after_the_last_try_it_is_a_dead_letter_and_that_is_told(ledger: Ledger) -> None:
    """F30: a mention that was never delivered is never silent."""
    post(ledger)
    tries = 0

    def away(_envelope: Envelope) -> None:
        nonlocal tries
        tries += 1
        raise ProviderUnavailable(provider="peer:north", reason="away")

    for _ in range(20):
        outbox.deliver_due(ledger, away)
        move_clock(ledger, seconds=300)
    assert tries == 12
    (told,) = (event for event in events(ledger) if event.kind == "message.dead")
    assert (told.actor, told.task, told.data["message"]) == ("human:ada", None, "m1")
    with ledger.read() as tx:
        assert [row["message_id"] for row in tx.run("out_dead")] == ["m1"]


def test_a_final_refusal_is_a_dead_letter_at_once_and_holds_nobody_up(ledger: Ledger) -> None:
    post(ledger, replace(HELLO, message_id="bad", task="t1"))
    move_clock(ledger, seconds=1)
    post(ledger)
    arrived: list[str] = []

    def deliver(envelope: Envelope) -> None:
        if envelope.message_id == "bad":
            raise RequestRefused(provider="peer:north", status=400, reason="no")
        arrived.append(envelope.message_id)

    assert outbox.deliver_due(ledger, deliver) == 1
    assert arrived == ["m1"]
    assert [(e.kind, e.task) for e in events(ledger)] == [("message.dead", "t1")]


def _none(_value: object) -> None:
    """Deliver returns nothing."""
