"""Everything that can be known to fail before anything is spent."""

import shutil
import traceback
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from crewboard.agents.bench import CrewBench
from crewboard.agents.office import Office
from crewboard.agents.roles import permit
from crewboard.coordination import artifacts, budget, gates, verdicts
from crewboard.coordination.effects import action_digest
from crewboard.coordination.grants import find as find_grant
from crewboard.coordination.tasks import Task
from crewboard.errors import (
    BudgetExhausted,
    CrewboardError,
    DiskFull,
    GateClosed,
    NotPermitted,
    SelfCheckFailed,
    ToolFailed,
)
from crewboard.pipelines.resolve import resolve
from crewboard.tools.contract import Arguments, Tool, input_paths
from crewboard.tools.contract.bench import Bench
from crewboard.tools.contract.manifest import tree_sha256

_SPARE_MB = 64
_REHEARSED_ROWS = 10
_LONGEST_LINE = 1 << 20


def preflight(office: Office, task: Task, tool: Tool, arguments: Arguments) -> Mapping[str, str]:
    """Check role, gate, inputs, disk, money and the tool's own demands, and rehearse it on ten rows;
    the inputs' hashes by argument. Raises what would stop the run."""
    permit(office.role(task.role), tool.name)
    with office.ledger.read() as tx:
        gates.check(tx, task, office.key)
    bench = CrewBench(office, task, office.scratch(task, "out"))
    paths = {name: bench.read(path) for name, path in input_paths(arguments).items()}
    hashes = {name: tree_sha256(path) for name, path in paths.items()}
    _check_registered(office, paths, hashes)
    _check_judged(office, task, tool, hashes)
    _check_named(office, task, tool, arguments)
    _check_disk(office, paths)
    _check_approved(office, task, tool, arguments)
    if tool.preflight is not None:
        tool.preflight(arguments, bench)
    if tool.rehearse:
        _rehearse(office, task, tool, arguments)
    return hashes


def _check_registered(office: Office, paths: Mapping[str, Path], hashes: Mapping[str, str]) -> None:
    """An artifact that a step relies on is still what was registered, judged and decided on."""
    with office.ledger.read() as tx:
        known = {a.path: a.sha256 for a in artifacts.everything(tx)}
    for name, path in paths.items():
        if not path.is_relative_to(office.workspace.root):
            continue
        registered = known.get(path.relative_to(office.workspace.root).as_posix())
        if registered and registered != hashes[name]:
            raise SelfCheckFailed(tool=str(path), reason="it was changed after it was registered")


def _check_judged(office: Office, task: Task, tool: Tool, hashes: Mapping[str, str]) -> None:
    """What a tool may only be given judged bears QA's word, whatever plan and gate say."""
    with office.ledger.read() as tx:
        for name, sha256 in hashes.items():
            found = verdicts.of_hash(tx, sha256)
            made_by = verdicts.makers(tx, sha256)
            accepted = (
                bool(found)
                and found[-1].accepts
                and found[-1].signer not in made_by
                and verdicts.holds(found[-1], office.key)
            )
            if name.partition(".")[0] in tool.judged and not accepted:
                reason = f"{name} ({sha256[:8]}) has no accepting verdict"
                raise GateClosed(what=task.title, reason=reason)


def _check_named(office: Office, task: Task, tool: Tool, arguments: Arguments) -> None:
    """What makes a tool reach out of the workspace comes from a human, or is its default."""
    goal = office.goal_of(task)
    said = [*goal.spec.get("parameters", {}).values(), *str(goal.spec["text"]).split()]
    by_human = said if goal.sender.startswith("human:") else []
    for name in tool.named:
        value = getattr(arguments, name)
        if value == type(arguments).model_fields[name].default or value in by_human:
            continue
        if not (office.workspace.root / str(value)).exists():
            what = f"fetch {value!r} for {tool.name}"
            raise NotPermitted(agent=task.role, what=what, reason="no human named it in the goal")


def _check_disk(office: Office, paths: Mapping[str, Path]) -> None:
    size = sum(p.stat().st_size for p in paths.values() if p.is_file())
    needed = 2 * size // 1_000_000 + _SPARE_MB
    free = shutil.disk_usage(office.workspace.root).free // 1_000_000
    if free < needed:
        raise DiskFull(path=office.workspace.root, free=free, needed=needed)


def needs_approval(tool: Tool, spec: Mapping[str, Any]) -> bool:
    """Whether a step needs a human's word on exactly what it does: it spends, it deletes, or it is
    what QA guards and no decision of its plan stands before it."""
    unasked = bool(tool.judged) and not spec.get("gate", {}).get("decisions")
    return tool.effect.spends or tool.effect.deletes or unasked


def _check_approved(office: Office, task: Task, tool: Tool, arguments: Arguments) -> None:
    if not needs_approval(tool, task.spec):
        return
    estimate = tool.estimate(arguments) if tool.estimate else 0
    with office.ledger.read() as tx:
        grant = find_grant(tx, action_digest(task), task.id)
        left = budget.get(tx, f"goal:{task.goal}")
        own = budget.get(tx, f"grant:{grant.id}" if grant else "")
        planned = resolve(tx, task, task.spec.get("arguments", {}))
    if grant is None or grant.used_by not in {None, task.id}:
        raise GateClosed(what=task.title, reason="no human has approved exactly this action")
    if arguments != tool.parse(planned):
        raise GateClosed(what=task.title, reason="a human approved it with other arguments")
    paid = own.spent + own.reserved  # by an earlier run of this task, which a crash cut off
    room = (left.ceiling or 0) - left.spent - left.reserved + paid
    if min(room, grant.cap) < estimate:
        raise BudgetExhausted(
            what=task.title, needed=budget.usd(estimate), scope=f"goal {task.goal}",
            left=budget.usd(min(room, grant.cap)), limit=budget.usd(left.ceiling or 0),
        )  # fmt: skip


def _rehearse(office: Office, task: Task, tool: Tool, arguments: Arguments) -> None:
    """Run the tool on the head of its inputs, to find what is broken in the tool itself. What it says
    about the rows is not held against it: ten rows may well be all bad."""
    stage = office.scratch(task, "rehearsal")
    shutil.rmtree(stage, ignore_errors=True)
    try:
        bench = CrewBench(office, task, stage)
        shortened = {
            name: _head(bench.read(path), stage, name)
            for name, path in input_paths(arguments).items()
        }
        small = tool.parse(_with_inputs(arguments, shortened))
        tool.run(small, Bench(stage, stage / "out", clock=office.ledger.clock))
    except CrewboardError:
        return
    except Exception as error:
        reason = traceback.format_exception_only(error)[-1].strip()
        raise ToolFailed(
            tool=tool.name, reason=f"its rehearsal broke: {reason}", task=task.id
        ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _head(path: Path, stage: Path, name: str) -> str:
    """The first rows of a file, or of each file of a folder, copied under `stage`."""
    stage.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        for file in sorted(each for each in path.iterdir() if each.is_file()):
            _head(file, stage / name, file.name.removesuffix(file.suffix))
        return name
    copy = stage / f"{name}{path.suffix}"
    with path.open("rb") as source, copy.open("wb") as target:
        for line in islice(iter(lambda: source.readline(_LONGEST_LINE), b""), _REHEARSED_ROWS):
            target.write(line)
    return copy.name


def _with_inputs(arguments: Arguments, paths: Mapping[str, str]) -> dict[str, object]:
    values = arguments.model_dump()
    for name, path in paths.items():
        field, _, index = name.partition(".")
        if index:
            values[field] = [*values[field]]
            values[field][int(index)] = path
        else:
            values[field] = path
    return values
