"""The compatibility matrix: how much of one agent's work another may learn from, from 0 to 1.

A row is the target, a column the source, and the two directions may differ. The file is TOML
(`[compatibility]`, one line for each target), CSV, or a table of Markdown, told by its ending.
"""

import csv
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.errors import ConfigInvalid, InputUnreadable
from crewboard.tools.files.document import read_document

_MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Compatibility:
    """`weights[target][source]`; every agent is both, and is 1 to itself."""

    weights: Mapping[str, Mapping[str, float]]

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(self.weights)


def load_matrix(path: Path) -> Compatibility:
    """ConfigInvalid names the cell that is wrong, InputUnreadable a file that is no matrix at all."""
    try:
        text = read_document(path, _MOST_BYTES).decode("utf-8-sig")
        rows = _from_toml(text) if path.suffix == ".toml" else _from_table(text, path)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise InputUnreadable(path=path, where="", reason=error) from error
    weights = {
        target: {
            source: _weight(cell, (path, f"{target} <- {source}")) for source, cell in cells.items()
        }
        for target, cells in rows.items()
    }
    _check(weights, path)
    return Compatibility(weights)


def _from_toml(text: str) -> dict[str, dict[str, Any]]:
    table = tomllib.loads(text).get("compatibility", {})
    return {t: cells if isinstance(cells, dict) else {} for t, cells in table.items()}


def _from_table(text: str, path: Path) -> dict[str, dict[str, Any]]:
    lines = text.splitlines()
    cells = _markdown(lines) if path.suffix == ".md" else list(csv.reader(lines))
    cells = [[cell.strip() for cell in row] for row in cells if any(cell.strip() for cell in row)]
    if not cells:
        raise ConfigInvalid(path=path, where="the table", reason="there is none")
    heads = cells[0][1:]
    rows: dict[str, dict[str, Any]] = {}
    for row in cells[1:]:
        if row[0] in rows or len(row) != len(heads) + 1 or len(set(heads)) != len(heads):
            reason = f"it has {len(row) - 1} weights for {len(heads)} agents, or stands twice"
            where = row[0] if row[0] in heads else f"row {len(rows) + 1}"
            raise ConfigInvalid(path=path, where=where, reason=reason)
        rows[row[0]] = dict(zip(heads, row[1:], strict=True))
    return rows


def _markdown(lines: Iterable[str]) -> list[list[str]]:
    """The cells of the first table; its line of dashes is none of them."""
    found: list[list[str]] = []
    for line in (line.strip() for line in lines):
        if line.startswith("|"):
            cells = line.strip("|").split("|")
            if not all(set(cell.strip()) <= {"-", ":"} for cell in cells):
                found.append([cell.replace("*", "").replace("`", "") for cell in cells])
        elif found:
            break
    return found


def _weight(cell: Any, place: tuple[Path, str]) -> float:
    try:
        weight = math.nan if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError):
        weight = math.nan
    if not 0 <= weight <= 1:
        raise ConfigInvalid(
            path=place[0], where=place[1], reason="a weight is a number from 0 to 1"
        )
    return weight


def _check(weights: Mapping[str, Mapping[str, float]], path: Path) -> None:
    agents = set(weights)
    if not agents:
        raise ConfigInvalid(path=path, where="compatibility", reason="it names no agent")
    for target, cells in weights.items():
        if set(cells) != agents:
            missing = ", ".join(sorted(agents ^ set(cells)))
            raise ConfigInvalid(
                path=path, where=target, reason=f"rows and columns differ: {missing}"
            )
        if cells[target] != 1:
            raise ConfigInvalid(path=path, where=f"{target} <- {target}", reason="it must be 1")
