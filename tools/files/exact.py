"""Whether a row, as it was read, is what its line says: whoever writes a row anew has to know.

orjson reads an integer beyond 64 bits as the nearest double. A row that stays byte for byte keeps it.
"""

import json
import re
from typing import Any

from crewboard.tools.files.jsonl import Line

INEXACT = "integer-too-large"
NOTE = "an integer of it is beyond 64 bits and would be rounded; write it as text"
_LONG = re.compile(rb"[:,\[\s]-?\d{19}")
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1


def is_exact(line: Line) -> bool:
    if not _LONG.search(line.raw):
        return True
    try:
        return all(_LEAST <= each <= _MOST for each in _integers(json.loads(line.raw)))
    except (ValueError, RecursionError):  # thousands of digits, or as deep as could just be read
        return False


def _integers(value: Any) -> list[int]:
    found: list[int] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, int) and not isinstance(each, bool):
            found.append(each)
    return found
