"""`crewboard serve`: the bus is reachable with its token, and the crew beside it works on what comes."""

import json
import signal
from pathlib import Path

import httpx
from integration.cli.command import DROP, begin, crewboard, workspace

from crewboard.coordination.lease import holder


def test_what_a_peer_asks_for_is_carried_out_while_it_is_served(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w", DROP)
    serving = begin("serve", "--port", "0", at=here)
    try:
        assert serving.stdout is not None
        origin = serving.stdout.readline().strip()
        assert httpx.get(f"{origin}/health").json() == {"status": "ok"}
        told = _send(origin, (here / ".crewboard" / "token").read_text().strip())
        assert told.status_code == 200, told.text
        assert _send(origin, "x" * 32).status_code == 401
        assert holder(here / ".crewboard" / "crew.lock") == serving.pid
    finally:
        serving.send_signal(signal.SIGINT)
        _, err = serving.communicate(timeout=60)
    assert "Traceback" not in err, err
    assert (here / ".crewboard" / "token").read_text().strip() not in err
    (goal,) = json.loads(crewboard("tasks", "--json", at=here).stdout)["tasks"]
    assert goal["state"] != "SUBMITTED", "the crew beside it took it up"
    assert holder(here / ".crewboard" / "crew.lock") is None


def test_without_a_crew_it_only_takes_in(tmp_path: Path) -> None:
    here = workspace(tmp_path / "w", DROP)
    serving = begin("serve", "--port", "0", "--no-crew", at=here)
    try:
        assert serving.stdout is not None
        origin = serving.stdout.readline().strip()
        assert holder(here / ".crewboard" / "crew.lock") is None
        taken = begin("serve", "--port", origin.rpartition(":")[2], at=here)
        _, err = taken.communicate(timeout=60)
        assert taken.returncode == 2
        assert "cannot be bound" in err
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=60)


def _send(origin: str, token: str) -> httpx.Response:
    message = {
        "messageId": "m1", "role": "ROLE_USER", "parts": [{"text": "Clean the rows of this dataset"}],
    }  # fmt: skip
    return httpx.post(
        f"{origin}/a2a/jsonrpc",
        json={
            "jsonrpc": "2.0", "id": 1, "method": "SendMessage",
            "params": {"message": message, "configuration": {"returnImmediately": False}},
        },
        headers={"Authorization": f"Bearer {token}", "A2A-Version": "1.0"},
        timeout=60,
    )  # fmt: skip
