"""The twin's fine-tuning jobs: files checked as OpenAI checks them, every terminal state by script.

Rules from OpenAI's "Fine-tuning" guide and API reference: ten examples at least, roles of the fine-tuning
schema, `weight` an integer 0 or 1 on assistant messages only and nowhere else, epochs 1 to 50. A job is
created at once and fails in validation, as the real ones do. Trained tokens are charged at the price
below, which is a figure of the twin's own: no provider's training price is in the price table.
"""

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

from crewboard.errors import RateLimited, RequestRefused
from crewboard.tools.twins.provider.chat import need, tokens
from crewboard.tools.twins.provider.desk import Desk
from crewboard.tools.twins.provider.files import Files, found

_ROLES = {"system", "user", "assistant", "tool", "function"}
_ROW = {"messages", "tools", "parallel_tool_calls", "functions"}
_FEWEST = 10
_MICRO_PER_TOKEN = 3
_ENDED = {"succeeded", "failed", "cancelled"}
_STATES = ("validating_files", "queued", "running")
_DEFAULT_EPOCHS = 3
_MOST_EPOCHS = 50


@dataclass
class Job:
    id: str
    order: dict[str, Any]
    made: int
    status: str = _STATES[0]
    looks: int = 0
    error: dict[str, Any] | None = None
    trained: int = 0
    steps: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Jobs:
    desk: Desk
    files: Files
    kept: dict[str, Job] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def create(self, order: dict[str, Any]) -> Job:
        self.desk.price("openai", str(order.get("model")))
        self.files.get(str(order.get("training_file")))
        epochs = _epochs(order)
        need(isinstance(epochs, int) and 1 <= epochs <= _MOST_EPOCHS, "n_epochs")
        if (
            sum(job.status not in _ENDED for job in self.kept.values())
            >= self.desk.script.jobs_at_once
        ):
            raise RateLimited(provider="the twin", status=429, retry_after=60)
        job = Job(f"ftjob-{next(self._numbers):06d}", order, int(time.time()))
        self._tell(job, "Created fine-tuning job")
        self.kept[job.id] = job
        return job

    def get(self, name: str) -> Job:
        job: Job = found(self.kept, name, "fine-tuning job")
        return job

    def look(self, name: str) -> Job:
        """Looking at it moves it on: validating, queued, running, and its end."""
        job, life = self.get(name), self.desk.script.job
        if job.status in _ENDED:
            return job
        job.looks += 1
        if job.looks == 1 and (fault := self._fault_of(job)):
            self._end(
                job,
                "failed",
                {"code": "invalid_training_file", "message": fault, "param": "training_file"},
            )
        elif job.looks > life.looks:
            self._conclude(job, life.end or "succeeded", life.reason)
        else:
            job.status = _STATES[min(job.looks, len(_STATES) - 1)]
        return job

    def cancel(self, name: str) -> Job:
        job = self.get(name)
        if job.status in _ENDED:
            reason = f"The job has already {job.status}"
            raise RequestRefused(provider="the twin", status=400, reason=reason)
        self._end(job, "cancelled")
        return job

    def checkpoints(self, job: Job) -> list[dict[str, Any]]:
        """One for each epoch of a job that succeeded, newest first."""
        if job.status != "succeeded":
            return []
        epochs = _epochs(job.order)
        return [self._checkpoint(job, epoch) for epoch in range(epochs, 0, -1)]

    def _conclude(self, job: Job, end: str, reason: str) -> None:
        if end == "succeeded":
            lines = self.files.get(job.order["training_file"]).content.splitlines()
            epochs = _epochs(job.order)
            job.trained = epochs * sum(tokens(line.decode()) for line in lines)
            job.steps = epochs * len(lines)
            self.desk.charge_training(
                job.order["model"], job.trained, job.trained * _MICRO_PER_TOKEN
            )
        error = {"code": "scripted", "message": reason, "param": None} if end == "failed" else None
        self._end(job, end, error)

    def _end(self, job: Job, status: str, error: dict[str, Any] | None = None) -> None:
        job.status, job.error = status, error
        self._tell(job, f"The job has {status}", "error" if status == "failed" else "info")

    def _tell(self, job: Job, message: str, level: str = "info") -> None:
        job.events.append(
            {
                "id": f"ftevent-{job.id}-{len(job.events)}",
                "object": "fine_tuning.job.event",
                "created_at": job.made,
                "level": level,
                "message": message,
                "type": "message",
                "data": {},
            }
        )

    def _fault_of(self, job: Job) -> str:
        """What OpenAI's validation would say of the training file; nothing when it passes."""
        lines = self.files.get(job.order["training_file"]).content.splitlines()
        if len(lines) < _FEWEST:
            return f"Training file has {len(lines)} example(s), but must have at least {_FEWEST}"
        for number, line in enumerate(lines, start=1):
            if fault := _fault_of_line(line):
                return f"Invalid file format. Line {number}: {fault}"
        return ""

    def _checkpoint(self, job: Job, epoch: int) -> dict[str, Any]:
        step = job.steps // _epochs(job.order) * epoch
        loss = 2.0 / (1 + epoch)
        return {
            "id": f"ftckpt-{job.id}-{step}",
            "object": "fine_tuning.job.checkpoint",
            "created_at": job.made,
            "fine_tuning_job_id": job.id,
            "fine_tuned_model_checkpoint": f"{_tuned(job)}:ckpt-step-{step}",
            "step_number": step,
            "metrics": {"step": step, "train_loss": loss, "full_valid_loss": loss + 0.1},
        }


def as_openai(job: Job) -> dict[str, Any]:
    ended = job.status in _ENDED
    epochs = _epochs(job.order)
    return {
        "id": job.id,
        "object": "fine_tuning.job",
        "created_at": job.made,
        "finished_at": job.made if ended else None,
        "model": job.order["model"],
        "fine_tuned_model": _tuned(job) if job.status == "succeeded" else None,
        "organization_id": "org-twin",
        "result_files": [],
        "seed": job.order.get("seed") or 0,
        "status": job.status,
        "training_file": job.order["training_file"],
        "validation_file": job.order.get("validation_file"),
        "trained_tokens": job.trained or None,
        "error": job.error,
        "hyperparameters": {"n_epochs": epochs, "batch_size": 1, "learning_rate_multiplier": 1.0},
        "method": job.order.get("method"),
        "metadata": job.order.get("metadata"),
    }


def _tuned(job: Job) -> str:
    return f"ft:{job.order['model']}:twin:{job.order.get('suffix') or ''}:{job.id[-6:]}"


def _epochs(order: dict[str, Any]) -> Any:
    method = order.get("method") or {}
    given = (method.get(method.get("type")) or {}).get("hyperparameters") or order.get(
        "hyperparameters"
    )
    epochs = (given or {}).get("n_epochs", "auto")
    return _DEFAULT_EPOCHS if epochs == "auto" else epochs


def _fault_of_line(line: bytes) -> str:
    try:
        row = json.loads(line)
    except ValueError:
        return "it is not valid JSON"
    if (
        not isinstance(row, dict)
        or not isinstance(row.get("messages"), list)
        or not row["messages"]
    ):
        return "it must have a non-empty list of messages"
    if extra := sorted(set(row) - _ROW):
        return f"extra key(s) {extra}"
    faults = (_fault_of_message(message) for message in row["messages"])
    if fault := next((fault for fault in faults if fault), ""):
        return fault
    if not any(message["role"] == "assistant" for message in row["messages"]):
        return "it must have at least one message from the assistant"
    return ""


def _fault_of_message(message: Any) -> str:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        return "a message has an unknown role"
    if "weight" in message:
        weight = message["weight"]
        if message["role"] != "assistant" or isinstance(weight, bool) or weight not in (0, 1):
            return "weight is 0 or 1, on assistant messages only"
        if not isinstance(weight, int):
            return "weight is an integer"
    if not message.get("content") and not message.get("tool_calls"):
        return "a message has no content"
    return ""
