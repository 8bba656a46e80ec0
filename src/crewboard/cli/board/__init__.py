"""`crewboard board`: the board as it stands, and everything that a person does with it.

Every verb of the group loads when it is called, and the board alone needs next to nothing.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import reading

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
_PLACES = {name: place for verbs in _GROUPS.values() for name, place in verbs.items()}
_EPILOG = """\b
Exit codes
  0  done        2  wrong usage: no such card, or several
  4  `lint` found errors, or `import` was refused        5  failed

A card is named by its id, with or without ^, or by a part of its title that no other card has."""


class BoardVerbs(click.Group):
    """A group that imports a verb's module when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _PLACES:
            return None
        module, _, name = _PLACES[cmd_name].partition(":")
        found: Any = getattr(import_module(f"crewboard.cli.board.{module}"), name)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _PLACES and not args[0].startswith("-"):
            known = ", ".join(_PLACES)
            raise click.UsageError(f"The board has no verb {args[0]!r}. There are: {known}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in _GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self._summary(ctx, name)) for name in verbs])

    def _summary(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=90) if command else ""


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
    from crewboard.cli.showing import caught_up
    from crewboard.cli.terminal import document, out, safe
    from crewboard.errors import InputMissing

    path = caught_up(find_workspace(workspace)).board
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        raise InputMissing(path=path) from None
    if as_json:
        document({"path": str(path), "sha256": sha256_text(text), "markdown": text})
    else:
        out(safe(text).removesuffix("\n"))
