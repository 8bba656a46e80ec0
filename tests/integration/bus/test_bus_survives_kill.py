"""kill -9 between sending and finishing: the task is still there, and the same message finds it."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from a2a.types import a2a_pb2 as pb
from twins.bus_crew import BusCrew, complete
from twins.bus_server import ServerProcess, client_of, says, send

from crewboard.coordination.ledger import Ledger


async def sent(origin: str, message: pb.Message, *, wait: bool = False) -> pb.Task:
    async with client_of(origin) as client:
        return await send(client, message, wait=wait)


def test_a_task_outlives_the_server_and_is_found_again_by_its_message(tmp_path: Path) -> None:
    """F7: nothing in flight is lost, nothing is done twice, through two kills."""
    path, message = tmp_path / "ledger.db", says("make it")
    server = ServerProcess(path)
    port = urlsplit(server.origin).port or 0
    found = []
    try:
        for _ in range(2):
            found.append(asyncio.run(sent(server.origin, message)))
            server.kill()
            server = ServerProcess(path, port)
        ledger = Ledger.open(path)
        with BusCrew(ledger, complete) as crew:
            found.append(asyncio.run(sent(server.origin, message, wait=True)))
        ledger.close()
    finally:
        server.kill()
    assert len({task.id for task in found}) == 1
    assert [task.status.state for task in found[::2]] == [
        pb.TASK_STATE_SUBMITTED,
        pb.TASK_STATE_COMPLETED,
    ]
    assert crew.turns == [found[0].id]
