"""Lint: what a board says that is not so, or that nobody can act on. It never changes a byte.

Each rule has a number that stays, and the families are: B1 cards, B2 what is named, B3 states, B4 time,
B5 the crew's lines, B6 the text itself.
"""

from crewboard.coordination.board.lint import cards, crew, dates, letters, references, states
from crewboard.coordination.board.lint.crew import edited_lines
from crewboard.coordination.board.lint.rule import (
    Finding,
    LedgerFacts,
    LintCase,
    Page,
    Rule,
    Severity,
    TaskFact,
)

__all__ = [
    "RULES",
    "Finding",
    "LedgerFacts",
    "LintCase",
    "Rule",
    "Severity",
    "TaskFact",
    "edited_lines",
    "lint",
]

RULES: tuple[Rule, ...] = (
    *cards.RULES,
    *references.RULES,
    *states.RULES,
    *dates.RULES,
    *crew.RULES,
    *letters.RULES,
)


def lint(case: LintCase) -> tuple[Finding, ...]:
    """Everything that the rules find, by line."""
    page = Page.of(case)
    found = [finding for rule in RULES for finding in rule.findings(page)]
    return tuple(sorted(found, key=lambda each: (each.line, each.rule)))
