"""One line after the other: a bad one is a fault with its place, and hides no other."""

import os
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crewboard.errors import InputEmpty, InputMissing, InputUnreadable, UsageError
from crewboard.tools.files.jsonl import Fault, Line, Reason, parse_line, read_jsonl

GOOD = b'{"a":1}'

BAD_LINES = [
    (b"", Reason.BLANK),
    (b"  \t", Reason.BLANK),
    (b'{"a": "cut o', Reason.MALFORMED),
    (b'{"a":1} {"b":2}', Reason.MALFORMED),
    (b"{'a': 1}", Reason.MALFORMED),
    (b'{"a": "\xff\xfe"}', Reason.BAD_UTF8),
    (b'{"a": "\xed\xa0\x80"}', Reason.BAD_UTF8),  # a surrogate encoded as if it were a character
    (b'{"a": "\\ud800"}', Reason.LONE_SURROGATE),
    (b'{"a": NaN}', Reason.NOT_A_NUMBER),
    (b'{"a": -Infinity}', Reason.NOT_A_NUMBER),
    (b'{"a": 1e999}', Reason.NOT_A_NUMBER),
    (b"[1, 2]", Reason.NOT_AN_OBJECT),
    (b'"text"', Reason.NOT_AN_OBJECT),
    (b"null", Reason.NOT_AN_OBJECT),
    (b'{"a":' + b"[" * 300 + b"]" * 300 + b"}", Reason.TOO_DEEP),
    (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", Reason.MALFORMED),
    (b'{"a":' + b"9" * 5000 + b"x}", Reason.MALFORMED),
]


def items(path: Path, data: bytes, limit: int = 1000) -> list[Line | Fault]:
    path.write_bytes(data)
    return list(read_jsonl(path, limit=limit))


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES)
def test_a_bad_line_is_a_fault_with_its_place_and_its_neighbours_stay(
    tmp_path: Path, bad: bytes, reason: Reason
) -> None:
    found = items(tmp_path / "x", GOOD + b"\n" + bad + b"\n" + GOOD + b"\n", limit=20_000)
    assert [type(item) for item in found] == [Line, Fault, Line]
    assert isinstance(found[1], Fault)
    assert (found[1].number, found[1].offset, found[1].reason) == (2, 8, reason)
    assert found[2].offset == 8 + len(bad) + 1


def test_no_depth_is_too_deep_to_be_told() -> None:
    """Where the standard library can just read a line and not write it again, the reason is still told."""
    for depth in range(900, 1010):
        odd = b'{"a":' + b"[" * depth + b'"\\ud800"' + b"]" * depth + b"}"
        assert isinstance(parse_line(1, 0, odd), Fault)


def test_a_note_is_in_words_for_people() -> None:
    fault = parse_line(1, 0, b'{"a":' + b"[" * 90_000 + b"]" * 90_000 + b"}")
    assert isinstance(fault, Fault)
    assert fault.note == "nested too deep"


def test_a_line_over_the_limit_is_skipped_in_pieces(tmp_path: Path) -> None:
    long = b'{"a":"' + b"x" * (3 << 20) + b'"}'
    found = items(tmp_path / "x", GOOD + b"\n" + long + b"\n" + GOOD + b"\n")
    assert [getattr(item, "reason", "good") for item in found] == ["good", "over-long-line", "good"]
    assert found[2].offset == len(GOOD) + len(long) + 2


@pytest.mark.parametrize("size", [999, 1000, 1001])
def test_the_limit_counts_the_bytes_of_the_line_without_its_end(tmp_path: Path, size: int) -> None:
    line = b'{"a":"' + b"x" * (size - 8) + b'"}'
    for end in (b"\n", b""):
        found = items(tmp_path / "x", GOOD + b"\n" + line + end)
        assert isinstance(found[1], Line) == (size <= 1000)


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbf{"a":1}\n{"a":1}\n',  # a byte order mark
        b'{"a":1}\r\n{"a":1}\r\n',  # ends of Windows
        b'{"a":1}\n{"a":1}',  # no end at all
    ],
)
def test_marks_and_line_ends_of_other_systems_are_no_faults(tmp_path: Path, data: bytes) -> None:
    assert [item.raw for item in items(tmp_path / "x", data) if isinstance(item, Line)] == [
        GOOD
    ] * 2


def test_an_offset_leads_back_to_the_line(tmp_path: Path) -> None:
    data = b'{"n":1}\r\n\nnot json\n{"n":2}\n{"n":3}'
    for item in items(tmp_path / "x", data):
        if isinstance(item, Line):
            assert data[item.offset :].startswith(item.raw)


def test_the_tap_sees_every_byte_in_order(tmp_path: Path) -> None:
    data = GOOD + b"\n\n" + b"x" * 5000 + b"\r\n" + GOOD
    path, seen = tmp_path / "x", bytearray()
    path.write_bytes(data)
    list(read_jsonl(path, limit=100, tap=seen.extend))
    assert bytes(seen) == data


def test_what_is_no_file_of_rows_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "loop").symlink_to("loop")
    cases: list[tuple[Path, type[UsageError]]] = [
        (tmp_path / "absent", InputMissing),
        (tmp_path / "folder", InputUnreadable),
        (tmp_path / "pipe", InputUnreadable),
        (tmp_path / "empty", InputEmpty),
        (tmp_path / "loop", InputUnreadable),
        (Path("/dev/zero"), InputUnreadable),
    ]
    for path, error in cases:
        with pytest.raises(error, match=path.name):
            read_jsonl(path)


@pytest.mark.parametrize("data", [b"\n\n \n", b"\xef\xbb\xbf", b"\r\n"])
def test_a_file_of_blank_lines_holds_no_rows(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputEmpty):
        items(tmp_path / "x", data)


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"PAR1\x00\xff", b'[{"a":1},{"a":2}]'])
def test_a_file_without_a_single_object_is_not_jsonl(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputUnreadable, match="not JSONL"):
        items(tmp_path / "x", data)


LINES = st.lists(
    st.one_of(
        st.binary(max_size=30).filter(lambda raw: b"\n" not in raw),
        st.dictionaries(st.text(max_size=3), st.integers(-9, 9), max_size=2).map(orjson.dumps),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(lines=LINES, end=st.sampled_from([b"\n", b"\r\n"]))
def test_any_bytes_give_one_item_a_line_or_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], end: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(b"".join(line + end for line in [GOOD, *lines, GOOD]))
    found = list(read_jsonl(path, limit=25))
    assert [item.number for item in found] == list(range(1, len(lines) + 3))
    assert isinstance(found[0], Line)
    assert isinstance(found[-1], Line)
    sizes = [len(line) + len(end) for line in [GOOD, *lines]]
    assert [item.offset for item in found] == [sum(sizes[:i]) for i in range(len(found))]
