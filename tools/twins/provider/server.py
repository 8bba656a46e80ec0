"""The twin as a server: in a thread of this process, or in the foreground until it is stopped.

    with ProviderTwin(folder / "charges.jsonl", Script(capacity=8)) as twin:
        ... twin.url ... twin.openai_url ... list(twin.charges)

It binds the loopback only and knows no TLS.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

from crewboard.errors import ExtraMissing, PortTaken
from crewboard.tools.providers.endpoint import require_package
from crewboard.tools.twins.provider.desk import Desk, Seen
from crewboard.tools.twins.provider.ledger import Charges
from crewboard.tools.twins.provider.script import Script

HOST = "127.0.0.1"
_STARTS_S = 20


class ProviderTwin:
    """The server in a thread. Port 0 takes a free one."""

    def __init__(self, charges: Path, script: Script | None = None, port: int = 0) -> None:
        self.desk = Desk.open(script or Script(), charges)
        self._socket = _bound(port)
        self._started = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._server: Any = None

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """What Anthropic's SDK takes as its base URL."""
        return f"http://{HOST}:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def charges(self) -> Charges:
        return self.desk.charges

    @property
    def seen(self) -> Sequence[Seen]:
        return self.desk.seen

    def __enter__(self) -> Self:
        self._server = make_server(self.desk, self._started.set)
        self._thread.start()
        self._started.wait(_STARTS_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join()
        self._socket.close()
        self.charges.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve([self._socket]))


def serve(charges: Path, script: Script, port: int, ready: Callable[[str], None]) -> None:
    """Serve until the process is interrupted; `ready` is told the address. PortTaken."""
    desk = Desk.open(script, charges)
    with _bound(port) as bound:
        url = f"http://{HOST}:{bound.getsockname()[1]}"
        server = make_server(desk, lambda: ready(url))
        try:
            asyncio.run(server.serve([bound]))
        finally:
            desk.charges.close()


def make_server(desk: Desk, started: Callable[[], object]) -> Any:
    """A uvicorn server that says when it takes requests. ExtraMissing without the `serve` extra."""
    try:
        require_package("uvicorn", "serve", "the twin of a provider")
        require_package("starlette", "serve", "the twin of a provider")
    except ExtraMissing:
        desk.charges.close()
        raise
    import uvicorn

    from crewboard.tools.twins.provider.app import Wire

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    config = uvicorn.Config(
        Wire(desk).app(), log_config=None, log_level="critical", access_log=False, lifespan="off"
    )
    return Server(config)


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        raise PortTaken(host=HOST, port=port, reason=error.strerror) from None
    return bound
