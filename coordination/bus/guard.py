"""What stands before the A2A routes: each request is checked from the cheapest test to the dearest.

Host (a page that rebinds its name to this machine is refused), Origin, token, load, media type, size.
The body is read here, up to its limit and no further, so that nothing behind sees an unbounded one.

Not promised: encryption (the server binds loopback only), and fairness among peers with a token.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from crewboard.coordination.bus.peers import Peers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_JSON = frozenset({b"application/json", b"application/a2a+json"})
_CONTENT_TYPE_REFUSED = -32005
_MOST_THROWN_AWAY = 32 << 20
_LONGEST_FAREWELL_S = 2.0


@dataclass(frozen=True)
class Rules:
    """hosts and origins: exactly as their headers have them. open_paths need no token. Seconds, bytes."""

    hosts: frozenset[bytes]
    origins: frozenset[bytes]
    peers: Peers
    open_paths: frozenset[str]
    body_limit: int
    body_seconds: float
    most_at_once: int


@dataclass(frozen=True)
class Peer:
    """Starlette's idea of a user: what the SDK reads a caller's name from."""

    display_name: str
    is_authenticated: bool = True


class Refused(Exception):
    """Never leaves this module."""

    def __init__(self, status: HTTPStatus, why: str, **headers: str) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers


class Guard:
    """ASGI middleware."""

    def __init__(self, app: App, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        incoming = _Incoming(receive)
        try:
            headers = _headers(scope)
            self._check_address(scope, headers)
            if scope["path"] in self._rules.open_paths:
                await self._app(scope, incoming, send)
                return
            scope["user"] = self._peer(headers)
            await self._admit(scope, incoming, send)
        except Refused as refusal:
            await _answer(send, refusal)
            if b"expect" not in dict(scope["headers"]):  # who asks first sends no body now
                await incoming.finish()
            await send({"type": "http.response.body", "body": b""})

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request while it lasts, and give it a body that was read in full."""
        if self._now >= self._rules.most_at_once:
            why = "Too many requests at once. Try again shortly."
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, why, retry_after="1")
        self._now += 1
        try:
            if scope["method"] in _MUTATING:
                receive = _replay(await self._body(scope, receive), receive)
            await self._app(scope, receive, send)
        finally:
            self._now -= 1

    def _check_address(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        host, origin = headers.get(b"host"), headers.get(b"origin")
        if host not in self._rules.hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "This server goes by another name.")
        if (
            scope["method"] in _MUTATING
            and origin is not None
            and origin not in self._rules.origins
        ):
            raise Refused(HTTPStatus.FORBIDDEN, "Pages of other origins may not call this server.")

    def _peer(self, headers: dict[bytes, bytes]) -> Peer:
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        name = self._rules.peers.who(token.strip()) if scheme.lower() == b"bearer" else None
        if name is None:
            why = "Send the token that this crew's owner gave you: Authorization: Bearer TOKEN."
            raise Refused(HTTPStatus.UNAUTHORIZED, why, www_authenticate="Bearer")
        return Peer(name)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        headers = _headers(scope)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._rules.body_limit:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._rules.body_seconds):
                body = await self._read(receive)
        except TimeoutError as error:
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive.") from error
        media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if body and media not in _JSON:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
        return body

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(HTTPStatus.BAD_REQUEST, "The request was cut short.")
            body += message.get("body", b"")
            if len(body) > self._rules.body_limit:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> Refused:
        why = f"A body holds {self._rules.body_limit} bytes at most. Name large files by their URL."
        return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why, connection="close")


class _Incoming:
    """What the caller sends, and whether all of it has come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._over = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._over = not message.get("more_body", False)
        return message

    async def finish(self) -> None:
        """Throw away what is still on its way, so much and so long at most: a connection that is closed
        under a sender is reset, and the answer lost with it."""
        left = _MOST_THROWN_AWAY
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_FAREWELL_S):
                while left > 0 and not self._over:
                    left -= len((await self()).get("body", b""))


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """Headers by name. One that decides about access and comes twice is one too many."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in found and name in {b"host", b"authorization", b"origin", b"content-length"}:
            raise Refused(
                HTTPStatus.BAD_REQUEST, f"There are two {name.decode('latin-1')} headers."
            )
        found[name] = value
    return found


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever comes after it: the caller's leaving."""
    unread = True

    async def again() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again


async def _answer(send: Send, refusal: Refused) -> None:
    error: dict[str, Any] = {"code": int(refusal.status), "message": refusal.why}
    if refusal.status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        error["code"] = _CONTENT_TYPE_REFUSED
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    headers += [(k.replace("_", "-").encode(), v.encode()) for k, v in refusal.headers.items()]
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
