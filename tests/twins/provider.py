"""A provider of models on the loopback: OpenAI's and Anthropic's chat APIs, with a real ledger.

In a test:          with ProviderTwin(tmp_path) as twin: ... twin.openai_url ... list(twin.charges)
In its own process: with ProviderProcess(tmp_path, config) as twin: ...
By hand:            python tests/twins/provider.py --port 0 --state DIR [--config FILE]

A charge is on disk before the answer leaves, halfway through the latency: a client that is killed
while it waits may have been charged, as in life. The configuration is JSON: {"answers": {substring
of the prompt: answer}, "faults": [...], "latency_s": 0, "idempotency": true, "keys": [...]}.
"""

import argparse
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

if __name__ == "__main__":  # run as a file, python puts this folder on the path, not tests/
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from twins.charges import Charges
from twins.desk import Desk, Manners, Seen, manners_from
from twins.wire_handler import Handler


class ProviderTwin:
    """The server in a thread of this process."""

    def __init__(
        self,
        state: Path,
        manners: Manners | None = None,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.desk = Desk(state, manners or Manners())
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.desk = self.desk  # type: ignore[attr-defined]
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """What Anthropic's SDK takes as its base URL."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def charges(self) -> Charges:
        return self.desk.charges

    @property
    def seen(self) -> list[Seen]:
        return self.desk.seen

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.desk.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class ProviderProcess:
    """The server in a process of its own, for crews that run in another one."""

    def __init__(self, state: Path, config: Mapping[str, Any] | None = None, port: int = 0) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self._config = state / "config.json"
        self._config.write_text(json.dumps(config or {}), "utf-8")
        self._state = state
        self._port = port
        self.charges = Charges(state / "charges.jsonl")
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, __file__, "--port", str(self._port), "--state", str(self._state)]
        self.process = subprocess.Popen(
            [*command, "--config", str(self._config)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        return self

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()


def main() -> None:
    """Serve until killed; the first line on stdout is the address."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    chosen = parser.parse_args()
    config = json.loads(chosen.config.read_text("utf-8")) if chosen.config else {}
    with ProviderTwin(chosen.state, manners_from(config), chosen.port) as twin:
        sys.stdout.write(twin.url + "\n")
        sys.stdout.flush()
        parent = os.getppid()
        while os.getppid() == parent:  # ends with whoever started it
            twin.desk.closing.wait(0.5)


if __name__ == "__main__":
    main()
