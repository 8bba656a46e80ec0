"""`crewboard board add`, `move`, `note`: what a person would do in their editor, from the shell.

Such an edit is a human's, as a save in an editor is: the crew obeys it in the same way.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.board.desk import Desk, find_place
from crewboard.cli.options import in_workspace, option

if TYPE_CHECKING:
    from crewboard.coordination.board.headings import Place


@click.command
@click.argument("title")
@option("--lane", default="Backlog", show_default=True, metavar="LANE", help="Where it goes.")
@option(
    "--owner", default="", metavar="NAME", help="Whose it is; a role's name gives it to the crew."
)
@in_workspace
def add(title: str, workspace: Path | None, lane: str, owner: str) -> None:
    """Add a card, in the manner of the cards around it."""
    from crewboard.coordination.board import edits

    words = _one_line(title, "TITLE")

    def added(data: bytes) -> bytes:
        return edits.add(data, _place(data, lane), words, owner=owner.lstrip("@"))

    _edit(Desk.at(workspace), added, f"add «{words}» to {lane}")


@click.command
@click.argument("card")
@click.argument("lane")
@in_workspace
def move(card: str, lane: str, workspace: Path | None) -> None:
    """Move CARD, with everything beneath it, to LANE."""
    from crewboard.coordination.board import edits

    card = _one_line(card, "CARD")

    def moved(data: bytes) -> bytes:
        return edits.move(data, card, _place(data, lane))

    _edit(Desk.at(workspace), moved, f"move {card} to {lane}")


@click.command
@click.argument("card")
@click.argument("text")
@in_workspace
def note(card: str, text: str, workspace: Path | None) -> None:
    """Write TEXT beneath CARD, as a line of your own."""
    from crewboard.coordination.board import edits

    words, card = _one_line(text, "TEXT"), _one_line(card, "CARD")
    _edit(Desk.at(workspace), lambda data: edits.note(data, card, words), f"note beneath {card}")


def _edit(desk: Desk, change: Callable[[bytes], bytes], why: str) -> None:
    from crewboard.cli.showing import caught_up
    from crewboard.cli.terminal import line, out

    version = desk.store.edit(change, by=desk.by(), why=why)
    caught_up(desk.place)
    if version is None:
        out("It is so already: nothing was changed.")
    else:
        out(f"{line(why)} (version {version.number}; `crewboard board undo` takes it back)")


def _place(data: bytes, lane: str) -> "Place | str":
    from crewboard.coordination.board.outline import Outline

    return find_place(Outline.of(data), lane)


def _one_line(text: str, name: str) -> str:
    """OptionInvalid for no words at all."""
    from crewboard.errors import OptionInvalid

    words = " ".join(text.split())
    if not words.strip("^"):
        raise OptionInvalid(option=name, value=text, reason="it holds no words")
    return words
