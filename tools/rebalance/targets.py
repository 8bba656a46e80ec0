"""Target shares: what is asked of the values of a field, or of several fields together."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from crewboard.tools.audit.checks.skew import NONE, OTHER
from crewboard.tools.audit.sight import field_of

_LONGEST = 60
_NEARLY = Fraction(1, 1000)  # thirds, written in decimals
Cell = tuple[str, ...]


@dataclass(frozen=True)
class Axis:
    """`shares` by label. An axis of several fields has labels of their values, parted by a slash."""

    fields: tuple[str, ...]
    shares: Mapping[str, Fraction]

    @property
    def name(self) -> str:
        return ",".join(self.fields)

    def label(self, row: Mapping[str, Any]) -> str:
        """Where a row stands on this axis, as an audit names it: of its own, else in its `metadata`."""
        return "/".join(_label(field_of(dict(row), name)) for name in self.fields)

    def values(self, label: str) -> dict[str, str]:
        """The label as the value of each field."""
        parts = [label] if len(self.fields) == 1 else label.split("/")
        return dict(zip(self.fields, parts, strict=True))


@dataclass(frozen=True)
class Targets:
    """One axis or two. A cell is a label of each."""

    axes: tuple[Axis, ...]

    def cell(self, row: Mapping[str, Any]) -> Cell | None:
        """The cell of a row; None where the plan does not know one of its labels."""
        cell = tuple(axis.label(row) for axis in self.axes)
        known = all(label in axis.shares for axis, label in zip(self.axes, cell, strict=True))
        return cell if known else None

    def cells(self) -> list[Cell]:
        """All that there may be, in the order of the plan."""
        return list(product(*(axis.shares for axis in self.axes)))


def targets_of(given: Mapping[str, Mapping[str, float]]) -> Targets:
    """ValueError for a target that means nothing."""
    axes = tuple(_axis(name, shares) for name, shares in given.items())
    fields = [field for axis in axes for field in axis.fields]
    if not 1 <= len(axes) <= 2:  # noqa: PLR2004 - with three, whole rows can no longer be told exactly
        raise ValueError("name one axis or two; more fields go into one axis: field,field,field")
    if len(set(fields)) < len(fields):
        raise ValueError(f"a field stands in two axes: {', '.join(fields)}")
    return Targets(axes)


def _axis(name: str, given: Mapping[str, float]) -> Axis:
    fields = tuple(part.strip() for part in name.split(","))
    if not all(fields):
        raise ValueError(f"{name!r} names no field")
    shares = {label: Fraction(str(share)) for label, share in given.items() if share}
    total = sum(shares.values(), Fraction(0))
    if not shares or min(shares.values()) < 0 or abs(total - 1) > _NEARLY:
        raise ValueError(
            f"the shares of {name} are above 0 and add up to 1, not to {float(total):g}"
        )
    wrong = [label for label in shares if len(fields) > 1 and label.count("/") != len(fields) - 1]
    if wrong:
        raise ValueError(
            f"{wrong[0]!r} is no label of {name}: write its {len(fields)} values with /"
        )
    return Axis(fields, {label: share / total for label, share in shares.items()})


def _label(value: Any) -> str:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else OTHER
    if value is None:
        return NONE
    return str(value) if isinstance(value, bool | int | float) else OTHER
