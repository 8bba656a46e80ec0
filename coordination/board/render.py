"""From a board's bytes and the ledger's view to the board's new bytes: a pure function.

A card that reads as it should, where it should, is not touched. One that does not is rewritten in
place, or taken out with everything that people wrote beneath it and set down at the end of its
column. A column or inbox that a card needs is created; nothing else is added but the line that says
when the board was synced. Rendering the result again gives the same bytes.

Not promised before the board merges three ways: what somebody types into a line that bears one of
the crew's labels, or behind a card's title, is written over. A reworded title, a ticked option and
every further line beneath a card stay.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from crewboard.coordination.board.card import AnyCard, BoardView, Column, DecisionCard
from crewboard.coordination.board.headings import Place, inbox
from crewboard.coordination.board.splice import Splice
from crewboard.coordination.board.survey import Found, Survey
from crewboard.coordination.board.synced import synced_line
from crewboard.coordination.board.wording import (
    details,
    headline,
    is_own_detail,
    mark_of,
    ticks,
)
from crewboard.memory.inert import inert
from crewboard.memory.markdown import Kind, Line, scan

Arrivals = dict[Place, list[Line]]


def template(title: str) -> bytes:
    """Make a board with its columns and no cards."""
    text = Path(__file__).with_name("template.md").read_text(encoding="utf-8")
    return text.replace("{title}", inert(title) or "Project Board").encode("utf-8")


def render_into(existing: bytes, view: BoardView) -> bytes:
    """`existing` with the cards of `view` in it; an empty board starts from the template."""
    document = scan(existing or template(view.title))
    survey, splice = Survey.of(document), Splice(document)
    synced_line(document, splice, view.synced)
    arrivals: Arrivals = {}
    shown: dict[Place, str] = {}
    for card in view.all_cards:
        home = _home(card)
        shown.setdefault(home, card.owner)
        block = _settle(card, survey, splice, view.synced)
        if block:
            arrivals.setdefault(home, []).extend(block)
    _set_down(arrivals, shown, survey, splice)
    return splice.bytes()


def _home(card: AnyCard) -> Place:
    if not isinstance(card, DecisionCard):
        return Place(card.column)
    return Place(Column.DONE) if card.answer else inbox(card.owner)


def _settle(card: AnyCard, survey: Survey, splice: Splice, now: datetime) -> Sequence[Line]:
    """Bring a card up to date where it stands; its lines when they must stand somewhere else."""
    lines, found = survey.document.lines, survey.cards.get(mark_of(card), [])
    home = _home(card)
    if home.column is Column.WITHDRAWN:
        for each in found:
            old = lines[each.start : each.end]
            gone = all(is_own_detail(line, card) for line in old[1:])
            splice.replace(each.start, each.end, () if gone else _renewed(old, card, now))
        return ()
    if not found:
        return _fresh(card, now)
    best = _best(found, card, survey, now)
    old = lines[best.start : best.end]
    new = _renewed(old, card, now)
    if best.place != home:
        splice.replace(best.start, best.end, ())
        return new
    if new != old:
        splice.replace(best.start, best.end, new)
    return ()


def _best(found: list[Found], card: AnyCard, survey: Survey, now: datetime) -> Found:
    """Choose among copies: the one that is right, else one in place, else the first.

    The others are somebody's copies, and stay.
    """
    home = _home(card)

    def rank(each: Found) -> tuple[bool, bool]:
        old = survey.document.lines[each.start : each.end]
        here = each.place == home
        return here and old == _renewed(old, card, now), here

    return found[0] if len(found) == 1 else max(found, key=rank)


def _fresh(card: AnyCard, now: datetime) -> tuple[Line, ...]:
    beneath = (Line(text, None, nested=True) for text in details(card, now, {}))
    return Line(headline(card), None, Kind.ITEM), *beneath


def _renewed(old: tuple[Line, ...], card: AnyCard, now: datetime) -> tuple[Line, ...]:
    """Renew the crew's lines of a card's block, one for one; all others stay as they are."""
    wanted = [headline(card), *details(card, now, ticks(old, card))]
    slots = [n for n, line in enumerate(old) if n == 0 or is_own_detail(line, card)]
    if [old[n].text for n in slots] == wanted:
        return old
    texts = dict(zip(slots, wanted, strict=False))
    more = [Line(text, None, nested=True) for text in wanted[len(slots) :]]
    new: list[Line] = []
    for n, line in enumerate(old):
        if n in texts:
            new.append(replace(line, text=texts[n]))
        elif n not in slots:
            new.append(line)
        if n == slots[-1]:
            new += more
    return tuple(new)


def _set_down(arrivals: Arrivals, shown: dict[Place, str], survey: Survey, splice: Splice) -> None:
    """Set cards down at the end of their places, and open those that are missing."""
    for place in [place for place in arrivals if place in survey.headings]:
        landing = survey.landing(place)
        splice.insert(landing.position, arrivals[place], apart=landing.apart)
    missing = {place for place in arrivals if place not in survey.headings}
    if any(place.owner for place in missing) and Place(Column.IN_PROGRESS) not in survey.headings:
        missing.add(Place(Column.IN_PROGRESS))
    for place in sorted(missing, key=lambda p: (list(Column).index(p.column), p.owner)):
        heading = Line(place.heading(shown.get(place, "")), None, Kind.HEADING)
        splice.insert(survey.opening(place), [heading, *arrivals.get(place, [])], apart=True)
