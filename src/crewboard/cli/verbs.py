"""A group of verbs, each of which is imported when it is asked for: `--help` reads next to nothing."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Verbs(click.Group):
    """`sections` gives, by title, each verb's place as `module:function` within `package`; `of` says in an
    error whose verbs they are."""

    package: str
    of: str
    sections: Mapping[str, Mapping[str, str]]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return [name for verbs in self.sections.values() for name in verbs]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = next((v[cmd_name] for v in self.sections.values() if cmd_name in v), None)
        if place is None:
            return None
        module, _, name = place.partition(":")
        found: Any = getattr(import_module(f"{self.package}.{module}"), name)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            told = f"{self.of} has no verb {args[0]!r}. There are: {', '.join(known)}"
            raise click.UsageError(told, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in self.sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, self._summary(ctx, name)) for name in verbs])

    def _summary(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=90) if command else ""
