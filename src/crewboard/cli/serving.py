"""`crewboard serve`: the bus on loopback HTTP, for peers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli.options import find_workspace, in_workspace, option

if TYPE_CHECKING:
    from crewboard.coordination.bus.server import Server
    from crewboard.coordination.workspace import Workspace


@click.command
@option(
    "--port", type=click.IntRange(0, 65_535), default=8765, show_default=True, help="0: a free one."
)
@option(
    "--crew/--no-crew", default=True, help="Also carry out what is asked for, or only take it in."
)
@in_workspace
def serve(workspace: Path | None, port: int, *, crew: bool) -> None:
    """Serve the bus (A2A 1.0) on 127.0.0.1, until Ctrl-C.

    Peers state goals with the token of CREWBOARD_TOKEN, else of .crewboard/token. A crew in this process
    carries them out, unless one is at work in the workspace already. Stand-ups and reviews are written
    at the hours of [schedule] in crewboard.toml.
    """
    from crewboard.cli.reviewing import scheduled
    from crewboard.cli.terminal import flush, out, talk
    from crewboard.coordination.bus.peers import VARIABLE, local_peer
    from crewboard.coordination.bus.server import Server, ServeSettings
    from crewboard.coordination.settings import Settings

    place = find_workspace(workspace)
    name = Settings.load(place.config).crew.name
    settings = ServeSettings(local_peer(place.state), port=port, name=name)
    server = Server(place.ledger(), settings)
    out(server.origin)
    flush()
    talk(f"the token is that of {VARIABLE}, else in {place.state / 'token'}; Ctrl-C ends")
    with scheduled(place, server.stop):
        if crew:
            _serve_with_crew(place, server)
        else:
            server.run()


def _serve_with_crew(place: "Workspace", server: "Server") -> None:
    from contextlib import ExitStack

    from crewboard.cli.beside import crew_beside
    from crewboard.cli.terminal import talk
    from crewboard.errors import CrewRunning

    with ExitStack() as stack:
        try:
            stack.enter_context(crew_beside(place, server.stop))
        except CrewRunning as running:
            talk(f"the crew of process {running.facts['process']} carries out what is asked for")
        server.run()
