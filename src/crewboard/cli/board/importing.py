"""`crewboard board import`: a board that is there already becomes the workspace's board."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.board.desk import Desk
from crewboard.cli.options import option, reading

if TYPE_CHECKING:
    from crewboard.coordination.board.lint import Finding
    from crewboard.coordination.board.outline import Outline

_STOPS = {"B603": "a secret", "B604": "an unresolved merge conflict"}
"""What a person has to see before a crew works on it."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@option("--as-is", is_flag=True, help="Also with secrets or merge conflicts in it.")
@reading
def take(file: Path, workspace: Path | None, *, as_is: bool, as_json: bool) -> None:
    """Take FILE, a board, a TODO list or a status report, as the workspace's board.

    Its bytes become KANBAN.md unchanged, and stay so until a crew starts work. A board that has text
    of its own is never overwritten. What was read is printed: lanes, cards, states, and what `lint` says.
    """
    from crewboard.canonical import sha256_file
    from crewboard.cli.board.desk import wants_json
    from crewboard.cli.terminal import document
    from crewboard.coordination.board.lint import lint
    from crewboard.coordination.board.lint.gather import case_of
    from crewboard.coordination.board.outline import Outline
    from crewboard.coordination.board.taking import take_over

    desk = Desk.at(workspace)
    by, data = desk.by(), _read(file)
    outline, found = Outline.of(data), lint(case_of(data, desk.place))
    if not as_is:
        _refuse(file, found)
    take_over(desk.store, data, by, f"import of {file.name}", desk.place.root.name)
    told = {
        "path": str(desk.place.board),
        "from": str(file),
        "sha256": sha256_file(desk.place.board),
        "lanes": _lanes(outline),
        "cards": len(outline.items),
        "findings": dict(Counter(each.rule for each in found)),
    }
    with desk.place.ledger().write() as tx:
        tx.event(
            "board.imported", by, None, None,
            **{"from": str(file)}, sha256=told["sha256"], lanes=len(outline.lanes),
            cards=len(outline.items), findings=len(found),
        )  # fmt: skip
    if wants_json(as_json):
        document(told)
    else:
        _tell(told, found)


def _read(file: Path) -> bytes:
    """InputMissing, InputUnreadable."""
    from crewboard.coordination.board.boardfile import LARGEST
    from crewboard.errors import InputMissing, InputUnreadable

    try:
        if file.stat().st_size > LARGEST:
            reason = f"it has more than {LARGEST >> 20} MB"
            raise InputUnreadable(path=file, where="", reason=reason)
        data = file.read_bytes()
    except FileNotFoundError:
        raise InputMissing(path=file) from None
    except OSError as error:
        raise InputUnreadable(path=file, where="", reason=error.strerror) from None
    if not data.strip() or b"\0" in data:
        reason = "it holds zero bytes: it is no text in UTF-8" if data.strip() else "it is empty"
        raise InputUnreadable(path=file, where="", reason=reason)
    return data


def _refuse(file: Path, found: "tuple[Finding, ...]") -> None:
    from crewboard.errors import ImportHeld

    stops = {each.rule: each.line for each in reversed(found) if each.rule in _STOPS}
    if stops:
        told = " and ".join(f"{_STOPS[rule]} (line {line})" for rule, line in sorted(stops.items()))
        raise ImportHeld(path=file, what=told)


def _lanes(outline: "Outline") -> list[dict[str, Any]]:
    from crewboard.cli.board.desk import clean

    told = []
    for number, lane in enumerate(outline.lanes):
        items = [item for item in outline.items if item.lane == number]
        states = Counter(column.name.lower() for item in items if (column := outline.column(item)))
        name = lane.place.column.name.lower() if lane.place else None
        told.append(
            {
                "title": clean(lane.title),
                "column": name,
                "cards": len(items),
                "states": dict(states),
            }
        )
    return told


def _tell(told: Mapping[str, Any], found: "tuple[Finding, ...]") -> None:
    from crewboard.cli.terminal import line, out, table
    from crewboard.coordination.board.lint import RULES

    out(
        f"{line(told['from'])} is the board now: {told['cards']} cards in {len(told['lanes'])} lanes"
    )
    rows = (
        (lane["title"], _words(lane["column"] or "-"), lane["cards"], _states(lane["states"]))
        for lane in told["lanes"]
    )
    table(rows, ("lane", "read as", "cards", "states"))
    says = {rule.id: rule.says for rule in RULES}
    for rule, count in sorted(told["findings"].items()):
        first = next(each for each in found if each.rule == rule)
        out(f"{rule} x{count}: {says[rule]} (line {first.line})")
    out(f"sha256:{told['sha256']}; its bytes were not changed. `crewboard board lint` says more.")


def _states(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {_words(name)}" for name, count in states.items())


def _words(name: str) -> str:
    return name.replace("_", " ")
