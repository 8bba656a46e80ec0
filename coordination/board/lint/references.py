"""B2: what the board names and nobody has (F4, F24, F28)."""

import re
from collections.abc import Iterator

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.lint import named
from crewboard.coordination.board.lint.rule import Page, Rule, Severity, Spot

_ID = re.compile(r"\bd[0-9a-z]{4,5}\b")


def missing_paths(page: Page) -> Iterator[Spot]:
    for each in named.paths(page.shown):
        if each.name in page.case.missing:
            yield Spot(each.at, f"the board names {each.name}, which does not exist")


def lost_commits(page: Page) -> Iterator[Spot]:
    for each in named.commits(page.shown):
        if each.name in page.case.lost:
            yield Spot(each.at, f"there is no commit {each.name} in this repository")


def unknown_hashes(page: Page) -> Iterator[Spot]:
    facts = page.case.facts
    if facts is None:
        return
    for each in named.hashes(page.shown):
        if not any(known.startswith(each.name) for known in facts.hashes):
            says = f"no artifact of the ledger has a hash that begins with {each.name}"
            yield Spot(each.at, says)


def done_without_evidence(page: Page) -> Iterator[Spot]:
    """An answered decision is evidence too: the ledger holds who gave the answer, when and how."""
    decided = page.case.facts.decided if page.case.facts else frozenset()
    for item in page.within(Column.DONE):
        texts = page.texts(item)
        answered = not decided.isdisjoint(_ID.findall("\n".join(texts)))
        if page.in_section(item) and not answered and not any(map(named.shows_evidence, texts)):
            says = f"«{item.title[:60]}» is done, and names nothing that shows it"
            yield Spot(item.start, says, item.id)


def done_with_nothing_there(page: Page) -> Iterator[Spot]:
    for item in page.within(Column.DONE):
        lines = tuple(enumerate(page.texts(item), item.start))
        told = [each.name for each in (*named.paths(lines), *named.commits(lines))]
        gone = page.case.missing | page.case.lost
        if told and gone.issuperset(told) and not any(named.hashes(lines)):
            says = f"«{item.title[:60]}» is done, and nothing that it names exists"
            yield Spot(item.start, says, item.id)


RULES = (
    Rule(
        "B201",
        Severity.WARNING,
        "a path leads nowhere",
        "Put the file back, or correct the path.",
        missing_paths,
    ),
    Rule(
        "B202",
        Severity.WARNING,
        "a commit is not in this repository",
        "Fetch it, or correct its name.",
        lost_commits,
    ),
    Rule(
        "B203",
        Severity.ERROR,
        "a hash belongs to no artifact of the ledger",
        "Name the artifact by the hash that `crewboard logs` gives; a number leads to what proves it.",
        unknown_hashes,
    ),
    Rule(
        "B204",
        Severity.WARNING,
        "a card is done and shows no evidence",
        "Name the file, commit, hash or link that shows it.",
        done_without_evidence,
    ),
    Rule(
        "B205",
        Severity.ERROR,
        "a card is done, and nothing that it names exists",
        "Bring the evidence back, or move the card out of Done.",
        done_with_nothing_there,
    ),
)
