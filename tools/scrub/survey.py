"""The first pass: who there is, whose values stand together, and which labels the data bears already.

It makes numbering independent of where a run is stopped, and lets a link that is seen late count for
rows before it. What it learns lies in memory only, about 600 bytes for each distinct value.
"""

from collections.abc import Sequence
from pathlib import Path

from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.passing import Passing
from crewboard.tools.scrub.clean import clean
from crewboard.tools.scrub.eye import Eye, Sighting
from crewboard.tools.scrub.owners import UNKNOWN, Label, Owners
from crewboard.tools.scrub.spelling import canonical
from crewboard.tools.scrub.styles import Style, TakenLabels, renderer


def survey(paths: Sequence[Path], passing: Passing, eye: Eye, owners: Owners, style: Style) -> None:
    """Learn every value of all files, and settle their labels."""
    taken, render = TakenLabels(style), renderer(style)

    def note(sighting: Sighting) -> Label:
        owners.note(sighting.kind, sighting.key)
        return UNKNOWN

    def look(line: Line) -> None:
        taken.look(line.raw)
        suspected = eye.suspects(line.raw, line.row)
        if suspected is None:
            return
        seen = clean(line, eye, suspected, render, (note,)).look
        for one, other in seen.links:
            owners.link(one, other)
        for kind, value in seen.placeholders:
            taken.add(canonical(kind, value))

    for path in paths:
        for item in passing.rows(path):
            if not isinstance(item, Fault):
                look(item)
    owners.settle(taken)
