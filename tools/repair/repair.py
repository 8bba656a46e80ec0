"""The tool: mend or leave out the rows that break chosen rules, and prove that none is left that does."""

import hashlib
from collections import Counter
from dataclasses import replace
from typing import Any

from crewboard.canonical import sha256_file
from crewboard.errors import SelfCheckFailed
from crewboard.tools.audit.config import AuditConfig, load_config
from crewboard.tools.audit.drop import lines_that_break
from crewboard.tools.contract import Outcome, ToolContext, tool
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.rows import read_rows
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit
from crewboard.tools.repair.arguments import RepairArguments
from crewboard.tools.repair.lines import Opened, Step, opened
from crewboard.tools.repair.mender import Mender, Terms
from crewboard.tools.repair.offers import offers
from crewboard.tools.repair.spread import Piece, Spread
from crewboard.tools.repair.turns import ALIASES

ROWS, CHANGES = "rows", "changes"
JOINED = "joined"
_SPREAD = "spread"
_MALFORMED = "malformed-json"


@tool(
    "repair",
    "Mend or leave out the rows that break chosen rules of the audit.",
    produces={ROWS: "chat-jsonl", CHANGES: "changes-jsonl", "dropped": "exclusions-jsonl"},
    rehearse=True,
    preflight=inputs_fit,
)
def repair(arguments: RepairArguments, context: ToolContext) -> Outcome:
    """Rows that break no chosen rule stay byte for byte and in order.

    Each change names its place and the SHA-256 of the line before and after; what stood there is at that
    place of the input, whose own hash the manifest holds. SelfCheckFailed when a written row breaks a
    chosen rule.
    """
    work = _Work(arguments, context)
    work.read()
    outcome = work.outcome()
    work.check(context)
    return outcome


class _Work:
    def __init__(self, arguments: RepairArguments, context: ToolContext) -> None:
        self._arguments = arguments
        self._fixes = arguments.chosen
        terms = Terms(self._fixes, _declared(arguments, context), {**ALIASES, **arguments.aliases})
        self._mender = Mender(terms)
        self._found = _found(arguments, context)
        self._before: Counter[str] = Counter()
        self._mended: Counter[str] = Counter()
        self._changed = 0
        resume = Resume(arguments, repair.version, self._carry)
        self._books = Sieve("repair", context, ROWS, beside=(CHANGES,), resume=resume)

    def read(self) -> None:
        with self._books as books:
            if books.carried is not None:
                self._before, self._mended = map(Counter, books.carried[:2])
                self._changed = books.carried[2]
            spread = Spread()
            items = books.read_pieces(self._arguments.data, spread.is_settled)
            if self._joins:
                for piece in spread.pieces(items):
                    self._take(piece)
            else:
                for item, raw in items:
                    self._take(Piece(item, raw))

    @property
    def _joins(self) -> bool:
        fix = self._fixes.get(_MALFORMED)
        return fix is not None and _SPREAD in fix.ways

    def _take(self, piece: Piece) -> None:
        steps: tuple[Step, ...] = ()
        if piece.lines:
            steps = (Step(_MALFORMED, _SPREAD),)
            for item, _ in piece.lines[1:]:
                self._books.drop(item, JOINED, into=piece.item.number)
        stood = [item for item, _ in piece.lines] or [piece.item]
        self._before.update(str(item.reason) for item in stood if isinstance(item, Fault))
        parts = opened(piece.item, piece.raw, self._fixes)
        self._books.part(len(parts))
        for part in parts:
            self._settle(piece, Opened(part.item, (*steps, *part.steps)))

    def _settle(self, piece: Piece, part: Opened) -> None:
        """Keep, change or drop one row."""
        item = part.item
        if isinstance(item, Fault):
            self._books.drop(item, item.reason)
            return
        if (rule := self._found.get(item.number)) is not None:
            self._before[rule] += 1
            self._books.drop(item, rule)
            return
        mended = self._mender.mend(item)
        self._before.update(mended.broke)
        if mended.line is None:
            facts = {"beside": mended.beside} if mended.beside else {}
            self._books.drop(item, mended.reason, **facts)
            return
        self._books.keep(mended.line.raw)
        if steps := (*part.steps, *mended.steps):
            self._write_down(piece, mended.line, steps)

    def _write_down(self, piece: Piece, line: Line, steps: tuple[Step, ...]) -> None:
        self._changed += 1
        self._mended.update({step.rule for step in steps})
        facts: dict[str, Any] = {"before": _sha256(piece.stood), "after": _sha256(line.raw)}
        if len(piece.lines) > 1:
            facts["lines"] = len(piece.lines)
        for step in steps:
            way = {"way": step.way} if step.way else {}
            told = {"rule": step.rule, "action": "reconstruct", **way, **facts}
            self._books.note(CHANGES, piece.item, told)

    def check(self, context: ToolContext) -> None:
        """Read what was written, and count: nothing of what was chosen is left. What only a whole audit
        sees is not looked for again."""
        left: Counter[str] = Counter()
        for item in read_rows(context.out / f"{ROWS}.jsonl"):
            broken = {item.reason} if isinstance(item, Fault) else self._mender.broken(item)
            left.update(map(str, broken))
        if left:
            told = ", ".join(f"{rule} {n:,}" for rule, n in sorted(left.items()))
            raise SelfCheckFailed(tool="repair", reason=f"what was written still breaks {told}")

    def outcome(self) -> Outcome:
        rules = {
            rule: {
                "action": fix.action,
                "ways": list(fix.ways),
                "before": self._before[rule],
                "mended": self._mended[rule],
                "after": None if offers()[rule].by_findings else 0,
            }
            for rule, fix in sorted(self._fixes.items())
        }
        measured = {"rules": rules, "changed": self._changed}
        outcome = self._books.outcome(measured, "reconstruct more, drop less")
        return replace(outcome, summary=f"{outcome.summary}; {self._changed:,} changed")

    def _carry(self) -> Any:
        return [dict(self._before), dict(self._mended), self._changed]


def _declared(arguments: RepairArguments, context: ToolContext) -> AuditConfig:
    config = load_config(context.read(arguments.config)) if arguments.config else AuditConfig()
    if arguments.max_words is None:
        return config
    return config.model_copy(update={"max_words": arguments.max_words})


def _found(arguments: RepairArguments, context: ToolContext) -> dict[int, str]:
    """The lines that findings name for the chosen rules that need them."""
    if arguments.findings is None or not arguments.by_findings:
        return {}
    data = sha256_file(context.read(arguments.data))
    return lines_that_break(context.read(arguments.findings), arguments.by_findings, data)


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
