"""What `--fix` mends: only what loses nothing, and only the rules that say so.

An identical copy of a card in one lane goes, and a merge conflict becomes what both sides say. All
else needs somebody who knows what was meant.
"""

from dataclasses import dataclass

from crewboard.coordination.board.conflicts import resolve
from crewboard.coordination.board.lint.cards import twins
from crewboard.coordination.board.outline import Outline
from crewboard.coordination.board.splice import Splice


@dataclass(frozen=True)
class Fixed:
    """The mended board, and what was done, in words."""

    data: bytes
    done: tuple[str, ...]


def fixed(data: bytes) -> Fixed:
    """Mend what can be mended without loss; `data` itself where there is nothing."""
    done: list[str] = []
    outline = Outline.of(data)
    if (resolved := resolve(data).data) != data:
        data, outline = resolved, Outline.of(resolved)
        done.append("B604: merge conflicts resolved, both sides are there")
    if copies := twins(outline):
        splice = Splice(outline.document)
        for item in copies:
            splice.replace(item.start, item.end, ())
        data = splice.bytes()
        done.append(f"B104: identical copies of cards taken out ({len(copies)})")
    return Fixed(data, tuple(done))
