"""The board as it lies there: whether it is up to date, and what `crewboard board lint` finds on it."""

import re
from collections import defaultdict
from collections.abc import Iterator

from crewboard.clock import parse_stamp
from crewboard.coordination.board.labels import minute
from crewboard.coordination.board.lint import Finding as Fault
from crewboard.coordination.board.lint import LintCase, Severity, lint
from crewboard.coordination.board.lint.dates import moment
from crewboard.coordination.board.lint.gather import facts_of, lost_commits, missing_paths, view_of
from crewboard.coordination.doctor.finding import Case, Finding, Level

_SYNCED = re.compile(rb"^_Last synced: ([^\r\n]*)_[ \t]*\r?$", re.MULTILINE)
_PATHS = "B201"
_TOLD_ELSEWHERE = frozenset({_PATHS, "B403", "B503"})
"""These have a check of their own: paths, board, decisions."""
_GRAVE = frozenset({"B603", "B604"})
_LINT = "crewboard board lint"


def synced(case: Case) -> Iterator[Finding]:
    """`Last synced` never lies before the ledger's last event, unless somebody wrote over the board (F2)."""
    with case.ledger.read() as tx:
        last = tx.one("last_event")
        rows = tx.run("events_after", seq=last["seq"] - 1, count=1) if last else []
    if not rows:
        return
    event, found = parse_stamp(rows[0]["at"]), _SYNCED.search(_bytes(case))
    told = moment(found[1].decode("utf-8", "replace")) if found else None
    if told is None or told < event.replace(second=0, microsecond=0):
        when = minute(told) if told else "at no time that can be read"
        says = f"the board says it was last synced {when}, the last event is of {minute(event)}"
        remedy = "the next change of a crew sets it right; .crewboard/crew.log says if it could not"
        yield Finding(Level.WARN, "board", says, remedy)


def paths(case: Case) -> Iterator[Finding]:
    """Files that the board names, in the crew's cards or in people's, and that are not there (F4)."""
    for says in dict.fromkeys(each.says for each in _faults(case) if each.rule == _PATHS):
        yield Finding(Level.WARN, "paths", says, "put it back, or correct the card")


def words(case: Case) -> Iterator[Finding]:
    """What else the board says that cannot be right: one finding for each rule, with its first place."""
    by_rule: dict[str, list[Fault]] = defaultdict(list)
    for fault in _faults(case):
        if fault.rule not in _TOLD_ELSEWHERE and fault.severity is Severity.ERROR:
            by_rule[fault.rule].append(fault)
    for rule, found in sorted(by_rule.items()):
        first, more = found[0], f", and {len(found) - 1} more" if len(found) > 1 else ""
        level = Level.FAIL if rule in _GRAVE else Level.WARN
        yield Finding(level, "words", f"line {first.line} ({rule}): {first.says}{more}", _LINT)


def _faults(case: Case) -> tuple[Fault, ...]:
    """Without the settings, which have a check of their own, and may be what is wrong."""
    data, workspace = _bytes(case), case.workspace
    return lint(
        LintCase(
            data,
            case.ledger.clock.now(),
            missing=missing_paths(data, workspace.root),
            lost=lost_commits(data, workspace.root),
            facts=facts_of(workspace, case.ledger, None),
            view=view_of(workspace, case.ledger),
        )
    )


def _bytes(case: Case) -> bytes:
    board = case.workspace.board
    return board.read_bytes() if board.is_file() else b""
