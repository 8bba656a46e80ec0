"""B5: the crew's lines on the board, against what the ledger says; and questions that nobody can answer."""

import re
from collections.abc import Iterator

from crewboard.coordination.board.card import ID, AnyCard, BoardView
from crewboard.coordination.board.headline import Headline
from crewboard.coordination.board.labels import labelled
from crewboard.coordination.board.lint.rule import LintCase, Page, Rule, Severity, Spot
from crewboard.coordination.board.outline import Item
from crewboard.coordination.board.wording import details, facts_of, is_own_detail, ticks

_INBOX = re.compile(r"\bwaiting on .+ decisions?\b", re.IGNORECASE)
_OPTION = re.compile(r"[ \t]+[-*+] \[(.)\] ")
_DUE = re.compile(r"\bdue\b|\bby \d{4}-|\buntil \d{4}-", re.IGNORECASE)
_DEFAULT = re.compile(r"\bdefault\b|\bon expiry\b|\bhold\b", re.IGNORECASE)
_SHOWN = 60


def unknown_ids(page: Page) -> Iterator[Spot]:
    facts = page.case.facts
    for item in page.items if facts else ():
        if facts and ID.match(item.id) and item.id not in facts.ids:
            yield Spot(
                item.start, f"^{item.id} looks like an id of the crew's, and is none", item.id
            )


def edited(page: Page) -> Iterator[Spot]:
    """Lines that bear the crew's mark, and say something else than the ledger does.

    Only where the board is up to date: before that they are old, not edited. Titles and ticks are
    people's to change, and a headline that they worded in their own way.
    """
    view = page.case.view
    if view is not None and not _behind(page, view):
        yield from _edited(page, view)


def edited_lines(data: bytes, view: BoardView) -> tuple[int, ...]:
    """The lines (from 1) of the crew's on a board that is up to date with `view`, and that somebody
    changed."""
    return tuple(sorted(spot.at + 1 for spot in _edited(Page.of(LintCase(data)), view)))


def _edited(page: Page, view: BoardView) -> Iterator[Spot]:
    items = page.outline.by_id()
    for card in view.all_cards:
        for item in items.get(card.id, ())[:1]:
            yield from _differing(page, item, card, view)


def _differing(page: Page, item: Item, card: AnyCard, view: BoardView) -> Iterator[Spot]:
    first, *beneath = page.outline.document.lines[item.start : item.end]
    facts = facts_of(card)
    apart = labelled("crew", facts.removeprefix(" — "))  # where people worded the headline
    wanted = {apart, *details(card, view.synced, ticks([first, *beneath], card))}
    wrong = [
        (at, line.text)
        for at, line in enumerate(beneath, item.start + 1)
        if is_own_detail(line, card) and line.text not in wanted
    ]
    head = Headline.read(first.text)
    if head and head.tail != facts and apart not in [line.text for line in beneath]:
        wrong.insert(0, (item.start, head.tail))
    for at, text in wrong:
        yield Spot(at, f"«{text.strip()[:_SHOWN]}» is not what the ledger says", card.id)


def _behind(page: Page, view: BoardView) -> bool:
    synced = f"_Last synced: {view.synced:%Y-%m-%d %H:%M} UTC"
    return not any(text.startswith(synced) for _, text in page.shown)


def nobody_may_answer(page: Page) -> Iterator[Spot]:
    facts = page.case.facts
    for item in page.items if facts else ():
        if facts and (why := facts.unanswerable.get(item.id)):
            yield Spot(item.start, f"nobody can answer ^{item.id}: {why}", item.id)


def prose_questions(page: Page) -> Iterator[Spot]:
    """Questions that people wrote into an inbox of decisions, without what an answer needs."""
    known = page.case.facts.ids if page.case.facts else frozenset()
    for item in page.items:
        if not _INBOX.search(item.group) or item.id in known:
            continue
        text = "\n".join(page.texts(item))
        lacking = [] if _OPTION.search(text) else ["no options to tick"]
        lacking += [] if _DUE.search(text) else ["no deadline"]
        lacking += [] if _DEFAULT.search(text) else ["no default"]
        if lacking:
            says = f"«{item.title[:_SHOWN]}» is a question with {', '.join(lacking)}"
            yield Spot(item.start, says, item.id)


def ticked_twice(page: Page) -> Iterator[Spot]:
    """Two ticks are no decision."""
    for item in page.items:
        if not (ID.match(item.id) and item.id.startswith("d")) and not _INBOX.search(item.group):
            continue
        boxes = [found[1] for text in page.texts(item)[1:] if (found := _OPTION.match(text))]
        ticked = [box for box in boxes if box in "xX"]
        if len(ticked) > 1:
            says = f"{len(ticked)} options of «{item.title[:_SHOWN]}» are ticked: that is no answer"
            yield Spot(item.start, says, item.id)


RULES = (
    Rule(
        "B501",
        Severity.WARNING,
        "a line of the crew's was changed by hand",
        "The next sync writes what the ledger says; write yours on a line of its own beneath.",
        edited,
    ),
    Rule(
        "B502",
        Severity.WARNING,
        "an id looks like the crew's, and is none",
        "Correct it, or take it off: the crew finds no card by it.",
        unknown_ids,
    ),
    Rule(
        "B503",
        Severity.ERROR,
        "a decision that nobody can answer",
        "Name somebody for it under [[approvers]] in crewboard.toml.",
        nobody_may_answer,
    ),
    Rule(
        "B504",
        Severity.WARNING,
        "a question without options, deadline or default",
        "Write each option as `- [ ] name: consequence` beneath it, and `due: YYYY-MM-DD · on expiry: hold`.",
        prose_questions,
    ),
    Rule(
        "B505",
        Severity.ERROR,
        "two options of one question are ticked",
        "Leave one tick: until then nothing is decided.",
        ticked_twice,
    ),
)
