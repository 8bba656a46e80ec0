"""A crew without a provider talks to nobody: not to a hub, not to a tracker, not to us."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from acceptance.command_line import Place, rows, within

_RECORDER = """\
import os, sys
_LOG = {log!r}
def _hear(event, arguments):
    if event == "socket.connect" or event == "socket.sendto":
        _write(event, arguments[1])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        _write(event, arguments[0])
def _write(event, what):
    import json
    handle = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(handle, (json.dumps([event, what, sys.argv], default=str) + "\\n").encode())
    os.close(handle)
sys.addaudithook(_hear)
_write("process", os.getpid())
"""


class Ear:
    """A `sitecustomize` that every Python process below loads, and what it wrote down."""

    def __init__(self, folder: Path) -> None:
        self.path, self._log = folder / "ear", folder / "heard.jsonl"
        self.path.mkdir()
        (self.path / "sitecustomize.py").write_text(_RECORDER.format(log=str(self._log)))

    @property
    def processes(self) -> list[str]:
        return [" ".join(map(str, line[2])) for line in self._lines() if line[0] == "process"]

    @property
    def calls_out(self) -> list[Any]:
        return [line for line in self._lines() if line[0] != "process" and not _at_home(line[1])]

    def _lines(self) -> Iterator[list[Any]]:
        for line in self._log.read_text().splitlines():
            yield json.loads(line)


def _at_home(address: Any) -> bool:
    """A Unix socket, this machine, or nothing that names a place."""
    if isinstance(address, str) and address.startswith("/"):
        return True
    host = address[0] if isinstance(address, list) and address else address
    if host in {None, "", "localhost"}:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture
def ear(tmp_path: Path) -> Ear:
    return Ear(tmp_path)


def offline(tmp_path: Path, ear: Ear | None = None) -> Place:
    """A workspace whose commands may call out: HF_HUB_OFFLINE must not be what keeps them from it."""
    place = Place.made(tmp_path / "ws", data_treatment="drop", waiver="waive")
    environ = {"HF_HUB_OFFLINE": "0"} | ({"PYTHONPATH": str(ear.path)} if ear else {})
    return replace(place, environ=environ)


def test_the_ear_hears_who_calls_out(ear: Ear, tmp_path: Path) -> None:
    """Else the tests below would prove nothing: 192.0.2.1 is nobody's (RFC 5737)."""
    call = (
        "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 9))"
    )
    look = "import socket; socket.getaddrinfo('nobody.invalid', 80)"
    home = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    for code in (call, look, home):
        command = [sys.executable, "-c", code]
        subprocess.run(command, env={"PYTHONPATH": str(ear.path)}, capture_output=True, check=False)
    assert [line[1] for line in ear.calls_out] == [["192.0.2.1", 9], "nobody.invalid"]


def test_a_data_goal_calls_nobody(ear: Ear, tmp_path: Path) -> None:
    place = offline(tmp_path, ear)
    data = rows(tmp_path / "rows.jsonl")
    said = place.run("start", "Clean the rows", "--pipeline", "data", "--data", str(data))
    assert said.code == 0, said.err
    assert ear.processes
    assert ear.calls_out == []


@pytest.mark.train
def test_a_training_calls_nobody(ear: Ear, tmp_path: Path) -> None:
    """With the processes of its jobs: a tiny model, three steps, an evaluation, a report."""
    pytest.importorskip("trl")
    place = offline(tmp_path, ear)
    data = rows(tmp_path / "rows.jsonl")
    said = place.run(
        "start", "Train", "--pipeline", "sft", "--data", str(data),
        "--set", "max_steps=3", "--set", "evaluate_rows=4",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert len(ear.processes) >= 5  # the crew; a supervisor and a worker for each of two jobs
    assert ear.calls_out == []


def test_a_data_goal_needs_no_network(tmp_path: Path) -> None:
    """In a network namespace without any interface that is up, not even loopback."""
    place = replace(offline(tmp_path), prefix=within("--net"))
    data = rows(tmp_path / "rows.jsonl")
    said = place.run("start", "Clean the rows", "--pipeline", "data", "--data", str(data))
    assert said.code == 0, said.err
