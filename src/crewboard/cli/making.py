"""`crewboard init`: a workspace out of a folder."""

from pathlib import Path

import click

from crewboard.cli.options import option


@click.command
@click.argument("directory", type=click.Path(path_type=Path), default=".", metavar="[DIR]")
@option("--owner", help="Who decides where no rule says otherwise; you, by default.")
def init(directory: Path, owner: str | None) -> None:
    """Make a workspace of DIR: crewboard.toml, KANBAN.md, memory/.

    What exists is left as it is.
    """
    from crewboard.cli.terminal import line, out
    from crewboard.coordination.settings import Settings
    from crewboard.coordination.workspace import Workspace, human
    from crewboard.errors import OptionInvalid

    name = owner or human().partition(":")[2]
    if not name.isprintable() or set(name) & set('"\\'):
        raise OptionInvalid(option="--owner", value=name, reason="a name is plain text, no quotes")
    workspace, made = Workspace.init(directory, name)
    Settings.load(workspace.config)
    out(f"{line(workspace.root)} is a crewboard workspace.")
    out(f"made: {', '.join(made) if made else 'nothing, all of it was there'}")
    out('next: crewboard start "GOAL" --data FILE')
