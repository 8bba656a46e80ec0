"""Errors on their way out: A2A's classes, and nothing of the house."""

import sqlite3

import pytest
from a2a.utils import errors

from crewboard.coordination.bus.refusal import in_a2a_words
from crewboard.errors import (
    LedgerBusy,
    LedgerCorrupt,
    NotWaiting,
    TaskUnknown,
    ToolFailed,
    TooMuchWork,
)

SECRET = "sk-abcdefghijklmnop1234"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TaskUnknown(task="g1", sender="peer:ada"), errors.TaskNotFoundError),
        (TaskUnknown(task="/root/ws/x.db", sender="peer:ada"), errors.TaskNotFoundError),
        (NotWaiting(task=SECRET, state="WORKING"), errors.UnsupportedOperationError),
        (TooMuchWork(sender="peer:ada", reason="100 goals"), errors.UnsupportedOperationError),
        (LedgerBusy(path="/root/ws/ledger.db", seconds=30), errors.InternalError),
        (LedgerCorrupt(path="/root/ws/ledger.db", reason="hash"), errors.InternalError),
        (ToolFailed(tool="mix", reason="/root/ws/data", task="t1"), errors.InternalError),
        (sqlite3.OperationalError("no such column: SELECT secret"), errors.InternalError),
        (RuntimeError(SECRET), errors.InternalError),
    ],
    ids=["unknown", "path", "secret", "too much", "busy", "corrupt", "tool", "sql", "bug"],
)
def test_an_error_is_told_in_a2as_words_and_no_path_sql_or_secret_with_it(
    error: Exception, told: type[errors.A2AError]
) -> None:
    with pytest.raises(errors.A2AError) as caught, in_a2a_words():
        raise error
    assert type(caught.value) is told
    for inside in ("/root", "SELECT", SECRET):
        assert inside not in caught.value.message


def test_an_error_of_a2a_passes_as_it_is() -> None:
    given = errors.TaskNotCancelableError("it ended")
    with pytest.raises(errors.TaskNotCancelableError) as caught, in_a2a_words():
        raise given
    assert caught.value is given
