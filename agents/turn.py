"""One turn of one agent on one task: from its unread mail to its next pause, whatever happens.

Every failure ends here, as what its class says: a human is needed, it is worth another try later, or it
is final. Only the loss of the lease goes on, because then this crew may not write even that.
"""

import logging
from collections.abc import Mapping
from typing import Any

from crewboard.agents.executor import Executor
from crewboard.agents.graphs import advance
from crewboard.agents.lead import Lead
from crewboard.agents.office import Office
from crewboard.agents.qa import QA
from crewboard.coordination import tasks
from crewboard.coordination.steering.giving import unready
from crewboard.coordination.tasks import Change, Reason, State, Task
from crewboard.errors import (
    Cancelled,
    CrewboardError,
    KeyMissing,
    KeyRejected,
    LeaseLost,
    NeedsHuman,
    Retryable,
    UsageError,
)

log = logging.getLogger(__name__)
HUMAN = "human"
"""What a task waits on when a person has to do something outside of the crew."""
_LEVELS_PER_STEP = 6
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 300.0


class Agents:
    """The graphs of a crew, one of each kind, and the way a task meets its own."""

    def __init__(self, office: Office, checkpoints: Any) -> None:
        self.office = office
        self._checkpoints = checkpoints
        self._graphs: Mapping[str, Any] = {
            "lead": Lead(office).build(checkpoints),
            "executor": Executor(office).build(checkpoints),
            "qa": QA(office).build(checkpoints),
        }

    def turn(self, task: Task, fence: int) -> None:
        """Work on a claimed task until it ends or waits. Raises LeaseLost only."""
        with self.office.ledger.read() as tx:
            mail = tx.run("new_mail", task=task.id)
        read = mail[-1]["seq"] if mail else 0
        change = self._work(task)
        with self.office.ledger.write() as tx:
            now = tasks.get(tx, task.id)
            if change is None or change.waits != "retry":
                tx.change("forget_retries", id=task.id)
            if change is not None and not now.ended:
                if change.waits == "retry":
                    tasks.pause(tx, now, now.role, str(change.told["cause"]), change.delay or 0)
                else:
                    tasks.move(tx, now, now.role, change)
            tasks.release(tx, task.id, fence, read)
            ended = tasks.get(tx, task.id).ended
        if (
            ended
        ):  # its graph is of no more use, and checkpoints are never thinned out by themselves
            self._checkpoints.delete_thread(task.id)

    def _work(self, task: Task) -> Change | None:
        try:
            graph = self._graphs[self.office.role(task.role).graph]
            limit = self.office.settings.limits.steps * _LEVELS_PER_STEP
            paused = advance(graph, task.id, limit)
        except LeaseLost:
            raise
        except Cancelled:
            return None
        except CrewboardError as error:
            log.warning("task %s: %s", task.id, error)
            return self._failed(task, error)
        except Exception as error:
            log.exception("task %s broke", task.id)
            return Change(State.FAILED, reason=_broken(error))
        if paused is None:
            return None
        return Change(State(paused["state"]), paused["waits"])

    def _failed(self, task: Task, error: CrewboardError) -> Change:
        if decision := error.facts.get("decision"):
            return Change(State.AUTH_REQUIRED, f"decision:{decision}")
        if isinstance(error, NeedsHuman):
            refused = isinstance(error, KeyMissing | KeyRejected)
            state = State.AUTH_REQUIRED if refused else State.INPUT_REQUIRED
            return Change(state, HUMAN, _reason(error, "one try: it is no use to repeat it"))
        if isinstance(error, UsageError) and task.kind == "goal" and "card" in task.spec:
            return Change(State.INPUT_REQUIRED, HUMAN, unready(str(error)))
        if isinstance(error, Retryable) or error.outcome_unknown:
            return self._later(task, error)
        return Change(State.FAILED, reason=_reason(error, f"{task.attempts + 1} run(s)"))

    def _later(self, task: Task, error: CrewboardError) -> Change:
        """Another try after a pause, a bounded number of times. A call of unknown outcome comes back to
        its journal, which repeats it under its key, looks it up, or asks."""
        tries = self.office.task(task.id).retries
        if tries >= self.office.settings.limits.retries:
            return Change(State.INPUT_REQUIRED, HUMAN, _reason(error, f"{tries + 1} tries"))
        asked = error.facts.get("retry_after")
        pause = float(asked) if isinstance(asked, int | float) else _FIRST_PAUSE_S * 2**tries
        told = {"cause": str(error)}
        return Change(State.WORKING, "retry", delay=min(pause, _LONGEST_PAUSE_S), told=told)


def _reason(error: CrewboardError, tried: str) -> Reason:
    """The error's own words hold both: what happened, and what to do next."""
    cause, _, needed = str(error).partition(". ")
    provider = error.facts.get("provider")
    return Reason(
        cause=f"{cause}." if not cause.endswith(".") else cause,
        owner="human" if provider is None else f"human, for {provider}",
        tried=tried,
        needed=needed or "see the log",
    )


def _broken(error: Exception) -> Reason:
    return Reason(
        cause=f"crewboard itself broke: {type(error).__name__}: {error}",
        owner="human",
        tried="nothing more",
        needed="report it with .crewboard/crew.log",
    )
