from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.tools.data_rows import dropped, made, read_rows, run, write_rows

from crewboard.errors import InputEmpty, InputUnreadable
from crewboard.tools.contract.bench import Bench
from crewboard.tools.ingest import IngestArguments, ingest

HI, YES = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}
BE_KIND = {"role": "system", "content": "Be kind"}

SHAPES: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    ("chat", {"messages": [BE_KIND, HI, YES]}, [BE_KIND, HI, YES]),
    ("GSM8K", {"question": "Hi", "answer": "Yes"}, [HI, YES]),
    ("TRL", {"prompt": "Hi", "completion": "Yes"}, [HI, YES]),
    ("TRL, conversational", {"prompt": [BE_KIND, HI], "completion": [YES]}, [BE_KIND, HI, YES]),
    ("Alpaca", {"instruction": "Hi", "input": "", "output": "Yes"}, [HI, YES]),
    (
        "Alpaca with input",
        {"instruction": "Add", "input": "1 2", "output": "Yes"},
        [{"role": "user", "content": "Add\n1 2"}, YES],
    ),
    (
        "Alpaca with all",
        {"instruction": "Hi", "output": "Yes", "system": "Be kind", "history": [["Hi", "Yes"]]},
        [BE_KIND, HI, YES, HI, YES],
    ),
    ("seed task", {"instruction": "Hi", "instances": [{"input": "", "output": "Yes"}]}, [HI, YES]),
    (
        "ShareGPT",
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes"}]},
        [HI, YES],
    ),
    (
        "ShareGPT with system",
        {
            "system": "Be kind",
            "conversations": [{"from": "user", "value": "Hi"}, {"from": "model", "value": "Yes"}],
        },
        [BE_KIND, HI, YES],
    ),
    ("conversations of roles", {"conversations": [HI, YES]}, [HI, YES]),
    ("LMSYS", {"conversation": [HI, YES]}, [HI, YES]),
    ("Prosocial", {"context": "Hi", "response": "Yes"}, [HI, YES]),
    ("null stays null", {"question": "Hi", "answer": None}, [HI, YES | {"content": None}]),
]


@pytest.mark.parametrize(("name", "row", "messages"), SHAPES)
def test_each_shape_becomes_messages_with_its_source(
    tmp_path: Path, name: str, row: dict[str, Any], messages: list[dict[str, Any]]
) -> None:
    outcome = run(ingest, tmp_path, files=[write_rows(tmp_path / "in.jsonl", [row])])
    assert read_rows(made(outcome, "rows")) == [
        {"messages": messages, "source": {"file": "in.jsonl", "line": 1}}
    ]


UNCONVERTIBLE: list[tuple[dict[str, Any], str]] = [
    ({"text": "bare"}, "unknown-shape"),
    ({"question": "no answer"}, "unknown-shape"),
    ({"question": 7, "answer": "x"}, "wrong-type"),
    ({"prompt": ["x"], "completion": "x"}, "wrong-type"),
    ({"prompt": ["x"], "completion": ["y"]}, "no-messages"),
    ({"instruction": "x", "output": "y", "history": [["a"]]}, "wrong-type"),
    ({"instruction": "x", "input": 7, "output": "y"}, "wrong-type"),
    ({"instruction": "x", "instances": []}, "no-instances"),
    ({"instruction": "x", "instances": [{"input": "y"}]}, "wrong-type"),
    ({"messages": []}, "no-messages"),
    ({"messages": "x"}, "no-messages"),
    ({"conversations": [{"from": "function_call", "value": "x"}]}, "unknown-role"),
    ({"conversations": [{"from": ["human"], "value": "x"}]}, "unknown-role"),
]


@pytest.mark.parametrize(("row", "reason"), UNCONVERTIBLE)
def test_what_cannot_be_converted_is_dropped_whole_with_its_reason(
    tmp_path: Path, row: dict[str, Any], reason: str
) -> None:
    """F13: nothing is skipped in silence."""
    good: dict[str, Any] = {"question": "Hi", "answer": "Yes"}
    outcome = run(ingest, tmp_path, files=[write_rows(tmp_path / "in.jsonl", [good, row])])
    offset = len(orjson.dumps(good)) + 1
    place = {"reason": reason, "file": "in.jsonl", "line": 2, "offset": offset, "row": row}
    assert read_rows(made(outcome, "dropped")) == [place]


def test_what_is_synthetic_stays_labelled_so(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"question": "a", "answer": "b"}] * 2
    rows = [rows[0] | {"synthetic": True}, rows[1]]
    outcome = run(ingest, tmp_path, files=[write_rows(tmp_path / "in.jsonl", rows)])
    labels = [row.get("synthetic") for row in read_rows(made(outcome, "rows"))]
    assert labels == [True, None]


def test_a_seed_task_of_two_instances_makes_one_row_more(tmp_path: Path) -> None:
    row = {"instruction": "x", "instances": [{"output": "a"}, {"output": "b"}]}
    outcome = run(ingest, tmp_path, files=[write_rows(tmp_path / "in.jsonl", [row])])
    assert outcome.rows is not None
    assert (outcome.rows.rows_in, outcome.rows.made, outcome.rows.rows_out) == (1, 1, 2)


def test_a_file_that_gives_no_row_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    """F9: zero rows is a failure, also beside a file that gives some."""
    good = write_rows(tmp_path / "good.jsonl", [{"question": "Hi", "answer": "Yes"}])
    bad = write_rows(tmp_path / "bad.jsonl", [{"text": "x"}, {"text": "y"}])
    with pytest.raises(InputUnreadable, match=r"bad\.jsonl.*unknown-shape 2"):
        run(ingest, tmp_path, files=[good, bad])
    assert not list((tmp_path / "out").iterdir())


def test_the_preflight_finds_an_unusable_input_before_the_run(tmp_path: Path) -> None:
    """F15."""
    (tmp_path / "empty.jsonl").touch()
    assert ingest.preflight is not None
    with pytest.raises(InputEmpty):
        ingest.preflight(IngestArguments(files=("empty.jsonl",)), Bench(tmp_path, tmp_path / "out"))


LINES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.just(b'{"question":"q","answer":"a"}'),
        st.just(b'{"text":"x"}'),
        st.just(b'{"instruction":"x","instances":[{"output":"a"},{"output":"b"}]}'),
        st.recursive(
            st.none() | st.text(max_size=4) | st.integers(-9, 9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["role", "content", "value", "from"]), inner)
            ),
            max_leaves=6,
        ).flatmap(
            lambda value: st.sampled_from(
                ["messages", "conversations", "conversation", "instances"]
            ).map(lambda key: orjson.dumps({key: value, "instruction": "x"}))
        ),
    ),
    max_size=15,
)


@settings(max_examples=200, deadline=None)
@given(lines=LINES)
def test_every_row_of_any_file_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    """F13."""
    folder = tmp_path_factory.mktemp("any")
    data = b"\n".join([b'{"question":"q","answer":"a"}', *lines]) + b"\n"
    (folder / "in.jsonl").write_bytes(data)
    outcome = run(ingest, folder, files=["in.jsonl"])
    account = outcome.rows
    assert account is not None
    assert account.rows_in == data.count(b"\n")
    assert account.rows_in + account.made == account.rows_out + sum(account.dropped.values())
    assert len(read_rows(made(outcome, "rows"))) == account.rows_out
    assert len(read_rows(made(outcome, "dropped"))) == sum(dropped(outcome).values())
