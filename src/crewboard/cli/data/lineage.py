"""`crewboard data lineage`: where a file comes from, what is stale, what two files differ in."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli import exits
from crewboard.cli.options import option, with_json

if TYPE_CHECKING:
    from crewboard.tools.lineage import Node, Shelf

_FILE = click.Path(path_type=Path)


@click.command
@click.argument("file", type=_FILE, metavar="FILE|DIR")
@option("--diff", "other", type=_FILE, metavar="FILE", help="What this one's lineage differs in.")
@option(
    "--within", type=_FILE, default=".", metavar="DIR", help="Where to look for what it came from."
)
@option("--dot", "as_dot", is_flag=True, help="A graph for Graphviz.")
@with_json
def lineage(file: Path, other: Path | None, within: Path, *, as_dot: bool, as_json: bool) -> int:
    """Walk from an artifact to its sources by their hashes. DIR: the state of every artifact in it.

    Exit code 0 when all bytes are those that were recorded, 5 when something is stale, changed or missing.
    """
    from crewboard.cli.terminal import complain, out, safe
    from crewboard.tools.lineage import Shelf, State, lineage_of, written

    if file.is_dir() and not _is_artifact(file):
        return _of_folder(file, Shelf(within), as_json=as_json)
    shelf = Shelf(within)
    node = lineage_of(file, shelf)
    for fault in shelf.unreadable:
        complain(str(fault))
    if other is not None:
        return _difference(node, lineage_of(other, shelf), as_json=as_json)
    if as_json:
        _document(written.document(node))
    else:
        for line in written.dot(node) if as_dot else written.tree(node):
            out(safe(line))
    return exits.DONE if node.state is State.SOUND else exits.FAILED


def _of_folder(folder: Path, shelf: "Shelf", *, as_json: bool) -> int:
    from crewboard.cli.terminal import table
    from crewboard.tools.lineage import State, lineage_of

    inside = [r for r in shelf.records() if r.artifact.resolve().is_relative_to(folder.resolve())]
    nodes = [lineage_of(record.artifact, shelf) for record in inside]
    if as_json:
        _document({"artifacts": [{"path": str(n.path), "state": str(n.state)} for n in nodes]})
    else:
        table([(str(node.state), str(node.path), _blame(node)) for node in nodes])
    return exits.DONE if all(node.state is State.SOUND for node in nodes) else exits.FAILED


def _blame(node: "Node") -> str:
    """The files that make an artifact stale."""
    from crewboard.tools.lineage import State

    wrong = {
        f"{each.path} is {each.state}"
        for place, each in node.walk()
        if (place and not (each.record or each.parents) and each.state is not State.SOUND)
        or each.state in {State.ALTERED, State.MISSING}
    }
    return "; ".join(sorted(wrong))


def _difference(first: "Node", second: "Node", *, as_json: bool) -> int:
    from dataclasses import asdict

    from crewboard.cli.terminal import out, safe
    from crewboard.tools.lineage import differences
    from crewboard.tools.lineage.written import difference_lines

    found = differences(first, second)
    if as_json:
        _document({"differences": [asdict(each) for each in found]})
    else:
        for line in difference_lines(found):
            out(safe(line))
        if not found:
            out("The same bytes, made in the same way.")
    return exits.DONE


def _document(value: object) -> None:
    from crewboard.cli.terminal import document

    document(value)


def _is_artifact(folder: Path) -> bool:
    from crewboard.tools.contract.manifest import SUFFIX

    return folder.with_name(folder.name + SUFFIX).is_file()
