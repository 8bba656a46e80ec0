"""Burn-up, burn-down and cumulative flow as one self-contained SVG: no script, no font, no network.

The same days give the same bytes. Numbers of cards stand on the vertical axis, days (UTC) on the other.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from crewboard.coordination.board.flow import Day, Stage

_WIDTH, _HEIGHT = 720, 280
_LEFT, _TOP, _RIGHT, _BOTTOM = 46, 40, 150, 34
_TICKS = 5
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.t{font-size:14px;font-weight:600}"
    ".g{stroke:#ddd}.l{fill:none;stroke-width:2}"
    "@media(prefers-color-scheme:dark){svg{background:#16181d}text{fill:#ddd}.g{stroke:#3a3d45}}"
)
_COLOURS = {
    Stage.DONE: "#4c9f70",
    Stage.BLOCKED: "#d1495b",
    Stage.IN_PROGRESS: "#edae49",
    Stage.BACKLOG: "#9aa5b1",
}


class _Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True)
class _Line:
    name: str
    colour: str
    value: Callable[[Day], int]
    dashed: bool = False


_BURN = (
    _Line("asked for", "#5b6b7a", lambda day: day.scope),
    _Line("done", _COLOURS[Stage.DONE], lambda day: day.counts[Stage.DONE]),
    _Line("left", "#d1495b", lambda day: day.scope - day.counts[Stage.DONE], dashed=True),
)


def svg(days: Sequence[Day], title: str) -> str:
    """The chart of one or more days. Text in `title` is escaped."""
    top = max(1, *(day.scope for day in days))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {2 * _HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><desc>{escape(_told(days))}</desc><style>{_STYLE}</style>",
        *_panel(f"{title}: burn-up and burn-down", days, top, _burn(days, top)),
        f'<g transform="translate(0 {_HEIGHT})">',
        *_panel("Cumulative flow", days, top, _cumulative(days, top)),
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def _told(days: Sequence[Day]) -> str:
    """For who cannot see it."""
    last = days[-1]
    counts = ", ".join(f"{last.counts[stage]} {stage.value}" for stage in _COLOURS)
    return f"{days[0].day} to {last.day}. At the end: {counts}."


def _burn(days: Sequence[Day], top: int) -> Iterator[str]:
    for line in _BURN:
        values = [line.value(day) for day in days]
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        points = _points(values, top)
        yield f'<polyline class="l" stroke="{line.colour}"{dash} points="{_path(points)}"/>'
    for row, line in enumerate(_BURN):
        yield _legend(row, line.name, line.colour, line.value(days[-1]))


def _cumulative(days: Sequence[Day], top: int) -> Iterator[str]:
    """Bands on top of each other, what is done at the bottom."""
    below = [0] * len(days)
    for stage, colour in _COLOURS.items():
        above = [low + day.counts[stage] for low, day in zip(below, days, strict=True)]
        outline = _points(above, top) + _points(below, top)[::-1]
        yield f'<polygon fill="{colour}" fill-opacity=".85" points="{_path(outline)}"/>'
        below = above
    for row, (stage, colour) in enumerate(reversed(_COLOURS.items())):
        yield _legend(row, stage.value, colour, days[-1].counts[stage])


def _panel(title: str, days: Sequence[Day], top: int, drawn: Iterator[str]) -> Iterator[str]:
    yield f'<text class="t" x="{_LEFT}" y="22">{escape(title)}</text>'
    for value in _ticks(top):
        y = _y(value, top)
        yield f'<line class="g" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    for index in sorted({0, len(days) // 2, len(days) - 1}):
        x = _x(index, len(days))
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{days[index].day}</text>'
    yield from drawn


def _legend(row: int, name: str, colour: str, value: int) -> str:
    x, y = _WIDTH - _RIGHT + 16, _TOP + 8 + 20 * row
    square = f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
    return f'{square}<text x="{x + 16}" y="{y}">{escape(name)}: {value}</text>'


def _ticks(top: int) -> range:
    return range(0, top + 1, max(1, math.ceil(top / _TICKS)))


def _points(values: Sequence[int], top: int) -> list[_Point]:
    """A single day is drawn as a line of its own, from edge to edge."""
    found = [_Point(_x(n, len(values)), _y(value, top)) for n, value in enumerate(values)]
    return (
        found
        if len(found) > 1
        else [_Point(_LEFT, found[0].y), _Point(_WIDTH - _RIGHT, found[0].y)]
    )


def _path(points: Sequence[_Point]) -> str:
    return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in points)


def _x(index: int, count: int) -> float:
    wide = _WIDTH - _LEFT - _RIGHT
    return _LEFT + (wide * index / (count - 1) if count > 1 else wide / 2)


def _y(value: int, top: int) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top
