"""What the verbs have in common: the options that all of them take, and where they find their workspace."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from crewboard.coordination.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, **more: Any) -> Callable[[F], F]:
    """An option whose help names its environment twin: CREWBOARD_<VERB>_<OPTION> unless told otherwise."""
    return click.option(*names, show_envvar=True, **more)


def in_workspace(verb: F) -> F:
    return option(
        "-C",
        "--workspace",
        envvar="CREWBOARD_WORKSPACE",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The workspace; found upward from here by default.",
    )(verb)


def with_json(verb: F) -> F:
    return option(
        "--json", "as_json", is_flag=True, envvar="CREWBOARD_JSON", help="One JSON document."
    )(verb)


def into(default: str = "data", **more: Any) -> Callable[[F], F]:
    """The folder that a verb writes into."""
    folder = click.Path(path_type=Path, file_okay=False)
    return option("--out", default=default, type=folder, metavar="DIR", show_default=True, **more)


def reading(verb: F) -> F:
    """A verb that only reads takes both."""
    return in_workspace(with_json(verb))


def find_workspace(given: Path | None) -> "Workspace":
    """The workspace named after the verb, else before it, else the one above the current folder.
    WorkspaceMissing."""
    from crewboard.coordination.workspace import Workspace
    from crewboard.errors import WorkspaceMissing

    context = click.get_current_context(silent=True)
    before = context.find_root().params.get("workspace") if context else None
    start = given or before
    if start is None:
        try:
            start = Path.cwd()
        except FileNotFoundError:
            raise WorkspaceMissing(path=".") from None
    return Workspace.find(start)
