"""`crewboard dev`: what is needed to try things out on this machine."""

from pathlib import Path

import click

from crewboard.cli.options import option


@click.group
def dev() -> None:
    """Twins of services, for tests and rehearsals."""


@dev.command("fake-provider")
@option(
    "--port", type=click.IntRange(0, 65_535), default=8766, show_default=True, help="0: a free one."
)
@option(
    "--script",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Faults and limits, TOML or JSON.",
)
@option(
    "--charges",
    type=click.Path(path_type=Path),
    default=Path("charges.jsonl"),
    show_default=True,
    metavar="FILE",
    help="The ledger of what it charged; it goes on with one that exists.",
)
def fake_provider(port: int, script: Path | None, charges: Path) -> None:
    """Serve the APIs of OpenAI and Anthropic on 127.0.0.1, until Ctrl-C.

    Chats, files, batches, fine-tuning jobs and models, with made-up answers, scripted faults and a
    ledger of charges. The address goes to stdout; with OpenAI's SDK, add /v1 to it.
    """
    from crewboard.cli.terminal import flush, out, talk
    from crewboard.tools.twins.provider.script import Script, load_script
    from crewboard.tools.twins.provider.server import serve

    def ready(url: str) -> None:
        out(url)
        flush()
        talk(f"charges go to {charges}; Ctrl-C ends")

    serve(charges, load_script(script) if script else Script(), port, ready)
