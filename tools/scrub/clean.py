"""One line made clean: look, replace, and look again by another way until nothing is left."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import orjson

from crewboard.tools.files.jsonl import Line
from crewboard.tools.scrub.eye import Eye, Look, Sighting
from crewboard.tools.scrub.owners import Label
from crewboard.tools.scrub.rewrite import rewritten
from crewboard.tools.scrub.styles import Render

_ROUNDS = 6
"""Two values that touched may become a third when one is replaced; more than twice was never seen."""

LabelOf = Callable[[Sighting], Label]


@dataclass(frozen=True)
class Cleaned:
    """A line, what was seen in it at first, and what was replaced. `remaining` counts by kind what
    could not be replaced; it is empty for a line that may be written."""

    raw: bytes
    look: Look
    changes: list[tuple[Sighting, str]] = field(default_factory=list)
    remaining: Counter[str] = field(default_factory=Counter)


def clean(
    line: Line, eye: Eye, only: Sequence[str], render: Render, labels: Sequence[LabelOf]
) -> Cleaned:
    """`labels` labels what is seen in the first round, and what arises in later ones."""
    text, row, changes = line.raw.decode(), line.row, []
    look = first = eye.look(text, row, only)
    for round_ in range(_ROUNDS):
        label_of = labels[min(round_, len(labels) - 1)]
        pairs = [(each, render(each.kind, label_of(each), each.original)) for each in look.found]
        text = rewritten(text, pairs)
        row = orjson.loads(text)
        changes += pairs
        remaining = eye.remaining(row)
        if not remaining:
            break
        look = eye.look(text, row)
    return Cleaned(text.encode(), first, changes, remaining)
