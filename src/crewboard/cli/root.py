"""`crewboard` itself: the verbs by group, each loaded when it is called."""

from pathlib import Path

import click

from crewboard import __version__
from crewboard.cli.options import in_workspace
from crewboard.cli.verbs import Verbs

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


class RootVerbs(Verbs):
    package, of, sections = "crewboard.cli", "crewboard", _GROUPS


@click.group(
    cls=RootVerbs,
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
