"""`crewboard data tokenizer`: train one, measure it, guard it against a baseline."""

from pathlib import Path
from typing import Any

import click

from crewboard.cli import exits
from crewboard.cli.options import F, into, option, with_json


@click.group
def tokenizer() -> None:
    """Train a tokenizer on rows, measure how it covers them, hold it against a baseline."""


def _common(verb: F) -> F:
    out = into()
    fields = option(
        "--field",
        "fields",
        multiple=True,
        metavar="NAME",
        help="A column of text; may be repeated.",
    )
    pin = option("--sha256", metavar="HEX", help="What the tokenizer must hash to.")
    return pin(fields(out(with_json(verb))))


@tokenizer.command
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--vocab-size", default=32_000, show_default=True, type=click.IntRange(257, 1_000_000))
@option("--min-count", default=2, show_default=True, type=click.IntRange(1))
@option("--special", "special_tokens", multiple=True, metavar="TOKEN", help="Instead of ChatML's.")
@_common
def train(out: Path, *, as_json: bool, **given: Any) -> None:
    """Train a byte-level BPE. The same rows give the same bytes, in whatever order they come."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.tools.tokenizer import train as tool

    if not given["special_tokens"]:
        del given["special_tokens"]
    done = run_alone(tool, given, out, 0, given["files"])
    tell(done, out, as_json=as_json)


@tokenizer.command
@click.argument("path", metavar="TOKENIZER.json")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_common
def report(path: str, out: Path, *, as_json: bool, **given: Any) -> None:
    """Tokens per word, words of one token, unknown and byte-fallback rates, vocabulary used, by file."""
    import orjson

    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.tokenizer import report as tool

    done = run_alone(tool, given | {"tokenizer": path}, out, 0, [path, *given["files"]])
    tell(done, out, as_json=as_json)
    if not as_json:
        told = orjson.loads((out / done.manifests[0].path).read_bytes())
        sources = [(each["file"], each["coverage"]) for each in told["sources"]]
        table((_row(*each) for each in [*sources, ("all", told["all"])]), _HEADS)


@tokenizer.command
@click.argument("path", metavar="TOKENIZER.json")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@option("--baseline", required=True, metavar="FILE", help="A report, or another tokenizer.json.")
@option("--rise", default=0.05, show_default=True, help="Tokens per word may rise by this.")
@option("--fall", default=0.02, show_default=True, help="Shares of short words may fall by this.")
@_common
def guard(path: str, out: Path, *, as_json: bool, **given: Any) -> int:
    """Compare a tokenizer with a baseline. Exit code 0 when it is as good, 5 when it got worse."""
    from crewboard.cli.data.alone import run_alone, tell
    from crewboard.cli.terminal import table
    from crewboard.tools.tokenizer import guard as tool

    read = [path, given["baseline"], *given["files"]]
    done = run_alone(tool, given | {"tokenizer": path}, out, 0, read)
    tell(done, out, as_json=as_json)
    measured = done.outcome.measured
    if not as_json:
        checks = measured["checks"]
        keys = ("measure", "baseline", "now", "change", "most")
        table(
            [("OVER" if c["over"] else "", *(c[key] for key in keys)) for c in checks], ("", *keys)
        )
    return exits.DONE if measured["within"] else exits.FAILED


_HEADS = (
    "source",
    "words",
    "tokens",
    "tokens/word",
    "one token",
    "unknown",
    "fallback",
    "vocab used",
)


def _row(name: str, told: dict[str, Any]) -> tuple[str, ...]:
    shares = ("single_token_words", "unknown_rate", "byte_fallback_rate", "vocabulary_used_share")
    return (
        name,
        f"{told['words']:,}",
        f"{told['tokens']:,}",
        f"{told['tokens_per_word']:.3f}",
        *(f"{told[key]:.2%}" for key in shares),
    )
