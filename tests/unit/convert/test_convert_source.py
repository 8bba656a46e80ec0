"""Files that are one JSON array or object, beside those of lines."""

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.convert.conversations import JSON

from crewboard.errors import InputEmpty, InputUnreadable
from crewboard.tools.convert import source
from crewboard.tools.convert.source import read_source
from crewboard.tools.files.jsonl import Fault, Line

LIMIT = 10_000_000


def items(folder: Path, data: bytes) -> list[Line | Fault]:
    path = folder / "in.json"
    path.write_bytes(data)
    return list(read_source(path, LIMIT))


def rows(found: list[Line | Fault]) -> list[dict[str, Any]]:
    return [item.row for item in found if isinstance(item, Line)]


FILES: list[tuple[str, bytes, list[dict[str, int]]]] = [
    ("lines", b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
    ("one line without its end", b'{"a":1}', [{"a": 1}]),
    ("an array on one line", b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
    ("an array over lines", b'[\n  {"a": 1},\n  {"a":\n 2}\n]\n', [{"a": 1}, {"a": 2}]),
    ("an array behind a BOM", b'\xef\xbb\xbf[{"a":1}]', [{"a": 1}]),
    ("an array with a comma at its end", b'[{"a":1},]', [{"a": 1}]),
    ("one object over lines", b'{\n  "a": 1\n}\n', [{"a": 1}]),
    ("lines, of which the first is an array", b'[1]\n{"a":2}\n', [{"a": 2}]),
]


@pytest.mark.parametrize(("name", "data", "expected"), FILES)
def test_rows_are_found_in_files_of_every_build(
    tmp_path: Path, name: str, data: bytes, expected: list[dict[str, int]]
) -> None:
    assert rows(items(tmp_path, data)) == expected


def test_an_element_is_told_by_its_line_and_the_byte_where_it_begins(tmp_path: Path) -> None:
    data = '[\n  {"a": "ü"},\n  {"a": nope},\n  7,\n  {"a": 3}]'.encode()
    found = items(tmp_path, data)
    assert [(i.number, type(i).__name__) for i in found] == [
        *((2, "Line"), (3, "Fault"), (4, "Fault"), (5, "Line"))
    ]
    for item, start in zip(found, (b'{"a": "\xc3', b'{"a": nope', b"7", b'{"a": 3'), strict=True):
        assert data[item.offset :].startswith(start)


def test_a_bad_element_loses_no_other(tmp_path: Path) -> None:
    found = items(tmp_path, b'[{"a":1}, {"a": NaN}, {"a":3}]')
    assert rows(found) == [{"a": 1}, {"a": 3}]
    [fault] = [item for item in found if isinstance(item, Fault)]
    assert fault.reason == "not-a-number"


def test_an_over_long_element_loses_no_other_and_is_not_held(tmp_path: Path) -> None:
    long = (
        b'{"text":\n "' + b'\\"[' * LIMIT + b'"}'
    )  # three times the limit, quotes and brackets in it
    found = items(tmp_path, b'[{"a":1},\n ' + long + b',\n {"a":3}]')
    assert rows(found) == [{"a": 1}, {"a": 3}]
    assert [getattr(item, "reason", "") for item in found] == ["", "over-long-line", ""]
    assert [item.number for item in found] == [1, 2, 4]
    assert found[2].offset == len(b'[{"a":1},\n ' + long + b",\n ")


def test_a_text_that_a_piece_ends_in_is_not_looked_at_again_and_again(tmp_path: Path) -> None:
    """A million escaped quotes beyond the end of a piece once took hours."""
    told = b'{"code":"' + b'print(\\"x\\")' * 500_000 + b'"}'
    assert len(rows(items(tmp_path, b'[{"a":1},' + told + b"]"))) == 2


def test_an_array_that_is_cut_off_gives_what_it_has_and_a_fault(tmp_path: Path) -> None:
    found = items(tmp_path, b'[{"a":1}, {"a":2}, {"a"')
    assert rows(found) == [{"a": 1}, {"a": 2}]
    assert isinstance(found[-1], Fault)
    assert found[-1].note == "the array is not closed"


def test_something_behind_an_array_is_a_fault(tmp_path: Path) -> None:
    found = items(tmp_path, b'[\n{"a":1}]\n{"a":2}')
    assert rows(found) == [{"a": 1}]
    assert isinstance(found[-1], Fault)


def test_an_array_of_nothing_is_no_input(tmp_path: Path) -> None:
    with pytest.raises(InputEmpty):
        items(tmp_path, b"[]")
    with pytest.raises(InputUnreadable, match=r"no line is a JSON object"):
        items(tmp_path, b"[1, 2]")


def test_a_packed_array_is_read_like_any_other(tmp_path: Path) -> None:
    assert rows(items(tmp_path, gzip.compress(b'[{"a":1},{"a":2}]'))) == [{"a": 1}, {"a": 2}]


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), min_size=1, max_size=8),
    option=st.sampled_from([0, orjson.OPT_INDENT_2]),
    chunk=st.integers(1, 40),
)
def test_an_array_is_split_right_wherever_its_pieces_are_cut(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any], option: int, chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "_CHUNK", chunk)
        assert rows(items(folder, orjson.dumps(values, option=option))) == values


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60).map(lambda tail: b"[" + tail))
def test_any_bytes_behind_a_bracket_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    try:
        found = items(tmp_path_factory.mktemp("any"), data)
    except (InputEmpty, InputUnreadable):
        return
    assert rows(found)
