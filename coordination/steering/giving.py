"""A goal given by a card: `- Clean these rows and fine-tune @crew data:rows.jsonl pipeline:sft`.

The words are the goal. `@crew`, or the name of a role, gives it to the crew; `data:` names files within
the workspace, `pipeline:` and `model:` what `crewboard start` takes by those names. What it may cost is
never read from the board: that is the workspace's own ceiling, and every plan that spends asks first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crewboard.canonical import sha256_file
from crewboard.coordination.bus import ingress
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.ledger import Transaction
from crewboard.errors import InputMissing
from crewboard.tools.files.beneath import Beneath

_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z][\w-]*)")
_NAMED = re.compile(r"(?<!\S)(data|pipeline|model):(\S+)")
_CREW = "crew"


@dataclass(frozen=True)
class Wanted:
    """What a card asks for. `files` are paths as written."""

    text: str
    files: tuple[str, ...]
    pipeline: str | None
    model: str | None


def wanted(title: str, roles: frozenset[str]) -> Wanted | None:
    """Read a card's title as a goal; None when it is given to nobody of the crew."""
    mentioned = [name for name in _MENTION.findall(title) if name == _CREW or name in roles]
    if not mentioned:
        return None
    named: dict[str, list[str]] = {"data": [], "pipeline": [], "model": []}
    for name, value in _NAMED.findall(title):
        named[name].append(value)
    words = _NAMED.sub("", title)
    for name in mentioned:
        words = re.sub(rf"(?<![\w@.])@{re.escape(name)}\b[:,]?", "", words)
    text = " ".join(words.split())
    if not text:
        return None
    return Wanted(text, tuple(named["data"]), _last(named["pipeline"]), _last(named["model"]))


def sources(files: tuple[str, ...], root: Path) -> Mapping[str, str]:
    """{real path: sha256}. InputMissing or PathOutside for what cannot be taken."""
    found: dict[str, str] = {}
    for name in files:
        real = Beneath(root, ()).existing(name)
        if not real.is_file():
            raise InputMissing(path=name)
        found[str(real)] = sha256_file(real)
    return found


def give(
    tx: Transaction, by: str, message_id: str, goal: Wanted, more: Mapping[str, object]
) -> str:
    """Send the goal to the lead; its id. The same message gives the same goal."""
    data = {
        "kind": "goal",
        "pipeline": goal.pipeline,
        "parameters": {},
        "model": goal.model,
        **more,
    }
    return ingress.receive(tx, Envelope(by, "lead", message_id, goal.text, data)).task


def _last(values: list[str]) -> str | None:
    return values[-1] if values else None
