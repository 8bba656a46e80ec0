"""One question over HTTP: its answer, or a typed error of the signal table (`tools.providers.signals`).

Sent once, whatever happens: whoever calls decides whether asking again could pay twice. Redirects,
proxies from the environment and compressed answers are off, as each would send a prompt elsewhere or
unpack a small answer into a large one. An answer has a deadline as a whole and a size cap.

httpx and not the providers' SDKs, whose retries, clients and models would have to be switched off one by
one: the bytes that are hashed are the bytes that leave. What both SDKs send is compared in the tests.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from crewboard.errors import (
    AnswerLost,
    CrewboardError,
    ProviderSilent,
    ProviderUnavailable,
    ReplyInvalid,
)
from crewboard.tools.generate.dialects import Answer
from crewboard.tools.generate.requests import Request, Target
from crewboard.tools.providers.endpoint import Endpoint
from crewboard.tools.providers.signals import Signal, error_in_answer, meaning

_JSON = {"Content-Type": "application/json"}
_OK = 200


@dataclass(frozen=True)
class Reply:
    """An HTTP 200, whole and within its bounds."""

    content: bytes
    headers: Mapping[str, str]


class Line:
    """The connections to one endpoint. Use it as an async context manager.

    Each holds one connection and is lent to one request at a time: in a shared pool, httpcore looks at
    every connection for every connection at each request, which took half of the time at 64 of them.
    """

    def __init__(self, endpoint: Endpoint, headers: Mapping[str, str]) -> None:
        self._endpoint = endpoint
        self._headers = {**headers, "Accept-Encoding": "identity"}
        self._trusted = httpx.create_ssl_context()  # SSL_CERT_FILE may name another authority
        self._free: list[httpx.AsyncClient] = []
        self._all: list[httpx.AsyncClient] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._all:
            await client.aclose()

    @contextmanager
    def _lent(self) -> Iterator[httpx.AsyncClient]:
        client = self._free.pop() if self._free else self._open()
        try:
            yield client
        finally:
            self._free.append(client)

    def _open(self) -> httpx.AsyncClient:
        settings = self._endpoint.settings
        client = httpx.AsyncClient(
            headers=self._headers,
            timeout=httpx.Timeout(settings.read_s, connect=settings.connect_s),
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            verify=self._trusted,
            trust_env=False,
            follow_redirects=False,
        )
        self._all.append(client)
        return client

    async def send(
        self, method: str, path: str, *, most_bytes: int | None = None, **request: Any
    ) -> Reply:
        """Exactly one HTTP request. Raises what the answer, or its absence, means."""
        most = most_bytes or self._endpoint.settings.max_bytes
        failure: CrewboardError
        try:
            async with asyncio.timeout(self._endpoint.settings.deadline_s):
                with self._lent() as client:
                    sent = client.stream(method, self._url(path), **request)
                    return await self._exchange(sent, most)
        except TimeoutError:
            seconds = self._endpoint.settings.deadline_s
            failure = ProviderSilent(provider=self._endpoint.provider, seconds=seconds)
        except httpx.HTTPError as error:
            failure = self._broken(error)
        raise failure  # outside of the except block: httpx's error holds the request, and that the key

    async def json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The JSON object that it answers. ReplyInvalid where none came."""
        content = (await self.send(method, path, **request)).content
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            raise self._invalid("no JSON object came" if content.strip() else "an empty body came")
        if error_in_answer(body):
            raise meaning(self._endpoint, Signal(_OK, body))
        return body

    def _url(self, path: str) -> str:
        return self._endpoint.base_url.rstrip("/") + path

    async def _exchange(
        self, sent: AbstractAsyncContextManager[httpx.Response], most: int
    ) -> Reply:
        async with sent as answer:
            content = await self._bounded(answer, most)
        if answer.status_code != _OK:
            raise meaning(
                self._endpoint, Signal(answer.status_code, _body(content), answer.headers)
            )
        return Reply(content, answer.headers)

    async def _bounded(self, answer: httpx.Response, most: int) -> bytes:
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise self._invalid("the answer is compressed, though none was asked for")
        pieces, size = [], 0
        async for piece in answer.aiter_raw():
            size += len(piece)
            if size > most:
                raise self._invalid("the answer is longer than max_bytes")
            pieces.append(piece)
        return self._endpoint.masked(b"".join(pieces))

    def _broken(self, error: httpx.HTTPError) -> CrewboardError:
        """A failure without an answer: what matters is whether the request had left."""
        provider, settings = self._endpoint.provider, self._endpoint.settings
        reason = self._endpoint.speakable(error) or type(error).__name__
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            return ProviderUnavailable(provider=provider, reason=reason)
        if isinstance(error, httpx.TimeoutException):
            return ProviderSilent(provider=provider, seconds=settings.read_s)
        return AnswerLost(provider=provider, reason=reason)

    def _invalid(self, reason: str) -> ReplyInvalid:
        return ReplyInvalid(provider=self._endpoint.provider, tries=1, reason=reason)


class Caller:
    """Asks one target, question by question."""

    def __init__(self, target: Target, line: Line) -> None:
        self._target = target
        self._line = line

    async def answer(self, request: Request) -> Answer:
        """ReplyInvalid means that an answer came, was charged, and cannot be read."""
        dialect, settings = self._target.dialect, self._target.endpoint.settings
        keyed = {"Idempotency-Key": request.key} if settings.idempotency else {}
        content = orjson.dumps(request.body)
        body = await self._line.json("POST", dialect.path, content=content, headers=_JSON | keyed)
        return dialect.read(body)


def open_line(target: Target) -> Line:
    return Line(target.endpoint, target.dialect.headers(target.endpoint))


def _body(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode("utf-8", "replace")
