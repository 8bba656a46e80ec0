"""Calls recorded once and played back for ever: a run that anyone can repeat without a key.

A tape is a JSON Lines file, one call a line: {"digest", "model", "purpose", "reply"}, keyed by what
the request says, not by its effect key. Lines are appended whole and synced; a line that a crash
tore is cut off before the next is written. A recorded answer costs nothing now; the tape tells what
it cost then.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crewboard.agents.models.contract import Model, ModelReply, ModelRequest
from crewboard.agents.models.digests import request_digest
from crewboard.agents.models.settings import ModelSettings
from crewboard.canonical import canonical_json
from crewboard.errors import InputMissing, InputUnreadable, UnexpectedCall
from crewboard.tools.contract.effect import PURE

_REPLY = TypeAdapter(ModelReply)


class Tape:
    """The recorded calls of one file. Safe between threads and between processes that append."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._calls: dict[str, ModelReply] = {}
        self._lock = Lock()
        if path.exists():
            for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
                self._load(number, line)

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, request: ModelRequest) -> ModelReply | None:
        return self._calls.get(request_digest(request))

    def record(self, request: ModelRequest, reply: ModelReply) -> None:
        """Append a call, once it is on disk. The first record of a request stays."""
        key = request_digest(request)
        line = canonical_json(
            {
                "digest": key,
                "model": reply.model,
                "purpose": request.purpose,
                "reply": asdict(reply),
            }
        )
        with self._lock:
            if key in self._calls:
                return
            _append(self.path, line)
            self._calls[key] = reply

    def _load(self, number: int, line: bytes) -> None:
        try:
            call: dict[str, Any] = json.loads(line)
            self._calls.setdefault(call["digest"], _REPLY.validate_python(call["reply"]))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            where = f" in line {number}"
            raise InputUnreadable(path=self.path, where=where, reason=error) from error


class ReplayModel:
    """With a model, asks it what the tape does not hold, and records the answer.

    Without one, plays back only: UnexpectedCall for whatever was not recorded.
    """

    def __init__(self, tape: Tape, model: Model | None = None) -> None:
        self.name = model.name if model else f"replay/{tape.path}"
        self.provider = model.provider if model else "replay"
        self.effect = model.effect if model else PURE
        self._tape = tape
        self._model = model

    def estimate(self, request: ModelRequest) -> int:
        if self._model is None or self._tape.get(request) is not None:
            return 0
        return self._model.estimate(request)

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        recorded = self._tape.get(request)
        if recorded is not None:
            return replace(recorded, cost=0)
        if self._model is None:
            raise self._unexpected(request)
        reply = self._model.ask(request, key)
        self._tape.record(request, reply)
        return reply

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:
        """What the tape holds, with its cost, for that call was made; else what the model finds."""
        recorded = self._tape.get(request)
        if recorded is not None or self._model is None:
            return recorded
        return self._model.find(request, key)

    def _unexpected(self, request: ModelRequest) -> UnexpectedCall:
        hint = f"{self._tape.path} holds {len(self._tape)} other calls. Record it with a model once"
        shown = f"{request.purpose} {request_digest(request)[:12]}"
        return UnexpectedCall(model=self.name, digest=shown, hint=hint)


def open_replay(model: str, _settings: ModelSettings, _environ: Mapping[str, str]) -> ReplayModel:
    path = Path(model)
    if not path.exists():
        raise InputMissing(path=path)
    return ReplayModel(Tape(path))


def _append(path: Path, line: str) -> None:
    """Add one line and sync it; what a crash tore before is cut off, under a lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
        file.write(line.encode("utf-8") + b"\n")
        file.flush()
        os.fsync(file.fileno())
