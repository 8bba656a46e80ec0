"""The twin on the wire: both APIs by their paths, faults as scripted. Needs the `serve` extra."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from crewboard.errors import CrewboardError, RateLimited, RequestRefused
from crewboard.tools.twins.provider import batches, jobs
from crewboard.tools.twins.provider.batches import Batches
from crewboard.tools.twins.provider.desk import Desk, Seen
from crewboard.tools.twins.provider.files import Files, parts_of
from crewboard.tools.twins.provider.jobs import Jobs
from crewboard.tools.twins.provider.script import BEFORE, Fault

CHATS = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic"}
_TYPES = {
    400: "invalid_request_error",
    404: "not_found_error",
    409: "conflict",
    429: "rate_limit_error",
}


@dataclass(frozen=True)
class Call:
    """A request that was read: whose API it is, its path's parts, its body as JSON where it is JSON."""

    request: Request
    api: str
    raw: bytes
    body: Any
    fault: Fault | None

    def part(self, name: str) -> str:
        return str(self.request.path_params[name])


Handler = Callable[[Call], Awaitable[Any]]


class Wire:
    """The routes of one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.files = Files()
        self.batches = Batches(desk, self.files)
        self.jobs = Jobs(desk, self.files)
        self._numbered = 0

    def app(self) -> Starlette:
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/v1/chat/completions", self.chat),
            ("GET", "/v1/chat/completions", self.list_chats),
            ("POST", "/v1/messages", self.chat),
            ("GET", "/v1/models", self.list_models),
            ("GET", "/v1/models/{name}", self.get_model),
            ("POST", "/v1/files", self.add_file),
            ("GET", "/v1/files", self.list_files),
            ("GET", "/v1/files/{name}", self.get_file),
            ("DELETE", "/v1/files/{name}", self.delete_file),
            ("GET", "/v1/files/{name}/content", self.file_content),
            ("POST", "/v1/batches", self.add_batch),
            ("GET", "/v1/batches", self.list_batches),
            ("GET", "/v1/batches/{name}", self.get_batch),
            ("POST", "/v1/batches/{name}/cancel", self.cancel_batch),
            ("POST", "/v1/messages/batches", self.add_batch),
            ("GET", "/v1/messages/batches", self.list_batches),
            ("GET", "/v1/messages/batches/{name}", self.get_batch),
            ("POST", "/v1/messages/batches/{name}/cancel", self.cancel_batch),
            ("GET", "/v1/messages/batches/{name}/results", self.batch_results),
            ("POST", "/v1/fine_tuning/jobs", self.add_job),
            ("GET", "/v1/fine_tuning/jobs", self.list_jobs),
            ("GET", "/v1/fine_tuning/jobs/{name}", self.get_job),
            ("POST", "/v1/fine_tuning/jobs/{name}/cancel", self.cancel_job),
            ("GET", "/v1/fine_tuning/jobs/{name}/events", self.job_events),
            ("GET", "/v1/fine_tuning/jobs/{name}/checkpoints", self.job_checkpoints),
        ]
        routes = [Route(path, self._served(each), methods=[way]) for way, path, each in table]
        return Starlette(routes=routes)

    # ── chats and models ───────────────────────────────────────────────────────────────────────

    async def chat(self, call: Call) -> Any:
        desk = self.desk
        if desk.script.capacity is not None and desk.under_way >= desk.script.capacity:
            pause = desk.script.retry_after_s
            raise RateLimited(provider="the twin", status=429, retry_after=pause)
        if desk.broke:
            return _unpaid(call.api)
        desk.under_way += 1
        desk.peak = max(desk.peak, desk.under_way)
        try:
            key = call.request.headers.get("idempotency-key")
            reply = await desk.chat(call.api, call.body, key, call.fault)
        finally:
            desk.under_way -= 1
        return reply

    async def list_chats(self, call: Call) -> Any:
        query = call.request.query_params
        wanted = {
            name[9:-1]: value for name, value in query.items() if name.startswith("metadata[")
        }
        found = self.desk.stored(wanted)
        return _page(found[::-1] if query.get("order") == "desc" else found)

    async def list_models(self, call: Call) -> Any:
        return _page([_model(call.api, name) for name in self.desk.models(call.api)])

    async def get_model(self, call: Call) -> Any:
        self.desk.price(call.api, call.part("name"))
        return _model(call.api, call.part("name"))

    # ── files ──────────────────────────────────────────────────────────────────────────────────

    async def add_file(self, call: Call) -> Any:
        parts = parts_of(call.request.headers["content-type"], call.raw)
        if "file" not in parts:
            raise RequestRefused(provider="the twin", status=400, reason="there is no file")
        name, content = parts["file"]
        purpose = parts.get("purpose", ("", b"user_data"))[1].decode()
        file = self.files.add(name, content, purpose)
        return file.as_openai() if call.api == "openai" else file.as_anthropic()

    async def list_files(self, call: Call) -> Any:
        openai = call.api == "openai"
        kept = self.files.kept.values()
        return _page([file.as_openai() if openai else file.as_anthropic() for file in kept])

    async def get_file(self, call: Call) -> Any:
        file = self.files.get(call.part("name"))
        return file.as_openai() if call.api == "openai" else file.as_anthropic()

    async def delete_file(self, call: Call) -> Any:
        file = self.files.get(call.part("name"))
        del self.files.kept[file.id]
        openai = {"id": file.id, "object": "file", "deleted": True}
        return openai if call.api == "openai" else {"id": file.id, "type": "file_deleted"}

    async def file_content(self, call: Call) -> Any:
        return Response(self.files.get(call.part("name")).content)

    # ── batches ────────────────────────────────────────────────────────────────────────────────

    async def add_batch(self, call: Call) -> Any:
        openai = call.api == "openai"
        create = self.batches.create_openai if openai else self.batches.create_anthropic
        return self._batch(call, create(call.body).id)

    async def list_batches(self, call: Call) -> Any:
        return _page([self._batch(call, b.id) for b in self.batches.newest_first(call.api)])

    async def get_batch(self, call: Call) -> Any:
        return self._batch(call, self.batches.look(call.part("name")).id)

    async def cancel_batch(self, call: Call) -> Any:
        return self._batch(call, self.batches.cancel(call.part("name")).id)

    async def batch_results(self, call: Call) -> Any:
        batch = self.batches.get(call.part("name"))
        if not batch.end:
            raise RequestRefused(provider="the twin", status=404, reason="it has no results yet")
        return Response(batches.anthropic_results(batch), media_type="application/x-jsonl")

    def _batch(self, call: Call, name: str) -> Any:
        batch = self.batches.get(name)
        if call.api == "openai":
            return batches.as_openai(batch, self.desk.script.batch.reason)
        return batches.as_anthropic(batch, str(call.request.base_url).rstrip("/"))

    # ── fine-tuning jobs ───────────────────────────────────────────────────────────────────────

    async def add_job(self, call: Call) -> Any:
        return jobs.as_openai(self.jobs.create(call.body))

    async def list_jobs(self, call: Call) -> Any:
        query = call.request.query_params
        wanted = {
            name[9:-1]: value for name, value in query.items() if name.startswith("metadata[")
        }
        kept = [job for job in reversed(self.jobs.kept.values())
                if wanted.items() <= (job.order.get("metadata") or {}).items()]  # fmt: skip
        return _page([jobs.as_openai(job) for job in kept])

    async def get_job(self, call: Call) -> Any:
        return jobs.as_openai(self.jobs.look(call.part("name")))

    async def cancel_job(self, call: Call) -> Any:
        return jobs.as_openai(self.jobs.cancel(call.part("name")))

    async def job_events(self, call: Call) -> Any:
        return _page(self.jobs.get(call.part("name")).events[::-1])

    async def job_checkpoints(self, call: Call) -> Any:
        return _page(self.jobs.checkpoints(self.jobs.get(call.part("name"))))

    # ── what all of them share ─────────────────────────────────────────────────────────────────

    def _served(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            raw = await request.body()
            call = self._read(request, raw)
            if refusal := self._refusal(call):
                return refusal
            try:
                made = await handler(call)
            except (CrewboardError, KeyError, TypeError, ValueError) as error:
                return _told(call.api, error)
            if isinstance(made, Response):
                return made
            return await _spoilt(made, call.fault)

        return serve

    def _read(self, request: Request, raw: bytes) -> Call:
        path = request.url.path
        anthropic = "anthropic-version" in request.headers or "x-api-key" in request.headers
        is_json = "json" in request.headers.get("content-type", "")
        body = json.loads(raw) if raw and is_json else None
        self.desk.seen.append(Seen(request.method, path, dict(request.headers), body))
        charged = self.desk.charges.under(request.headers.get("idempotency-key")) is not None
        text = raw.decode("utf-8", "replace")
        self._numbered += request.method == "POST"
        fault = self.desk.faults.strike(self._numbered, path, text, charged=charged)
        return Call(request, "anthropic" if anthropic else "openai", raw, body, fault)

    def _refusal(self, call: Call) -> Response | None:
        headers = call.request.headers
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if not self.desk.admits(key):
            told = f"Incorrect API key provided: {key}"
            return _error(call.api, 401, "authentication_error", told)
        if call.fault is None or call.fault.kind not in BEFORE:
            return None
        if call.fault.kind == "reset":
            return _cut_off(b"")
        status = 200 if call.fault.kind == "error_body" else call.fault.status
        body = call.fault.body or _error_body("api_error", f"scripted {status}")
        content = body if isinstance(body, str) else json.dumps(body)
        return Response(content, status, call.fault.headers, "application/json")


async def _spoilt(reply: dict[str, Any], fault: Fault | None) -> Response:
    """The reply, or what the fault makes of it on its way out."""
    content = json.dumps(reply).encode()
    match fault.kind if fault else None:
        case "malformed":
            return Response(content[: len(content) // 2], media_type="application/json")
        case "drop":
            return _cut_off(content)
        case "hang":
            await asyncio.sleep(3600)
    return Response(content, media_type="application/json")


def _cut_off(content: bytes) -> Response:
    """An answer that announces more than it brings: the server then closes the connection."""

    async def half() -> Any:
        yield content[: len(content) // 2]

    announced = {"content-length": str(len(content) + 1)}
    return StreamingResponse(half(), headers=announced, media_type="application/json")


def _told(api: str, error: Exception) -> Response:
    """An error as the API tells it. What a handler trips over in a body is a bad request."""
    facts = error.facts if isinstance(error, CrewboardError) else {}
    status = facts.get("status")
    status = status if isinstance(status, int) else 400
    pause = facts.get("retry_after")
    headers = {"retry-after": str(pause)} if pause is not None else {}
    reason = str(facts.get("reason", error))
    return _error(api, status, _TYPES.get(status, "api_error"), reason, headers)


def _unpaid(api: str) -> Response:
    if api == "anthropic":
        return _error(api, 402, "billing_error", "the account has no credit left")
    return _error(api, 429, "insufficient_quota", "You exceeded your current quota")


def _error(
    api: str, status: int, kind: str, message: str, headers: dict[str, str] | None = None
) -> Response:
    body = _error_body(kind, message)
    if api == "openai":
        body = {"error": {"type": kind, "code": kind, "message": message, "param": None}}
    return JSONResponse(body, status, headers)


def _error_body(kind: str, message: str) -> dict[str, Any]:
    """An error object that both SDKs read."""
    return {"type": "error", "error": {"type": kind, "message": message, "code": None}}


def _page(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A list as both APIs have it: all of it on one page."""
    ends = [rows[0].get("id"), rows[-1].get("id")] if rows else [None, None]
    return {
        "object": "list",
        "data": rows,
        "has_more": False,
        "first_id": ends[0],
        "last_id": ends[1],
    }


def _model(api: str, name: str) -> dict[str, Any]:
    if api == "openai":
        return {"id": name, "object": "model", "created": 0, "owned_by": "twin"}
    return {
        "id": name,
        "type": "model",
        "display_name": f"{name} (twin)",
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
    }
