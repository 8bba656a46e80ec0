"""The tool: keep the rows that meet every condition, and say of each other one which it fails."""

from collections.abc import Callable, Iterator

import orjson

from crewboard.tools.audit.config import AuditConfig, load_config
from crewboard.tools.contract import Outcome, ToolContext, tool
from crewboard.tools.files.chat import ChatRule, faults_of
from crewboard.tools.files.fields import Field
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit
from crewboard.tools.filter.arguments import FilterArguments
from crewboard.tools.filter.bounds import Bounds
from crewboard.tools.filter.match import Match
from crewboard.tools.filter.rules import Audited, Spoken
from crewboard.tools.filter.seen import Seen, see
from crewboard.tools.filter.where import Where
from crewboard.tools.mix.length import Limits, Ruler

VERSION = "2"
NO_TEXT = "no-text"

Judge = Callable[[Seen], str | None]
"""Why a row goes, or None."""


def _preflight(arguments: FilterArguments, context: ToolContext) -> None:
    inputs_fit(arguments, context)
    judges_for(arguments, context)


@tool(
    "filter",
    "Keep rows by structure, length, language, the audit's rules and conditions on fields.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    version=VERSION,
    rehearse=True,
    preflight=_preflight,
)
def filter_rows(arguments: FilterArguments, context: ToolContext) -> Outcome:
    """Keep rows byte for byte and in order.

    A row that fails several conditions counts under the first of them; lengths come last.
    """
    judges = judges_for(arguments, context)
    fields = [Field.parse(name) for name in arguments.fields]
    with Sieve("filter", context, "rows", resume=Resume(arguments, VERSION)) as sieve:
        for path in arguments.files:
            for line in sieve.read(path):
                seen = see(line, fields)
                if seen is None:
                    sieve.drop(line, NO_TEXT if fields else ChatRule.NO_MESSAGES)
                    continue
                reason = next(filter(None, (judge(seen) for judge in judges)), None)
                if reason is None:
                    sieve.keep(line.raw)
                else:
                    sieve.drop(line, reason, row=orjson.Fragment(line.raw))
    return sieve.outcome({"dropped": sieve.reasons}, "loosen the limits or mend the source")


def judges_for(arguments: FilterArguments, context: ToolContext) -> list[Judge]:
    """What a row must pass, in order. ArgumentsInvalid, ExtraMissing, and what files that are named raise."""
    return list(_judges(arguments, context))


def _judges(arguments: FilterArguments, context: ToolContext) -> Iterator[Judge]:
    if arguments.drop_faulty and not arguments.fields:
        yield _fault
    for written in arguments.where:
        where = Where.parse(written)
        yield _meets(f"where ({where.text})", where.holds)
    for written in arguments.match:
        yield _meets(f"match ({written})", Match.parse(written).compiled())
    config = load_config(context.read(arguments.config)) if arguments.config else AuditConfig()
    if arguments.rules:
        yield Audited(arguments.rules, config)
    if arguments.languages:
        yield Spoken(arguments.languages, strict=arguments.unknown_language == "drop")
    tokenizer = context.read(arguments.tokenizer) if arguments.tokenizer else None
    yield Bounds(arguments, Ruler(Limits(tokens=arguments.max_tokens, tokenizer=tokenizer)))


def _fault(seen: Seen) -> str | None:
    fault = next(faults_of(seen.messages), None)
    return None if fault is None else str(fault.rule)


def _meets(reason: str, holds: Callable[[dict[str, object]], bool]) -> Judge:
    return lambda seen: None if holds(seen.line.row) else reason
