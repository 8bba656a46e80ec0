"""A process of its own that works on a ledger: `python ledger_process.py VERB LEDGER ...`."""

import os
import resource
import sys
from pathlib import Path

from crewboard.coordination.ledger import Ledger
from crewboard.errors import CrewboardError


def append(ledger: Ledger, writer: str, count: str) -> None:
    for number in range(int(count)):
        with ledger.write() as tx:
            tx.event("n", writer, None, None, number=number)


def acknowledge(ledger: Ledger, writer: str, acks: str) -> None:
    """Append for ever, and note each commit in `acks` after it was made."""
    handle = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        with ledger.write() as tx:
            event = tx.event("n", writer, None, None)
        os.write(handle, f"{event.seq}\n".encode())


def fill(ledger: Ledger, _writer: str, kilobytes: str) -> None:
    """Append until the file may grow no more; say how it was told."""
    limit = int(kilobytes) * 1024
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        for _ in range(100_000):
            with ledger.write() as tx:
                tx.event("n", "filler", None, None, text="x" * 4000)
    except CrewboardError as error:
        sys.stdout.write(type(error).__name__)


if __name__ == "__main__":
    verb, path, who, what = sys.argv[1:]
    {"append": append, "acknowledge": acknowledge, "fill": fill}[verb](
        Ledger.open(Path(path)), who, what
    )
