"""The picture of a report: the loss as it fell, and the held-out loss before and after; or, where nothing
was trained, what an audit found, and the rows of each step.

The same numbers give the same bytes: ids are salted, no date is written, and text is drawn as
outlines, so that no font of the reader's machine enters.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crewboard.tools.report.evidence import Artifact, Audit, Evaluation, Evidence, Training

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SETTINGS = {"svg.hashsalt": "crewboard", "svg.fonttype": "path", "font.size": 9.0}
_INK, _QUIET = "#1f4e79", "#b0b7bf"
_SIZE = (9.0, 3.4)  # inches


def draw(evidence: Evidence, title: str, path: Path) -> None:
    """Write the SVG; a panel without evidence says so."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_SETTINGS):
        figure = Figure(figsize=_SIZE, layout="constrained")
        left, right = figure.subplots(1, 2)
        figure.suptitle(_plain(title))
        if is_about_data(evidence):
            _draw_findings(left, evidence.audit)
            _draw_rows(right, evidence.artifacts)
        else:
            _draw_losses(left, evidence.training)
            _draw_evaluation(right, evidence.evaluation)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "crewboard"})


def is_about_data(evidence: Evidence) -> bool:
    """Nothing was trained: the picture is of findings and rows."""
    return evidence.training is None and evidence.evaluation is None


def _draw_losses(axes: "Axes", training: Training | None) -> None:
    axes.set_title("training loss")
    if training is None:
        _say(axes, "no training log")
        return
    axes.plot(training.steps, training.losses, color=_INK, linewidth=1.2)
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats per token")


def _draw_evaluation(axes: "Axes", evaluation: Evaluation | None) -> None:
    axes.set_title("held-out loss")
    if evaluation is None:
        _say(axes, "no evaluation")
        return
    low, high = tuned_interval(evaluation)
    axes.bar(
        ["base", "tuned"], [evaluation.base, evaluation.tuned], color=[_QUIET, _INK], width=0.5
    )
    spread = [[max(0.0, evaluation.tuned - low)], [max(0.0, high - evaluation.tuned)]]
    axes.errorbar(["tuned"], [evaluation.tuned], yerr=spread, color="black", capsize=4)
    axes.set_ylabel("NLL, nats per token")
    axes.set_xlabel(f"n = {evaluation.n}; bar: 95 % interval of the difference")


def _draw_findings(axes: "Axes", audit: Audit | None) -> None:
    axes.set_title("audit findings")
    if audit is None:
        _say(axes, "no audit")
        return
    found = [(str(rule["id"]), int(rule["count"])) for rule in audit.rules if rule["count"]]
    if not found:
        _say(axes, f"nothing found in {audit.rows} rows")
        return
    axes.barh([name for name, _ in found], [count for _, count in found], color=_INK)
    axes.set_xlabel(f"rows of {audit.rows:,}")
    axes.invert_yaxis()


def _draw_rows(axes: "Axes", artifacts: Sequence[Artifact]) -> None:
    """Rows out of each step, in the order of the steps, from top to bottom."""
    axes.set_title("rows after each step")
    counted = [each for each in artifacts if each.rows is not None]
    if not counted:
        _say(axes, "no artifact holds rows")
        return
    names = [f"{n}. {_plain(each.tool)}" for n, each in enumerate(counted, start=1)]
    bars = axes.barh(names, [each.rows or 0 for each in counted], color=_QUIET)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.25)


def tuned_interval(evaluation: Evaluation) -> tuple[float, float]:
    """Set the interval of the difference around the tuned value, whichever way it was taken."""
    sign = 1 if evaluation.delta * (evaluation.tuned - evaluation.base) >= 0 else -1
    ends = (evaluation.base + sign * evaluation.low, evaluation.base + sign * evaluation.high)
    return min(ends), max(ends)


def _say(axes: "Axes", text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", color="#666666")
    axes.set_xticks([])
    axes.set_yticks([])


def _plain(text: Any) -> str:
    """Text without the dollar signs that would begin a formula."""
    return str(text).replace("$", r"\$")
