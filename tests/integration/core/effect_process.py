"""A process that performs one effect and is killed at a chosen point:
`python effect_process.py LEDGER TASK TILL KIND POINT`. The till is a file with one line per charge."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crewboard.coordination import tasks
from crewboard.coordination.effects import Journal
from crewboard.coordination.ledger import Ledger, Transaction
from crewboard.coordination.policy import Rulebook
from crewboard.errors import OutcomeUnknown
from crewboard.tools.contract import Effect, EffectCall, EffectKind, OnUnknown
from crewboard.tools.contract.context import Performed

KINDS = {
    "keyed": Effect(EffectKind.KEYED, OnUnknown.RETRY),
    "at_most_once": Effect(EffectKind.AT_MOST_ONCE, OnUnknown.ASK_HUMAN),
}


class Mortal(Ledger):
    point = ""
    commits = 0

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        self.commits += 1
        with super().write() as tx:
            yield tx
            die_at(self.point, f"before-commit-{self.commits}")
        die_at(self.point, f"after-commit-{self.commits}")


def die_at(chosen: str, point: str) -> None:
    if chosen == point:
        os.kill(os.getpid(), signal.SIGKILL)


def main(path: str, task_id: str, till: str, kind: str, point: str) -> None:
    ledger = Mortal(Path(path))
    ledger.point = point
    with ledger.read() as tx:
        task = tasks.get(tx, task_id)

    def buy(key: str) -> Performed:
        die_at(point, "before-call")
        with Path(till).open("a+") as file:
            file.seek(0)
            if kind != "keyed" or key not in file.read().split():
                file.write(key + "\n")
        die_at(point, "after-call")
        return Performed("bought")

    call = EffectCall("buy", "shop", KINDS[kind], {"n": 1})
    try:
        value = Journal(ledger, Rulebook("ada"), task, "executor").perform(call, buy)
    except OutcomeUnknown:
        value = "asked"
    sys.stdout.write(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
