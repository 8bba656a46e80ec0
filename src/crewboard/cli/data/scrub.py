"""`crewboard data scrub`: personal data out of rows, the same replacement for the same value."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import into, option, with_json

_KINDS = ("email", "phone", "ssn", "card", "iban", "api-key", "ip", "name")
_HEADS = ("kind", "before", "replaced", "distinct", "left in code", "left in keys and ids", "after")


@click.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option(
    "--style",
    type=click.Choice(["placeholder", "reserved"]),
    help="[EMAIL_1], or person1@example.com.",
)
@option(
    "--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="All but ip when not given."
)
@option(
    "--names", metavar="FILE", help="People to look for, a line each: NAME; SPELLING; ADDRESS ..."
)
@option("--secret-env", metavar="NAME", help="The variable with a secret: labels last over runs.")
@option("--in-code", is_flag=True, help="Code too.")
@option("--placeholders", is_flag=True, help="Reserved and fictional values too.")
@into()
@with_json
def scrub(files: tuple[str, ...], out: Path, *, as_json: bool, **more: Any) -> None:
    """Replace e-mail addresses, phone, card, account and social security numbers, API keys, and names
    that stand by their address or in a list. Code and reserved values stay. Any shape of rows.

    The same value gets the same replacement in all FILEs. Which value became what is written nowhere.
    """
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.scrub import scrub as tool

    arguments = {name: value for name, value in more.items() if value}
    read = [*files, *([arguments["names"]] if "names" in arguments else [])]
    done = run_alone(tool, {"files": files, **arguments}, out, seed=0, read=read)
    tell(done, out, as_json=as_json)
    if not as_json:
        table(_rows(done.outcome.measured), _HEADS)


def _rows(told: Any) -> list[tuple[str, ...]]:
    columns = ("before", "replaced", "distinct", "left_in_code", "left_in_structure", "after")
    return [
        (kind, *(f"{told[name].get(kind, 0):,}" for name in columns)) for kind in told["before"]
    ]
