"""The chain of events: whole when left alone, and every touch on it is found."""

import json
import sqlite3
from pathlib import Path

import pytest
from unit.core.books import chain_fault, events, open_ledger

from crewboard.coordination.ledger import Ledger, verify
from crewboard.redact import MASK


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = open_ledger(tmp_path)
    for number in range(1, 6):
        with ledger.write() as tx:
            tx.event("note.made", "lead", "g1", None, number=number)
    return ledger


def test_a_chain_that_nobody_touched_holds(ledger: Ledger) -> None:
    assert [event.seq for event in events(ledger)] == [1, 2, 3, 4, 5]
    assert chain_fault(ledger) is None
    assert verify([]) is None


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        ("UPDATE events SET data = '{\"number\":7}' WHERE seq = 3", "event 3 was changed"),
        ("UPDATE events SET actor = 'qa' WHERE seq = 1", "event 1 was changed"),
        ("UPDATE events SET goal = 'g2' WHERE seq = 5", "event 5 was changed"),
        ("UPDATE events SET task = 't1' WHERE seq = 2", "event 2 was changed"),
        ("UPDATE events SET at = '2027-01-01T00:00:00.000Z' WHERE seq = 2", "event 2 was changed"),
        ("UPDATE events SET kind = 'x' WHERE seq = 4", "event 4 was changed"),
        # no JSON any more, or JSON that the canonical form refuses: told, not thrown
        ("UPDATE events SET data = 'torn' WHERE seq = 3", "event 3 was changed"),
        ("UPDATE events SET data = '{\"number\":NaN}' WHERE seq = 3", "event 3 was changed"),
        ("UPDATE events SET hash = 'ff' WHERE seq = 3", "event 3 was changed"),
        ("UPDATE events SET prev = 'ff' WHERE seq = 3", "event 3 does not follow event 2"),
        ("DELETE FROM events WHERE seq = 3", "event 3 is missing"),
        ("DELETE FROM events WHERE seq = 1", "event 1 is missing"),
        # removed, and the rest moved up to close the gap
        ("DELETE FROM events WHERE seq = 3; UPDATE events SET seq = seq - 1 WHERE seq > 3",
         "event 3 does not follow event 2"),
        # two events change places
        (("UPDATE events SET seq = 99 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3;"
         "UPDATE events SET seq = 3 WHERE seq = 99"), "event 2 does not follow event 1"),
        # one slipped in at the end, and one in the middle
        (("INSERT INTO events SELECT 6, at, kind, actor, goal, task, data, hash, 'ee' FROM events "
         "WHERE seq = 5"), "event 6 was changed"),
        (("UPDATE events SET seq = seq + 10 WHERE seq > 2; UPDATE events SET seq = seq - 9 WHERE seq > 10;"
         "INSERT INTO events SELECT 3, at, kind, actor, goal, task, data, hash, 'ee' FROM events "
         "WHERE seq = 2"), "event 3 was changed"),
    ],
)  # fmt: skip
def test_every_touch_on_the_file_is_found_by_verify(ledger: Ledger, edit: str, fault: str) -> None:
    with sqlite3.connect(ledger.path) as connection:
        connection.executescript(edit)
    connection.close()
    assert chain_fault(ledger) == fault


def test_a_rolled_back_transaction_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(KeyboardInterrupt), ledger.write() as tx:  # noqa: PT012 - all of it is undone
        tx.event("note.made", "lead", "g1", None, number=6)
        tx.change("set_meta", name="x", value="y")
        raise KeyboardInterrupt
    with ledger.read() as tx:
        assert tx.one("get_meta", name="x") is None
    assert len(events(ledger)) == 5
    with ledger.write() as tx:  # and the ledger goes on
        assert tx.event("note.made", "lead", "g1", None).seq == 6
    assert chain_fault(ledger) is None


def test_a_secret_never_reaches_the_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F29: by its value where the environment knows it, by its shape where it does not."""
    monkeypatch.setenv("HOUSE_PASSWORD", "correct horse battery")
    shaped = "sk-ant-api03-" + "A" * 40
    ledger = open_ledger(tmp_path)
    with ledger.write() as tx:
        told = tx.event(
            "tool.failed", "executor", None, None,
            why=f"login correct horse battery, key {shaped}",
            headers={"authorization": ["Bearer " + "abcd1234" * 4]}, count=3,
        )  # fmt: skip
    assert told.data["why"] == f"login {MASK}, key {MASK}"
    assert told.data["headers"] == {"authorization": [f"Bearer {MASK}"]}
    assert told.data["count"] == 3
    ledger.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"correct horse battery" not in stored
    assert shaped.encode() not in stored
    assert chain_fault(ledger) is None


@pytest.mark.parametrize(
    "data",
    [
        {"counts": {10: "ten", 9: "nine"}},  # JSON keys are text, and sort as text
        {"text": "half a pair: \ud83d, and the words \\ud83d"},
        {"text": "nul \0, line ends \r\n\u2028, emoji 🌆", "pair": (1, 2)},
        {"float": 0.1 + 0.2, "big": 2**70, "none": None},
    ],
)
def test_what_is_hashed_is_what_is_read_again(tmp_path: Path, data: dict[str, object]) -> None:
    ledger = open_ledger(tmp_path)
    with ledger.write() as tx:
        written = tx.event("odd", "lead", None, None, **data)
    assert events(ledger) == [written]
    assert written.data == json.loads(json.dumps(data))
    assert chain_fault(ledger) is None


def test_nan_is_refused_before_it_is_written(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path)
    with pytest.raises(ValueError, match=r"NaN|not JSON compliant"), ledger.write() as tx:
        tx.event("loss", "executor", None, None, loss=float("nan"))
    assert events(ledger) == []
