"""`crewboard` itself: the verbs by group, each loaded when it is called."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from crewboard import __version__
from crewboard.cli.options import in_workspace

_GROUPS: dict[str, dict[str, str]] = {
    "Begin": {
        "init": "making:init",
        "start": "starting:start",
        "resume": "starting:resume",
        "cancel": "starting:cancel",
    },
    "Decide": {
        "decisions": "deciding:show",
        "approve": "deciding:approve",
        "reject": "deciding:reject",
        "revoke": "deciding:revoke",
    },
    "Look": {
        "status": "looking:status",
        "board": "board:board",
        "tasks": "looking:show_tasks",
        "logs": "following:logs",
        "events": "following:events",
        "cost": "costing:cost",
    },
    "Remember": {
        "standup": "telling:standup",
        "notes": "telling:notes",
        "recall": "telling:recall",
        "review": "reviewing:review",
    },
    "Know": {
        "models": "knowing:models",
        "tools": "knowing:tools",
        "roles": "knowing:roles",
        "pipelines": "knowing:pipelines",
    },
    "Make": {"data": "data:data"},
    "Run": {"serve": "serving:serve", "doctor": "caring:doctor", "dev": "dev:dev"},
}
_PLACES = {name: place for verbs in _GROUPS.values() for name, place in verbs.items()}
_EPILOG = """\b
Exit codes
  0    done
  2    wrong usage; nothing was done
  3    a decision waits for a human: `crewboard decisions`
  4    blocked: a person has to do something outside of the crew
  5    failed
  130  interrupted; the state is kept: `crewboard resume`

\b
Environment
  Every option has a twin: CREWBOARD_<VERB>_<OPTION> (CREWBOARD_START_BUDGET), and
  CREWBOARD_WORKSPACE and CREWBOARD_JSON for all verbs. What stands on the line wins.

Data goes to stdout, talk to stderr."""


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _PLACES:
            return None
        module, _, name = _PLACES[cmd_name].partition(":")
        found: Any = getattr(import_module(f"crewboard.cli.{module}"), name)
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _PLACES and not args[0].startswith("-"):
            known = ", ".join(_PLACES)
            raise click.UsageError(f"There is no verb {args[0]!r}. There are: {known}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, verbs in _GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self._summary(ctx, name)) for name in verbs])

    def _summary(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=90) if command else ""


@click.group(
    cls=Verbs,
    epilog=_EPILOG,
    context_settings={
        "auto_envvar_prefix": "CREWBOARD",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@in_workspace
@click.version_option(__version__, prog_name="crewboard")
def root(workspace: Path | None) -> None:
    """Crews of role agents that build training data and fine-tune models."""
    del workspace  # the verbs read it from here: see options.find_workspace
