"""The shapes that rows come in, and what each of them says as a conversation.

Sources: OpenAI chat fine-tuning, TRL (prompt/completion), Alpaca (prompt = instruction, line end,
input), self-instruct seed tasks, ShareGPT, LMSYS-Chat (`conversation`), ProsocialDialog.
A null text stays null: what it means is for the audit to say, not for the converter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crewboard.tools.files.chat import Message

Row = dict[str, Any]
Conversation = list[Message]

_SHAREGPT_ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "assistant": "assistant",
    "system": "system",
}


class Unconvertible(Exception):
    """The row is no conversation: `reason` goes into the exclusions."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Shape:
    """A row is of the first shape all of whose `keys` it has."""

    name: str
    keys: tuple[str, ...]
    convert: Callable[[Row], list[Conversation]]


def conversations_in(row: Row) -> list[Conversation]:
    """Tell what a row says: one conversation, or several for a seed task with several instances."""
    for shape in SHAPES:
        if all(key in row for key in shape.keys):
            return shape.convert(row)
    raise Unconvertible("unknown-shape")


def _chat(key: str) -> Callable[[Row], list[Conversation]]:
    return lambda row: [_messages(row[key])]


def _pair(asked: str, answered: str) -> Callable[[Row], list[Conversation]]:
    return lambda row: [[_said("user", row[asked]), _said("assistant", row[answered])]]


def _prompt_completion(row: Row) -> list[Conversation]:
    prompt, completion = row["prompt"], row["completion"]
    if isinstance(prompt, list) and isinstance(completion, list):
        return [_messages(prompt) + _messages(completion)]
    return [[_said("user", prompt), _said("assistant", completion)]]


def _alpaca(row: Row) -> list[Conversation]:
    history = row.get("history") or []
    if not isinstance(history, list) or not all(_is_exchange(turn) for turn in history):
        raise Unconvertible("wrong-type")
    earlier = [_said(role, text) for turn in history for role, text in _sides(turn)]
    prompt = _joined(row["instruction"], row.get("input"))
    return [[*_opening(row), *earlier, prompt, _said("assistant", row["output"])]]


def _seed_task(row: Row) -> list[Conversation]:
    instances = row["instances"]
    if not isinstance(instances, list) or not instances:
        raise Unconvertible("no-instances")
    return [_seed_instance(row["instruction"], instance) for instance in instances]


def _seed_instance(instruction: Any, instance: Any) -> Conversation:
    if not isinstance(instance, dict) or "output" not in instance:
        raise Unconvertible("wrong-type")
    return [_joined(instruction, instance.get("input")), _said("assistant", instance["output"])]


def _sharegpt(row: Row) -> list[Conversation]:
    turns = row["conversations"]
    if not isinstance(turns, list) or not turns or not all(isinstance(t, dict) for t in turns):
        raise Unconvertible("no-messages")
    if all("role" in turn for turn in turns):
        return [_messages(turns)]
    return [[*_opening(row), *(_said(_role_of(turn), turn.get("value")) for turn in turns)]]


def _role_of(turn: Row) -> str:
    speaker = turn.get("from")
    if not isinstance(speaker, str) or speaker not in _SHAREGPT_ROLES:
        raise Unconvertible("unknown-role")  # tool calls of ShareGPT have no agreed form to go to
    return _SHAREGPT_ROLES[speaker]


def _messages(value: Any) -> Conversation:
    """Messages as they are, whatever else they carry (names, tool calls, weights)."""
    if not isinstance(value, list) or not value or not all(isinstance(m, dict) for m in value):
        raise Unconvertible("no-messages")
    return value


def _said(role: str, content: Any) -> Message:
    if content is not None and not isinstance(content, str):
        raise Unconvertible("wrong-type")
    return {"role": role, "content": content}


def _joined(instruction: Any, given: Any) -> Message:
    _said("user", given)
    prompt = _said("user", instruction)
    return _said("user", f"{instruction}\n{given}") if given and instruction else prompt


def _opening(row: Row) -> Conversation:
    system = row.get("system")
    return [_said("system", system)] if system else []


def _is_exchange(turn: Any) -> bool:
    return isinstance(turn, list) and len(turn) == len(_SIDES)


_SIDES = ("user", "assistant")


def _sides(turn: list[Any]) -> list[tuple[str, Any]]:
    return list(zip(_SIDES, turn, strict=True))


SHAPES = (
    Shape("messages", ("messages",), _chat("messages")),
    Shape("conversations", ("conversations",), _sharegpt),
    Shape("conversation", ("conversation",), _chat("conversation")),
    Shape("question/answer", ("question", "answer"), _pair("question", "answer")),
    Shape("prompt/completion", ("prompt", "completion"), _prompt_completion),
    Shape("instruction/output", ("instruction", "output"), _alpaca),
    Shape("instruction/instances", ("instruction", "instances"), _seed_task),
    Shape("context/response", ("context", "response"), _pair("context", "response")),
)
