"""A compatibility matrix of fifteen agents, of which five have rows."""

import random
from pathlib import Path

AGENTS = ("qa", "support", "legal", "analyst", "content")
FIVE = {
    "qa": {"qa": 1.0, "support": 0.6, "legal": 0.2, "analyst": 0.4, "content": 0.3},
    "support": {"qa": 0.7, "support": 1.0, "legal": 0.4, "analyst": 0.6, "content": 0.5},
    "legal": {"qa": 0.3, "support": 0.5, "legal": 1.0, "analyst": 0.6, "content": 0.5},
    "analyst": {"qa": 0.4, "support": 0.6, "legal": 0.7, "analyst": 1.0, "content": 0.6},
    "content": {"qa": 0.3, "support": 0.6, "legal": 0.7, "analyst": 0.8, "content": 1.0},
}


def fifteen() -> dict[str, dict[str, float]]:
    """The five, and ten more whose weights are drawn from .2 to .8: no row of theirs is there."""
    chance = random.Random(15)
    names = [*AGENTS, *(f"agent-{i}" for i in range(10))]
    return {
        target: {
            source: 1.0
            if source == target
            else FIVE.get(target, {}).get(source, chance.randint(2, 8) / 10)
            for source in names
        }
        for target in names
    }


def write_toml(path: Path, matrix: dict[str, dict[str, float]]) -> str:
    lines = [
        f"{target} = {{ {', '.join(f'{s} = {w}' for s, w in row.items())} }}"
        for target, row in matrix.items()
    ]
    path.write_text("\n".join(["[compatibility]", *lines]) + "\n")
    return path.name


def write_table(path: Path, matrix: dict[str, dict[str, float]]) -> str:
    """As CSV or Markdown, by the ending."""
    names = list(matrix)
    rows = [["", *names], *([t, *(str(w) for w in row.values())] for t, row in matrix.items())]
    if path.suffix == ".csv":
        path.write_text("\n".join(",".join(row) for row in rows))
    else:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        dashes = "|" + "---|" * len(rows[0])
        path.write_text("\n".join(["# How close", "", lines[0], dashes, *lines[1:], "", "done"]))
    return path.name
