"""The batch APIs: everything that is missing in one file, at half the price, some time within a day.

A run goes in waves: what is missing, then what was rejected or expired, until the quotas are full. A wave
is written down before it is submitted and carries its own digest, so that a run that was killed in
between finds its batch at the provider instead of paying for a second one. OpenAI is asked for the wave's
name in the metadata. Anthropic keeps none: there a batch counts as ours when it has as many requests, was
made since, and its first result bears one of our keys. A batch goes on while nobody watches it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal, Protocol, TypeVar

import orjson

from crewboard.canonical import digest
from crewboard.errors import CrewboardError, ReplyInvalid, Retryable
from crewboard.tools.generate.book import Book
from crewboard.tools.generate.cache import Entry, Record
from crewboard.tools.generate.call import Line
from crewboard.tools.generate.engine import Engine, answered, unreadable
from crewboard.tools.generate.errors import BatchCancelled, BatchRefused, ProviderKeepsFailing
from crewboard.tools.generate.requests import Request, Target
from crewboard.tools.providers.endpoint import OPENAI
from crewboard.tools.providers.signals import pause_asked

_NAMED = "crewboard_wave"
_CLOCKS_APART_S = 300
_LOOKS = 20
_MOST_BYTES = 1 << 30  # of the answers of one batch
_GROUP = 500  # entries that share a line in the queue
T = TypeVar("T")
Ending = Literal["completed", "expired", "failed", "cancelled"]


@dataclass(frozen=True)
class Progress:
    """`ending` is None while it runs; `reason` says why it failed."""

    ending: Ending | None
    reason: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """One request's fate: the body of its answer, or None with a reason, and then it was not charged."""

    key: str
    body: dict[str, Any] | None
    reason: str = ""


class Service(Protocol):
    """One provider's batch API."""

    most: int
    """Requests in a batch at most."""

    async def submit(self, wave: str, requests: Sequence[Request]) -> str: ...

    async def find(self, wave: Entry, known: Collection[str]) -> str | None:
        """The batch of a wave that was perhaps submitted; None when there is none. It is none of `known`,
        which are those of other waves: what expired is asked again, and may make up the same wave."""
        ...

    async def look(self, batch: str) -> Progress: ...

    def outcomes(self, batch: str, progress: Progress) -> AsyncIterator[Outcome]: ...


class OpenAIBatches:
    """Files and /batches (OpenAI, "Batch API"): 50,000 requests or 200 MB a batch, within 24 hours."""

    most = 50_000
    _WINDOW = "24h"
    _URL = "/v1/chat/completions"

    def __init__(self, line: Line) -> None:
        self._line = line

    async def submit(self, wave: str, requests: Sequence[Request]) -> str:
        lines = b"".join(orjson.dumps(self._asked(request)) + b"\n" for request in requests)
        upload = {"file": (f"{wave[:16]}.jsonl", lines, "application/jsonl")}
        file = await self._line.json("POST", "/files", data={"purpose": "batch"}, files=upload)
        order = {
            "input_file_id": file["id"],
            "endpoint": self._URL,
            "completion_window": self._WINDOW,
            "metadata": {_NAMED: wave},
        }
        return str((await self._line.json("POST", "/batches", json=order))["id"])

    async def find(self, wave: Entry, known: Collection[str]) -> str | None:
        async for batch in _pages(self._line, "/batches", "after"):
            ours = (batch.get("metadata") or {}).get(_NAMED) == wave["wave"]
            if ours and batch["id"] not in known:
                return str(batch["id"])
        return None

    async def look(self, batch: str) -> Progress:
        found = await self._line.json("GET", f"/batches/{batch}")
        names = (found.get("output_file_id"), found.get("error_file_id"))
        files = tuple(name for name in names if name)
        endings: dict[str, Ending] = {
            "completed": "completed",
            "expired": "expired",
            "failed": "failed",
            "cancelled": "cancelled",
        }
        told = [str(e.get("message")) for e in (found.get("errors") or {}).get("data") or ()]
        return Progress(endings.get(found["status"]), "; ".join(told), files)

    async def outcomes(self, batch: str, progress: Progress) -> AsyncIterator[Outcome]:  # noqa: ARG002
        for file in progress.files:
            reply = await self._line.send("GET", f"/files/{file}/content", most_bytes=_MOST_BYTES)
            for row in map(orjson.loads, reply.content.splitlines()):
                yield self._outcome(row)

    def _asked(self, request: Request) -> dict[str, Any]:
        return {"custom_id": request.key, "method": "POST", "url": self._URL, "body": request.body}

    def _outcome(self, row: Mapping[str, Any]) -> Outcome:
        response, error = row.get("response") or {}, row.get("error") or {}
        if response.get("status_code") == 200:  # noqa: PLR2004 - HTTP
            return Outcome(row["custom_id"], response["body"])
        reason = error.get("code") or f"HTTP {response.get('status_code')}"
        return Outcome(row["custom_id"], None, str(reason))


class AnthropicBatches:
    """/v1/messages/batches (Anthropic, "Message Batches"): 100,000 requests or 256 MB, within 24 hours."""

    most = 100_000
    _PATH = "/v1/messages/batches"

    def __init__(self, line: Line) -> None:
        self._line = line

    async def submit(self, wave: str, requests: Sequence[Request]) -> str:  # noqa: ARG002 - it takes no name
        order = {"requests": [{"custom_id": r.key, "params": r.body} for r in requests]}
        return str((await self._line.json("POST", self._PATH, json=order))["id"])

    async def find(self, wave: Entry, known: Collection[str]) -> str | None:
        keys = set(wave["requests"])
        async for batch in _pages(self._line, self._PATH, "after_id"):
            made = datetime.fromisoformat(batch["created_at"])
            if (made - datetime.fromisoformat(wave["at"])).total_seconds() < -_CLOCKS_APART_S:
                return None  # they come newest first
            as_many = sum(batch["request_counts"].values()) == len(keys)
            maybe = as_many and batch["id"] not in known
            if maybe and await self._bears(str(batch["id"]), keys):
                return str(batch["id"])
        return None

    async def look(self, batch: str) -> Progress:
        found = await self._line.json("GET", f"{self._PATH}/{batch}")
        if found["processing_status"] != "ended":
            return Progress(None)
        cancelled = found["request_counts"].get("canceled", 0)
        expired = found["request_counts"].get("expired", 0)
        return Progress("cancelled" if cancelled else "expired" if expired else "completed")

    async def outcomes(self, batch: str, progress: Progress) -> AsyncIterator[Outcome]:  # noqa: ARG002
        reply = await self._line.send(
            "GET", f"{self._PATH}/{batch}/results", most_bytes=_MOST_BYTES
        )
        for row in map(orjson.loads, reply.content.splitlines()):
            result = row["result"]
            if result["type"] == "succeeded":
                yield Outcome(row["custom_id"], result["message"])
            else:
                kind = ((result.get("error") or {}).get("error") or {}).get("type")
                yield Outcome(row["custom_id"], None, str(kind or result["type"]))

    async def _bears(self, batch: str, keys: set[str]) -> bool:
        """Whether the batch is ours, which shows once it has ended."""
        while (progress := await self.look(batch)).ending is None:  # noqa: ASYNC110 - HTTP is polled
            await asyncio.sleep(1)
        return [o.key async for o in self.outcomes(batch, progress) if o.key in keys] != []


class Waves:
    """Batch after batch, for one record."""

    def __init__(self, target: Target, line: Line, record: Record, poll_s: float) -> None:
        openai = target.endpoint.provider == OPENAI.provider
        self._service: Service = OpenAIBatches(line) if openai else AnthropicBatches(line)
        self._target = target
        self._record = record
        self._poll_s = poll_s

    async def fill(self, engine: Engine, book: Book) -> None:
        """Submit waves until nothing is missing. Raises what stopped the engine, BatchRefused,
        BatchCancelled."""
        await engine.settle_earlier()
        while requests := _chosen(engine, self._service.most):
            wave = digest([request.key for request in requests])
            named = {"wave": wave, "requests": [request.key for request in requests]}
            at = datetime.now(UTC).isoformat()
            begun: Entry = {"kind": "wave", **named, "at": at}
            await self._record.append(begun, *(request.sent() for request in requests))
            await self._collect(book, wave, await self._submitted(wave, requests))
        engine.check()

    async def collect_earlier(self, book: Book) -> None:
        """What an earlier run submitted: found again, waited for, read."""
        for wave, entry in list(book.waves.items()):
            batch = entry.get("batch") or await self._found(entry, book.batches)
            if batch is None:  # it never came so far
                await self._release(book, wave)
            else:
                await self._collect(book, wave, batch)

    async def _found(self, wave: Entry, known: Collection[str]) -> str | None:
        """Looked for twice: what left just before the end of an earlier run may still be arriving."""
        if batch := await self._service.find(wave, known):
            return batch
        await asyncio.sleep(self._poll_s)
        return await self._service.find(wave, known)

    async def _submitted(self, wave: str, requests: Sequence[Request]) -> str:
        try:
            batch = await self._service.submit(wave, requests)
        except CrewboardError as error:
            if not error.outcome_unknown:  # it is not there, so nobody need look for it
                await self._record.append(*_released(requests), {"kind": "collected", "wave": wave})
            raise
        await self._record.append({"kind": "submitted", "wave": wave, "batch": batch})
        return batch

    async def _collect(self, book: Book, wave: str, batch: str) -> None:
        if "batch" not in book.waves[wave]:
            await self._record.append({"kind": "submitted", "wave": wave, "batch": batch})
        progress = await self._ended(batch)
        got = 0 if progress.ending == "failed" else await self._read(book, wave, progress)
        await self._release(book, wave)
        provider = self._target.endpoint.provider
        if progress.ending == "failed":
            raise BatchRefused(
                provider=provider, batch=batch, reason=progress.reason or "no reason"
            )
        if progress.ending == "cancelled":
            raise BatchCancelled(provider=provider, batch=batch)
        if not got:
            reason = f"the batch {batch} ended as {progress.ending} and brought nothing"
            raise ProviderKeepsFailing(provider=provider, failures=1, reason=reason)

    async def _ended(self, batch: str) -> Progress:
        progress = await self._patiently(self._service.look, batch)
        while progress.ending is None:
            await asyncio.sleep(self._poll_s)
            progress = await self._patiently(self._service.look, batch)
        return progress

    async def _patiently(self, look: Callable[..., Awaitable[T]], *what: Any) -> T:
        """Look again when that failed: looking is free."""
        for _ in range(_LOOKS - 1):
            try:
                return await look(*what)
            except Retryable as error:
                await asyncio.sleep(pause_asked(error) or self._poll_s)
        return await look(*what)

    async def _read(self, book: Book, wave: str, progress: Progress) -> int:
        """Write down what the batch brought; the number of requests that it settled, now or before an
        earlier run was stopped."""
        settled: list[Entry] = []
        batch, asked = book.waves[wave]["batch"], book.waves[wave]["requests"]
        earlier = sum(key not in book.under_way for key in asked)
        async for outcome in self._service.outcomes(batch, progress):
            request = book.under_way.get(outcome.key)
            if request is not None and (entry := self._entry(request, outcome)):
                settled.append(entry)
        for start in range(0, len(settled), _GROUP):
            await self._record.append(*settled[start : start + _GROUP])
        return earlier + len(settled)

    def _entry(self, request: Request, outcome: Outcome) -> Entry | None:
        """None for what was not carried out: it is released with the rest of the wave."""
        if outcome.body is None:
            final = outcome.reason in {"invalid_request_error", "HTTP 400", "HTTP 404", "HTTP 422"}
            reason = {"reason": "refused-by-provider"}
            return {"kind": "failed", "request": request.key, **reason} if final else None
        try:
            answer = self._target.dialect.read(outcome.body)
        except ReplyInvalid as error:
            return unreadable(request, error, batch=True)
        return answered(request, answer, self._target.price, batch=True)

    async def _release(self, book: Book, wave: str) -> None:
        """What of the wave was not answered comes again; then the wave is done with."""
        left = [
            book.under_way[key] for key in book.waves[wave]["requests"] if key in book.under_way
        ]
        await self._record.append(*_released(left), {"kind": "collected", "wave": wave})


def _chosen(engine: Engine, most: int) -> list[Request]:
    return list(islice(iter(engine.choose, None), most))


def _released(requests: Sequence[Request]) -> list[Entry]:
    return [{"kind": "released", "request": request.key} for request in requests]


async def _pages(line: Line, path: str, cursor: str) -> AsyncIterator[dict[str, Any]]:
    """Each object of a list, page by page, newest first."""
    params: dict[str, Any] = {"limit": 100}
    while True:
        page = await line.json("GET", path, params=params)
        for each in page["data"]:
            yield each
        if not page.get("has_more") or not page["data"]:
            return
        params[cursor] = page["data"][-1]["id"]
