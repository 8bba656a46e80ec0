"""The tool: a page and a picture out of the artifacts of a run, and out of nothing else."""

from importlib.util import find_spec
from pathlib import Path

from pydantic import Field

from crewboard.canonical import sha256_file
from crewboard.errors import ExtraMissing
from crewboard.tools.contract import Arguments, InputPath, Made, Outcome, ToolContext, tool
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.report.evidence import (
    SHORT,
    Evidence,
    load_artifact,
    load_audit,
    load_evaluation,
    load_training,
)
from crewboard.tools.report.page import page
from crewboard.tools.report.plot import draw


class ReportArguments(Arguments):
    title: str = Field(min_length=1, max_length=200)
    audit: InputPath | None = None
    training_log: InputPath | None = None
    evaluation: InputPath | None = None
    manifests: tuple[InputPath, ...] = ()
    """The `*.manifest.json` of the artifacts that the page lists and whose rows it adds up."""


def _can_draw(_arguments: ReportArguments, _context: ToolContext) -> None:
    if find_spec("matplotlib") is None:
        raise ExtraMissing(what="report", package="matplotlib", extra="train")


@tool(
    "report",
    "Write a page with a plot from an audit, a training log, an evaluation and manifests.",
    produces={"report": "report", "plot": "plot"},
    preflight=_can_draw,
)
def report(arguments: ReportArguments, context: ToolContext) -> Outcome:
    """Link the plot in the page by the name that publishing gives it, in the same folder."""
    evidence = _evidence(arguments, context)
    plot = context.out / "plot.svg"
    draw(evidence, arguments.title, plot)
    text = page(evidence, arguments.title, _published_name(plot))
    path = context.out / "report.md"
    write_whole(path, text.encode())
    made = (Made("report", path), Made("plot", plot))
    sources = [arguments.audit, arguments.training_log, arguments.evaluation, *arguments.manifests]
    count = sum(source is not None for source in sources)
    return Outcome(made, f"a report from {count} artifacts", measured={"sources": count})


def _evidence(arguments: ReportArguments, context: ToolContext) -> Evidence:
    audit, log, evaluation = arguments.audit, arguments.training_log, arguments.evaluation
    return Evidence(
        audit=load_audit(context, audit) if audit else None,
        training=load_training(context, log) if log else None,
        evaluation=load_evaluation(context, evaluation) if evaluation else None,
        artifacts=tuple(load_artifact(context, path) for path in arguments.manifests),
    )


def _published_name(path: Path) -> str:
    return f"{path.stem}.{sha256_file(path)[:SHORT]}{path.suffix}"
