"""`crewboard data check` and `data contracts`: whether a provider or trainer would take a file."""

import tempfile
from pathlib import Path

import click

from crewboard.cli import exits
from crewboard.cli.options import option, with_json


@click.command
@click.argument("file", metavar="FILE")
@option(
    "--for", "contract", default="", metavar="NAME", help="`crewboard data contracts` lists them."
)
@option("--contract", "contract_file", metavar="FILE", help="A contract of your own (TOML).")
@option("--all", "all_of_them", is_flag=True, help="Read on after the first breach, and count.")
@with_json
def check(
    file: str, contract: str, contract_file: str | None, *, all_of_them: bool, as_json: bool
) -> int:
    """Stop at the first key that would be refused, with its line. FILE may be a folder of files, each of
    which would be sent. Nothing is sent anywhere.

    Exit code 0 when all is well, 2 at the first breach, 5 with --all when there are any.
    """
    from crewboard.cli.data.alone import run_alone
    from crewboard.cli.terminal import document, line, out, talk
    from crewboard.tools.check.tool import check as tool

    arguments = {
        "data": file,
        "contract": contract,
        "contract_file": contract_file,
        "all_of_them": all_of_them,
    }
    read = [path for path in (file, contract_file) if path]
    with tempfile.TemporaryDirectory(prefix="crewboard-") as folder:
        done = run_alone(tool, arguments, Path(folder), seed=0, read=read)
        report = (Path(folder) / done.manifests[0].path).read_text()
    measured = done.outcome.measured
    if as_json:
        import json

        document(json.loads(report))
    else:
        talk(done.outcome.summary)
        for rule, count in measured["breaches"].items():
            out(line(f"{rule}: {count:,}"))
    return exits.FAILED if measured["breaches"] else exits.DONE


@click.command
@with_json
def contracts(*, as_json: bool) -> None:
    """What providers and trainers take, and where that was read."""
    from crewboard.cli.terminal import document, table
    from crewboard.tools.check.contract import contract_named
    from crewboard.tools.check.contract import contracts as names

    found = [contract_named(name) for name in names()]
    if as_json:
        keys = ("name", "title", "source", "read", "convert_to", "warning")
        document({"contracts": [{key: getattr(c, key) for key in keys} for c in found]})
    else:
        table((c.name, c.title, f"read {c.read}") for c in found)
