"""The twin's batches. They go on each time that somebody looks, and end as the script says."""

import itertools
import json
import time
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from crewboard.errors import RequestRefused
from crewboard.tools.twins.provider.chat import need
from crewboard.tools.twins.provider.desk import Desk
from crewboard.tools.twins.provider.files import Files, found, moment
from crewboard.tools.twins.provider.script import Life

_MOST = {"openai": 50_000, "anthropic": 100_000}


@dataclass
class Batch:
    """`rows` are (custom id, body). `results` holds (custom id, reply or None, reason) once it ended."""

    id: str
    api: str
    rows: list[tuple[str, Any]]
    made: dict[str, Any]
    looks: int = 0
    cancelled: bool = False
    end: str = ""
    results: list[tuple[str, dict[str, Any] | None, str]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class Batches:
    desk: Desk
    files: Files
    kept: dict[str, Batch] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def create_openai(self, order: dict[str, Any]) -> Batch:
        need(order.get("endpoint") == "/v1/chat/completions", "endpoint")
        need(order.get("completion_window") == "24h", "completion_window")
        lines = self.files.get(str(order.get("input_file_id"))).content.splitlines()
        rows = [json.loads(line) for line in lines]
        for row in rows:
            need(set(row) == {"custom_id", "method", "url", "body"}, "a line of the input file")
        return self._add("openai", [(row["custom_id"], row["body"]) for row in rows], order)

    def create_anthropic(self, order: dict[str, Any]) -> Batch:
        rows = [(row["custom_id"], row["params"]) for row in order.get("requests") or ()]
        need(all(0 < len(name) <= 64 for name, _ in rows), "custom_id")  # noqa: PLR2004 - its bound
        return self._add("anthropic", rows, {})

    def get(self, name: str) -> Batch:
        batch: Batch = found(self.kept, name, "batch")
        return batch

    def look(self, name: str) -> Batch:
        """Looking at it moves it on."""
        batch, life = self.get(name), self.desk.script.batch
        batch.looks += 1
        if not batch.end and (batch.cancelled or batch.looks > life.looks):
            self._finish(batch, life)
        return batch

    def cancel(self, name: str) -> Batch:
        batch = self.get(name)
        if batch.end:
            reason = "The batch has ended"
            raise RequestRefused(provider="the twin", status=409, reason=reason)
        batch.cancelled = True
        return batch

    def newest_first(self, api: str) -> list[Batch]:
        return [batch for batch in reversed(self.kept.values()) if batch.api == api]

    def _add(self, api: str, rows: list[tuple[str, Any]], made: dict[str, Any]) -> Batch:
        need(0 < len(rows) <= _MOST[api], "the number of requests")
        need(len({name for name, _ in rows}) == len(rows), "custom_id, which must be unique,")
        stamped = {**made, "at": moment(), "stamp": int(time.time())}
        batch = Batch(f"batch_{next(self._numbers):06d}", api, rows, stamped)
        self.kept[batch.id] = batch
        return batch

    def _finish(self, batch: Batch, life: Life) -> None:
        batch.end = "cancelled" if batch.cancelled else life.end or "completed"
        whole = batch.end == "completed"
        done = len(batch.rows) if whole else ceil(len(batch.rows) * life.done)
        if batch.end == "failed":
            return
        for number, (name, body) in enumerate(batch.rows, start=1):
            if number > done:
                batch.results.append((name, None, batch.end))
            elif life.errors and number % life.errors == 0:
                batch.results.append((name, None, "server_error"))
            else:
                batch.results.append(self._carried_out(batch.api, name, body))
        batch.results.reverse()  # the order of results is not that of the requests
        if batch.api == "openai":
            self._write_files(batch)

    def _carried_out(
        self, api: str, name: str, body: Any
    ) -> tuple[str, dict[str, Any] | None, str]:
        try:
            return name, self.desk.in_batch(api, body), ""
        except RequestRefused:
            return name, None, "invalid_request_error"

    def _write_files(self, batch: Batch) -> None:
        for kind, good in (("output_file_id", True), ("error_file_id", False)):
            rows = [_openai_line(*each) for each in batch.results if (each[1] is not None) == good]
            if rows:
                content = "".join(json.dumps(row) + "\n" for row in rows).encode()
                batch.files[kind] = self.files.add(f"{batch.id}.jsonl", content, "batch_output").id


def as_openai(batch: Batch, reason: str) -> dict[str, Any]:
    running = (
        "cancelling" if batch.cancelled else "in_progress" if batch.looks > 1 else "validating"
    )
    failed = {"object": "list", "data": [{"code": "scripted", "message": reason}]}
    good = sum(reply is not None for _, reply, _ in batch.results)
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.made["endpoint"],
        "completion_window": "24h",
        "created_at": batch.made["stamp"],
        "input_file_id": batch.made["input_file_id"],
        "status": batch.end or running,
        "metadata": batch.made.get("metadata"),
        "errors": failed if batch.end == "failed" else None,
        "request_counts": {
            "total": len(batch.rows),
            "completed": good,
            "failed": len(batch.results) - good,
        },
        **batch.files,
    }


def as_anthropic(batch: Batch, url: str) -> dict[str, Any]:
    kinds = [_kind(reply, reason) for _, reply, reason in batch.results]
    counts = {kind: kinds.count(kind) for kind in ("succeeded", "errored", "canceled", "expired")}
    counts["processing"] = 0 if batch.end else len(batch.rows)
    ended = f"{url}/v1/messages/batches/{batch.id}/results" if batch.end else None
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": "ended"
        if batch.end
        else "canceling"
        if batch.cancelled
        else "in_progress",
        "request_counts": counts,
        "created_at": batch.made["at"],
        "expires_at": batch.made["at"],
        "ended_at": batch.made["at"] if batch.end else None,
        "archived_at": None,
        "cancel_initiated_at": batch.made["at"] if batch.cancelled else None,
        "results_url": ended,
    }


def anthropic_results(batch: Batch) -> bytes:
    rows = []
    for name, reply, reason in batch.results:
        kind = _kind(reply, reason)
        result: dict[str, Any] = {"type": kind}
        if kind == "succeeded":
            result["message"] = reply
        elif kind == "errored":
            error = {"type": reason, "message": "scripted"}
            result["error"] = {"type": "error", "error": error}
        rows.append({"custom_id": name, "result": result})
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _kind(reply: dict[str, Any] | None, reason: str) -> str:
    if reply is not None:
        return "succeeded"
    return {"cancelled": "canceled", "expired": "expired"}.get(reason, "errored")


def _openai_line(name: str, reply: dict[str, Any] | None, reason: str) -> dict[str, Any]:
    if reply is not None:
        response = {"status_code": 200, "request_id": name[:12], "body": reply}
        return {
            "id": f"batch_req_{name[:12]}",
            "custom_id": name,
            "response": response,
            "error": None,
        }
    codes = {"expired": "batch_expired", "cancelled": "batch_cancelled"}
    error = {"code": codes.get(reason, reason), "message": "scripted"}
    return {"id": f"batch_req_{name[:12]}", "custom_id": name, "response": None, "error": error}
