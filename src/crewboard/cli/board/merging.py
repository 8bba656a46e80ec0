"""`crewboard board merge`, `resolve`: two branches of a board become one, and both are in it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crewboard.coordination.board.merge import Kept

_FILE = click.Path(path_type=Path)
_GIT = """\b
Once for each clone
  git config merge.crewboard.name "crewboard"
  git config merge.crewboard.driver "crewboard board merge %O %A %B %P"

\b
In .gitattributes, which is committed
  KANBAN.md     merge=crewboard
  STANDUPS.md   merge=crewboard
  memory/*.md   merge=crewboard"""


@click.command(epilog=_GIT)
@click.argument("base", type=_FILE, metavar="%O")
@click.argument("ours", type=_FILE, metavar="%A")
@click.argument("theirs", type=_FILE, metavar="%B")
@click.argument("name", required=False, default="", metavar="[%P]")
def merge(base: Path, ours: Path, theirs: Path, name: str) -> None:
    """Be git's merge driver for the board, STANDUPS.md and the notes: the result is written to %A.

    There is never a conflict marker. Where both branches reworded the same, the words of the branch that
    is checked out stand, and the other's are noted beneath. If it fails, %A is as it was.
    """
    from crewboard.coordination.board.driver import merge_branches
    from crewboard.tools.files.atomic import write_whole

    merged = merge_branches(*(_read(each) for each in (base, ours, theirs)))
    write_whole(ours, merged.data)
    _tell(name or ours.name, merged.kept)


@click.command
@click.argument("file", type=_FILE, metavar="FILE")
def resolve(file: Path) -> None:
    """Resolve the merge conflicts that git left in FILE, card by card; both sides stay."""
    from crewboard.cli.board.linting import Sheet
    from crewboard.cli.terminal import line, out
    from crewboard.coordination.board.conflicts import resolve as resolved

    sheet = Sheet.of(file, None)
    data = sheet.bytes()
    merged = resolved(data)
    if merged.data == data:
        out(f"{line(file)} holds no merge conflict.")
        return
    sheet.write(lambda text: resolved(text).data, f"resolve {file.name}")
    out(f"{line(file)} is resolved, both sides are in it; tell git with `git add {line(file)}`")
    _tell(file.name, merged.kept)


def _tell(name: str, kept: "tuple[Kept, ...]") -> None:
    """On stderr: git shows it, and a script is not disturbed."""
    from crewboard.cli.terminal import talk

    for each in kept:
        talk(
            f"{name}:{each.line}: both sides reworded «{each.title}»; the other text is kept beneath"
        )


def _read(path: Path) -> bytes:
    from crewboard.errors import InputMissing, InputUnreadable

    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputMissing(path=path) from None
    except OSError as error:
        raise InputUnreadable(path=path, where="", reason=error.strerror) from None
