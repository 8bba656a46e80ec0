"""The picture of a report: the loss as it fell, and the held-out loss before and after.

The same numbers give the same bytes: ids are salted, no date is written, and text is drawn as
outlines, so that no font of the reader's machine enters.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crewboard.tools.report.evidence import Audit, Evaluation, Evidence, Training

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
        if evidence.training is None and evidence.evaluation is None and evidence.audit is not None:
            _draw_findings(left, evidence.audit)
        else:
            _draw_losses(left, evidence.training)
        _draw_evaluation(right, evidence.evaluation)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "crewboard"})


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


def _draw_findings(axes: "Axes", audit: Audit) -> None:
    axes.set_title("audit findings")
    found = [(str(rule["id"]), int(rule["count"])) for rule in audit.rules if rule["count"]]
    if not found:
        _say(axes, f"nothing found in {audit.rows} rows")
        return
    axes.barh([name for name, _ in found], [count for _, count in found], color=_INK)
    axes.set_xlabel(f"rows of {audit.rows}")


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
