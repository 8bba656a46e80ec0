"""`crewboard data recipes`: the recipes that come with crewboard, to read and to change."""

from pathlib import Path

import click

from crewboard.cli.options import into, with_json


@click.command
@click.argument("name", required=False, metavar="[NAME]")
@into("recipes", help="Where a copy of NAME and the files that it names goes.")
@with_json
def recipes(name: str | None, out: Path, *, as_json: bool) -> None:
    """List the recipes, or copy one with its prompt, schema and grammar. A file that is there is kept."""
    from crewboard.cli.terminal import document, line, table
    from crewboard.cli.terminal import out as say
    from crewboard.tools.generate.shipped import copy_shipped, shipped_names

    if name is not None:
        copied = copy_shipped(name, out)
        if as_json:
            document({"recipe": name, "files": [str(path) for path in copied]})
        for path in () if as_json else copied:
            say(line(str(path)))
        return
    found = shipped_names()
    if as_json:
        document({"recipes": [{"name": each, "summary": told} for each, told in found.items()]})
    else:
        table(found.items())
