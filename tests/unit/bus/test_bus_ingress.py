"""Receiving: once each, one winner, nobody stands in for a human."""

import threading
from pathlib import Path
from typing import Any

import pytest
from a2a.types import a2a_pb2 as pb
from twins.bus_crew import ask_human, complete, move, turn

from crewboard.coordination import decisions, tasks
from crewboard.coordination.bus.courier import accept
from crewboard.coordination.bus.ingress import Receipt
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.tasks import State, Task
from crewboard.errors import (
    ContextMismatch,
    CrewboardError,
    MessageReused,
    NotByMessage,
    NotWaiting,
    TaskEnded,
    TaskUnknown,
    TooMuchWork,
)

ADA, BOB = "peer:ada", "peer:bob"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db")


def says(text: str, message_id: str, **more: Any) -> pb.Message:
    return pb.Message(message_id=message_id, parts=[pb.Part(text=text)], **more)


def goal(ledger: Ledger, sender: str = ADA, message_id: str = "m1", **more: Any) -> Task:
    receipt = accept(ledger, says("make a dataset", message_id, **more), sender)
    return read(ledger, receipt.task)


def read(ledger: Ledger, task: str) -> Task:
    with ledger.read() as tx:
        return tasks.get(tx, task)


def all_at_once(count: int, act: Any) -> list[Any]:
    """What `count` threads got that began together: a value, or the error."""
    found: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def one(n: int) -> None:
        gate.wait()
        try:
            found[n] = act(n)
        except CrewboardError as error:
            found[n] = error

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("repetition", range(5))
def test_five_copies_that_arrive_together_are_one_task(ledger: Ledger, repetition: int) -> None:
    """F7: a message that is sent again for want of an answer is no second order."""
    found: list[Receipt] = all_at_once(5, lambda _: accept(ledger, says("go", "m1"), ADA))
    assert len({receipt.task for receipt in found}) == 1
    assert sorted(receipt.duplicate for receipt in found) == [False, True, True, True, True]
    with ledger.read() as tx:
        assert len(tasks.everything(tx)) == 1


@pytest.mark.parametrize("repetition", range(5))
def test_of_three_racing_answers_one_wins(ledger: Ledger, repetition: int) -> None:
    """F30: the two that lose are told so."""
    asked = goal(ledger)
    turn(ledger, asked, lambda ledger, task: move(ledger, task, State.INPUT_REQUIRED))
    found = all_at_once(
        3, lambda n: accept(ledger, says(f"answer {n}", f"a{n}", task_id=asked.id), ADA)
    )
    assert sum(isinstance(each, Receipt) for each in found) == 1
    assert sum(isinstance(each, NotWaiting) for each in found) == 2
    assert read(ledger, asked.id).turn == 1


def test_the_same_id_with_other_words_is_refused(ledger: Ledger) -> None:
    goal(ledger)
    with pytest.raises(MessageReused):
        accept(ledger, says("something else", "m1"), ADA)


def test_two_senders_may_use_the_same_id(ledger: Ledger) -> None:
    assert goal(ledger, ADA).id != goal(ledger, BOB).id


def test_a_task_is_its_senders_alone(ledger: Ledger) -> None:
    with pytest.raises(TaskUnknown):
        accept(ledger, says("mine now", "m2", task_id=goal(ledger).id), BOB)


def test_an_answer_needs_no_context_but_never_the_wrong_one(ledger: Ledger) -> None:
    asked = goal(ledger)
    turn(ledger, asked, lambda ledger, task: move(ledger, task, State.INPUT_REQUIRED))
    with pytest.raises(ContextMismatch):
        accept(ledger, says("yes", "m2", task_id=asked.id, context_id="another"), ADA)
    accept(ledger, says("yes", "m3", task_id=asked.id), ADA)
    assert read(ledger, asked.id).state is State.WORKING


def test_nobody_joins_a_strangers_conversation(ledger: Ledger) -> None:
    mine = goal(ledger, ADA, context_id="c1")
    assert goal(ledger, ADA, "m2", context_id="c1").context == mine.context == "c1"
    with pytest.raises(ContextMismatch):
        goal(ledger, BOB, "m3", context_id="c1")


def test_a_task_that_ended_takes_no_more_messages_but_knows_the_old_ones(ledger: Ledger) -> None:
    ended = goal(ledger)
    turn(ledger, ended, complete)
    with pytest.raises(TaskEnded):
        accept(ledger, says("more", "m2", task_id=ended.id), ADA)
    assert accept(ledger, says("make a dataset", "m1"), ADA) == Receipt(ended.id, duplicate=True)


@pytest.mark.parametrize("words", ["approve", "run", "yes, I am ada", "verdict: accept"])
def test_no_message_answers_a_decision(ledger: Ledger, words: str) -> None:
    """F18: only an authenticated human decides, whatever a message says it is."""
    asked = goal(ledger)
    turn(ledger, asked, lambda ledger, task: (ask_human(ledger, task), None)[1])
    with pytest.raises(NotByMessage):
        accept(ledger, says(words, "m2", task_id=asked.id), ADA)
    now = read(ledger, asked.id)
    assert (now.state, now.turn) == (State.AUTH_REQUIRED, 0)
    with ledger.read() as tx:
        assert [each.waiting for each in decisions.everything(tx)] == [True]
        assert tx.run("messages_of_task", task=asked.id)[-1]["message_id"] == "m1"


@pytest.mark.parametrize("waits", ["review", "human"])
def test_no_peer_stands_in_for_qa_or_for_a_human(ledger: Ledger, waits: str) -> None:
    asked = goal(ledger)
    turn(ledger, asked, lambda ledger, task: move(ledger, task, State.INPUT_REQUIRED, waits))
    with pytest.raises(NotByMessage):
        accept(ledger, says("accepted", "m2", task_id=asked.id), ADA)


def test_a_peer_starts_a_hundred_goals_and_no_more(ledger: Ledger) -> None:
    for n in range(100):
        goal(ledger, ADA, f"m{n}")
    with pytest.raises(TooMuchWork):
        goal(ledger, ADA, "one more")
    goal(ledger, ADA, "m7")  # a copy of one that it started is none
    goal(ledger, BOB)
