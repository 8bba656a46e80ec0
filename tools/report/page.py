"""The report as Markdown. Text out of artifacts is escaped: it is data, and forges no structure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crewboard.tools.report.evidence import (
    SHORT,
    Artifact,
    Audit,
    Evaluation,
    Evidence,
    Source,
    Training,
)
from crewboard.tools.report.plot import is_about_data

_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~!])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_PLANNED = "steps_planned"  # as the trainer names it in its manifest


def page(evidence: Evidence, title: str, plot: str) -> str:
    """Compose the whole page; `plot` is the picture's file name in the same folder."""
    shown = "findings and rows" if is_about_data(evidence) else "training loss and held-out loss"
    parts = [f"# {escaped(title)}", f"![{shown}]({plot})"]
    if evidence.evaluation is not None:
        parts.append("\n".join(_evaluation(evidence.evaluation)))
    if evidence.training is not None:
        parts.append("\n".join(_training(evidence.training, evidence.artifacts)))
    if evidence.audit is not None:
        parts.append("\n".join(_audit(evidence.audit)))
    if evidence.artifacts:
        parts.append("\n".join(_rows(evidence.artifacts)))
        parts.append("\n".join(_artifacts(evidence.artifacts)))
    return "\n\n".join(parts) + "\n"


def escaped(value: Any) -> str:
    """`value` as plain text within one line of Markdown."""
    return _ACTIVE.sub(r"\\\1", _CONTROL.sub(" ", str(value))).strip()


def _evaluation(found: Evaluation) -> Iterator[str]:
    yield "## Evaluation\n"
    yield f"On {found.n:,} held-out rows, mean negative log-likelihood per token, in nats:\n"
    yield from _table(
        ("base", "tuned", "difference", "95 % interval"),
        [
            (
                f"{found.base:.4f}",
                f"{found.tuned:.4f}",
                f"{found.delta:+.4f}",
                f"{found.low:+.4f} to {found.high:+.4f}",
            )
        ],
    )
    if found.low <= 0 <= found.high:
        yield "\nThe interval holds zero: no difference is shown.\n"
    yield f"\n{_from(found.source)}"


def _training(found: Training, artifacts: Sequence[Artifact]) -> Iterator[str]:
    done, planned = max(found.steps), _planned_steps(artifacts)
    yield "## Training\n"
    if planned is None:
        yield f"- steps: {done:,} done; how many were planned is not stated"
    else:
        verdict = "as planned" if done == planned else "**not as planned**"
        yield f"- steps: {done:,} done of {planned:,} planned, {verdict}"
    yield f"- loss: {found.losses[0]:.4f} at first, {found.losses[-1]:.4f} at last"
    yield f"\n{_from(found.source)}"


def _planned_steps(artifacts: Sequence[Artifact]) -> int | None:
    """Look up what the manifest of the training log says was planned."""
    for each in artifacts:
        planned = each.measured.get(_PLANNED)
        if each.kind == "training-log" and isinstance(planned, int):
            return planned
    return None


def _audit(found: Audit) -> Iterator[str]:
    yield "## Data\n"
    faulty = [rule for rule in found.rules if rule["count"]]
    checked = f"{found.rows:,} rows were audited against {len(found.rules)} rules"
    if not faulty:
        yield f"{checked}; none is broken."
    else:
        yield f"{checked}; these are broken:\n"
        yield from _table(
            ("rule", "severity", "rows", "share", "tolerated"),
            [
                (
                    escaped(rule["id"]),
                    escaped(rule["severity"]),
                    f"{rule['count']:,}",
                    f"{rule['share']:.2%}",
                    f"{rule.get('tolerated', 0.0):.2%}",
                )
                for rule in faulty
            ],
        )
    yield f"\n{_from(found.source)}"


def _rows(artifacts: Sequence[Artifact]) -> Iterator[str]:
    """One line for each run that accounts for rows, however many artifacts it left."""
    runs = {(each.tool, str(each.accounting)): each for each in artifacts if each.accounting}
    yield "## Rows\n"
    yield from _table(
        ("step", "in", "made", "out", "dropped", "from"),
        [(escaped(each.tool), *_account(each), _short(each.source)) for each in runs.values()],
    )


def _account(artifact: Artifact) -> tuple[str, str, str, str]:
    account = artifact.accounting or {}
    dropped = account.get("dropped", {})
    told = ", ".join(f"{escaped(reason)} {count:,}" for reason, count in sorted(dropped.items()))
    counts = (f"{account.get(name, 0):,}" for name in ("rows_in", "made", "rows_out"))
    rows_in, made, rows_out = counts
    return rows_in, made, rows_out, told or "none"


def _artifacts(artifacts: Iterable[Artifact]) -> Iterator[str]:
    yield "## Artifacts\n"
    yield from _table(
        ("artifact", "kind", "rows", "step", "seed", "sha256", "path"),
        [
            (
                escaped(each.name),
                escaped(each.kind),
                "" if each.rows is None else f"{each.rows:,}",
                escaped(each.tool),
                escaped(each.seed),
                escaped(each.sha256[:SHORT]),
                escaped(each.path),
            )
            for each in artifacts
        ],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _from(source: Source) -> str:
    return f"From {_short(source)}."


def _short(source: Source) -> str:
    return f"{escaped(source.path)} ({source.sha256[:SHORT]})"
