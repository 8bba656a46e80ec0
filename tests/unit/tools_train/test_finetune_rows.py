import json
from pathlib import Path
from typing import Any

import pytest

from crewboard.errors import InputEmpty, InputUnreadable
from crewboard.tools.finetune.rows import IGNORED, ChatEncoder, Encoded, read_chats


class Words:
    """A tokenizer of the same interface: a word is a token, a role is one, the assistant's count."""

    def apply_chat_template(self, messages: list[dict[str, Any]], **_: Any) -> dict[str, list[int]]:
        ids, mask = [], []
        for message in messages:
            words = [message["role"], *(message["content"] or "").split()]
            ids += [len(word) for word in words]
            mask += [0, *[int(message["role"] == "assistant")] * (len(words) - 1)]
        return {"input_ids": ids, "assistant_masks": mask}


def chat(*turns: tuple[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def encoder(max_length: int = 100) -> ChatEncoder:
    return ChatEncoder(Words(), "template", max_length)


def test_only_the_assistants_tokens_are_learnt() -> None:
    encoding = encoder().encode([(3, chat(("user", "a bb"), ("assistant", "ccc dddd")))])
    (row,) = encoding.rows
    assert row == Encoded(3, [4, 1, 2, 9, 3, 4], [IGNORED] * 4 + [3, 4])
    assert (row.learnt, encoding.learnt, encoding.tokens) == (2, 2, 6)


def test_the_first_token_is_never_counted_as_learnt() -> None:
    assert Encoded(1, [5, 6], [5, 6]).learnt == 1


def test_rows_in_are_rows_kept_and_rows_dropped_by_reason() -> None:
    """F13."""
    encoding = encoder(max_length=6).encode(
        [
            (1, chat(("user", "a"), ("assistant", "b"))),
            (2, chat(("user", "a"), ("assistant", "b b b b b b"))),  # cut, and kept
            (3, chat(("user", "a a a a a a"), ("assistant", "b"))),
            (4, chat(("user", "a"))),
            (5, chat(("user", "a"), ("assistant", ""))),
            (6, chat(("user", [{"type": "text", "text": "a"}]), ("assistant", "b"))),
            (7, chat(("user", None), ("assistant", "b"))),
        ]
    )
    assert [row.line for row in encoding.rows] == [1, 2]
    assert encoding.dropped == {
        "assistant text beyond max_length": 1,
        "content is not text": 2,
        "no assistant text": 2,
    }
    assert encoding.rows_in == len(encoding.rows) + sum(encoding.dropped.values())
    assert (encoding.truncated, encoding.longest) == (1, 9)


def test_a_turn_that_calls_a_tool_needs_no_text() -> None:
    row = chat(("user", "a"), ("assistant", None), ("tool", "b"), ("assistant", "c"))
    row["messages"][1]["tool_calls"] = [{"function": {"name": "f", "arguments": {}}}]
    assert len(encoder().encode([(1, row)]).rows) == 1


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = json.dumps(chat(("user", "a\u2028b")), ensure_ascii=False)
    path.write_text(f"\n{row}\r\n\n", "utf-8")
    assert [line for line, _ in read_chats(path)] == [2]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '{"messages": []}',
        '{"messages": [{"content": "no role"}]}',
        '{"prompt": "a"}',
    ],
)
def test_a_line_that_is_no_chat_is_named_by_its_number(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(chat(("user", "a"))) + "\n" + bad + "\n")
    with pytest.raises(InputUnreadable, match="at line 2"):
        read_chats(path)


def test_a_file_without_rows_is_empty(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n\n")
    with pytest.raises(InputEmpty):
        read_chats(tmp_path / "rows.jsonl")
