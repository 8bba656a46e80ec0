"""The bus on HTTP, for peers: the agent card, JSON-RPC and REST over one durable handler.

It binds loopback only. Whoever wants it reached from elsewhere puts an SSH tunnel or a proxy that ends
TLS on this machine in front of it.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from crewboard.coordination.bus.handler import DurableHandler, Patience
from crewboard.coordination.bus.peers import Peers
from crewboard.coordination.ledger import Ledger
from crewboard.errors import ExtraMissing, HostRefused, PortTaken

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HEALTH = "/health"
_CARD_SECONDS = 60


@dataclass(frozen=True)
class ServeSettings:
    """Where and for whom the bus is served. port 0 takes a free one; bytes and seconds."""

    peers: Peers
    host: str = "127.0.0.1"
    port: int = 8765
    name: str = "crewboard"
    body_limit: int = 1 << 20
    body_seconds: float = 30.0
    most_at_once: int = 64
    stop_seconds: float = 5.0
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        if self.host not in _LOOPBACK:
            raise HostRefused(host=self.host)

    @property
    def origin(self) -> str:
        return f"http://{_bracketed(self.host)}:{self.port}"

    @property
    def hosts(self) -> frozenset[bytes]:
        """What a Host header may say: this machine, by any of its names, and this port."""
        return frozenset(f"{_bracketed(name)}:{self.port}".encode() for name in _LOOPBACK)


def create_app(ledger: Ledger, settings: ServeSettings) -> "Starlette":
    """The application, guarded. ExtraMissing without the `serve` extra."""
    from crewboard.coordination.bus.card import agent_card
    from crewboard.coordination.bus.guard import Guard, Rules

    try:
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
    except ImportError as error:
        raise _extra_missing(error) from error
    handler = DurableHandler(ledger, settings.patience)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        await handler.aclose()

    routes = _routes(handler, agent_card(settings.name, settings.origin))
    rules = Rules(
        hosts=settings.hosts,
        origins=frozenset(b"http://" + host for host in settings.hosts),
        peers=settings.peers,
        open_paths=frozenset({_HEALTH, "/.well-known/agent-card.json"}),
        body_limit=settings.body_limit,
        body_seconds=settings.body_seconds,
        most_at_once=settings.most_at_once,
    )
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(Guard, rules=rules)])


class Server:
    """A bound, listening server: `origin` is known before `run`, so that port 0 can be told."""

    def __init__(self, ledger: Ledger, settings: ServeSettings) -> None:
        """HostRefused, PortTaken, ExtraMissing."""
        try:
            import uvicorn
        except ImportError as error:
            raise _extra_missing(error) from error
        self._socket = _bound(settings)
        self.settings = replace(settings, port=self._socket.getsockname()[1])
        self.origin = self.settings.origin
        config = uvicorn.Config(
            create_app(ledger, self.settings),
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=round(self.settings.stop_seconds),
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until `stop`, or until a signal when this is the main thread."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """Ask it to end: open streams are cut after `stop_seconds`. Safe from any thread."""
        self._server.should_exit = True


def _routes(handler: DurableHandler, card: Any) -> "list[BaseRoute]":
    from a2a.server.routes import create_jsonrpc_routes, create_rest_routes
    from starlette.responses import JSONResponse
    from starlette.routing import Mount, Route

    from crewboard.coordination.bus.card import REST_PATH, RPC_PATH

    async def health(_: "Request") -> "Response":
        return JSONResponse({"status": "ok"})

    rest = create_rest_routes(handler, path_prefix=REST_PATH)
    return [
        Route(_HEALTH, health, methods=["GET"]),
        *_card_routes(card),
        *create_jsonrpc_routes(handler, rpc_url=RPC_PATH),
        *create_jsonrpc_routes(handler, rpc_url=RPC_PATH + "/"),
        *(route for route in rest if not isinstance(route, Mount)),  # no tenants here
    ]


def _card_routes(card: Any) -> "list[BaseRoute]":
    """The SDK's route, with its ETag, and the time since which the card has been so."""
    from a2a.server.routes import create_agent_card_routes
    from starlette.routing import Route

    since = formatdate(usegmt=True)
    (sdk,) = create_agent_card_routes(card, cache_control=f"public, max-age={_CARD_SECONDS}")

    async def show(request: "Request") -> "Response":
        response: Response = await sdk.endpoint(request)
        response.headers["Last-Modified"] = since
        return response

    return [Route(sdk.path, show, methods=["GET"])]


def _bound(settings: ServeSettings) -> socket.socket:
    family = socket.AF_INET6 if settings.host == "::1" else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1" if settings.host == "localhost" else settings.host, settings.port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise PortTaken(host=settings.host, port=settings.port, reason=error.strerror) from error
    return bound


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _extra_missing(error: ImportError) -> ExtraMissing:
    return ExtraMissing(what="crewboard serve", package=error.name or "starlette", extra="serve")
