"""`crewboard doctor`: whether everything is as it should be."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli import exits
from crewboard.cli.options import find_workspace, reading

if TYPE_CHECKING:
    from crewboard.coordination.doctor import Finding
    from crewboard.coordination.workspace import Workspace


@click.command
@reading
def doctor(workspace: Path | None, *, as_json: bool) -> int:
    """Check ledger, artifacts, verdicts, board, disk and keys.

    Changes nothing. Ends with 5 when a check fails.
    """
    from dataclasses import asdict

    from crewboard.cli.terminal import document, line, out
    from crewboard.coordination.doctor import doctor as examine

    place = find_workspace(workspace)
    variables, unusable = _models(place)
    found = [*examine(place, variables), *unusable]
    told = [{**asdict(finding), "level": str(finding.level)} for finding in found]
    if as_json:
        document({"findings": told})
    else:
        for each in told:
            out(f"{each['level']:<5} {line(each['check'])}: {line(each['says'])}")
            if each["remedy"] and each["level"] != "ok":
                out(f"      {line(each['remedy'])}")
    failed = any(each["level"] == "fail" for each in told)
    return exits.FAILED if failed else exits.DONE


def _models(place: "Workspace") -> "tuple[list[str], list[Finding]]":
    """The variables whose keys the configured model needs, and why it cannot be used at all. Opened
    with an empty environment, a model names what it lacks."""
    from crewboard.cli.wish import check_model
    from crewboard.coordination.doctor import Finding, Level
    from crewboard.coordination.settings import Settings
    from crewboard.errors import ConfigInvalid, CrewboardError, KeyMissing

    try:
        check_model(Settings.load(place.config), None, {})
    except KeyMissing as error:
        return [str(error.facts["variable"])], []
    except ConfigInvalid:
        return [], []  # the doctor's own rounds tell of it
    except CrewboardError as error:
        return [], [Finding(Level.FAIL, "model", str(error))]
    return [], []
