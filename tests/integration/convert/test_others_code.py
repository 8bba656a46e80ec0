"""What is written for others, read by their own code: OpenAI's SDK, datasets, TRL, Harbor."""

import importlib.util
import os
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.convert.conversations import (
    ASKED,
    CALLED,
    CONVERSATIONS,
    FOUND,
    PREFERENCES,
    SAID,
    TOOL,
    Row,
)
from unit.tools.data_rows import made, read_rows, run, write_rows

from crewboard.tools.check import contract_named
from crewboard.tools.convert import FORMATS, Conversation, Unfit, convert, fit, read

HARBOR = os.environ.get("CREWBOARD_TEST_HARBOR", "")
"""The Python of an environment that has `harbor`, which needs 3.12 or later."""
CHAT: Row = {"messages": [{"role": "system", "content": "s"}, ASKED, CALLED, FOUND, SAID]}
PAIR: Row = {"messages": [ASKED], "chosen": [SAID], "rejected": [SAID | {"content": "b"}]}
needs = {
    name: pytest.mark.skipif(
        importlib.util.find_spec(name) is None, reason=f"needs {name}, of the train or openai extra"
    )
    for name in ("openai", "datasets", "trl")
}


def rows_as(name: str, rows: list[Row]) -> list[Row]:
    return [fit(read(row, FORMATS["chat"]), FORMATS[name]).row for row in rows]


@needs["openai"]
@settings(max_examples=60, deadline=None)
@given(conversation=CONVERSATIONS)
def test_openais_own_types_take_what_is_written_for_it(conversation: Conversation) -> None:
    """The SDK's types of a chat request; a fine-tuning row has the same messages, and `weight`."""
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
    from pydantic import TypeAdapter

    try:
        row = fit(conversation, FORMATS["openai"]).row
    except Unfit:
        return
    messages = [{k: v for k, v in m.items() if k != "weight"} for m in row["messages"]]
    adapter: TypeAdapter[Any] = TypeAdapter(list[ChatCompletionMessageParam])
    adapter.validate_python(messages)
    tools: TypeAdapter[Any] = TypeAdapter(list[ChatCompletionToolParam])
    tools.validate_python(row.get("tools", []))


@needs["datasets"]
def test_datasets_loads_each_shape_that_is_written_for_trainers(tmp_path: Path) -> None:
    from datasets import load_dataset

    several = [CHAT | {"tools": [TOOL], "level": 3}, {"messages": [ASKED, SAID], "weight": 0.4}]
    name = write_rows(tmp_path / "in.jsonl", several)
    for to in ("trl", "axolotl", "sharegpt", "llama-factory", "openai"):
        path = made(run(convert, tmp_path, to, files=[name], to=to), "rows")
        file = path / "in.jsonl" if path.is_dir() else path
        cache = str(tmp_path / "cache")
        loaded = load_dataset("json", data_files=str(file), split="train", cache_dir=cache)
        assert loaded.num_rows == 2


@needs["datasets"]
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(conversations=st.lists(CONVERSATIONS | PREFERENCES, min_size=1, max_size=6))
def test_a_table_keeps_everything_through_datasets(
    tmp_path_factory: pytest.TempPathFactory, conversations: list[Conversation]
) -> None:
    """As `datasets` loads and writes it, whatever the rows hold: one schema, and nothing is lost."""
    from datasets import Dataset, disable_progress_bars

    disable_progress_bars()
    folder = tmp_path_factory.mktemp("table")
    chat = [fit(each, FORMATS["chat"]).row for each in conversations]
    name = write_rows(folder / "in.jsonl", chat)
    table = made(run(convert, folder, files=[name], to="parquet"), "rows")
    loaded = Dataset.from_parquet(str(table), cache_dir=str(folder / "cache"))
    assert loaded.num_rows == len(conversations)
    loaded.to_parquet(str(folder / "again.parquet"))
    again = run(convert, folder, "b", files=["again.parquet"], source="parquet", to="chat")
    assert [read(row, FORMATS["chat"]) for row in read_rows(made(again, "rows"))] == [
        read(row, FORMATS["chat"]) for row in chat
    ]


@needs["trl"]
def test_trl_knows_each_of_its_shapes() -> None:
    from trl import is_conversational
    from trl.data_utils import is_conversational_from_value

    assert all(is_conversational(row) for row in rows_as("trl", [CHAT, PAIR]))
    assert all(is_conversational(row) for row in rows_as("trl-prompt-completion", [CHAT]))
    assert not any(is_conversational_from_value(row) for row in rows_as("trl", [CHAT]))


@needs["trl"]
def test_a_chat_template_prints_the_arguments_of_a_call_as_json() -> None:
    """The part of Qwen's template that prints calls; a text under `arguments` would come out quoted."""
    from jinja2 import Environment

    template = Environment(autoescape=False).from_string(
        "{% for m in messages %}{% for c in m.tool_calls or [] %}"
        '{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}'
        "{% endfor %}{% endfor %}"
    )
    [row] = rows_as("trl", [CHAT])
    assert template.render(row) == '{"name": "find", "arguments": {"of": "x"}}'


@pytest.mark.skipif(
    not HARBOR, reason="name the Python of an environment with harbor in CREWBOARD_TEST_HARBOR"
)
def test_harbors_validator_takes_what_is_written_as_atif(tmp_path: Path) -> None:
    found: list[Row] = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(conversation=CONVERSATIONS)
    def collect(conversation: Conversation) -> None:
        found.append(fit(conversation, FORMATS["atif"]).row)

    collect()
    bad = found[0] | {"steps": [found[0]["steps"][0] | {"step_id": 9}]}
    for i, row in enumerate([*found, bad]):
        (tmp_path / f"{i:03}.json").write_bytes(orjson.dumps(row))
    program = (
        "import sys, pathlib\n"
        "from harbor.utils.trajectory_validator import TrajectoryValidator\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).glob('*.json')):\n"
        "    validator = TrajectoryValidator()\n"
        "    print(int(validator.validate(path)), *validator.get_errors())\n"
    )
    told = subprocess.run(
        [HARBOR, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert len(told) == len(found) + 1
    assert [line for line in told[:-1] if not line.startswith("1")] == []
    assert told[-1].startswith("0"), "the validator can refuse"
    contract = contract_named("atif")
    assert all(not list(contract.breaches(row)) for row in found)
    assert list(contract.breaches(bad))
