"""The HTTP client beneath the SDKs: a connection for each call, with one deadline and one size cap.

A read timeout is not enough: a server that sends a byte a minute never trips it. Here every read is
given what is left until the deadline, headers and TLS included. Connections are not kept alive: a
server may close an idle one just as the next request leaves, and then nobody knows whether that
request was done. Redirects, proxies from the environment and compressed bodies are off: each would
send a prompt elsewhere or unpack a small answer into a large one.

Not covered: the time that the system's resolver takes to look a name up.

This module needs httpx2, which both SDKs bring; import it where they are used.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore2
import httpx2

from crewboard.agents.models.settings import ModelSettings


class AnswerTooLong(httpcore2.ReadError):
    """The answer passed `max_bytes`."""


class DeadlinePassed(httpcore2.ReadTimeout):
    """The answer was not whole after `deadline_s`."""


def open_client(settings: ModelSettings) -> httpx2.Client:
    """A client for one SDK; close it when the model is closed. It may be shared between threads."""
    timeout = httpx2.Timeout(
        connect=settings.connect_s,
        read=settings.read_s,
        write=settings.read_s,
        pool=settings.connect_s,
    )
    return httpx2.Client(
        transport=_Transport(_Backend(settings)),
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
    )


@dataclass
class _Allowance:
    """What one connection may still use: seconds until `deadline` (monotonic), and bytes."""

    deadline: float
    bytes_left: int

    def seconds(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed
        return left if timeout is None else min(timeout, left)

    def take(self, piece: bytes) -> bytes:
        self.bytes_left -= len(piece)
        if self.bytes_left < 0:
            raise AnswerTooLong("the answer is longer than max_bytes")
        return piece


class _Stream(httpcore2.NetworkStream):
    """A connection within its allowance."""

    def __init__(self, inner: httpcore2.NetworkStream, allowance: _Allowance) -> None:
        self._inner = inner
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            piece = self._inner.read(max_bytes, self._allowance.seconds(timeout))
        except httpcore2.ReadTimeout:
            self._allowance.seconds(timeout)  # it was the deadline, if that has passed by now
            raise
        return self._allowance.take(piece)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._allowance.seconds(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = self._allowance.seconds(timeout)
        return _Stream(
            self._inner.start_tls(ssl_context, server_hostname, seconds), self._allowance
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        deadline = time.monotonic() + self._settings.deadline_s
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, _Allowance(deadline, self._settings.max_bytes))


class _Transport(httpx2.BaseTransport):
    """httpx2 over a pool of our own: its own transport takes no network backend."""

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(),  # SSL_CERT_FILE may name another authority
            max_connections=None,
            max_keepalive_connections=0,
            network_backend=backend,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        with _as_httpx():
            answer = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        _refuse_compression(answer)
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def _refuse_compression(answer: httpcore2.Response) -> None:
    for name, value in answer.headers:
        if name.lower() == b"content-encoding" and value.lower() not in {b"", b"identity"}:
            answer.close()
            raise httpx2.DecodingError("the answer is compressed, though none was asked for")


@contextmanager
def _as_httpx() -> Iterator[None]:
    """httpcore2's errors as httpx2's: both name them alike."""
    try:
        yield
    except httpcore2.UnsupportedProtocol as error:
        raise httpx2.UnsupportedProtocol(str(error)) from error
    except _CORE_ERRORS as error:
        raise _named_alike(error)(str(error)) from error


_CORE_ERRORS = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError)


def _named_alike(error: Exception) -> type[httpx2.TransportError]:
    for kind in type(error).__mro__:
        twin = getattr(httpx2, kind.__name__, None)
        if isinstance(twin, type) and issubclass(twin, httpx2.TransportError):
            return twin
    return httpx2.TransportError
