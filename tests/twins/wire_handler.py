"""The twin provider on the wire: reads HTTP, hands requests to the desk, and misbehaves as told."""

import gzip
import json
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twins.desk import Desk, Seen
from twins.dialects import BadRequest, read_anthropic, read_openai
from twins.faults import Fault

_READERS = {"/v1/chat/completions": read_openai, "/v1/messages": read_anthropic}
_LINGER_NONE = struct.pack("ii", 1, 0)  # closing then resets the connection


class Handler(BaseHTTPRequestHandler):
    """One connection. `server.desk` decides; what stands here is form."""

    protocol_version = "HTTP/1.1"

    @property
    def desk(self) -> Desk:
        return self.server.desk  # type: ignore[attr-defined,no-any-return]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: tests read the ledger."""

    def do_GET(self) -> None:
        path = self._arrive({})[1]
        chats = "/v1/chat/completions"
        if not self._admitted():
            return
        if path == chats:
            self._list()
        elif path.startswith(f"{chats}/"):
            self._retrieve(path.removeprefix(f"{chats}/"))
        else:
            self._send_json(404, _error("not_found_error", "no such path"))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw)
        number, path = self._arrive(body)
        reader = _READERS.get(path)
        if reader is None:
            self._send_json(404, _error("not_found_error", "no such path"))
        elif self._admitted():
            fault = self.desk.faults.strike(number, raw.decode())
            if not (fault and self._refused(fault)):
                self._answer(reader, raw, body, fault)

    def _answer(self, reader: Any, raw: bytes, body: dict[str, Any], fault: Fault | None) -> None:
        try:
            asked = reader(body)
        except BadRequest as error:
            self._send_json(400, _error("invalid_request_error", str(error)))
            return
        reply = self.desk.serve(asked, raw, self.headers.get("Idempotency-Key"), fault)
        misbehave = getattr(self, f"_{fault.kind}", None) if fault else None
        if misbehave:
            misbehave(json.dumps(reply).encode(), fault)
        else:
            self._send_json(200, reply)

    def _arrive(self, body: dict[str, Any]) -> tuple[int, str]:
        path = urlsplit(self.path).path
        headers = {name.lower(): value for name, value in self.headers.items()}
        return self.desk.note(Seen(self.command, path, headers, body)), path

    def _admitted(self) -> bool:
        given = self.headers.get("x-api-key") or self.headers.get("Authorization") or ""
        key = given.removeprefix("Bearer ")
        if self.desk.admits(key):
            return True
        self._send_json(401, _error("authentication_error", f"Incorrect API key provided: {key}"))
        return False

    def _list(self) -> None:
        query = parse_qsl(urlsplit(self.path).query)
        metadata = {k[9:-1]: v for k, v in query if k.startswith("metadata[")}
        found = self.desk.stored(metadata)
        limit = int(dict(query).get("limit", 20))
        if dict(query).get("order") == "desc":
            found.reverse()
        page = {"object": "list", "data": found[:limit], "has_more": len(found) > limit}
        self._send_json(200, page)

    def _retrieve(self, name: str) -> None:
        found = [reply for reply in self.desk.stored({}) if reply["id"] == name]
        if found:
            self._send_json(200, found[0])
        else:
            self._send_json(404, _error("not_found_error", "no such chat"))

    # ── faults before anything is charged ──────────────────────────────────────────────────────

    def _refused(self, fault: Fault) -> bool:
        if fault.kind == "status":
            body = fault.body or _error("api_error", f"scripted {fault.status}")
            self._send_json(fault.status, body, fault.headers)
        elif fault.kind == "error_body":
            self._send_json(200, fault.body or _error("api_error", "scripted"), fault.headers)
        elif fault.kind == "reset":
            self._reset()
        else:
            return False
        return True

    # ── faults after the charge: each is named as its kind ─────────────────────────────────────

    def _malformed(self, reply: bytes, fault: Fault) -> None:
        self._send(200, reply[: len(reply) // 2])

    def _blank(self, reply: bytes, fault: Fault) -> None:
        self._send(200, b"")

    def _gzip(self, reply: bytes, fault: Fault) -> None:
        self._send(200, gzip.compress(reply), {"Content-Encoding": "gzip"})

    def _drop(self, reply: bytes, fault: Fault) -> None:
        self._reset()

    def _hang(self, reply: bytes, fault: Fault) -> None:
        self.desk.closing.wait()
        self._reset()

    def _slow_headers(self, reply: bytes, fault: Fault) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", fault.every_s)

    def _trickle(self, reply: bytes, fault: Fault) -> None:
        self._endless()
        self._drip(b"{", fault.every_s)

    def _flood(self, reply: bytes, fault: Fault) -> None:
        self._endless()
        self._drip(b" " * 65536, 0.0, b" " * 65536)

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()

    def _drip(self, first: bytes, every_s: float, more: bytes = b" ") -> None:
        self.close_connection = True
        try:
            self.wfile.write(first)
            while not self.desk.closing.wait(every_s):
                self.wfile.write(more)
        except OSError:
            return  # the client has had enough, which is what the test waits for

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        self.connection.close()

    # ── form ───────────────────────────────────────────────────────────────────────────────────

    def _send_json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(
            status, body.encode() if isinstance(body, str) else json.dumps(body).encode(), headers
        )

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the client is gone; its charge stands


def _error(kind: str, message: str) -> dict[str, Any]:
    """An error object that both SDKs read."""
    return {"type": "error", "error": {"type": kind, "message": message, "code": None}}
