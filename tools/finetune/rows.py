"""Chat rows to tokens and labels: the assistant's tokens are learnt, every row is accounted for.

Training and evaluation both come through here, so a row means the same tokens to both. The tokens
are those of the *training* variant of the base's chat template, which marks what the assistant
says."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.errors import InputEmpty, InputUnreadable

IGNORED = -100
"""The label of a token that is read but not learnt, as torch's cross entropy has it."""
NO_TEXT = "content is not text"
NO_ASSISTANT = "no assistant text"
CUT_AWAY = "assistant text beyond max_length"


@dataclass(frozen=True)
class Encoded:
    """A row as the model sees it. `line` counts from 1; `labels` are the ids, or IGNORED."""

    line: int
    input_ids: list[int]
    labels: list[int]

    @property
    def learnt(self) -> int:
        """Tokens that carry loss: the labels but the first, which nothing predicts."""
        return sum(label != IGNORED for label in self.labels[1:])


@dataclass(frozen=True)
class Encoding:
    """All rows of a file: rows_in = len(rows) + sum(dropped). `truncated` rows are kept but cut;
    `longest` is in tokens, before the cut."""

    rows: Sequence[Encoded]
    rows_in: int
    dropped: Mapping[str, int]
    truncated: int
    longest: int

    @property
    def tokens(self) -> int:
        return sum(len(row.input_ids) for row in self.rows)

    @property
    def learnt(self) -> int:
        return sum(row.learnt for row in self.rows)


@dataclass(frozen=True)
class ChatEncoder:
    """A tokenizer with the template that marks the assistant's tokens."""

    tokenizer: Any
    template: str
    max_length: int

    def encode(self, chats: Sequence[tuple[int, dict[str, Any]]]) -> Encoding:
        dropped: Counter[str] = Counter()
        rows, truncated, longest = [], 0, 0
        for line, chat in chats:
            if not _is_text(chat["messages"]):
                dropped[NO_TEXT] += 1
                continue
            ids, learnt = self._tokens(chat)
            longest = max(longest, len(ids))
            row = self._row(line, ids, learnt)
            if row.learnt:
                rows.append(row)
                truncated += len(ids) > self.max_length
            else:
                dropped[CUT_AWAY if any(learnt[1:]) else NO_ASSISTANT] += 1
        return Encoding(rows, len(chats), dict(sorted(dropped.items())), truncated, longest)

    def _tokens(self, chat: Mapping[str, Any]) -> tuple[list[int], list[int]]:
        encoded = self.tokenizer.apply_chat_template(
            chat["messages"],
            tools=chat.get("tools"),
            chat_template=self.template,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        return list(encoded["input_ids"]), list(encoded["assistant_masks"])

    def _row(self, line: int, ids: list[int], learnt: list[int]) -> Encoded:
        pairs = list(zip(ids, learnt, strict=True))[: self.max_length]
        labels = [token if mark else IGNORED for token, mark in pairs]
        return Encoded(line, [token for token, _ in pairs], labels)


def read_chats(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Every row of a chat-jsonl file with its line number; blank lines are no rows. InputUnreadable
    at the first line that is no chat, InputEmpty when there is none."""
    chats = list(_chats(path))
    if not chats:
        raise InputEmpty(path=path)
    return chats


def _chats(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputUnreadable(path=path, where=f" at line {number}", reason=error) from error
        if not _is_chat(row):
            reason = 'not {"messages": [{"role": ..., "content": ...}, ...]}'
            raise InputUnreadable(path=path, where=f" at line {number}", reason=reason)
        yield number, row


def _is_chat(row: Any) -> bool:
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not messages:
        return False
    return all(isinstance(m, dict) and isinstance(m.get("role"), str) for m in messages)


def _is_text(messages: list[dict[str, Any]]) -> bool:
    """Templates render content that is no text as nothing at all, without a word."""
    return all(
        isinstance(m.get("content"), str) or (m.get("content") is None and m.get("tool_calls"))
        for m in messages
    )
