"""Sound inputs of the targets that take a document or a packed file: the fuzzer begins from these."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from crewboard.coordination import board
from crewboard.tools import check, generate

_ROWS = b'{"messages": [{"role": "user", "content": "q"}]}\n{"text": "\\u00e9"}\n'
_MIX = b"""seed = 42\nanchor = "a"\nmax_words = 400\n[sources.a]\nfiles = ["a.jsonl"]\nratio = 0.2\ncap = 9
[sources.b]\nfiles = ["b.jsonl"]\nratio = 0.8\noversample = 2\n"""
_AUDIT = b"""max_words = 200\nlanguages = ["en"]\n[tolerate]\nduplicate = 0.1\n[fields]\nagent = "who"
[balance.difficulty]\nplan = { easy = 0.5, hard = 0.5 }\ntolerance = 0.1\n"""


def seeds_of(name: str) -> Iterator[bytes]:
    """Few bytes each; nothing for a target of rows, whose bytes mean what hypothesis takes them for."""
    plain = {
        "jsonl": [_ROWS],
        "source": [_ROWS, b'[{"a": [1, "\\""]},\n {"b": {}}]', b'{\n"a": 1\n}'],
        "gzip": [gzip.compress(_ROWS, mtime=0)[3:]],
        "mix": [_MIX],
        "audit": [_AUDIT],
        "matrix-toml": [b"[compatibility]\na = { a = 1, b = 0.5 }\nb = { a = 0.2, b = 1 }\n"],
        "matrix-csv": [b",a,b\na,1,.5\nb,.2,1\n"],
        "matrix-md": [b"| | a | b |\n|-|-|-|\n| a | 1 | .5 |\n| b | .2 | 1 |\n"],
    }
    yield from plain.get(name, [])
    if name == "zstd":
        import zstandard

        yield zstandard.compress(_ROWS)[4:]
    elif name == "parquet":
        yield _table()[4:-4]
    elif name in _FOLDERS:
        folder, pattern = _FOLDERS[name]
        yield from (path.read_bytes() for path in sorted(folder.glob(pattern)))


_FOLDERS = {
    "outline": (Path(board.__file__).parent, "*.md"),
    "contract": (Path(check.__file__).parent / "contracts", "*.toml"),
    "recipe": (Path(generate.__file__).parent / "recipes", "*.toml"),
}


def _table() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"text": ["q", None], "n": [1, 2], "l": [[1], []]}), out)
    return out.getvalue()
