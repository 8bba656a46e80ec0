import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.tools.dedup.splice import splice

CASES = [
    (b"{}", b'{"w":2}'),
    (b" { } ", b' { "w":2} '),
    (b'{"a":"}"}', b'{"a":"}","w":2}'),
    (b'{"w":{"w":1},"a":1}', b'{"w":2,"a":1}'),
    (b'{"a":{"w":1}}', b'{"a":{"w":1},"w":2}'),
    (b'{"w":1,"w": -1.5e3 }', b'{"w":1,"w": 2 }'),  # readers take the last one
    (b'{"\\u0077":[1]}', b'{"\\u0077":2}'),  # the same key, written otherwise
    (b'{"n":%b}' % (b"9" * 5000), b'{"n":%b,"w":2}' % (b"9" * 5000)),
]


@pytest.mark.parametrize(("raw", "expected"), CASES)
def test_one_value_is_set_and_no_other_byte(raw: bytes, expected: bytes) -> None:
    assert splice(raw, "w", 2) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    row=st.dictionaries(st.sampled_from(["w", "a", "\u00e9", '"', "}"]), VALUES, max_size=4),
    indent=st.none() | st.integers(0, 2),
    escapes=st.sampled_from([True, False]),
)
def test_any_object_reads_as_the_same_with_the_key_set(
    row: dict[str, Any], indent: int | None, escapes: Any
) -> None:
    raw = json.dumps(row, indent=indent, ensure_ascii=escapes).encode()
    assert orjson.loads(splice(raw, "w", {"x": [1]})) == row | {"w": {"x": [1]}}
