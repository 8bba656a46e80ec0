"""What reaches the terminal: data on stdout, talk on stderr, and nothing that steers the screen.

Titles, questions and findings may hold what a model, a row or a peer wrote. Control characters, escape
sequences and marks that turn the reading direction are shown by their number, never sent.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


class ReaderGone(Exception):
    """Whoever read stdout has gone away: there is nobody left to tell."""


def prepare() -> None:
    """Let stdout and stderr take every character: what their encoding lacks is shown escaped. What was
    closed before the start takes everything, and keeps nothing."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def safe(text: str) -> str:
    """`text` with its line breaks and tabs, and everything that could act on a terminal escaped."""
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n"))


def line(text: object, width: int | None = None) -> str:
    """`text` on one line, cut with an ellipsis at `width`."""
    single = " ".join(safe(str(text)).split())
    return single if width is None or len(single) <= width else single[: width - 1] + "…"


def out(text: str = "") -> None:
    """One piece of data to stdout. The caller has made it safe."""
    try:
        sys.stdout.write(text + "\n")
    except BrokenPipeError:
        _let_go()


def document(value: Any) -> None:
    """One JSON document to stdout; ASCII, so that it steers no terminal either."""
    out(json.dumps(value, indent=2))


def json_line(value: Any) -> None:
    out(json.dumps(value))
    flush()


def table(rows: Iterable[Sequence[object]], heads: Sequence[str] = ()) -> None:
    """Rows as aligned columns under their heads; the last column is as long as it likes."""
    cells = [[line(cell) for cell in row] for row in rows]
    if heads and cells:
        cells.insert(0, [head.upper() for head in heads])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        out("  ".join(padded).rstrip())


def talk(text: str) -> None:
    """One line of talk to stderr. A closed stderr silences it; the work goes on."""
    try:
        sys.stderr.write(line(text) + "\n")
        sys.stderr.flush()
    except OSError:  # nobody listens, and that is no reason to stop a crew
        return


def complain(text: str) -> None:
    talk(f"crewboard: {text}")


def flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _let_go() -> None:
    """Point stdout at nothing, so that the interpreter's own last flush is quiet as well."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
    raise ReaderGone from None


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= 0xFF:  # noqa: PLR2004 - one byte
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - two bytes
