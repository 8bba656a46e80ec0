"""The tool: a coverage report of one tokenizer over some files, for all of them and for each."""

from pathlib import Path
from typing import Any

import orjson
from pydantic import Field

from crewboard.canonical import digest, sha256_file
from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import Arguments, InputPath, Made, Outcome, RowAccount, ToolContext
from crewboard.tools.contract import tool as contract_tool
from crewboard.tools.files.atomic import whole, write_whole
from crewboard.tools.files.names import named
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import inputs_fit
from crewboard.tools.lineage.pin import check_pin
from crewboard.tools.tokenizer.corpus import Corpus
from crewboard.tools.tokenizer.coverage import Measure, Tally, fragments_of
from crewboard.tools.tokenizer.load import load_tokenizer

FORMAT = "crewboard-tokenizer-report/1"
OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class ReportArguments(Arguments):
    tokenizer: InputPath
    files: tuple[InputPath, ...] = Field(min_length=1)
    fields: tuple[str, ...] = ()
    sha256: str | None = None
    """What the tokenizer must hash to."""


def _preflight(arguments: ReportArguments, context: ToolContext) -> None:
    check_pin(context.read(arguments.tokenizer), arguments.sha256)
    inputs_fit(arguments, context)


@contract_tool(
    "tokenizer-report",
    "Measure how well a tokenizer covers the text of rows.",
    produces={"report": "tokenizer-report-json", "dropped": "exclusions-jsonl"},
    preflight=_preflight,
)
def report(arguments: ReportArguments, context: ToolContext) -> Outcome:
    tokenizer = context.read(arguments.tokenizer)
    paths = [context.read(path) for path in arguments.files]
    left_out = context.out / "dropped.jsonl"
    with whole(left_out) as dropped:
        passing = Passing(paths, context.progress, "reading for coverage")
        corpus = Corpus(
            paths, passing, dropped, arguments.fields, names=named(paths, arguments.files)
        )
        told = coverage_of(tokenizer, corpus)
    place = context.out / "tokenizer-report.json"
    write_whole(place, orjson.dumps(told, option=OPTIONS))
    used = corpus.rows_in - corpus.reasons.total()
    made = (Made("report", place), Made("dropped", left_out, corpus.reasons.total()))
    account = RowAccount(corpus.rows_in, used, corpus.told)
    return Outcome(made, summary_of(told["all"]), account, told["all"])


def coverage_of(tokenizer: Path, corpus: Corpus) -> dict[str, Any]:
    """The report. SelfCheckFailed when no row holds a word."""
    loaded = load_tokenizer(tokenizer)
    fragments, size = fragments_of(loaded), loaded.get_vocab_size()
    everything, sources = Tally(), []
    for path in corpus.paths:
        measure = Measure(loaded, fragments)
        for _, text in corpus.of(path):
            measure.add(text)
        tally = measure.finish()
        everything.absorb(tally)
        sources.append(
            {"file": corpus.name(path), "sha256": sha256_file(path), "coverage": tally.told(size)}
        )
    if not everything.words:
        raise SelfCheckFailed(tool="tokenizer-report", reason=f"no row holds text ({corpus.told})")
    hashes = [source["sha256"] for source in sources]
    return {
        "format": FORMAT,
        "tokenizer": {"sha256": sha256_file(tokenizer), "vocabulary": size},
        "sample": digest([hashes, list(corpus.fields)]),
        "all": everything.told(size),
        "sources": sources,
    }


def summary_of(told: dict[str, Any]) -> str:
    return (
        f"{told['tokens_per_word']:.3f} tokens a word, {told['single_token_words']:.1%} of words are one "
        f"token, {told['unknown_rate']:.3%} unknown, {told['byte_fallback_rate']:.3%} pieces of characters, "
        f"{told['vocabulary_used_share']:.1%} of the vocabulary used, {told['tokens']:,} tokens"
    )
