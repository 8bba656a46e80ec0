"""A line with its values replaced, every other byte as it was."""

import json
import re
from collections.abc import Iterable, Iterator

from crewboard.tools.pii import pii_in
from crewboard.tools.scrub.eye import Sighting
from crewboard.tools.scrub.literals import Path

_PLAIN_KEY = re.compile(r"[A-Za-z_]{1,30}")


def rewritten(text: str, found: Iterable[tuple[Sighting, str]]) -> str:
    """`text` with each sighting, in order, replaced by what goes with it."""
    return "".join(_pieces(text, found))


def _pieces(text: str, found: Iterable[tuple[Sighting, str]]) -> Iterator[str]:
    at = 0
    for sighting, new in found:
        yield text[at : sighting.start]
        yield _written(sighting, new)
        at = sighting.end
    yield text[at:]


def _written(sighting: Sighting, new: str) -> str:
    """As JSON: a word in the place of a number needs quotes, and these are escaped in each string."""
    if not sighting.leaf.is_number or new.isdigit():
        return new
    new = f'"{new}"'
    for _ in range(sighting.leaf.depth):
        new = json.dumps(new)[1:-1]
    return new


def field_name(path: Path) -> str:
    """`messages[0].content`. A key that is no plain word may itself say something: it becomes `*`."""
    parts = [f"[{step}]" if isinstance(step, int) else f".{_key(step)}" for step in path]
    return "".join(parts).removeprefix(".")


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) and not any(pii_in(key)) else "*"
