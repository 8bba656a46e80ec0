"""A number that reading would round is never written anew as another number."""

from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import dropped, run

from crewboard.tools.contract import Tool
from crewboard.tools.convert.tool import convert
from crewboard.tools.expand import expand
from crewboard.tools.files.exact import is_exact
from crewboard.tools.files.jsonl import Line, parse_line
from crewboard.tools.ingest import ingest

GOOD = b'{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]'


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (b"18446744073709551615", True),
        (b"18446744073709551616", False),
        (b"-9223372036854775808", True),
        (b"-9223372036854775809", False),
        (b'{"a": [1, {"b":99999999999999999999}]}', False),
        (b"[99999999999999999999]", False),
        (b'"99999999999999999999"', True),
        (b'": 99999999999999999999"', True),
        (b"1234567890123456789.5", True),
        (b"9" * 5000, False),
        (b"true", True),
    ],
)
def test_an_integer_beyond_64_bits_is_told(value: bytes, *, exact: bool) -> None:
    line = parse_line(1, 0, b'{"x": ' + value + b"}")
    assert not isinstance(line, Line) or is_exact(line) is exact


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (convert, {"files": ["in.jsonl"], "to": "chat"}),
        (ingest, {"files": ["in.jsonl"]}),
        (expand, {"sources": ["in.jsonl"], "agents": ["a"], "rows": 1}),
    ],
)
def test_a_tool_that_writes_rows_anew_leaves_such_a_row_out(
    tmp_path: Path, tool: Tool, arguments: dict[str, Any]
) -> None:
    big = GOOD + b', "id_of_it": 123456789012345678901234567890}\n'
    (tmp_path / "in.jsonl").write_bytes(big + GOOD + b"}\n")
    assert dropped(run(tool, tmp_path, **arguments)) == {"integer-too-large": 1}
