"""Places in files of one name are told apart, by every tool that reads several files."""

from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import chat, made, read_rows, run, write_rows

from crewboard.tools.contract import Tool
from crewboard.tools.convert import convert
from crewboard.tools.dedup import dedup
from crewboard.tools.files.names import names_of
from crewboard.tools.filter import filter_rows
from crewboard.tools.ingest import ingest
from crewboard.tools.mix import mix
from crewboard.tools.scrub import scrub
from crewboard.tools.tokenizer import train

NAMES: list[tuple[list[str], tuple[str, ...]]] = [
    (["a/x.jsonl"], ("x.jsonl",)),
    (["a/x.jsonl", "b/y.jsonl"], ("x.jsonl", "y.jsonl")),
    (["a/x.jsonl", "y.jsonl", "x.jsonl"], ("a/x.jsonl", "y.jsonl", "x.jsonl")),
    (["../x.jsonl", "/d/x.jsonl"], ("../x.jsonl", "/d/x.jsonl")),  # as they were given
    ([], ()),
]
TOOLS: list[tuple[Tool, str, dict[str, Any]]] = [
    (convert, "files", {"to": "sharegpt"}),
    (dedup, "data", {"key": ["messages"], "policy": "drop"}),
    (filter_rows, "data", {"max_words": 100}),
    (ingest, "files", {}),
    (mix, "sources", {"ratios": [0.5, 0.5], "rows": 20}),
    (scrub, "files", {}),
    (train, "files", {"vocab_size": 300}),
]


@pytest.mark.parametrize(("paths", "names"), NAMES)
def test_a_name_is_short_unless_another_file_bears_it(
    paths: list[str], names: tuple[str, ...]
) -> None:
    assert names_of(paths) == names


@pytest.mark.parametrize(("tool", "field", "more"), TOOLS, ids=[tool.name for tool, _, _ in TOOLS])
def test_what_is_left_out_tells_its_file_as_the_caller_named_it(
    tmp_path: Path, tool: Tool, field: str, more: dict[str, Any]
) -> None:
    """F13: a dropped row leads to its line."""
    if tool is train:
        pytest.importorskip("tokenizers")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "rows.jsonl"
        write_rows(path, [chat(f"{folder} asks for {n} boats") for n in range(30)])
        path.write_bytes(path.read_bytes() + b"{broken\n")
    given = ["one/rows.jsonl", "two/rows.jsonl"]
    arguments: dict[str, Any] = {field: given, **more}
    outcome = run(tool, tmp_path, **arguments)
    broken = [row for row in read_rows(made(outcome, "dropped")) if row["line"] == 31]
    assert [row["file"] for row in broken] == given
