"""Supervised fine-tuning: from raw rows to an evaluated adapter, with a human's word on the data.

ingest ─ audit ─ decide ─ dedup ─ filter ─ split ─ train ─ evaluate ─ report
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from crewboard.pipelines.plan import Gate, Plan, question, step


class SftWanted(BaseModel):
    """What may be said about it; everything has a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_words: int = Field(default=300, ge=1)
    test_share: float = Field(default=0.1, gt=0, lt=1)
    base: str = "tiny"
    rank: int = Field(default=16, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    evaluate_rows: int = Field(default=200, ge=1)
    seed: int = Field(default=42, ge=0)


def sft(sources: Sequence[str], wanted: SftWanted) -> Plan:
    """Sources are paths of raw rows in any shape that `ingest` knows."""
    ingest = step(
        "ingest", "Convert the rows to chat", "ingest",
        arguments={"files": list(sources)},
        accept={"rows": {"rows": {"min": 1}, "parse_errors": {"max": 0}}},
    )  # fmt: skip
    audit = step(
        "audit", "Audit the chat rows", "audit",
        arguments={"data": ingest.out("rows"), "max_words": wanted.max_words},
        accept={"report": {"opens": {"min": 1}}},
    )  # fmt: skip
    decide = question(
        "decide", "Decide how duplicates and over-long rows are treated",
        cites=audit.out("report"),
        kind="data-treatment",
        text="The audit counts {duplicate:,} duplicate and {over-long:,} over-long rows of {rows:,} "
        f"(over {wanted.max_words} words). How are they treated? Faulty rows are dropped in any case.",
        options=[
            {"name": "drop", "consequence": "drop both: every row counts once and fits"},
            {"name": "keep-duplicates", "consequence": "keep copies as weight, drop what is over-long"},
            {"name": "keep-all", "consequence": "keep both: copies weigh more, training cuts long rows"},
        ],
        reversible=True,
    )  # fmt: skip
    dedup = step(
        "dedup", "Treat duplicates as decided", "dedup",
        arguments={
            "data": ingest.out("rows"),
            "policy": decide.choose(drop="drop", **{"keep-duplicates": "keep", "keep-all": "keep"}),
        },
        gate=Gate(verdicts=("ingest", "audit"), decisions=("decide",)),
        accept={"rows": {"rows": {"min": 1}, "duplicates": {"max": decide.choose(
            drop=0, **{"keep-duplicates": 1, "keep-all": 1})}}},
    )  # fmt: skip
    clean = step(
        "filter", "Drop faulty rows, and over-long ones as decided", "filter",
        arguments={
            "data": dedup.out("rows"),
            "max_words": decide.choose(
                drop=wanted.max_words, **{"keep-duplicates": wanted.max_words, "keep-all": None}),
        },
        accept={"rows": {
            "rows": {"min": 1}, "empty_content": {"max": 0}, "role_faults": {"max": 0},
            "missing_assistant": {"max": 0},
        }},
    )  # fmt: skip
    split = step(
        "split", "Hold out a test set", "split",
        arguments={
            "data": clean.out("rows"), "test_share": wanted.test_share, "seed": wanted.seed,
        },
        accept={"train": {"rows": {"min": 8}}, "test": {"rows": {"min": 1}}},
    )  # fmt: skip
    train = step(
        "train", "Train a LoRA adapter", "finetune",
        arguments={
            "train": split.out("train"), "base": wanted.base, "rank": wanted.rank,
            "max_steps": wanted.max_steps, "seed": wanted.seed,
        },
        gate=Gate(verdicts=("filter", "split"), decisions=("decide",)),
        accept={
            "adapter": {"tensors_finite": {"min": 1}},
            "log": {"losses_finite": {"min": 1}, "steps": {"min": 1}},
        },
    )  # fmt: skip
    evaluate = step(
        "evaluate", "Measure held-out loss before and after", "evaluate",
        arguments={
            "test": split.out("test"), "base": train.out("base"), "adapter": train.out("adapter"),
            "max_rows": wanted.evaluate_rows, "seed": wanted.seed,
        },
        gate=Gate(verdicts=("train",)),
        accept={"evaluation": {"n": {"min": 1}, "ci_high": {"max": 0}}},
    )  # fmt: skip
    report = step(
        "report", "Write the report", "report",
        arguments={
            "title": "Supervised fine-tuning",
            "audit": audit.out("report"),
            "training_log": train.out("log"),
            "evaluation": evaluate.out("evaluation"),
            "manifests": [
                each.manifest(name) for each, name in (
                    (ingest, "rows"), (dedup, "rows"), (clean, "rows"), (split, "train"),
                    (split, "test"), (train, "adapter"), (train, "log"), (evaluate, "evaluation"),
                )
            ],
        },
        gate=Gate(verdicts=("evaluate",)),
        accept={"report": {"bytes": {"min": 1}}},
    )  # fmt: skip
    return Plan(
        f"{len(sources)} source(s) to chat rows, audited, treated as decided, trained, evaluated",
        (ingest, audit, decide, dedup, clean, split, train, evaluate, report),
    )
