"""One tool call of one task: checked before, run, checked after, registered, written down."""

import errno
import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from crewboard.agents.bench import CrewBench
from crewboard.agents.office import Office
from crewboard.agents.preflight import needs_approval, preflight
from crewboard.coordination import artifacts, tasks
from crewboard.coordination.tasks import Task
from crewboard.errors import CrewboardError, DiskFull, ToolFailed
from crewboard.tools.contract import PURE, EffectCall, Manifest, Outcome, Produced, Tool, publish
from crewboard.tools.contract.arguments import Arguments
from crewboard.tools.contract.context import Performed

log = logging.getLogger(__name__)


def call_tool(office: Office, task: Task, name: str, given: Mapping[str, Any], step: str) -> Any:
    """Run a tool once in the life of a task's `step`; {"summary", "measured", "manifests"}.

    After a crash it runs again from its inputs: its own paid calls are in the journal each for itself,
    and what it makes is named by its content.
    """
    tool = office.registry[name]
    arguments = tool.parse(given)
    journal = office.journal(task)
    call = EffectCall(step, name, PURE, arguments.model_dump(mode="json"))
    told = journal.perform(call, lambda _: Performed(_run(office, task, tool, arguments)))
    with office.ledger.write() as tx:
        now = tasks.get(tx, task.id)
        for manifest in told["manifests"]:
            artifacts.register(tx, now, task.role, Manifest(**manifest))
    return told


def may_rework(office: Office, task: Task) -> bool:
    """Whether whoever made something may call its tool again with better arguments: it thinks, has
    tries left, and no human approved exactly those that it has."""
    name = task.spec.get("tool")
    if not name or office.model(task).provider == "rules":
        return False
    approved = needs_approval(office.registry[name], task.spec)
    return not approved and task.attempts < office.settings.limits.reworks


def _run(office: Office, task: Task, tool: Tool, arguments: Arguments) -> dict[str, Any]:
    hashes = preflight(office, task, tool, arguments)
    out = office.scratch(task, "out")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    seed = office.settings.crew.seed
    try:
        outcome = _guarded(tool, arguments, CrewBench(office, task, out, seed))
        manifests = _publish(office, task, outcome, Produced(
            tool, arguments.model_dump(mode="json"), hashes, seed))  # fmt: skip
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return {
        "summary": outcome.summary,
        "measured": dict(outcome.measured),
        "manifests": [asdict(manifest) for manifest in manifests],
    }


def _publish(office: Office, task: Task, outcome: Outcome, produced: Produced) -> list[Manifest]:
    """Reports are for people and for git, data is neither."""
    kinds = set(produced.tool.produces.values())
    top = "reports" if kinds <= {"report", "plot"} else "data"
    folder = office.workspace.root / top / task.goal / (task.step or task.id)
    return publish(outcome, produced, folder, office.workspace.root)


def _guarded(tool: Tool, arguments: Arguments, bench: CrewBench) -> Outcome:
    """A tool's own mistakes as ToolFailed; the trace goes to the crew's log."""
    try:
        return tool.run(arguments, bench)
    except CrewboardError:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(path=bench.out, free=0, needed="more") from error
        log.exception("%s failed in task %s", tool.name, bench.task.id)
        raise ToolFailed(tool=tool.name, reason=error, task=bench.task.id) from error
    except Exception as error:
        log.exception("%s failed in task %s", tool.name, bench.task.id)
        reason = f"{type(error).__name__}: {error}"
        raise ToolFailed(tool=tool.name, reason=reason, task=bench.task.id) from error
