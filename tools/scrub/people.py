"""The people whom the user lists in a file: a line each, spellings and addresses parted by `;` or tabs.

Ann Lee; Lee, Ann; Annie Lee; ann.lee@quay-post.net; +1 212-736-5000
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crewboard.errors import InputEmpty, InputUnreadable
from crewboard.tools.files.document import read_document
from crewboard.tools.pii import pii_in
from crewboard.tools.scrub.leaves import texts_in
from crewboard.tools.scrub.names import Finder
from crewboard.tools.scrub.owners import Key, Owners
from crewboard.tools.scrub.spelling import family

NAME = "name"
_PARTS = re.compile(r"[;\t]")
_FEWEST, _LONGEST = 2, 1000


class People:
    """Known names, and which of the values listed beside them are the same person's."""

    def __init__(self, owners: Owners, path: Path | None = None) -> None:
        known: dict[str, Key] = {}
        for parts in _lines(path) if path else ():
            names = [part for part in parts if not any(pii_in(part))]
            if not names:
                continue
            key = owners.key(NAME, names[0])
            known |= {name: key for name in names if name not in known}
            for part in parts:
                for found in pii_in(part):
                    value = part[found.start : found.end]
                    owners.link(key, owners.key(family(found.kind), value))
        self.finder: Finder[Key] = Finder(known)

    def occur_in(self, row: dict[str, Any]) -> bool:
        if not self.finder:
            return False
        return any(any(self.finder.mentions(text)) for _, _, text in texts_in(row))


def _lines(path: Path) -> Iterator[list[str]]:
    """InputEmpty without a line, InputUnreadable for a file that is no text, or lists what is no name."""
    try:
        text = read_document(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputUnreadable(path=path, where="", reason="it is no UTF-8 text") from error
    people = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    if not people:
        raise InputEmpty(path=path)
    for number, line in people:
        if len(line) > _LONGEST:
            reason = f"a line of more than {_LONGEST:,} characters is nobody's names"
            raise InputUnreadable(path=path, where=f" in line {number}", reason=reason)
        parts = [part.strip() for part in _PARTS.split(line) if part.strip()]
        if any(sum(map(str.isalpha, part)) < _FEWEST for part in parts if not any(pii_in(part))):
            reason = f"a name of fewer than {_FEWEST} letters would be found everywhere"
            raise InputUnreadable(path=path, where=f" in line {number}", reason=reason)
        yield parts
