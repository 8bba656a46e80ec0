"""What may be given any bytes at all, and what must hold of it then.

Each target takes bytes and returns when all is well: a typed refusal is well, anything else is a fault.
`nightly.py` drives them for long; `test_fuzz_targets.py` holds them on a few bytes and on all that was found.
"""

import atexit
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crewboard.coordination.board.merging.sheet import Sheet
from crewboard.coordination.board.outline import Outline
from crewboard.errors import CrewboardError, UsageError
from crewboard.memory.markdown import join
from crewboard.tools.audit.config import load_config
from crewboard.tools.check.contract import contract_named, contracts, load
from crewboard.tools.convert.catalogue import FORMATS
from crewboard.tools.convert.format import Format, fit, read
from crewboard.tools.convert.model import Unfit
from crewboard.tools.convert.source import read_source
from crewboard.tools.expand.matrix import load_matrix
from crewboard.tools.files.jsonl import Line, read_jsonl
from crewboard.tools.files.rows import read_rows
from crewboard.tools.files.unpack import open_unpacked
from crewboard.tools.generate.recipe import load_recipe
from crewboard.tools.mix.recipe import load_mix

Target = Callable[[bytes], None]

_FOLDER = tempfile.TemporaryDirectory(prefix="crewboard-fuzz-")
atexit.register(_FOLDER.cleanup)
_LIMIT = 4096


def _written(data: bytes, name: str) -> Path:
    path = Path(_FOLDER.name) / f"{os.getpid()}-{name}"
    path.write_bytes(data)
    return path


def jsonl(data: bytes) -> None:
    """Items are numbered without a gap, and each good one stands where it says."""
    number = 0
    with suppress(UsageError):
        for item in read_jsonl(_written(data, "rows"), limit=_LIMIT):
            number += 1
            assert item.number == number
            if isinstance(item, Line) and not data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")):
                assert item.raw in data[item.offset : item.offset + len(item.raw) + 3]
                orjson.dumps(item.row)


def unpacked(magic: bytes, data: bytes) -> None:
    with suppress(UsageError), open_unpacked(_written(magic + data, "packed")) as file:
        while file.read(1 << 20):
            pass


def parquet(data: bytes) -> None:
    with suppress(UsageError):
        for _ in read_rows(_written(b"PAR1" + data + b"PAR1", "table"), limit=_LIMIT):
            pass


def source(data: bytes) -> None:
    with suppress(UsageError):
        for item in read_source(_written(data, "source"), _LIMIT):
            if isinstance(item, Line):
                orjson.dumps(item.row)


def outline(data: bytes) -> None:
    """The scanner loses no byte of a board."""
    Outline.of(data)
    sheet = Sheet.of(data)
    assert join(sheet.outline.document, [*sheet.lines]) == data


def loaded(loader: Callable[[Path], object], suffix: str, data: bytes) -> None:
    with suppress(CrewboardError):
        loader(_written(data, f"document{suffix}"))


_KEYS = Path(__file__).with_name("keys.txt").read_text(encoding="utf-8").split()
"""What rows of the formats and contracts are made of."""
_ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_KEY = st.sampled_from(_KEYS) | st.text(max_size=4)
VALUES = st.recursive(
    _ATOMS | st.sampled_from(_KEYS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEY, inner, max_size=5),
    max_leaves=24,
)
ROWS = st.dictionaries(_KEY, VALUES, max_size=6)


def converted(form: Format, row: dict[str, Any]) -> None:
    """What a format reads can be fitted into every other, or is told to be unfit."""
    try:
        conversation = read(_plain(row), form)
    except Unfit:
        return
    for other in FORMATS.values():
        with suppress(Unfit):
            _as_json(fit(conversation, other, keep=True).row)


def checked(name: str, row: dict[str, Any]) -> None:
    """A breach names its place in words that are safe to print."""
    for breach in contract_named(name).breaches(_plain(row)):
        assert breach.rule
        assert f"{breach.where}{breach.reason}".isprintable()


def _as_json(row: object) -> None:
    with suppress(orjson.JSONEncodeError):  # the tool counts those as too deep
        orjson.dumps(row)


def _of_rows(holds: Callable[[dict[str, Any]], None]) -> Target:
    """A target of rows as one of bytes: hypothesis makes the row of them."""

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(row=ROWS)
    def on(row: dict[str, Any]) -> None:
        holds(row)

    def of_bytes(data: bytes) -> None:
        on.hypothesis.fuzz_one_input(data)  # type: ignore[attr-defined]

    return of_bytes


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """As it would have come from a file: without what JSON cannot hold."""
    try:
        plain: dict[str, Any] = orjson.loads(orjson.dumps(row))
    except orjson.JSONEncodeError:
        return {}
    return plain


def _targets() -> Iterator[tuple[str, Target]]:
    yield "jsonl", jsonl
    yield "gzip", partial(unpacked, b"\x1f\x8b\x08")
    yield "zstd", partial(unpacked, b"\x28\xb5\x2f\xfd")
    yield "parquet", parquet
    yield "source", source
    yield "outline", outline
    yield "mix", partial(loaded, load_mix, ".toml")
    yield "audit", partial(loaded, load_config, ".toml")
    yield "recipe", partial(loaded, load_recipe, ".toml")
    yield "contract", partial(loaded, load, ".toml")
    for suffix in ("toml", "csv", "md"):
        yield f"matrix-{suffix}", partial(loaded, load_matrix, f".{suffix}")
    for name, form in FORMATS.items():
        yield f"format-{name}", _of_rows(partial(converted, form))
    for name in contracts():
        yield f"check-{name}", _of_rows(partial(checked, name))


TARGETS: dict[str, Target] = dict(_targets())
