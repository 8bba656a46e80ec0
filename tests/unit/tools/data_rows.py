"""Rows, files and benches that the tests of the data tools are made of."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from crewboard.errors import Cancelled
from crewboard.tools.contract import Outcome, Tool
from crewboard.tools.contract.bench import Bench

Row = dict[str, Any]


def chat(asked: str, answered: str | None = "Yes.", **more: Any) -> Row:
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    return {"messages": turns, **more}


def turns(*roles: str) -> Row:
    return {"messages": [{"role": role, "content": f"text {i}"} for i, role in enumerate(roles)]}


def write_rows(path: Path, rows: Iterable[Row]) -> str:
    """Write rows as JSONL; the file's name, as a tool takes it."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path.name


def read_rows(path: Path) -> list[Row]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def run(tool: Tool, folder: Path, out: str = "out", **arguments: Any) -> Outcome:
    """Run a tool on a bench in `folder`, preflight included, its account checked."""
    bench = Bench(folder, folder / out)
    parsed = tool.parse(arguments)
    if tool.preflight is not None:
        tool.preflight(parsed, bench)
    outcome = tool.run(parsed, bench)
    if outcome.rows is not None:
        outcome.rows.check(tool.name)
    assert {made.name for made in outcome.made} == set(tool.produces)
    assert {p.name for p in bench.out.iterdir()} == {made.path.name for made in outcome.made}
    return outcome


def made(outcome: Outcome, name: str) -> Path:
    return next(each.path for each in outcome.made if each.name == name)


def dropped(outcome: Outcome) -> Mapping[str, int]:
    assert outcome.rows is not None
    return outcome.rows.dropped


class Stopping(Bench):
    """A bench on which the task is called off after some rows."""

    after = 0

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        super().progress(done, total, note)
        if done >= self.after:
            raise Cancelled(what="the task", actor="ada")


class StoppingOnce(Bench):
    """Called off at its so many-th word of progress, and not again."""

    calls = 0
    stop = 10**6

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.calls += 1
        if self.calls == self.stop:
            raise Cancelled(what="it", actor="a test")
