"""Every target of the nightly fuzzer on some bytes; what a night has found stays here as a case."""

import pytest
from fuzz.seeds import seeds_of
from fuzz.targets import ROWS, TARGETS, checked, converted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crewboard.tools.check.contract import contracts
from crewboard.tools.convert.catalogue import FORMATS

BYTES = {name: target for name, target in TARGETS.items() if "-" not in name or "matrix" in name}
FOUND: list[tuple[str, bytes]] = [
    (
        "jsonl",
        b'{"a":' + b"[" * 950 + b'"\\ud800"' + b"]" * 950 + b"}",
    ),  # read, and not written again
    ("source", b'[{"a":"' + b'\\"' * 5000),
    ("contract", b'title = "t"\nsource = "s"\nread = "r"\nroot = "x"\n[shapes.x]\na = true\n'),
    (
        "contract",
        b'title = "t"\nsource = "s"\nread = "r"\nroot = "x"\nfile = 5\n[shapes.x]\na = "text"\n',
    ),
    ("contract", b'like = "../../../secret"\n'),
    ("contract", b"like = 5\n"),
    ("parquet", next(seeds_of("parquet")).replace(b"text", b"te\xb6t")),  # a column's name
]


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_once_holds(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", BYTES)
def test_what_the_fuzzer_begins_from_holds_however_it_is_cut(name: str) -> None:
    for seed in seeds_of(name):
        for end in range(len(seed), 0, -max(1, len(seed) // 40)):
            TARGETS[name](seed[:end])
            TARGETS[name](seed[:end] + b"\xff" + seed[end:])


@pytest.mark.parametrize("name", BYTES)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    TARGETS[name](data)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(row=ROWS)
def test_any_row_is_converted_or_unfit(name: str, row: dict[str, object]) -> None:
    converted(FORMATS[name], row)


@pytest.mark.parametrize("name", contracts())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(row=ROWS)
def test_any_row_is_checked(name: str, row: dict[str, object]) -> None:
    checked(name, row)
