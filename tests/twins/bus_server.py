"""The bus on a real loopback port: in a thread of this process, or in a process that can be killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from a2a.client import Client, ClientConfig, create_client
from a2a.types import a2a_pb2 as pb

from crewboard.coordination.bus.handler import Patience
from crewboard.coordination.bus.peers import Peers
from crewboard.coordination.bus.server import Server, ServeSettings
from crewboard.coordination.ledger import Ledger

ADA, BOB = "ada-token-0123456789", "bob-token-0123456789"
PEERS = Peers({"ada": ADA, "bob": BOB})
QUICK = Patience(poll=0.05, quiet=5.0, longest=30.0)


@contextmanager
def serving(ledger: Ledger, **settings: Any) -> Iterator[str]:
    """The server's origin, while it runs in a thread."""
    given: dict[str, Any] = {"peers": PEERS, "port": 0, "patience": QUICK, "stop_seconds": 1.0}
    server = Server(ledger, ServeSettings(**{**given, **settings}))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.origin
    finally:
        server.stop()
        thread.join()


class ServerProcess:
    """The server in a process of its own, started again on the same port after it was killed."""

    def __init__(self, ledger: Path, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(ledger), str(port)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert self._process.stdout is not None
        self.origin = self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@asynccontextmanager
async def client_of(
    origin: str, token: str = ADA, binding: str = "JSONRPC", *, streaming: bool = False
) -> AsyncIterator[Client]:
    """The SDK's own client. One that streams never returns immediately: A2A has it so."""
    async with http_of(token) as http:
        config = ClientConfig(
            streaming=streaming, httpx_client=http, supported_protocol_bindings=[binding]
        )
        yield await create_client(origin, client_config=config)


async def watched(origin: str, task: str, token: str = ADA) -> AsyncIterator[pb.StreamResponse]:
    """What a subscriber to the task sees."""
    async with client_of(origin, token, streaming=True) as client:
        async for event in client.subscribe(pb.SubscribeToTaskRequest(id=task)):
            yield event


def http_of(token: str = ADA) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}", "A2A-Version": "1.0"}
    return httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(30, read=60))


def says(text: str, **more: Any) -> pb.Message:
    given = {"message_id": str(uuid4()), "role": pb.ROLE_USER, "parts": [pb.Part(text=text)]}
    return pb.Message(**{**given, **more})


def request(message: pb.Message, *, wait: bool = False) -> pb.SendMessageRequest:
    configuration = pb.SendMessageConfiguration(return_immediately=not wait)
    return pb.SendMessageRequest(message=message, configuration=configuration)


async def send(client: Client, message: pb.Message, *, wait: bool = False) -> pb.Task:
    """The task as the server has it once it answered."""
    found = [event async for event in client.send_message(request(message, wait=wait))]
    return await client.get_task(pb.GetTaskRequest(id=found[0].task.id))


def _main() -> None:
    """Serve a ledger until killed; the first line of output is the origin."""
    path, port = Path(sys.argv[1]), int(sys.argv[2])
    server = Server(Ledger.open(path), ServeSettings(peers=PEERS, port=port, patience=QUICK))
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    sys.stdout.write(server.origin + "\n")
    sys.stdout.flush()
    server.run()


def _leave_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    _main()
