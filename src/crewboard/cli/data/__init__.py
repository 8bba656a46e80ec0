"""`crewboard data`: what can be done with rows, without a crew. Each verb is loaded when it is called."""

from importlib import import_module
from typing import Any

import click

_PLACES = {
    "audit": "audit:audit",
    "recommend": "audit:recommend",
    "drop": "drop:drop",
    "generate": "generate:generate",
    "convert": "convert:convert",
    "formats": "convert:formats",
    "check": "check:check",
    "contracts": "check:contracts",
    "expand": "expand:expand",
    "mix": "mix:mix",
    "lineage": "lineage:lineage",
    "tokenizer": "tokenizer:tokenizer",
    "shard": "shard:shard",
    "validate-mixture": "shard:validate_mixture",
}


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _PLACES:
            return None
        module, _, name = _PLACES[cmd_name].partition(":")
        found: Any = getattr(import_module(f"crewboard.cli.data.{module}"), name)
        return found if isinstance(found, click.Command) else None


@click.group(cls=_Verbs)
def data() -> None:
    """Work on rows without a crew, one step at a time."""
