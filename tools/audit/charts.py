"""Bars as inline SVG: no script, no font, no file beside."""

from collections.abc import Sequence
from html import escape

_WIDTH, _LABEL, _ROW, _BAR, _TEXT = 640, 190, 22, 16, 12
_INK, _PLAN = "#1f4e79", "#c8a951"


def bars(values: Sequence[tuple[str, float]], unit: str = "") -> str:
    """Horizontal bars, one a value, the longest as wide as there is room."""
    return _drawn([(label, value, None) for label, value in values], unit)


def bars_with_plan(values: Sequence[tuple[str, float, float]], unit: str = "") -> str:
    """(label, measured, planned): the plan is a mark across its bar."""
    return _drawn(values, unit)


def _drawn(values: Sequence[tuple[str, float, float | None]], unit: str) -> str:
    room = _WIDTH - _LABEL - 90
    most = max((max(value, plan or 0) for _, value, plan in values), default=0) or 1
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_ROW * max(1, len(values))}" role="img">']
    for n, (label, value, plan) in enumerate(values):
        y, width = n * _ROW + 3, round(room * value / most, 1)
        parts.append(_text(_LABEL - 8, y + _TEXT, escape(label), "end"))
        parts.append(f'<rect x="{_LABEL}" y="{y}" width="{width}" height="{_BAR}" fill="{_INK}"/>')
        parts.append(_text(_LABEL + width + 6, y + _TEXT, f"{_told(value)}{unit}", "start"))
        if plan is not None:
            x = _LABEL + round(room * plan / most, 1)
            parts.append(
                f'<rect x="{x}" y="{y - 2}" width="3" height="{_BAR + 4}" fill="{_PLAN}"/>'
            )
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y}" text-anchor="{anchor}" font-size="{_TEXT}">{text}</text>'


def _told(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.1f}"
