"""What proves what was done: the chain of events, the tables, the artifacts, the verdicts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crewboard.coordination import artifacts, decisions, tasks, verdicts
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.doctor.finding import Case, Finding, Level
from crewboard.coordination.ledger import Event, Transaction, verify
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.verdicts import Verdict

_BATCH = 1000
_RESTORE = "keep a copy of .crewboard, then restore the last backup"


def database(case: Case) -> Iterator[Finding]:
    with case.ledger.read() as tx:
        told = [row[0] for row in tx.connection.execute("PRAGMA quick_check")]
    if told != ["ok"]:
        yield Finding(Level.FAIL, "database", f"SQLite finds damage: {told[0]}", _RESTORE)


def chain(case: Case) -> Iterator[Finding]:
    with case.ledger.read() as tx:
        fault = verify(_events(tx))
    if fault:
        yield Finding(Level.FAIL, "chain", f"the log does not verify: {fault}", _RESTORE)


def tables(case: Case) -> Iterator[Finding]:
    """The tables say what the events say. An edited row is found so, and a log whose end was cut."""
    with case.ledger.read() as tx:
        told = _Told()
        for event in _events(tx):
            told.hear(event)
        for task in tasks.everything(tx):
            if told.states.get(task.id) != task.state:
                yield _other(f"task {task.id}", task.state, told.states.get(task.id))
        for each in decisions.everything(tx):
            if told.choices.get(each.id) != each.choice:
                yield _other(f"decision {each.id}", each.choice, told.choices.get(each.id))
        for made in artifacts.everything(tx):
            if (made.task, made.name, made.sha256, made.rows) not in told.made:
                yield _other(f"artifact {made.path}", made.sha256[:12], None)


@dataclass
class _Told:
    """What the events say of each task, decision and artifact."""

    states: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    made: set[tuple[str, str, str, int | None]] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        """An event that was damaged tells nothing; that it was, the chain says."""
        data, task = event.data, event.task or ""
        if event.computed_hash() != event.hash:
            return
        match event.kind:
            case "task.created":
                self.states[task] = State.SUBMITTED
            case "task.moved":
                self.states[task] = data["state"]
            case "decision.answered":
                self.choices[data["decision"]] = data["choice"]
            case "artifact.made":
                self.made.add((task, data["name"], data["sha256"], data["rows"]))


def _other(what: str, has: str | None, told: str | None) -> Finding:
    says = f"{what} stands as {has or 'open'} in its table, but as {told or 'unknown'} in the log"
    return Finding(Level.FAIL, "tables", says, _RESTORE)


def files(case: Case) -> Iterator[Finding]:
    """Every artifact is where it was put, with the bytes that were registered."""
    with case.ledger.read() as tx:
        made = {each.path: each for each in artifacts.everything(tx)}
    for path, artifact in sorted(made.items()):
        if fault := _fault(case.workspace.root / path, artifact):
            says = f"{path} (made by {artifact.task}) {fault}"
            remedy = "put the same bytes back, or start the goal again"
            yield Finding(Level.FAIL, "artifacts", says, remedy)


def _fault(path: Path, artifact: Artifact) -> str | None:
    """Its size first: that finds most faults without reading the file."""
    from crewboard.tools.contract.manifest import tree_sha256

    if not path.exists():
        return "does not exist"
    size = sum(
        p.stat().st_size for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file()
    )
    if size != artifact.size:
        return f"has {size:,} bytes, {artifact.size:,} were registered"
    return (
        None if tree_sha256(path) == artifact.sha256 else "holds other bytes than were registered"
    )


def signatures(case: Case) -> Iterator[Finding]:
    """Every verdict is what its signer wrote, and nobody judged what they made."""
    with case.ledger.read() as tx:
        found = verdicts.everything(tx)
        makers = {each.sha256: verdicts.makers(tx, each.sha256) for each in found}
    key_file = case.workspace.state / "key"
    if found and not key_file.exists():
        says = f"the key is gone, {len(found)} verdict(s) cannot be checked"
        yield Finding(Level.FAIL, "verdicts", says, "restore .crewboard/key from a backup")
        return
    for verdict in found:
        if fault := _unsound(verdict, key_file.read_bytes(), makers[verdict.sha256]):
            says = f"the verdict of {verdict.signer} on {verdict.sha256[:12]} {fault}"
            yield Finding(Level.FAIL, "verdicts", says, f"have task {verdict.task} reviewed again")


def _unsound(verdict: Verdict, key: bytes, makers: set[str]) -> str | None:
    if not verdicts.holds(verdict, key):
        return "was changed after it was signed"
    return "was signed by who made it" if verdict.signer in makers else None


def evidence(case: Case) -> Iterator[Finding]:
    """What stands as done has something to show, and each of it an accepting verdict."""
    with case.ledger.read() as tx:
        done = [t for t in tasks.everything(tx) if t.kind == "work" and t.state is State.COMPLETED]
        for task in done:
            if missing := _unproved(tx, task):
                says = f"task {task.id} («{task.title}») is done, but {missing}"
                yield Finding(Level.FAIL, "evidence", says, "start its goal again")


def _unproved(tx: Transaction, task: Task) -> str | None:
    made = artifacts.of_task(tx, task.id).values()
    latest = {verdict.sha256: verdict for verdict in verdicts.of_task(tx, task.id)}
    for artifact in made:
        verdict = latest.get(artifact.sha256)
        if verdict is None or not verdict.accepts:
            return f"nobody accepted {artifact.path}"
    return None if made else "it made nothing"


def _events(tx: Transaction) -> Iterator[Event]:
    seq = 0
    while rows := tx.run("events_after", seq=seq, count=_BATCH):
        yield from map(Event.of, rows)
        seq = rows[-1]["seq"]
