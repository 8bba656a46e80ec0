"""What the twin provider does with a request that it has read: charges for it, and answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event, Lock
from typing import Any

from twins.charges import Charge, Charges
from twins.dialects import Asked, Said, say_anthropic, say_openai
from twins.faults import Fault, Faults

Answers = Callable[[str], str]
"""From the whole prompt to the text of the answer."""


@dataclass(frozen=True)
class Manners:
    """How the server behaves. `keys`, when given, are the only ones that it takes."""

    answers: Answers = lambda prompt: f"You said: {prompt}"
    faults: tuple[Fault, ...] = ()
    latency_s: float = 0.0
    idempotency: bool = True
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """A request as it arrived, charged or not."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)


class Desk:
    """The one place where requests are numbered, answered and charged."""

    def __init__(self, state: Path, manners: Manners) -> None:
        self.manners = manners
        self.charges = Charges(state / "charges.jsonl")
        self.faults = Faults(*manners.faults)
        self.closing = Event()
        self.seen: list[Seen] = []
        self._lock = Lock()

    def note(self, seen: Seen) -> int:
        """The number of this request, from 1; only requests for an answer count."""
        with self._lock:
            self.seen.append(seen)
            return sum(each.method == "POST" for each in self.seen)

    def admits(self, key: str) -> bool:
        return not self.manners.keys or key in self.manners.keys

    def serve(
        self, asked: Asked, raw: bytes, key: str | None, fault: Fault | None
    ) -> dict[str, Any]:
        """The reply; charged on the way, unless its key was charged before and is honoured."""
        pause = self.manners.latency_s / 2
        self.closing.wait(pause)
        with self._lock:
            known = self.charges.under(key) if key and self.manners.idempotency else None
            reply = known.reply if known else self._charge(asked, raw, key, fault)
        self.closing.wait(pause)
        return reply

    def stored(self, metadata: Mapping[str, str]) -> list[dict[str, Any]]:
        """The stored chats that carry all of `metadata`, oldest first."""
        wanted = metadata.items()
        return [c.reply for c in self.charges if c.stored and wanted <= c.metadata.items()]

    def _charge(
        self, asked: Asked, raw: bytes, key: str | None, fault: Fault | None
    ) -> dict[str, Any]:
        say = say_openai if asked.api == "openai" else say_anthropic
        reply = say(asked, self._said(asked, fault))
        digest = sha256(raw).hexdigest()
        self.charges.commit(
            Charge(asked.api, asked.model, digest, reply, key, asked.metadata, asked.store)
        )
        return reply

    def _said(self, asked: Asked, fault: Fault | None) -> Said:
        text = self.manners.answers(asked.prompt)
        kind = fault.kind if fault else None
        if kind == "empty":
            return Said("")
        if kind == "refusal":
            return Said("I would rather not.", "refusal")
        if kind == "cut":
            return Said(text[: len(text) // 2], "length")
        return Said(text, counted=kind != "uncounted")


def answers_from(table: Mapping[str, Any]) -> Answers:
    """The first answer whose key stands in the prompt; an echo where none does."""

    def answer(prompt: str) -> str:
        for part, said in table.items():
            if part in prompt:
                return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        return f"You said: {prompt}"

    return answer


def manners_from(config: Mapping[str, Any]) -> Manners:
    """The JSON form of `Manners`."""
    return Manners(
        answers=answers_from(config.get("answers", {})),
        faults=tuple(Fault(**fault) for fault in config.get("faults", ())),
        latency_s=config.get("latency_s", 0.0),
        idempotency=config.get("idempotency", True),
        keys=frozenset(config.get("keys", ())),
    )
