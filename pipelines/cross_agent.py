"""A training set for each of several agents, filled up from the others: from a recipe to provider's files.

generate ─ chat ─ survey ─ decide ─ dedup ─ scrub ─ adp ─ expand ─ target ─ check ─ audit ─ report
"""

from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import PurePath
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crewboard.errors import ArgumentsInvalid
from crewboard.pipelines.plan import Gate, Plan, Step, question, step

_COPIES = ("duplicate", "duplicate-stripped", "duplicate-answer", "cross-agent-reuse")


class CrossAgentWanted(BaseModel):
    """What may be said about it; everything has a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = Field(default=6665, ge=1)
    """Rows to generate, over all agents."""
    model: str | None = None
    """provider/model that writes them; the recipe's templates, without cost, when absent."""
    budget_usd: Decimal | None = Field(default=None, gt=0)
    """The most that they may cost."""
    base_url: str | None = None
    """A compatible server instead of the provider's own."""
    matrix: str = "*matrix*"
    """Which of the sources is the matrix, by its file name."""
    by: str = "agent_name"
    """The field in which a row names its agent."""
    per_target: int = Field(default=20_000, ge=1)
    native_share: float = Field(default=0.067, ge=0, le=1)
    rounding: Literal["largest-remainder", "truncate"] = "largest-remainder"
    to: str = "openai"
    """The format to write: `crewboard data formats`."""
    contract: str = "openai"
    """The contract that each set must keep: `crewboard data contracts`."""
    max_words: int = Field(default=400, ge=1)
    reuse: float = Field(default=0.95, ge=0, le=1)
    """The share of rows, over all sets, that may repeat an earlier one: reuse is meant, so it is declared."""
    reuse_within: float = Field(default=0.7, ge=0, le=1)
    """The same within one set."""
    seed: int = Field(default=42, ge=0)

    @model_validator(mode="after")
    def _paid_within_a_budget(self) -> Self:
        if (self.model is None) != (self.budget_usd is None):
            raise ValueError("model and budget_usd are given together")
        if self.base_url is not None and self.model is None:
            raise ValueError("base_url needs a model")
        return self


def cross_agent(sources: Sequence[str], wanted: CrossAgentWanted) -> Plan:
    """Sources are a recipe (TOML), or files of rows that were generated already, and a matrix that says how
    close the agents are. ArgumentsInvalid for anything else."""
    matrices = [each for each in sources if fnmatch(PurePath(each).name, wanted.matrix)]
    given = [each for each in sources if each not in matrices]
    recipes = [each for each in given if each.endswith(".toml")]
    if len(matrices) != 1 or not given or (recipes and len(given) > 1):
        told = f"name a recipe, or rows, and one matrix whose file name is like {wanted.matrix}"
        raise ArgumentsInvalid(tool="cross_agent", reason=f"{told}: --data RECIPE --data MATRIX")
    made = [_generate(recipes[0], wanted)] if recipes else []
    raw = [each.out("rows") for each in made] or given
    surveyed = _source(raw, made, wanted)
    source = (*surveyed, *_mended(*surveyed))
    sets = _sets(source[-1], matrices[0], wanted)
    sets += _judged(sets[-1], wanted)
    steps = (*made, *source, *sets)
    return Plan(
        f"{wanted.rows:,} rows to {wanted.per_target:,} for each agent, as {wanted.to} takes them",
        (*steps, _report(steps)),
    )


def _generate(recipe: str, wanted: CrossAgentWanted) -> Step:
    paid: dict[str, str] = {}
    if wanted.model is not None:
        paid = {"model": wanted.model, "budget_usd": str(wanted.budget_usd)}
    if wanted.base_url is not None:
        paid["base_url"] = wanted.base_url
    return step(
        "generate", "Generate the rows of all agents", "generate" if paid else "generate-offline",
        arguments={"recipe": recipe, "rows": wanted.rows, **paid},
        accept={
            "rows": {"rows": {"min": wanted.rows, "max": wanted.rows}, "parse_errors": {"max": 0}},
            "report": {"off_quota": {"max": 0}},
        },
    )  # fmt: skip


def _source(
    raw: Sequence[object], made: Sequence[Step], wanted: CrossAgentWanted
) -> tuple[Step, Step, Step]:
    chat = step(
        "chat", "Convert the rows to chat", "convert",
        arguments={"files": list(raw), "to": "chat"},
        gate=Gate(verdicts=tuple(each.name for each in made)),
        accept={"rows": {"rows": {"min": 1}, "parse_errors": {"max": 0}}},
    )  # fmt: skip
    survey = step(
        "survey", "Audit the rows at their source", "audit",
        arguments={"data": chat.out("rows"), "max_words": wanted.max_words},
        accept={"report": {"opens": {"min": 1}}},
    )  # fmt: skip
    decide = question(
        "decide", "Decide how copies in the source are treated",
        cites=survey.out("report"),
        kind="data-treatment",
        text="The audit counts {duplicate:,} duplicate rows of {rows:,} at the source, and every row is "
        "drawn several times. How are they treated? What is personal is replaced in any case: e-mail "
        "addresses in {email:,} rows, phone numbers in {phone:,}, keys in {api-key:,}.",
        options=[
            {"name": "drop", "consequence": "every row is drawn by its agent's share alone"},
            {"name": "keep", "consequence": "copies are drawn as often again: repetition as weight"},
        ],
        reversible=True,
    )  # fmt: skip
    return chat, survey, decide


def _mended(chat: Step, survey: Step, decide: Step) -> tuple[Step, Step]:
    """What is wrong with the rows is mended at their source, where each stands once (F20)."""
    dedup = step(
        "dedup", "Treat copies as decided", "dedup",
        arguments={
            "data": chat.out("rows"), "policy": decide.choose(drop="drop", keep="keep"),
        },
        gate=Gate(verdicts=(chat.name, survey.name), decisions=(decide.name,)),
        accept={"rows": {"rows": {"min": 1}, "duplicates": {"max": decide.choose(drop=0, keep=1)}}},
    )  # fmt: skip
    scrub = step(
        "scrub", "Replace personal data at the source", "scrub",
        arguments={"files": [dedup.out("rows")]},
        gate=Gate(verdicts=("dedup",)),
        accept={"rows": {"rows": {"min": 1}, "parse_errors": {"max": 0}, "pii_rows": {"max": 0}}},
    )  # fmt: skip
    return dedup, scrub


def _sets(source: Step, matrix: str, wanted: CrossAgentWanted) -> tuple[Step, ...]:
    adp = step(
        "adp", "Convert the rows to ADP", "convert",
        arguments={"files": [source.out("rows")], "to": "adp", "on_loss": "drop"},
        gate=Gate(verdicts=(source.name,), decisions=("decide",)),
        accept={"rows": {"rows": {"min": 1}, "parse_errors": {"max": 0}}},
    )  # fmt: skip
    expand = step(
        "expand", "Fill up a set for each agent", "expand",
        arguments={
            "sources": [adp.out("rows")], "by": wanted.by, "matrix": matrix,
            "rows": wanted.per_target, "native_share": wanted.native_share,
            "rounding": wanted.rounding, "seed": wanted.seed,
        },
        gate=Gate(verdicts=("adp",)),
        accept={"expanded": {
            "files": {"min": 1}, "parse_errors": {"max": 0},
            "rows_most": {"max": wanted.per_target},
            "rows_least": {"min": _least(wanted)},
        }},
    )  # fmt: skip
    target = step(
        "target", f"Convert the sets to {wanted.to}", "convert",
        arguments={"files": [expand.out("expanded")], "to": wanted.to, "keep": False},
        gate=Gate(verdicts=("expand",)),
        accept={"rows": {
            "parse_errors": {"max": 0}, "empty_content": {"max": 0}, "role_faults": {"max": 0},
            "missing_assistant": {"max": 0}, "pii_rows": {"max": 0},
            "duplicates": {"max": wanted.reuse_within}, "rows_least": {"min": _least(wanted)},
        }},
    )  # fmt: skip
    return adp, expand, target


def _judged(target: Step, wanted: CrossAgentWanted) -> tuple[Step, ...]:
    check = step(
        "check", f"Check each set against the contract {wanted.contract}", "check",
        arguments={"data": target.out("rows"), "contract": wanted.contract},
        gate=Gate(verdicts=("target",)),
        accept={"report": {"opens": {"min": 1}, "rows_broken": {"max": 0}}},
    )  # fmt: skip
    audit = step(
        "audit", "Audit the sets", "audit",
        arguments={
            "data": target.out("rows"), "max_words": wanted.max_words,
            "tolerate": dict.fromkeys(_COPIES, wanted.reuse),
        },
        gate=Gate(verdicts=("target",)),
        accept={"report": {"opens": {"min": 1}, "within": {"min": 1}}},
    )  # fmt: skip
    return check, audit


def _least(wanted: CrossAgentWanted) -> int:
    """Truncated shares fall short by a row for each agent, of which there are hundreds at most."""
    return wanted.per_target if wanted.rounding == "largest-remainder" else wanted.per_target - 500


def _report(steps: Sequence[Step]) -> Step:
    named = {each.name: each for each in steps}
    rows = {"generate": "rows", "dedup": "rows", "scrub": "rows", "adp": "rows"}
    rows |= {"expand": "expanded", "target": "rows", "check": "report", "audit": "report"}
    return step(
        "report", "Write the report", "report",
        arguments={
            "title": "Cross-agent training sets",
            "audit": named["audit"].out("report"),
            "manifests": [named[n].manifest(made) for n, made in rows.items() if n in named],
        },
        gate=Gate(verdicts=("check", "audit")),
        accept={"report": {"bytes": {"min": 1}}},
    )  # fmt: skip
