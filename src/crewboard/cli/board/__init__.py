"""`crewboard board`: the board as it stands, and everything that a person does with it.

Every verb of the group loads when it is called, and the board alone needs next to nothing.
"""

from pathlib import Path

import click

from crewboard.cli.options import reading
from crewboard.cli.verbs import Verbs

__all__ = ["board"]

_GROUPS: dict[str, dict[str, str]] = {
    "Look": {
        "show": "showing:show",
        "find": "showing:find",
        "log": "journal:log",
        "stats": "measuring:stats",
        "burn": "measuring:burn",
    },
    "Change": {
        "add": "changing:add",
        "move": "changing:move",
        "note": "changing:note",
        "archive": "archiving:archive",
        "undo": "journal:undo",
    },
    "Check": {"lint": "linting:lint"},
    "Bring together": {
        "import": "importing:take",
        "merge": "merging:merge",
        "resolve": "merging:resolve",
    },
}
_EPILOG = """\b
Exit codes
  0  done        2  wrong usage: no such card, or several
  4  `lint` found errors, or `import` was refused        5  failed

A card is named by its id, with or without ^, or by a part of its title that no other card has."""


class BoardVerbs(Verbs):
    package, of, sections = "crewboard.cli.board", "The board", _GROUPS


@click.group(cls=BoardVerbs, epilog=_EPILOG, invoke_without_command=True)
@reading
@click.pass_context
def board(context: click.Context, workspace: Path | None, *, as_json: bool) -> None:
    """The board as it lies there; and verbs that work on it."""
    if context.invoked_subcommand is None:
        _show(workspace, as_json=as_json)


def _show(workspace: Path | None, *, as_json: bool) -> None:
    from crewboard.canonical import sha256_text
    from crewboard.cli.options import find_workspace
    from crewboard.cli.showing import board_bytes, caught_up
    from crewboard.cli.terminal import document, out, safe

    place = caught_up(find_workspace(workspace))
    text = board_bytes(place).decode("utf-8", "replace")
    if as_json:
        document({"path": str(place.board), "sha256": sha256_text(text), "markdown": text})
    else:
        out(safe(text).removesuffix("\n"))
