"""Sending: at least once out, once in."""

from dataclasses import replace
from pathlib import Path

import pytest

from crewboard.clock import ManualClock
from crewboard.coordination import tasks
from crewboard.coordination.bus import outbox
from crewboard.coordination.bus.courier import courier
from crewboard.coordination.bus.envelope import Envelope, message_id
from crewboard.coordination.ledger import Ledger
from crewboard.errors import LedgerBusy, NotPermitted

LETTER = Envelope("lead", "executor", message_id("work", "t1"), "mix the rows", {"kind": "work"})


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ledger(tmp_path: Path, clock: ManualClock) -> Ledger:
    return Ledger.open(tmp_path / "ledger.db", clock)


def put_out(ledger: Ledger, envelope: Envelope = LETTER) -> None:
    with ledger.write() as tx:
        outbox.post(tx, envelope)


def row(ledger: Ledger) -> tuple[str, int]:
    with ledger.read() as tx:
        found = tx.connection.execute("SELECT state, attempts FROM outbox").fetchone()
    return found["state"], found["attempts"]


def titles(ledger: Ledger) -> list[str]:
    with ledger.read() as tx:
        return [task.title for task in tasks.everything(tx)]


def test_a_letter_arrives_once_and_is_gone(ledger: Ledger) -> None:
    put_out(ledger)
    put_out(ledger)
    assert outbox.deliver_due(ledger, courier(ledger)) == 1
    assert outbox.deliver_due(ledger, courier(ledger)) == 0
    assert row(ledger) == ("sent", 1)
    assert titles(ledger) == ["mix the rows"]


def test_a_crash_between_delivery_and_its_note_has_one_effect(ledger: Ledger) -> None:
    """F7: after a kill nobody knows whether it arrived; sending again is safe."""
    put_out(ledger)
    carry = courier(ledger)

    def carry_and_die(envelope: Envelope) -> None:
        carry(envelope)
        raise Killed

    for _ in range(3):
        with pytest.raises(Killed):
            outbox.deliver_due(ledger, carry_and_die)
    assert row(ledger) == ("new", 0)
    assert outbox.deliver_due(ledger, carry) == 1
    assert titles(ledger) == ["mix the rows"]


def test_a_reason_that_rolls_back_sends_nothing(ledger: Ledger) -> None:
    def post_and_die() -> None:
        with ledger.write() as tx:
            outbox.post(tx, LETTER)
            raise Killed

    with pytest.raises(Killed):
        post_and_die()
    assert outbox.deliver_due(ledger, courier(ledger)) == 0


def test_a_passing_failure_is_tried_again_later_until_the_last_try_is_told(
    ledger: Ledger, clock: ManualClock
) -> None:
    """F30: a message that never arrives is said, not forgotten."""
    put_out(ledger)
    carried: list[str] = []

    def fail(envelope: Envelope) -> None:
        carried.append(envelope.message_id)
        raise LedgerBusy(path="there", seconds=30)

    outbox.deliver_due(ledger, fail)
    outbox.deliver_due(ledger, fail)
    assert len(carried) == 1, "the pause was not kept"
    for _ in range(20):
        clock.advance(seconds=301)
        outbox.deliver_due(ledger, fail)
    assert len(carried) == 12
    assert row(ledger) == ("dead", 12)
    with ledger.read() as tx:
        told = [each["data"] for each in tx.run("events_after", seq=0, count=99)]
        assert len(tx.run("out_dead")) == 1
    assert ["stayed locked" in each for each in told] == [True]


def test_a_final_failure_is_dead_at_once(ledger: Ledger) -> None:
    put_out(ledger)

    def refuse(envelope: Envelope) -> None:
        raise NotPermitted(agent=envelope.recipient, what="take this", reason="it may not")

    outbox.deliver_due(ledger, refuse)
    assert row(ledger) == ("dead", 1)


def test_a_letter_for_a_task_that_is_not_there_is_dead_and_the_next_arrives(ledger: Ledger) -> None:
    put_out(ledger, replace(LETTER, message_id="a", task="t0000"))
    put_out(ledger, replace(LETTER, message_id="b"))
    assert outbox.deliver_due(ledger, courier(ledger)) == 1
    assert titles(ledger) == ["mix the rows"]
