"""The hub: one conversation or trajectory, and everything that any of the formats says about it.

Readers turn a row into a `Conversation`, writers turn one into a row. What the hub has no name for
is kept under the name that its format gave it: in `extra` for a turn or a call, in `details` for the
row. Parts of content keep the shape of OpenAI's (`{"type": "text", "text": ...}`).

Not information, and not kept: the spacing of JSON inside of JSON, and whether something empty was
left out or written as null.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Extra = Mapping[str, Any]
Content = str | tuple[Extra, ...] | None

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_SAID_AS = {"developer": "system", "function": "tool"}


class Unfit(Exception):
    """The row cannot be read, or the target cannot hold it: `reason` is counted, `note` says where and
    what to do, and quotes nothing of the row."""

    def __init__(self, reason: str, note: str) -> None:
        super().__init__(f"{reason}: {note}")
        self.reason = reason
        self.note = note


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call. `arguments` is an object, or the text that was no JSON object.

    `kind` is `function`, `function_call` for the deprecated single call, or `code` for a block of code:
    then `name` is its language and the code stands in arguments["code"]. `spelling` is the JSON text
    that the arguments came as; two spellings of one object are equal.
    """

    name: str
    arguments: Extra | str
    id: str | None = None
    kind: str = "function"
    extra: Extra = field(default_factory=dict)
    spelling: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `answers` is the id of the call that a tool turn answers; `weight` says how much an
    assistant's turn is trained: providers know 0 and 1."""

    role: str
    content: Content = None
    name: str | None = None
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()
    answers: str | None = None
    weight: float | None = None
    extra: Extra = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns in order, and for a preference row the better and the worse way to go on.

    `tools` are OpenAI's tool objects; `weight` is the weight of the whole row.
    """

    turns: tuple[Turn, ...]
    id: str | None = None
    tools: tuple[Any, ...] = ()
    chosen: tuple[Turn, ...] = ()
    rejected: tuple[Turn, ...] = ()
    weight: float | None = None
    details: Extra = field(default_factory=dict)

    @property
    def is_preference(self) -> bool:
        return bool(self.chosen or self.rejected)


def text_of(content: Content) -> str:
    """The text of a content: itself, or its text parts joined by line ends."""
    if isinstance(content, tuple):
        return "\n".join(part["text"] for part in content if is_text(part))
    return content or ""


def is_text(part: Extra) -> bool:
    return part.get("type") == "text" and isinstance(part.get("text"), str)


def says(conversation: Conversation) -> list[list[Any]]:
    """What a trainer would see, however it is cut into turns: who says which text, calls which tool with
    what, shows which picture. A row that says something else than its source is never written."""
    sides = (conversation.turns, conversation.chosen, conversation.rejected)
    return [list(_events(turns)) for turns in sides]


def _events(turns: tuple[Turn, ...]) -> Iterator[tuple[Any, ...]]:
    for turn in turns:
        role = _SAID_AS.get(turn.role, turn.role)
        text = text_of(turn.content)
        if text:
            yield role, text
        if isinstance(turn.content, tuple):
            yield from ((role, part) for part in turn.content if not is_text(part))
        yield from (("call", call.name, call.arguments) for call in turn.calls)
