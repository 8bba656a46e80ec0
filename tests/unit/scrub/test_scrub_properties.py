"""For any row: nothing real is left, nothing else is touched, and once is enough."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crewboard.tools.files.jsonl import Line
from crewboard.tools.pii import REAL, pii_in
from crewboard.tools.scrub.clean import Cleaned, clean
from crewboard.tools.scrub.eye import Eye, Wanted
from crewboard.tools.scrub.leaves import nested
from crewboard.tools.scrub.owners import Label, Owners
from crewboard.tools.scrub.people import People
from crewboard.tools.scrub.styles import Style, renderer

KINDS = ("email", "phone", "ssn", "card", "iban", "api-key", "ip")
VALUES = (
    *("ann.lee@quay-post.net", "Bob_77@mail.quay-post.co.uk", "212-736-5000", "+1(212) 736-5000"),
    *("(212) 736-5000", "+44 20 7946 1958", "+4915112345678", "219-45-6789", "8.8.8.8"),
    *("4539 1488 0343 6467", "4539148803436467", "DE44 5001 0517 5407 3249 31"),
    *("DE44500105175407324931", "sk-proj-aB3dE5gH7jK9mN1pQ3rS5tU7", "2606:4700:4700:0:0:0:0:1111"),
    *("-----BEGIN PRIVATE KEY-----", "AKIAQ3EGRTYHJUIKLOP7"),
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
GLUE = st.sampled_from(
    ["", " ", "\n", "`", "``", "\n```\n", '"', "\\", "@", "+", "-", ".", "é", "1"]
)
PIECES = st.lists(st.one_of(st.sampled_from(VALUES), WORDS, GLUE), max_size=12)
TEXTS = PIECES.map("".join)
LEAVES = TEXTS | st.integers(0, 10**18) | st.just(4539148803436467) | st.none()
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "to", "b"]), inner, max_size=3)
    ),
    max_leaves=6,
)
NESTED = PLAIN | PLAIN.map(json.dumps) | PLAIN.map(lambda it: json.dumps({"x": json.dumps([it])}))
ROWS = st.dictionaries(st.sampled_from(["content", "answer", "arguments", "q"]), NESTED, max_size=3)
STYLES: tuple[Style, ...] = ("placeholder", "reserved")


def cleaned(raw: bytes, style: Style, *, in_code: bool = False) -> Cleaned:
    owners = Owners()
    eye = Eye(Wanted(KINDS, in_code), owners, People(owners))
    line = Line(1, 0, raw, orjson.loads(raw))
    return clean(line, eye, KINDS, renderer(style), (lambda _: Label("1", 0),))


def written(row: dict[str, Any], *, ascii_only: bool) -> bytes:
    return json.dumps(row, ensure_ascii=ascii_only).encode()


def real_in(value: Any) -> list[str]:
    if isinstance(value, str):
        inner = nested(value)
        if inner is not None:
            return real_in(inner)
        return [hit.kind for hit in pii_in(value) if hit.kind in REAL or hit.kind == "ip"]
    if isinstance(value, dict | list):
        values = value.values() if isinstance(value, dict) else value
        return [kind for each in values for kind in real_in(each)]
    return real_in(str(value)) if isinstance(value, int) else []


@pytest.mark.parametrize("style", STYLES)
@given(row=ROWS, ascii_only=st.booleans())
@settings(deadline=None)
def test_nothing_real_is_left(style: Style, row: dict[str, Any], *, ascii_only: bool) -> None:
    done = cleaned(written(row, ascii_only=ascii_only), style, in_code=True)
    assert not done.remaining
    assert real_in(orjson.loads(done.raw)) == []


@pytest.mark.parametrize("style", STYLES)
@given(row=ROWS, ascii_only=st.booleans())
@settings(deadline=None)
def test_once_is_enough(style: Style, row: dict[str, Any], *, ascii_only: bool) -> None:
    once = cleaned(written(row, ascii_only=ascii_only), style)
    twice = cleaned(once.raw, style)
    assert twice.raw == once.raw
    assert twice.changes == []


@pytest.mark.parametrize("style", STYLES)
@given(row=ROWS, ascii_only=st.booleans())
@settings(deadline=None)
def test_whatever_was_no_hit_is_there_as_it_was_written(
    style: Style, row: dict[str, Any], *, ascii_only: bool
) -> None:
    """What stands between the hits stands between their replacements, in order."""
    raw = written(row, ascii_only=ascii_only)
    owners = Owners()
    eye = Eye(Wanted(KINDS), owners, People(owners))
    found = eye.look(raw.decode(), orjson.loads(raw)).found
    text, at, rest = raw.decode(), 0, []
    for each in found:
        assert at <= each.start < each.end
        rest.append(text[at : each.start])
        at = each.end
    rest.append(text[at:])
    done = cleaned(raw, style)
    assume(len(done.changes) == len(found))  # none arose of two that touched
    left, at = done.raw.decode(), 0
    for piece in rest:
        at = left.index(piece, at) + len(piece)
    added = sum(len(new) for _, new in done.changes)
    assert len(left) - sum(map(len, rest)) >= added
    assert left.startswith(rest[0])
    assert left.endswith(rest[-1])
    assert found or left == text


@given(row=ROWS, ascii_only=st.booleans())
@settings(deadline=None)
def test_the_shape_of_a_row_and_of_json_in_it_stays(
    row: dict[str, Any], *, ascii_only: bool
) -> None:
    done = orjson.loads(cleaned(written(row, ascii_only=ascii_only), "placeholder").raw)
    assert shape(done) == shape(row)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    inner = nested(value) if isinstance(value, str) else None
    return ["json", shape(inner)] if inner is not None else value is None
