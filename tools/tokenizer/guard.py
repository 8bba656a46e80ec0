"""The tool: hold a tokenizer against a baseline on the same text, and fail it when it got worse.

Worse is: tokens per word rose by more than .05, or the share of words of one token, or of up to two,
fell by more than .02.
"""

from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from crewboard.errors import InputUnreadable
from crewboard.tools.contract import Arguments, InputPath, Made, Outcome, RowAccount, ToolContext
from crewboard.tools.contract import tool as contract_tool
from crewboard.tools.files.atomic import whole, write_whole
from crewboard.tools.files.jsonl import check_readable
from crewboard.tools.files.names import named
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import inputs_fit
from crewboard.tools.lineage.pin import check_pin
from crewboard.tools.tokenizer.corpus import Corpus
from crewboard.tools.tokenizer.report import FORMAT, OPTIONS, coverage_of

_MOST_BYTES = 200_000_000
_ROUNDING = 1e-9


class GuardArguments(Arguments):
    tokenizer: InputPath
    baseline: InputPath
    """A coverage report, or a tokenizer that is measured beside."""
    files: tuple[InputPath, ...] = Field(min_length=1)
    fields: tuple[str, ...] = ()
    rise: float = Field(default=0.05, ge=0)
    """By how much tokens per word may rise."""
    fall: float = Field(default=0.02, ge=0, le=1)
    """By how much the shares of short words may fall."""
    sha256: str | None = None
    """What the tokenizer must hash to."""


def _preflight(arguments: GuardArguments, context: ToolContext) -> None:
    check_pin(context.read(arguments.tokenizer), arguments.sha256)
    inputs_fit(arguments, context)


@contract_tool(
    "tokenizer-guard",
    "Fail a tokenizer that covers a text worse than a baseline does.",
    produces={"guard": "tokenizer-guard-json", "dropped": "exclusions-jsonl"},
    preflight=_preflight,
)
def guard(arguments: GuardArguments, context: ToolContext) -> Outcome:
    """`measured` says `within`. A baseline that was measured on other text is compared all the same, and
    `same_sample` says so."""
    paths = [context.read(path) for path in arguments.files]
    left_out = context.out / "dropped.jsonl"

    def measured(tokenizer: Path) -> tuple[dict[str, Any], Corpus]:
        with whole(left_out) as dropped:
            passing = Passing(paths, context.progress, "reading for coverage")
            corpus = Corpus(
                paths, passing, dropped, arguments.fields, names=named(paths, arguments.files)
            )
            return coverage_of(tokenizer, corpus), corpus

    candidate, corpus = measured(context.read(arguments.tokenizer))
    at = context.read(arguments.baseline)
    baseline = _report_in(at) or measured(at)[0]
    told = compare(baseline, candidate, arguments)
    place = context.out / "tokenizer-guard.json"
    write_whole(place, orjson.dumps(told, option=OPTIONS))
    used = corpus.rows_in - corpus.reasons.total()
    made = (Made("guard", place), Made("dropped", left_out, corpus.reasons.total()))
    return Outcome(made, _summary(told), RowAccount(corpus.rows_in, used, corpus.told), told)


def compare(
    baseline: dict[str, Any], candidate: dict[str, Any], limits: GuardArguments
) -> dict[str, Any]:
    """Each measure's (baseline, candidate, change, most), and whether all are within."""
    allowed = {"tokens_per_word": limits.rise}
    allowed |= dict.fromkeys(("single_token_words", "up_to_two_token_words"), -limits.fall)
    checks = []
    for name, most in allowed.items():
        before, now = baseline["all"][name], candidate["all"][name]
        change = round(now - before, 6)
        worse = change - most if name == "tokens_per_word" else most - change
        told = {"measure": name, "baseline": before, "now": now, "change": change, "most": most}
        checks.append(told | {"over": worse > _ROUNDING})
    return {
        "within": not any(check["over"] for check in checks),
        "same_sample": baseline["sample"] == candidate["sample"],
        "checks": checks,
        "baseline": baseline["tokenizer"],
        "tokenizer": candidate["tokenizer"],
    }


def _report_in(path: Path) -> dict[str, Any] | None:
    """The report that `path` is; None when it may be a tokenizer."""
    if check_readable(path) > _MOST_BYTES:
        raise InputUnreadable(path=path, where="", reason="it is too large for a report")
    try:
        found = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputUnreadable(path=path, where="", reason=f"it is not JSON ({error})") from None
    if not isinstance(found, dict) or "format" not in found:
        return None
    if found["format"] != FORMAT:
        reason = f"it is no report of this version ({FORMAT}); measure the baseline again"
        raise InputUnreadable(path=path, where="", reason=reason)
    return found


def _summary(told: dict[str, Any]) -> str:
    over = [
        f"{c['measure']} {c['baseline']:.3f} -> {c['now']:.3f} (by {c['change']:+.3f}, most {c['most']:+.2f})"
        for c in told["checks"]
        if c["over"]
    ]
    text = "worse than the baseline: " + "; ".join(over) if over else "as good as the baseline"
    return text if told["same_sample"] else f"{text}; the baseline was measured on other text"
