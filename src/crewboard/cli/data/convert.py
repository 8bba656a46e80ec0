"""`crewboard data convert` and `data formats`: rows of one shape into rows of another."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import into, option, with_json


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--to", required=True, metavar="FORMAT", help="`crewboard data formats` lists them.")
@option("--from", "source", default="auto", metavar="FORMAT", help="Told by the keys of each row.")
@into(help="Where the rows, the exclusions and their manifests go.")
@option(
    "--keep/--plain",
    default=True,
    help="Keep beside the shape what it has no field for, or lose and count it.",
)
@option("--strict", is_flag=True, help="Leave a row out rather than lose a field of it.")
@with_json
def convert(
    files: tuple[str, ...], out: Path, *, strict: bool, as_json: bool, **given: Any
) -> None:
    """Convert rows: FILEs into one, or each file of a folder into one of its own.

    What a row says is never changed: one that the target cannot hold is left out, with its line and reason;
    a field that it cannot hold is counted and named."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import talk
    from crewboard.tools.convert.tool import convert as tool

    arguments = given | {"files": files, "on_loss": "drop" if strict else "report"}
    done = run_alone(tool, arguments, out, seed=0, read=files)
    tell(done, out, as_json=as_json)
    if not as_json:
        for each in done.outcome.measured["lost"]:
            first = f"first in line {each['first_line']}"
            talk(f"lost {each['field']}: {each['count']:,} in {each['rows']:,} rows, {first}")


@click.command
@with_json
def formats(*, as_json: bool) -> None:
    """The shapes that `data convert` reads and writes."""
    from crewboard.cli.terminal import document, table
    from crewboard.tools.convert.catalogue import FORMATS

    if as_json:
        told = [{"name": f.name, "summary": f.summary, "spec": f.spec} for f in FORMATS.values()]
        document({"formats": told})
    else:
        table((each.name, each.summary, each.spec) for each in FORMATS.values())
