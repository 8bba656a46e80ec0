"""Lines that are no rows: what each was, what it becomes, and what is refused."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.files.jsonl import Fault, Line, parse_line
from crewboard.tools.repair.lines import opened
from crewboard.tools.repair.offers import Fix, fix_of

A = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b."}]}'
B = b'{"messages":[{"role":"user","content":"c"},{"role":"assistant","content":"d."}],"n":1}'
ALL = {
    rule: fix_of(rule, action)
    for rule, action in {
        "bad-utf8": "reconstruct:cp1252",
        "malformed-json": "reconstruct",
        "lone-surrogate": "reconstruct:mark",
        "not-a-number": "reconstruct",
        "not-an-object": "reconstruct",
    }.items()
}


def held(raw: bytes, fixes: dict[str, Fix] = ALL) -> list[bytes | str]:
    """What a line holds: the bytes of its rows, and the reason of what is none."""
    item = parse_line(7, 700, raw)
    return [
        each.item.raw if isinstance(each.item, Line) else str(each.item.reason)
        for each in opened(item, raw, fixes)
    ]


def text(content: str) -> bytes:
    return A.replace(b'"a"', json.dumps(content, ensure_ascii=False).encode())


MENDED = [
    # what stands there, what it becomes
    (b"\xef\xbb\xbf" + A, [A]),  # a mark within a file: files were joined
    (A + B, [A, B]),
    (A + b" , " + B, [A, B]),
    (A + b",", [A]),  # a line of a list
    (b"[" + A + b",", [A]),
    (A + b"]", [A]),
    (A[:-1] + b',"agent":"qa","tex', [A[:-1] + b',"agent":"qa"}']),
    (A[:-1] + b',"agent":"qa"', [A[:-1] + b',"agent":"qa"}']),
    (A[:-1], [A]),
    (A[:-1] + b',"weight":0.2', [A]),
    (A[:-1] + b',"tags":["x",{"y":tr', [A]),
    (text("caf\u00e9 \u201cx\u201d").decode().encode("cp1252"), [text("caf\u00e9 \u201cx\u201d")]),
    (text("\u00e9").replace(b'"b."', b'"na\xefve."'), [text("é").replace(b"b.", "naïve.".encode())]),
    (A[:-1] + b',"w":NaN,"t":"NaN","v":-Infinity}', [A[:-1] + b',"w":null,"t":"NaN","v":null}']),
    (text("x").replace(b"x", rb"h\ud83dq\ud83d\ude00"), [text("x").replace(b"x", rb"h\ufffdq\ud83d\ude00")]),
    (b"[" + A + b"," + B + b"]", [A, B]),
    (A[len(b'{"messages":') : -1], [A]),  # the messages alone
    (json.dumps(A.decode()).encode(), [A]),  # encoded twice
    (A + B[:-1] + b',"w":NaN}', [A, B[:-1] + b',"w":null}']),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "rows"), MENDED)
def test_a_line_becomes_the_rows_that_it_meant(raw: bytes, rows: list[bytes]) -> None:
    assert held(raw) == rows


REFUSED = [
    (A[:-3], "malformed-json"),  # a message is not whole
    (A[:-2], "malformed-json"),  # another message could follow: the list is not closed
    (A + B[:-4], "malformed-json"),  # the second object would be lost
    (A[:-1] + b',"n":1}' + B[:-4], "malformed-json"),
    (A[:-1] + b', "x": nope}', "malformed-json"),  # broken, not cut
    (A[:-1] + b', "x": nope', "malformed-json"),
    (A + b" and more", "malformed-json"),
    (b'{"weight":1,"messages":[{"role":"us', "malformed-json"),
    (text("x").replace(b"x", b"\xe2\x80"), "bad-utf8"),  # a torn character
    (text("x").replace(b"x", b"\x81"), "bad-utf8"),  # nothing in cp1252
    (text("x").replace(b"x", b"\xac\xa6"), "bad-utf8"),  # signs that no text has
    (A[:-1] + b',"w":1e999}', "not-a-number"),
    (b"3", "not-an-object"),
    (b'["a"]', "not-an-object"),
    (b'[{"n":1}]', "not-an-object"),
    (b"", "blank"),
    (b"{" * 3000, "malformed-json"),
    (A[:-1] + b',"w":' + b"1" * 5000 + b"x", "malformed-json"),
]


@pytest.mark.parametrize(("raw", "reason"), REFUSED)
def test_what_would_lose_or_guess_something_stays_a_fault(raw: bytes, reason: str) -> None:
    assert held(raw) == [reason]


@pytest.mark.parametrize("raw", [raw for raw, _ in MENDED])
def test_nothing_is_mended_unasked(raw: bytes) -> None:
    fixes = {rule: Fix(rule, fix_of(rule, "drop").action) for rule in ALL}
    assert held(raw, fixes) == held(raw, {}) == [str(_reason(raw))]


def _reason(raw: bytes) -> str:
    item = parse_line(7, 700, raw)
    assert isinstance(item, Fault)
    return item.reason


def test_only_the_ways_that_were_named_are_gone() -> None:
    fixes = {"malformed-json": fix_of("malformed-json", "reconstruct:bom+several")}
    assert held(A + B, fixes) == [A, B]
    assert held(A[:-1] + b',"x', fixes) == ["malformed-json"]


def test_half_a_pair_can_be_removed() -> None:
    fixes = {"lone-surrogate": fix_of("lone-surrogate", "reconstruct:remove")}
    raw = text("x").replace(b"x", rb"\\ud83d \ud83d.")
    assert held(raw, fixes) == [text("x").replace(b"x", rb"\\ud83d .")]


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.floats()), max_size=4),
       st.integers(0, 400))  # fmt: skip
def test_a_row_that_was_cut_anywhere_never_loses_a_message(
    extra: dict[str, object], at: int
) -> None:
    extra.pop("messages", None)
    row = {"messages": orjson.loads(A)["messages"], **extra}
    raw = json.dumps(row).encode()
    cut = raw[: max(1, len(raw) - 1 - at)]
    for each in held(cut):
        if isinstance(each, bytes):
            assert orjson.loads(each)["messages"] == row["messages"]


@given(st.binary(max_size=80))
def test_any_bytes_are_mended_or_refused(raw: bytes) -> None:
    for each in held(A[:-1] + b',"x":"' + raw.replace(b"\n", b"") + b'"}'):
        assert isinstance(each, str) or parse_line(7, 700, each)
