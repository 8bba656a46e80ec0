"""Parts of one file, each read by a process of its own: a child that runs `tools.audit.part`."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from crewboard import errors
from crewboard.errors import SelfCheckFailed
from crewboard.tools.audit.reading import Reading
from crewboard.tools.files.jsonl import Span

_LOOK_S = 0.2


class Workers:
    """Use it as a context manager: whatever happens, no child outlives the block."""

    def __init__(self, reading: Reading, path: Path, findings: bool) -> None:  # noqa: FBT001 - one fact
        self._task = {
            "path": str(path.resolve()),
            "config": reading.config.model_dump(mode="json"),
            "looks": asdict(reading.looks),
            "findings": findings,
        }
        self._work = reading.work
        self._children: list[tuple[Path, subprocess.Popen[str], threading.Thread]] = []
        self._at: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _, child, listener in self._children:
            child.kill()
            child.wait()
            listener.join()
            if child.stdout:
                child.stdout.close()

    def begin(self, span: Span) -> None:
        number = len(self._children)
        folder = Path(tempfile.mkdtemp(prefix="part-", dir=self._work))
        task = folder / "task.json"
        task.write_bytes(orjson.dumps({**self._task, "start": span.start, "stop": span.stop}))
        child = subprocess.Popen(  # noqa: S603 - this interpreter, on our own module
            [sys.executable, "-m", "crewboard.tools.audit.part", str(task)],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # idle ones would spin
        )
        listener = threading.Thread(target=self._listen, args=(number, child), daemon=True)
        listener.start()
        self._children.append((folder, child, listener))

    def ended(self, told: Callable[[int], None]) -> Iterator[tuple[Path, Any]]:
        """Each part's folder and state, in the order of the file, once all have ended well."""
        for folder, child, _ in self._children:
            while child.poll() is None:
                told(sum(self._at.values()))
                try:
                    child.wait(_LOOK_S)
                except subprocess.TimeoutExpired:
                    continue
            if child.returncode:
                raise _failure(folder, child.returncode)
        for folder, _, _ in self._children:
            yield folder, orjson.loads((folder / "state.json").read_bytes())

    def _listen(self, number: int, child: "subprocess.Popen[str]") -> None:
        for line in child.stdout or ():
            self._at[number] = int(line)


def _failure(folder: Path, code: int) -> errors.CrewboardError:
    """What a part raised, or that it was ended from outside."""
    place = folder / "failed.json"
    if place.is_file():
        told = orjson.loads(place.read_bytes())
        known = getattr(errors, told["error"], None)
        if isinstance(known, type) and issubclass(known, errors.CrewboardError):
            return known(**told["facts"])
    return SelfCheckFailed(tool="audit", reason=f"a part of it ended with code {code}")
