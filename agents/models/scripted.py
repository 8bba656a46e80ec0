"""A model that says what it was told to say: the twin for tests and demos without a key.

ScriptedModel({"lead/plan": {"steps": []}})           the same answer whenever this purpose asks
ScriptedModel({"lead/plan": ["first", "second"]})     one answer after the other
ScriptedModel([RateLimited(...), "then this"])        whatever asks; an error is raised
ScriptedModel(lambda request: request.turns[-1].text)
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from crewboard.agents.models.contract import ModelReply, ModelRequest, Usage
from crewboard.agents.models.digests import request_digest
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import InputMissing, InputUnreadable, UnexpectedCall
from crewboard.tools.contract.effect import PURE, Effect

Scripted = str | Mapping[str, Any] | Exception | ModelReply
"""One answer: a text, a JSON object, an error to raise, or a whole reply."""
Script = (
    Mapping[str, Scripted | Sequence[Scripted]]
    | Sequence[Scripted]
    | Callable[[ModelRequest], Scripted]
)
_DIGEST_SHOWN = 12


@dataclass(frozen=True)
class Asked:
    """A call as the twin saw it."""

    request: ModelRequest
    key: str


class ScriptedModel:
    """Deterministic, and safe to share between threads.

    Each key is answered once: a repeated one gets its first answer again, as from a server that
    honours keys. `cost` is charged for each new key.
    """

    def __init__(
        self,
        script: Script,
        *,
        name: str = "scripted/script",
        effect: Effect = PURE,
        cost: int = 0,
    ) -> None:
        self.name = name
        self.provider = name.partition("/")[0]
        self.effect = effect
        self.asked: list[Asked] = []
        self._script = script
        self._cost = cost
        self._given: dict[str, ModelReply] = {}
        self._used: dict[str, int] = {}
        self._lock = Lock()

    def estimate(self, request: ModelRequest) -> int:  # noqa: ARG002 - a port
        return self._cost

    def ask(self, request: ModelRequest, key: str) -> ModelReply:
        with self._lock:
            self.asked.append(Asked(request, key))
            if key not in self._given:
                self._given[key] = self._reply(self._next(request))
            return self._given[key]

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:  # noqa: ARG002 - a port
        with self._lock:
            return self._given.get(key)

    def _reply(self, said: Scripted) -> ModelReply:
        if isinstance(said, Exception):
            raise said
        if isinstance(said, ModelReply):
            return said
        text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        return ModelReply(text, self.name, Usage(), self._cost)

    def _next(self, request: ModelRequest) -> Scripted:
        if callable(self._script):
            return self._script(request)
        if isinstance(self._script, Mapping):
            return self._for_purpose(self._script, request)
        return self._in_turn(self._script, "", request)

    def _for_purpose(
        self, script: Mapping[str, Scripted | Sequence[Scripted]], request: ModelRequest
    ) -> Scripted:
        if request.purpose not in script:
            raise self._unexpected(request, f"it has answers for {', '.join(sorted(script))}")
        said = script[request.purpose]
        if isinstance(said, str | Mapping | Exception | ModelReply):
            return said
        return self._in_turn(said, request.purpose, request)

    def _in_turn(self, answers: Sequence[Scripted], queue: str, request: ModelRequest) -> Scripted:
        used = self._used.get(queue, 0)
        if used >= len(answers):
            raise self._unexpected(request, f"its {len(answers)} answers are used up")
        self._used[queue] = used + 1
        return answers[used]

    def _unexpected(self, request: ModelRequest, hint: str) -> UnexpectedCall:
        shown = f"{request.purpose} {request_digest(request)[:_DIGEST_SHOWN]}"
        return UnexpectedCall(model=self.name, digest=shown, hint=hint)


def open_scripted(
    model: str, _settings: ModelSettings, _environ: Mapping[str, str]
) -> ScriptedModel:
    """The script in a JSON file: {purpose: answer or list of answers}, or a list of answers."""
    path = Path(model)
    try:
        script = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputMissing(path=path) from None
    except (OSError, ValueError) as error:
        raise InputUnreadable(path=path, where="", reason=error) from error
    if not isinstance(script, dict | list):
        raise InputUnreadable(path=path, where="", reason="it is neither an object nor a list")
    return ScriptedModel(script, name=f"scripted/{model}")
