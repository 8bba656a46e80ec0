"""Rows of every shape, and conversations of every kind, for the tests of converting."""

from typing import Any

from hypothesis import strategies as st

from crewboard.tools.convert import Call, Conversation, Turn

Row = dict[str, Any]
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
SOME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
NAMES = st.text("abc_", min_size=1, max_size=5)
KEYS = st.sampled_from(["source", "level", "note", "of", "crewboard", "train", "root"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
EXTRA = st.dictionaries(KEYS, JSON.filter(lambda v: v is not None), max_size=2)
_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "parallel_tool_calls": st.booleans() | SOME,
    "functions": st.just([]) | SOME,
}
"""What OpenAI's shape has besides messages and tools, and what other rows may call so."""
DETAILS = st.builds(
    lambda extra, options: extra | options, EXTRA, st.fixed_dictionaries({}, optional=_OPTIONS)
)
CALLS = st.builds(
    Call,
    name=NAMES,
    arguments=st.dictionaries(WORDS, JSON, max_size=3),
    id=st.none() | SOME,
    extra=st.just({}),
)
TOOLS = st.builds(
    lambda name: {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}},
    NAMES,
)
CONTENT = WORDS | st.lists(
    st.builds(lambda text: {"type": "text", "text": text}, WORDS), min_size=1, max_size=2
).map(tuple)


def _turns() -> st.SearchStrategy[tuple[Turn, ...]]:
    user = st.builds(Turn, st.just("user"), CONTENT, name=st.none() | SOME, extra=EXTRA)
    system = st.builds(Turn, st.just("system"), SOME)
    said = st.builds(
        Turn,
        st.just("assistant"),
        CONTENT,
        reasoning=st.none() | SOME,
        weight=st.sampled_from([None, 0, 1, 0.5]),
        extra=EXTRA,
    )
    calling = st.builds(
        Turn,
        st.just("assistant"),
        st.none() | SOME,
        calls=st.lists(CALLS, min_size=1, max_size=2).map(tuple),
    )
    answer = st.builds(
        Turn, st.just("tool"), WORDS, name=st.none() | SOME, answers=st.none() | SOME
    )
    rounds = st.lists(
        st.tuples(user, said) | st.tuples(user, calling, answer, said), min_size=1, max_size=3
    )
    opening = st.just(()) | st.tuples(system)
    return st.builds(lambda a, b: (*a, *(turn for each in b for turn in each)), opening, rounds)


CONVERSATIONS = st.builds(
    Conversation,
    turns=_turns(),
    id=st.none() | SOME,
    tools=st.lists(TOOLS, max_size=1).map(tuple),
    weight=st.sampled_from([None, 0.2, 1, 0.75]),
    details=DETAILS,
)
_ANSWER = st.builds(Turn, st.just("assistant"), SOME).map(lambda turn: (turn,))
PREFERENCES = st.builds(
    Conversation,
    turns=st.tuples(st.builds(Turn, st.just("user"), SOME)),
    id=st.none() | SOME,
    chosen=_ANSWER,
    rejected=_ANSWER,
    details=DETAILS,
)

ASKED, SAID = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
_FUNCTION = {"name": "find", "arguments": '{"of":"x"}'}
CALLED: Row = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": _FUNCTION}],
}
FOUND: Row = {"role": "tool", "content": "x!", "tool_call_id": "c1"}
TOOL: Row = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}

SAMPLES: list[tuple[str, Row]] = [
    ("chat", {"messages": [ASKED, SAID], "source": {"file": "x", "line": 1}, "weight": 0.4}),
    ("chat", {"messages": [ASKED, CALLED, FOUND, SAID], "tools": [TOOL], "id": "7"}),
    ("chat", {"messages": [ASKED], "chosen": [SAID], "rejected": [SAID | {"content": "b"}]}),
    (
        "generated",
        {
            "task": "do",
            "context": "with",
            "expected_output": "done",
            "difficulty": "easy",
            "agent_name": "qa",
            "category": "edge",
        },
    ),
    ("pairs", {"question": "q", "answer": "a", "level": 3}),
    (
        "adp",
        {
            "id": "t1",
            "content": [
                {"class_": "text_observation", "content": "rules", "source": "environment"},
                {"class_": "text_observation", "content": "q", "source": "user", "name": "ada"},
                {
                    "class_": "api_action",
                    "function": "find",
                    "kwargs": {"of": 1},
                    "description": "m",
                },
                {"class_": "text_observation", "content": "x", "source": "environment"},
                {"class_": "code_action", "language": "python", "content": "print(1)"},
                {"class_": "text_observation", "content": "1", "source": "agent"},
                {"class_": "message_action", "content": "a", "description": "why"},
            ],
            "details": {"dataset": "d", "weight": "0.4"},
        },
    ),
    (
        "adp",
        {
            "id": "t2",
            "content": [
                {
                    "class_": "web_observation",
                    "html": None,
                    "url": "https://example.com",
                    "image_observation": None,
                    "viewport_size": [1, 2],
                },
                {"class_": "image_observation", "content": "x.png", "source": "user"},
                {"class_": "message_action", "content": "a"},
            ],
            "details": {},
        },
    ),
    (
        "atif",
        {
            "schema_version": "ATIF-v1.7",
            "trajectory_id": "t1",
            "agent": {"name": "n", "version": "1", "model_name": "m"},
            "steps": [
                {"step_id": 1, "source": "system", "message": "rules"},
                {
                    "step_id": 2,
                    "source": "user",
                    "message": "q",
                    "timestamp": "2026-01-01T00:00:00Z",
                },
                {
                    "step_id": 3,
                    "source": "agent",
                    "message": "",
                    "reasoning_content": "hm",
                    "tool_calls": [
                        {"tool_call_id": "c1", "function_name": "find", "arguments": {"of": 1}}
                    ],
                    "observation": {"results": [{"source_call_id": "c1", "content": "x"}]},
                    "metrics": {"prompt_tokens": 3},
                },
                {"step_id": 4, "source": "agent", "message": "a", "llm_call_count": 1},
            ],
            "final_metrics": {"total_steps": 4},
            "session_id": "s",
        },
    ),
    (
        "sharegpt",
        {
            "system": "rules",
            "conversations": [
                {"from": "human", "value": "q"},
                {"from": "function_call", "value": '{"name":"find","arguments":{"of":1}}'},
                {"from": "observation", "value": "x"},
                {"from": "gpt", "value": "a"},
            ],
            "tools": '[{"name":"find"}]',
            "id": "7",
        },
    ),
    (
        "alpaca",
        {
            "instruction": "i",
            "input": "x",
            "output": "o",
            "system": "s",
            "history": [["q", "a"]],
            "level": 3,
        },
    ),
    ("alpaca", {"instruction": "i", "input": "", "chosen": "o", "rejected": "p"}),
    ("trl", {"messages": [ASKED, SAID | {"reasoning_content": "hm"}], "weight": 0.4}),
    ("trl", {"prompt": [ASKED], "chosen": [SAID], "rejected": [SAID | {"content": "b"}]}),
    ("trl-prompt-completion", {"prompt": [ASKED], "completion": [SAID], "level": 3}),
    ("openai", {"messages": [ASKED, SAID | {"weight": 0}], "parallel_tool_calls": False}),
    ("openai", {"messages": [ASKED, CALLED, FOUND, SAID], "tools": [TOOL]}),
    (
        "openai-dpo",
        {
            "input": {"messages": [ASKED]},
            "preferred_output": [SAID],
            "non_preferred_output": [SAID | {"content": "b"}],
        },
    ),
    ("fireworks", {"messages": [ASKED, SAID], "weight": 0.4}),
    ("together", {"messages": [ASKED, CALLED, FOUND, SAID], "tools": [TOOL]}),
    ("mistral", {"messages": [ASKED, SAID | {"weight": 0}]}),
    (
        "llama-factory",
        {
            "system": "",
            "tools": "",
            "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}],
        },
    ),
    ("axolotl", {"messages": [ASKED, SAID | {"train": False}], "level": 3}),
    ("chatml", {"text": "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\na<|im_end|>\n"}),
]
"""A row of each shape that holds most of what the shape can hold."""
