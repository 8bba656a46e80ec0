"""`crewboard data drop`: the rows that an audit found, left out."""

from pathlib import Path

import click

from crewboard.cli.options import option, with_json


@click.command
@click.argument("file", metavar="FILE")
@option("--findings", required=True, metavar="FILE", help="What `data audit --findings` wrote.")
@option("--rule", "rules", multiple=True, required=True, metavar="RULE", help="May be repeated.")
@option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR")
@with_json
def drop(file: str, findings: str, rules: tuple[str, ...], out: Path, *, as_json: bool) -> None:
    """Leave out the rows that break some rules; they go to an exclusions file with their reason."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.tools.audit.drop import drop as tool

    arguments = {"data": file, "findings": findings, "rules": rules}
    done = run_alone(tool, arguments, out, seed=0, read=[file, findings])
    tell(done, out, as_json=as_json)
