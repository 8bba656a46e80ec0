"""`crewboard data`: what can be done with rows, without a crew. Each verb is loaded when it is called."""

from typing import Any

import click

from crewboard.cli.verbs import Verbs

_SECTIONS = {
    "Make": {
        "generate": "generate:generate",
        "recipes": "recipes:recipes",
    },
    "Judge": {
        "audit": "audit:audit",
        "recommend": "audit:recommend",
        "check": "check:check",
        "contracts": "check:contracts",
        "lineage": "lineage:lineage",
    },
    "Mend": {
        "drop": "drop:drop",
        "dedup": "dedup:dedup",
        "filter": "filter:filter_",
        "repair": "repair:repair",
        "rebalance": "rebalance:rebalance",
        "scrub": "scrub:scrub",
    },
    "Shape": {
        "convert": "convert:convert",
        "formats": "convert:formats",
        "expand": "expand:expand",
        "mix": "mix:mix",
    },
    "Tokens": {
        "tokenizer": "tokenizer:tokenizer",
        "shard": "shard:shard",
        "validate-mixture": "shard:validate_mixture",
    },
}


class DataVerbs(Verbs):
    package, of, sections = "crewboard.cli.data", "`crewboard data`", _SECTIONS

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.Abort("Run the same command again.") from None  # no crew is there to resume


@click.group(cls=DataVerbs)
def data() -> None:
    """Work on rows without a crew, one step at a time."""
