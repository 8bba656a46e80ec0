"""`crewboard data filter`: the rows that meet every condition."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli.options import into, option, with_json

_AT_LEAST_ONE = click.IntRange(1)


@click.command("filter")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--keep-faulty", is_flag=True, help="Leave out no row for its roles or empty turns.")
@option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD",
    help="Where rows without messages hold their text.",
)
@option("--rule", "rules", multiple=True, metavar="RULE", help="Of the audit; see `data audit`.")
@option("--config", metavar="TOML", help="An audit.toml, for the range of weights.")
@option("--language", "languages", multiple=True, metavar="CODE", help="Such as en. Offline.")
@option("--unknown-language", type=click.Choice(["keep", "drop"]), help="Keep by default.")
@option("--min-words", type=_AT_LEAST_ONE)
@option("--max-words", type=_AT_LEAST_ONE)
@option("--min-chars", type=_AT_LEAST_ONE)
@option("--max-chars", type=_AT_LEAST_ONE)
@option("--max-tokens", type=_AT_LEAST_ONE, help="With --tokenizer.")
@option("--tokenizer", metavar="FILE", help="A tokenizer.json.")
@option("--min-turns", type=_AT_LEAST_ONE)
@option("--max-turns", type=_AT_LEAST_ONE)
@option("--where", multiple=True, metavar="CONDITION", help="'metadata.score >= 0.5'")
@option("--match", multiple=True, metavar="FIELD=REGEX", help="FIELD!=REGEX for none.")
@into()
@with_json
def filter_(
    files: tuple[str, ...], out: Path, *, as_json: bool, keep_faulty: bool, **given: Any
) -> None:
    """Keep the rows that meet every condition, byte for byte. Each other one goes to an exclusions file with
    the first condition that it fails; faulty rows go unless told otherwise. Options may be repeated."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.tools.filter import filter_rows as tool

    said = {name: value for name, value in given.items() if value is not None}
    arguments = said | {
        "data": files[0] if len(files) == 1 else files,
        "drop_faulty": not keep_faulty,
    }
    read = [*files, *(said[name] for name in ("config", "tokenizer") if name in said)]
    done = run_alone(tool, arguments, out, seed=0, read=read)
    tell(done, out, as_json=as_json)
