"""The tool: find out which rows are copies, of what, and treat them as asked.

Two passes over the files. The first settles everything; the second writes, and goes on where a stopped run
was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crewboard.errors import ArgumentsInvalid, SelfCheckFailed
from crewboard.tools.contract import Made, Outcome, ToolContext, tool
from crewboard.tools.dedup.arguments import DedupArguments
from crewboard.tools.dedup.clusters import Clusters
from crewboard.tools.dedup.keep import Keep
from crewboard.tools.dedup.keys import Keyring
from crewboard.tools.dedup.splice import splice
from crewboard.tools.dedup.survey import Survey, survey
from crewboard.tools.files.atomic import fits, whole
from crewboard.tools.files.chat import ChatRule, messages_of
from crewboard.tools.files.jsonl import Line
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit
from crewboard.tools.near import GRAM
from crewboard.tools.near.arrays import load_numpy

VERSION = "2"
DUPLICATE, NEAR = "duplicate", "near-duplicate"
_NOT_APPLIED = "no trainer applies the weight of a row: `expand` and `mix` turn weights into rows"
_CLOSED = "is a key that closed formats (openai, together) refuse: `check` a file before its upload"


def _preflight(arguments: DedupArguments, context: ToolContext) -> None:
    if arguments.near is not None:
        load_numpy("finding near duplicates")
    inputs_fit(arguments, context)


@tool(
    "dedup",
    "Find rows that are the same, or nearly; drop, weigh or mark the copies.",
    produces={
        "rows": "chat-jsonl",
        "dropped": "exclusions-jsonl",
        "clusters": "clusters-jsonl",
    },
    version=VERSION,
    rehearse=True,
    preflight=_preflight,
)
def dedup(arguments: DedupArguments, context: ToolContext) -> Outcome:
    """Rows keep their order, and their bytes but for the key that a policy writes. A dropped row names the
    one that stays for it."""
    before = _stamps(arguments, context)
    with TemporaryDirectory(prefix=".dedup-", dir=context.out) as work, fits(context.out):
        found = survey(arguments, context, Path(work))
    _some_activity(arguments, found)
    clusters = Clusters(found, Keep.parse(arguments.keep))
    if found.weights is not None:
        found.weights.add_up(found.kept_for)
    with Sieve("dedup", context, "rows", resume=Resume(arguments, VERSION)) as sieve:
        treat = _Treatment(arguments, found, clusters, sieve)
        for row in _rows(arguments, found, sieve):
            treat.row(row)
    if _stamps(arguments, context) != before:
        raise SelfCheckFailed(tool="dedup", reason="an input changed while it was read")
    path = context.out / "clusters.jsonl"
    with whole(path) as file:
        lines = clusters.write(file)
    measured = _measured(arguments, found, clusters)
    outcome = sieve.outcome(measured, "check that the data is chat rows, or name another key")
    return replace(
        outcome,
        made=(*outcome.made, Made("clusters", path, lines)),
        summary=outcome.summary + _told(arguments, clusters, found.keyless),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    index: int
    line: Line


def _rows(arguments: DedupArguments, found: Survey, sieve: Sieve) -> Iterator[_Row]:
    """The rows again, with their numbers; those that have no place here are dropped."""
    needs_chat = Keyring(arguments.key).needs_chat
    for begin, path in zip(found.places.begins, arguments.files, strict=True):
        for line in sieve.read(path):
            index = begin + line.number - 1
            if index >= len(found.twins):
                raise SelfCheckFailed(tool="dedup", reason="an input grew while it was read")
            if needs_chat and messages_of(line.row) is None:
                sieve.drop(line, ChatRule.NO_MESSAGES)
            else:
                yield _Row(index, line)


@dataclass(frozen=True)
class _Treatment:
    arguments: DedupArguments
    found: Survey
    clusters: Clusters
    sieve: Sieve

    def row(self, row: _Row) -> None:
        kept = self.found.kept_for(row.index)
        policy = self.arguments.policy
        if kept == row.index:
            self.sieve.keep(self._weighed(row))
        elif policy in {"drop", "keep-as-weight"}:
            reason = DUPLICATE if self.found.jaccard(row.index) is None else NEAR
            file = self.found.places.at(row.index)["file"]
            self.sieve.drop(row.line, reason, file=file, kept=self._named(row.index, kept))
        elif policy == "mark":
            told = self._named(row.index, kept)
            self.sieve.keep(splice(row.line.raw, self.arguments.mark_field, told))
        else:
            self.sieve.keep(row.line.raw)

    def _named(self, index: int, kept: int) -> dict[str, Any]:
        """The row that stays, and how alike to it one is that does not share its key."""
        jaccard = self.found.jaccard(index)
        place = self.found.places.at(kept)
        return place if jaccard is None else place | {"jaccard": jaccard}

    def _weighed(self, row: _Row) -> bytes:
        weights = self.found.weights
        if weights is None or not self.clusters.has_copies(row.index):
            return row.line.raw
        return splice(row.line.raw, self.arguments.weight_field, weights.of(row.index))


def _some_activity(arguments: DedupArguments, found: Survey) -> None:
    """A field that no row has is misspelt; rows never compared would pass for rows without copies."""
    keyring = Keyring(arguments.key)
    if keyring.has_places and found.keyless and not found.keyed:
        raise ArgumentsInvalid(tool="dedup", reason=f"no row has {keyring.name}")
    if found.unscored:
        name = arguments.keep.removeprefix("best:")
        raise ArgumentsInvalid(tool="dedup", reason=f"no row has a number in {name}")


def _stamps(arguments: DedupArguments, context: ToolContext) -> list[tuple[int, int, int]]:
    found = [context.read(path).stat() for path in arguments.files]
    return [(each.st_ino, each.st_size, each.st_mtime_ns) for each in found]


def _measured(arguments: DedupArguments, found: Survey, clusters: Clusters) -> dict[str, Any]:
    told: dict[str, Any] = {
        "key": Keyring(arguments.key).name,
        "policy": arguments.policy,
        "keep": arguments.keep,
        "groups": clusters.clusters,
        "redundant": clusters.redundant,
        "keyless": found.keyless,
    }
    if arguments.near is not None:
        told["near"] = {
            "key": f"word {GRAM}-grams, Jaccard {arguments.near:g} or more with the row that stays",
            "rows": clusters.near,
            "crowded": found.crowded,
        }
    if arguments.policy == "keep-as-weight":
        told["weight_field"] = arguments.weight_field
        told["weights_no_number"] = found.weights.odd if found.weights else 0
        told["notes"] = [_NOT_APPLIED, f"{arguments.weight_field!r} {_CLOSED}"]
    if arguments.policy == "mark":
        told["mark_field"] = arguments.mark_field
        told["notes"] = [f"{arguments.mark_field!r} {_CLOSED}"]
    return told


def _told(arguments: DedupArguments, clusters: Clusters, keyless: int) -> str:
    done = {
        "drop": "dropped",
        "keep-as-weight": f"in {arguments.weight_field!r} of rows that stay, which no trainer applies",
        "mark": f"marked by {arguments.mark_field!r}",
        "keep": "kept",
    }[arguments.policy]
    near = f", {clusters.near:,} of them near" if arguments.near is not None else ""
    found = f"copies {clusters.redundant:,}{near}, in {clusters.clusters:,} clusters"
    if keyless:
        found += f"; {keyless:,} rows without that key are nobody's copies"
    return f"; {found}" + (f"; {done}" if clusters.redundant else "")
