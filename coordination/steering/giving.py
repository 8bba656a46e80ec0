"""A goal given by a card: `- Clean these rows and fine-tune @crew data:rows.jsonl pipeline:sft`.

The words are the goal. `@crew`, or the name of a role, gives it to the crew; `data:` names files within
the workspace, `pipeline:` and `model:` what `crewboard start` takes by those names. What it may cost is
never read from the board: that is the workspace's own ceiling, and every plan that spends asks first.

A card that names what is not there is a goal all the same: it stands in Blocked with what it lacks, and
goes on once that is there or the card is reworded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crewboard.canonical import canonical_json, sha256_file
from crewboard.coordination import tasks
from crewboard.coordination.bus import ingress
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.ledger import Transaction
from crewboard.coordination.tasks import Change, Reason, State, Task
from crewboard.errors import CrewboardError, InputMissing
from crewboard.tools.files.beneath import Beneath

_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z][\w-]*)")
_NAMED = re.compile(r"(?<!\S)(data|pipeline|model):(\S+)")
_CREW = "crew"
HUMAN = "human"


@dataclass(frozen=True)
class Wanted:
    """What a card asks for. `files` are paths as written."""

    text: str
    files: tuple[str, ...]
    pipeline: str | None
    model: str | None


@dataclass(frozen=True)
class Gift:
    """A goal, and the files it names by hash; or why it cannot be taken yet."""

    wanted: Wanted
    sources: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""

    @property
    def spec(self) -> dict[str, object]:
        """What the goal's task keeps of it."""
        asked = self.wanted
        return {
            "pipeline": asked.pipeline,
            "model": asked.model,
            "files": list(asked.files),
            "sources": dict(self.sources),
        }


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


def give(tx: Transaction, by: str, message_id: str, gift: Gift, line: str) -> str:
    """Send the goal of the card on `line` to the lead; its id. The same message gives the same goal."""
    data = {"kind": "goal", "parameters": {}, "card": line, **gift.spec}
    goal = ingress.receive(tx, Envelope(by, "lead", message_id, gift.wanted.text, data)).task
    if gift.refusal:
        lacking = Change(State.INPUT_REQUIRED, HUMAN, unready(gift.refusal))
        tasks.move(tx, tasks.get(tx, goal), "crew", lacking)
        tx.change("finish_mail", task=goal, seq=tx.run("new_mail", task=goal)[-1]["seq"])
    return goal


def amend(tx: Transaction, goal: Task, by: str, gift: Gift) -> None:
    """Let a goal that is not planned yet be what its card says now."""
    told = {"text": gift.wanted.text, **gift.spec}
    spec = canonical_json({**goal.spec, **told})
    tx.change("amend_task", id=goal.id, title=gift.wanted.text, spec=spec, at=tx.at)
    tx.event("goal.amended", by, goal.id, goal.id, **told)


def supply(tx: Transaction, goal: Task, by: str, files: Mapping[str, str]) -> None:
    """Note by their hashes the files that a card named before they were there."""
    spec = canonical_json({**goal.spec, "sources": dict(files)})
    tx.change("amend_task", id=goal.id, title=goal.title, spec=spec, at=tx.at)
    tx.event("goal.supplied", by, goal.id, goal.id, sources=dict(files))


def unready(refusal: str) -> Reason:
    """Why a card cannot be taken up yet, as the card says it."""
    return Reason(
        cause=refusal,
        owner="human",
        tried="nothing yet",
        needed="put that right, or correct the card (`data:FILE`, `pipeline:NAME`, `model:NAME`); then "
        "move it to In Progress",
    )


def gift(asked: Wanted, root: Path) -> Gift:
    """What is asked for, with its files hashed."""
    try:
        return Gift(asked, sources(asked.files, root))
    except CrewboardError as error:
        return Gift(asked, refusal=str(error))


def _last(values: list[str]) -> str | None:
    return values[-1] if values else None
