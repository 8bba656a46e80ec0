"""What of a Markdown text is code: fenced blocks and inline spans (CommonMark 0.31, 4.5 and 6.1).

A block that is never closed goes on to the end. More than the specification a fence may stand in any
indentation, as models write it in lists. Indented blocks are text here: nothing tells them from prose.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

Span = tuple[int, int]

_FENCE = re.compile(r"^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)$", re.MULTILINE)
_RUN = re.compile(r"`+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


def code_in(text: str) -> list[Span]:
    """The spans of code, in order; none overlaps another."""
    if "`" not in text and "~~~" not in text:
        return []
    blocks = list(_blocks(text))
    spans = [*blocks, *_inline(text, blocks)]
    return sorted(spans)


def is_within(start: int, end: int, spans: list[Span]) -> bool:
    """Whether the whole of `text[start:end]` lies in one of the spans."""
    at = bisect_left(spans, (start + 1,)) - 1
    return at >= 0 and spans[at][1] >= end


def _blocks(text: str) -> Iterator[Span]:
    opened, mark = -1, ""
    for fence in _FENCE.finditer(text):
        found, info = fence["mark"], fence["info"]
        if opened < 0:
            if found[0] == "~" or "`" not in info:
                opened, mark = fence.start(), found
        elif found[0] == mark[0] and len(found) >= len(mark) and not info.strip():
            yield opened, fence.end()
            opened = -1
    if opened >= 0:
        yield opened, len(text)


def _inline(text: str, blocks: list[Span]) -> Iterator[Span]:
    """From a run of backticks to the next one as long in the same paragraph."""
    runs = [run.span() for run in _RUN.finditer(text) if not is_within(*run.span(), blocks)]
    walls = sorted(
        [*(found.start() for found in _PARAGRAPH.finditer(text)), *(b for b, _ in blocks)]
    )
    starts: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        starts[end - start].append(start)
    done = 0
    for start, end in runs:
        if start < done:
            continue
        alike = starts[end - start]
        following = bisect_left(alike, end)
        wall = bisect_left(walls, end)
        limit = walls[wall] if wall < len(walls) else len(text)
        if following < len(alike) and alike[following] < limit:
            done = alike[following] + end - start
            yield start, done
