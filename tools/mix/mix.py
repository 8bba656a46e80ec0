"""The tool: look at every row once, decide how many each source gives, draw those of the lowest rank.

Two passes. The first counts and ranks, the second draws; what is drawn goes through a shuffle on disk.
The bytes that come out are decided by the rows, the ratios and the seed: not by the order of rows, files
or sources. Memory: 16 bytes for each row that is there, and one bucket of the shuffle.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import Made, Outcome, RowAccount, ToolContext, tool
from crewboard.tools.files.atomic import fits, whole
from crewboard.tools.files.chat import ChatRule, Message, messages_key, messages_of
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.names import named
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import inputs_fit
from crewboard.tools.lineage.pin import check_pin
from crewboard.tools.mix.arguments import MixArguments
from crewboard.tools.mix.books import WEIGHT_NOTE, Exclusions, Source, overlaps
from crewboard.tools.mix.errors import MixOverLong
from crewboard.tools.mix.keys import repeated
from crewboard.tools.mix.length import Limits, Ruler
from crewboard.tools.mix.quota import asked, quotas
from crewboard.tools.mix.shuffle import HELD, Shuffle, rank

VERSION = "2"
OVER_LONG, NOT_DRAWN = "over-long", "not-drawn"


def _preflight(arguments: MixArguments, context: ToolContext) -> None:
    for path, pinned in zip(arguments.sources, arguments.pins, strict=False):
        check_pin(context.read(path), pinned)
    inputs_fit(arguments, context)


@tool(
    "mix",
    "Draw rows from several datasets in given ratios, seeded, into one shuffled dataset.",
    produces={"rows": "chat-jsonl", "dropped": "exclusions-jsonl"},
    version=VERSION,
    rehearse=True,
    preflight=_preflight,
)
def mix(arguments: MixArguments, context: ToolContext) -> Outcome:
    """Rows stay byte for byte, and every row of every source is accounted for: those left out are
    recorded, as `not-drawn`, `over-long` or with what is wrong with them.

    `measured` sets what was asked of each source beside what came out. MixOverLong under `refuse`.
    """
    work = _Work(arguments, context)
    work.survey()
    work.apportion()
    staged = Path(tempfile.mkdtemp(prefix=".mix-", dir=context.out))
    try:
        with fits(context.out):
            work.draw(staged)
    finally:
        shutil.rmtree(staged)
    return work.outcome()


class _Seen(NamedTuple):
    """A row of chat, as both passes see it."""

    path: Path
    line: Line
    messages: list[Message]
    rank: int


class _Work:
    def __init__(self, arguments: MixArguments, context: ToolContext) -> None:
        self._arguments, self._context = arguments, context
        self._seed = context.seed if arguments.seed is None else arguments.seed
        self._sources = [
            Source(label, [context.read(path) for path in arguments.files_of(label)])
            for label in arguments.labels
        ]
        tokenizer = context.read(arguments.tokenizer) if arguments.tokenizer else None
        self._ruler = Ruler(Limits(arguments.max_words, arguments.max_tokens, tokenizer))
        self._paths = [path for source in self._sources for path in source.paths]
        given = [path for label in arguments.labels for path in arguments.files_of(label)]
        self._names = named(self._paths, given)
        self._rows = context.out / "rows.jsonl"
        self._dropped = context.out / "dropped.jsonl"
        self._reasons: Counter[str] = Counter()

    def survey(self) -> None:
        """The first pass."""
        passing = Passing(self._paths, self._context.progress, "looking at the rows")
        before = self._arguments.over_length in {"replace", "refuse"} and self._ruler.measures
        for source in self._sources:
            for seen in self._chat(source, passing, _ignore):
                if before and self._is_too_long(seen):
                    source.too_long.add(seen.rank)
                    continue
                source.ranks.add(seen.rank)
                source.keys.add(int.from_bytes(messages_key(seen.messages)[:8], "big"))
                source.weights.look(seen.line.row)
                source.size += len(seen.line.raw)

    def apportion(self) -> None:
        recipe, available = self._arguments.recipe, [len(each.ranks) for each in self._sources]
        wanted = asked(recipe, available)
        for source, ask, quota in zip(
            self._sources, wanted, quotas(recipe, available), strict=True
        ):
            source.asked, source.quota = ask, quota

    def draw(self, staged: Path) -> None:
        """The second pass."""
        size = sum((s.size // max(1, len(s.ranks)) + HELD) * s.quota for s in self._sources)
        passing = Passing(self._paths, self._context.progress, "drawing")
        passing.total = sum(source.rows for source in self._sources)
        with (
            whole(self._rows) as rows,
            whole(self._dropped) as dropped,
            Shuffle(staged, size, repeated([s.ranks for s in self._sources])) as shuffle,
        ):
            out = Exclusions(dropped, self._names, self._reasons)
            for source in self._sources:
                self._draw_from(source, passing, shuffle, out)
            for raw in shuffle.in_order():
                rows.write(raw + b"\n")

    def _draw_from(
        self, source: Source, passing: Passing, shuffle: Shuffle, out: Exclusions
    ) -> None:
        before, source.rows, seen_ranks = source.rows, 0, (0, 0)
        each, once_more = divmod(source.quota, max(1, len(source.ranks)))
        lottery = source.ranks.lowest(once_more)
        for seen in self._chat(source, passing, out.add):
            if seen.rank in source.too_long:
                out.add(seen.path, seen.line, OVER_LONG)
                source.over_long += 1
                continue
            seen_ranks = (seen_ranks[0] + 1, seen_ranks[1] + seen.rank)
            times = each + lottery.takes(seen.rank)
            if not times:
                out.add(seen.path, seen.line, NOT_DRAWN)
            elif self._is_left_out(seen, source):
                out.add(seen.path, seen.line, OVER_LONG, drawn=times)
            else:
                shuffle.put(seen.rank, seen.line.raw, times)
                source.written += times
                source.copies += times - 1
        if (source.rows, *seen_ranks) != (before, *source.ranks.checksum):
            raise SelfCheckFailed(tool="mix", reason=f"{source.name} changed while it was read")

    def _chat(
        self, source: Source, passing: Passing, leave: Callable[[Path, Line | Fault, str], None]
    ) -> Iterator[_Seen]:
        for path in source.paths:
            for item in passing.rows(path):
                source.rows += 1
                if isinstance(item, Fault):
                    leave(path, item, item.reason)
                elif (messages := messages_of(item.row)) is None:
                    leave(path, item, ChatRule.NO_MESSAGES)
                else:
                    yield _Seen(path, item, messages, rank(self._seed, item.raw))

    def _is_left_out(self, seen: _Seen, source: Source) -> bool:
        """Judge a row that was drawn, under the policies that look at no other."""
        if self._arguments.over_length in {"replace", "refuse"}:
            return False
        too_long = self._is_too_long(seen)
        source.over_long += too_long
        return too_long and self._arguments.over_length == "drop"

    def _is_too_long(self, seen: _Seen) -> bool:
        found = self._ruler.too_long(seen.messages)
        if found is None:
            return False
        if self._arguments.over_length == "refuse":
            raise MixOverLong(
                path=seen.path,
                line=seen.line.number,
                length=found.length,
                unit=found.unit,
                limit=found.limit,
            )
        return True

    def outcome(self) -> Outcome:
        rows_in = sum(source.rows for source in self._sources)
        written = sum(source.written for source in self._sources)
        reasons = dict(sorted(self._reasons.items()))
        told = ", ".join(f"{reason} {n:,}" for reason, n in reasons.items()) or "none"
        if written == 0:
            reason = f"no row is left of {rows_in:,} ({told}); name larger sources"
            raise SelfCheckFailed(tool="mix", reason=reason)
        copies = sum(source.copies for source in self._sources)
        account = RowAccount(rows_in, written, reasons, made=copies)
        account.check("mix")
        made = (
            Made("rows", self._rows, written),
            Made("dropped", self._dropped, sum(reasons.values())),
        )
        summary = f"{rows_in:,} rows in, {written:,} in rows, {made[1].rows:,} dropped ({told})"
        if copies:
            summary += f"; {copies:,} are further copies"
        return Outcome(made, summary, account, self._measured(written))

    def _measured(self, written: int) -> dict[str, Any]:
        pairs = zip(self._sources, self._arguments.ratios, strict=True)
        each = [source.told(ratio, written) for source, ratio in pairs]
        return {
            "seed": self._seed,
            "counts": [source.quota for source in self._sources],
            "asked_ratios": list(self._arguments.ratios),
            "got_ratios": [source["got_ratio"] for source in each],
            "sources": each,
            "duplicates_key": "messages: two rows are copies when these are equal, key order apart",
            "overlaps": overlaps(self._sources),
            "weights_note": WEIGHT_NOTE,
        }


def _ignore(_path: Path, _item: Line | Fault, _reason: str) -> None:
    """The first pass counts what is left out only in `rows`; the second writes it down."""
