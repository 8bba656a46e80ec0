"""What stands before the routes: who may call, from where, with how much."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from twins.bus_server import ADA, BOB, PEERS, serving

from crewboard.coordination.bus.handler import Patience
from crewboard.coordination.bus.server import Server, ServeSettings
from crewboard.coordination.ledger import Ledger
from crewboard.errors import HostRefused, PortTaken

RPC = "/a2a/jsonrpc"
CARD = "/.well-known/agent-card.json"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {}}
LIMIT = 1 << 20


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def origin(ledger: Ledger) -> Iterator[str]:
    with serving(ledger) as origin:
        yield origin


def call(origin: str, path: str = RPC, **more: Any) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {ADA}",
        "A2A-Version": "1.0",
        "Content-Type": "application/json",
        **more.pop("headers", {}),
    }
    headers = {name: value for name, value in headers.items() if value is not None}
    method = more.pop("method", "POST")
    if method == "POST":
        more.setdefault("content", json.dumps(LIST))
    return httpx.request(method, origin + path, headers=headers, timeout=30, **more)


@pytest.mark.parametrize("path", [RPC, RPC + "/"])
def test_a_call_in_good_order_is_let_through(origin: str, path: str) -> None:
    assert call(origin, path).json()["result"]["totalSize"] == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer wrong-token-0123456789"}, 401),
        ({"Authorization": f"Basic {ADA}"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Host": "evil.example"}, 421),  # a name rebound to this machine
        ({"Host": "127.0.0.1"}, 421),  # without the port it is another server
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": None}, 415),
    ],
)
def test_a_call_out_of_order_is_refused(
    origin: str, headers: dict[str, str | None], status: int
) -> None:
    answer = call(origin, headers=headers)
    assert answer.status_code == status
    assert "result" not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/a2a/rest/tasks"), ("GET", "/a2a/rest/tasks/g1"), ("POST", RPC), ("GET", "/other")],
)
def test_without_a_token_only_card_and_health_answer(origin: str, method: str, path: str) -> None:
    assert call(origin, path, method=method, headers={"Authorization": None}).status_code == 401
    for open_path in (CARD, "/health"):
        opened = call(origin, open_path, method="GET", headers={"Authorization": None})
        assert opened.status_code == 200
        assert call(origin, open_path, method="GET", headers={"Host": "evil"}).status_code == 421


def test_the_own_origin_may_call(origin: str) -> None:
    assert call(origin, headers={"Origin": origin}).status_code == 200


def test_the_card_says_where_and_how_and_is_not_sent_twice(origin: str) -> None:
    first = call(origin, CARD, method="GET")
    card = first.json()
    assert [each["url"] for each in card["supportedInterfaces"]] == [
        origin + RPC,
        origin + "/a2a/rest",
    ]
    assert first.headers["cache-control"] == "public, max-age=60"
    assert first.headers["last-modified"]
    again = call(origin, CARD, method="GET", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("token", [ADA, "wrong-token-0123456789"])
@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_and_the_refusal_arrives(
    origin: str, token: str, *, chunked: bool
) -> None:
    body = b" " * 10_000_000

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 65_536):
            yield body[at : at + 65_536]

    async def act() -> int:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=30) as http:
            return (await http.post(RPC, content=pieces() if chunked else body)).status_code

    assert asyncio.run(act()) == (413 if token == ADA else 401)


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not(origin: str) -> None:
    body = json.dumps(LIST)
    assert call(origin, content=body.ljust(LIMIT)).status_code == 200
    assert call(origin, content=body.ljust(LIMIT + 1)).status_code == 413


def test_the_server_stops_reading_long_before_the_end(origin: str) -> None:
    """A caller who promises a terabyte is answered at once; nothing of it is awaited."""
    place = urlsplit(origin)
    with socket.create_connection((place.hostname, place.port), timeout=10) as wire:
        head = f"POST {RPC} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {ADA}\r\n"
        wire.sendall(f"{head}Content-Length: {1 << 40}\r\n\r\n".encode())
        assert wire.recv(64).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_never_comes_is_not_waited_for(ledger: Ledger) -> None:
    with serving(ledger, body_seconds=0.2) as origin:
        place = urlsplit(origin)
        with socket.create_connection((place.hostname, place.port), timeout=10) as wire:
            head = f"POST {RPC} HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {ADA}\r\n"
            wire.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
            assert wire.recv(64).startswith(b"HTTP/1.1 408 ")


def test_two_tokens_in_one_request_are_one_too_many(origin: str) -> None:
    place = urlsplit(origin)
    with socket.create_connection((place.hostname, place.port), timeout=10) as wire:
        tokens = "".join(f"Authorization: Bearer {token}\r\n" for token in (ADA, BOB))
        head = f"GET /a2a/rest/tasks HTTP/1.1\r\nHost: {place.netloc}\r\nA2A-Version: 1.0\r\n"
        wire.sendall(f"{head}{tokens}\r\n".encode())
        assert wire.recv(64).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{garbage", -32700),
        ("[]", -32600),
        ('{"jsonrpc": "2.0", "id": 1, "method": "Nothing"}', -32601),
        ('{"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": 5}}', -32602),
        ('{"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": "g1"}}', -32001),
        ("[" * 100_000, -32603),
    ],
)
def test_garbage_gets_an_error_and_shows_nothing_of_the_house(
    origin: str, ledger: Ledger, content: str, code: int
) -> None:
    answer = call(origin, content=content)
    assert answer.json()["error"]["code"] == code
    for inside in ("Traceback", "SELECT", str(ledger.path), ".py"):
        assert inside not in answer.text


def test_another_protocol_version_is_refused(origin: str) -> None:
    for version in ("0.3", None, "2.0"):
        answer = call(origin, headers={"A2A-Version": version})
        assert answer.json()["error"]["code"] == -32009


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/a2a/rest/tasks/g1/pushNotificationConfigs", "PUSH_NOTIFICATION_NOT_SUPPORTED"),
        ("/a2a/rest/extendedAgentCard", "EXTENDED_AGENT_CARD_NOT_CONFIGURED"),
        ("/a2a/rest/tasks/g1", "TASK_NOT_FOUND"),
    ],
)
def test_what_is_not_offered_is_said_so(origin: str, path: str, code: str) -> None:
    assert call(origin, path, method="GET").json()["error"]["details"][0]["reason"] == code


def test_a_tenants_path_leads_nowhere(origin: str) -> None:
    assert call(origin, "/other/a2a/rest/tasks", method="GET").status_code == 404


def test_more_at_once_than_allowed_is_put_off_and_then_taken(ledger: Ledger) -> None:
    goal = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "make it"}]}
    body = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": goal}}

    async def act(origin: str) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {ADA}", "A2A-Version": "1.0"}
        async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=30) as http:
            waiting = asyncio.create_task(http.post(RPC, json=body))
            await asyncio.to_thread(_until_received, ledger)
            refused = await http.post(RPC, json=LIST)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        return refused.status_code, refused.headers["retry-after"]

    with serving(ledger, most_at_once=1, patience=Patience(quiet=1.0)) as origin:
        assert asyncio.run(act(origin)) == (503, "1")
        while (later := call(origin)).status_code == 503:
            time.sleep(0.02)
        assert later.status_code == 200


def _until_received(ledger: Ledger) -> None:
    found: list[Any] = []
    while not found:
        seen = ledger.wait(-1, 0)
        with ledger.read() as tx:
            found = tx.run("all_tasks")
        if not found:
            ledger.wait(seen, 0.05)
    ledger.close()


def test_no_log_line_holds_a_token(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    """F29"""
    with caplog.at_level(logging.DEBUG):
        call(origin)
        call(origin, content="{garbage")
        call(origin, headers={"Authorization": f"Bearer {BOB}x"})
    assert caplog.records
    assert ADA not in caplog.text
    assert BOB not in caplog.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", ""])
def test_only_this_machine_is_bound(host: str) -> None:
    with pytest.raises(HostRefused, match="SSH tunnel"):
        ServeSettings(peers=PEERS, host=host)


def test_a_port_that_is_taken_is_said_so(ledger: Ledger, origin: str) -> None:
    with pytest.raises(PortTaken):
        Server(ledger, ServeSettings(peers=PEERS, port=urlsplit(origin).port or 0))
