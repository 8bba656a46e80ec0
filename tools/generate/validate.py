"""What an answer is worth: the value it holds, or why it is of no use and whether asking again may help.

A pure function of the recipe and of what was kept before, so that reading the record again comes to the
same verdicts in the same order.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from crewboard.tools.files.chat import faults_of, messages_of
from crewboard.tools.generate.dialects import Answer
from crewboard.tools.generate.diversity import Seen
from crewboard.tools.generate.recipe import Recipe
from crewboard.tools.generate.schema import faults

_FENCED = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_MOST_FAULTS = 5
_LONGEST = 400_000  # characters; no row is longer, and a flood is


@dataclass(frozen=True)
class Verdict:
    """`value` is there when the answer is kept; else `reason` is a short name that is counted, `told`
    what a repair is told, and `repairable` whether one may help."""

    value: dict[str, Any] | None = None
    reason: str = ""
    told: str = ""
    repairable: bool = False


@dataclass
class Judge:
    """The judge of one run: it remembers what it kept."""

    recipe: Recipe
    seen: Seen = field(init=False)

    def __post_init__(self) -> None:
        self.seen = Seen(self.recipe.file.diversity.near)

    def know(self, rows: Iterable[dict[str, Any]]) -> None:
        """Rows that exist already: new ones may not repeat them."""
        for row in rows:
            if text := self._compared(row):
                self.seen.add(text)

    def judge(self, answer: Answer) -> Verdict:
        if worthless := _worthless(answer):
            return Verdict(reason=worthless)
        value = value_of(answer.text)
        if value is None:
            return _unfit("no-json", "it is no JSON object", answer)
        if wrong := list(islice(faults(value, self.recipe.schema), _MOST_FAULTS)):
            return _unfit("schema", "; ".join(wrong), answer)
        if self.recipe.file.form == "chat" and (told := self._chat_fault(value)):
            return _unfit("chat", told, answer)
        return self._if_new(value)

    def _if_new(self, value: dict[str, Any]) -> Verdict:
        text = self._compared(value)
        if text and (like := self.seen.add(text)):
            return Verdict(reason=like)
        return Verdict(value)

    def _chat_fault(self, value: dict[str, Any]) -> str:
        messages = messages_of(value)
        if messages is None:
            return "it holds no messages"
        turns = self.recipe.file.turns
        if turns is not None and len(messages) != turns:
            return f"it holds {len(messages)} messages and not {turns}"
        return "; ".join(f"{fault.rule}: {fault.note}" for fault in faults_of(messages))

    def _compared(self, row: dict[str, Any]) -> str:
        fields = self.recipe.file.diversity.fields
        return "\n".join(_text(row.get(name)) for name in fields if row.get(name))


def _worthless(answer: Answer) -> str:
    """Why there is nothing to repair, if that is so."""
    if answer.finish == "refusal":
        return "refused"
    if not answer.text.strip():
        return "empty"
    return "too-long" if len(answer.text) > _LONGEST else ""


def _unfit(reason: str, told: str, answer: Answer) -> Verdict:
    if answer.finish == "length":
        return Verdict(
            None, "cut-off", f"it was cut off at its length limit, so be shorter; {told}", True
        )
    return Verdict(None, reason, told, repairable=True)


def value_of(text: str) -> dict[str, Any] | None:
    """The JSON object that the text is, or that its only code fence holds."""
    stripped = text.strip()
    fenced = [] if stripped.startswith("{") else _FENCED.findall(stripped)
    try:
        value = orjson.loads(fenced[0] if len(fenced) == 1 else stripped)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
