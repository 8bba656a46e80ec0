"""From a board's bytes and the ledger's view to the board's new bytes: a pure function.

A card that reads as it should, where it should, is not touched. One that does not is rewritten in
place, or taken out with everything that people wrote beneath it and set down at the end of its
column. A column or inbox that a card needs is created; nothing else is added but the line that says
when the board was synced. Rendering the result again gives the same bytes.

What people wrote stays. Into a line of the crew's that they wrote into, the crew writes what the
ledger says, and theirs stands beneath it; `before`, the board as the crew left it, is how that is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crewboard.coordination.board.card import AnyCard, BoardView, Card, Column, DecisionCard
from crewboard.coordination.board.headings import Place, inbox
from crewboard.coordination.board.headline import Headline, renew
from crewboard.coordination.board.labels import labelled
from crewboard.coordination.board.splice import Splice
from crewboard.coordination.board.survey import Found, Survey
from crewboard.coordination.board.synced import synced_line
from crewboard.coordination.board.wording import as_theirs, details, is_own_detail, ticks
from crewboard.memory.inert import inert
from crewboard.memory.markdown import Document, Kind, Line, scan, unclosed

Arrivals = dict[Place, list[Line]]
_CREW_LINE = "- 🤖 crew:"


def template(title: str) -> bytes:
    """Make a board with its columns and no cards."""
    text = Path(__file__).with_name("template.md").read_text(encoding="utf-8")
    return text.replace("{title}", inert(title) or "Project Board").encode("utf-8")


def render_into(existing: bytes, view: BoardView, before: bytes | None = None) -> bytes:
    """`existing` with the cards of `view` in it; an empty board starts from the template."""
    document = scan(existing or template(view.title))
    drawn = scan(before) if before is not None else None
    easel = _Easel(Survey.of(document), Splice(document), _drawn(drawn), view.synced)
    synced_line(document, easel.splice, view.synced, drawn)
    arrivals: Arrivals = {}
    shown: dict[Place, str] = {}
    shut_in = _shut_in(easel.survey)
    for card in view.all_cards:
        if card.id in shut_in:
            continue
        home = home_of(card)
        shown.setdefault(home, card.owner)
        block = easel.settle(card)
        if block:
            arrivals.setdefault(home, []).extend(block)
    _set_down(arrivals, shown, easel.survey, easel.splice)
    return easel.splice.bytes()


def _shut_in(survey: Survey) -> set[str]:
    """The cards below a fence or comment that somebody has opened and not closed yet: they are let be
    until it is, and not set down once more."""
    document = survey.document
    if document.tail == len(document.lines):
        return set()
    return Survey.of(unclosed(document)).cards.keys() - survey.cards.keys()


def home_of(card: AnyCard) -> Place:
    """Where a card belongs by what the ledger says of it."""
    if not isinstance(card, DecisionCard):
        return Place(card.column)
    return Place(Column.DECIDED) if card.answer else inbox(card.owner)


def _drawn(before: Document | None) -> Mapping[str, list[list[str]]] | None:
    """Every block with an id on the board as the crew left it: {id: [the block's lines, ...]}."""
    if before is None:
        return None
    survey = Survey.of(before)
    return {name: [survey.texts(each) for each in found] for name, found in survey.cards.items()}


@dataclass(frozen=True)
class _Easel:
    """One rendering: what lies there, what is being put in its place, and what was drawn before."""

    survey: Survey
    splice: Splice
    drawn: Mapping[str, list[list[str]]] | None
    now: datetime

    def settle(self, card: AnyCard) -> Sequence[Line]:
        """Bring a card up to date where it stands; its lines when they must stand somewhere else."""
        home, found = home_of(card), self._found(card)
        if home.column is Column.WITHDRAWN:
            self._withdraw(card)
            return ()
        if not found:
            return self._fresh(card)
        best = self._best(found, card)
        old = self.survey.document.lines[best.start : best.end]
        new = self._renewed(old, card)
        if not _at_home(best, card):
            self.splice.replace(best.start, best.end, ())
            return new
        if new != old:
            self.splice.replace(best.start, best.end, new)
        return ()

    def _found(self, card: AnyCard) -> list[Found]:
        """The blocks that are this card: worded by the crew, or by people around its lines. A line of
        theirs that only ends with the id is none."""
        named = self.survey.cards.get(card.id, [])
        worded = [each for each in named if self._is_worded(each)]
        if worded:
            return worded
        drawn = bool(self.drawn and self.drawn.get(card.id)) and len(named) == 1
        adopted = isinstance(card, Card) and card.adopts
        kept = [each for each in named if drawn or adopted or self._has_own(each, card)]
        if kept or not adopted:
            return kept
        return self.survey.bare.get(card.adopts, [])[:1] if isinstance(card, Card) else []

    def _is_worded(self, found: Found) -> bool:
        return Headline.read(self.survey.document.lines[found.start].text) is not None

    def _has_own(self, found: Found, card: AnyCard) -> bool:
        lines = self.survey.document.lines[found.start + 1 : found.end]
        return any(is_own_detail(line, card) for line in lines)

    def _withdraw(self, card: AnyCard) -> None:
        """Take off what the crew wrote: the card, unless people wrote beneath it, and its lines beneath a
        headline of theirs."""
        for each in self.survey.cards.get(card.id, []):
            old = self.survey.document.lines[each.start : each.end]
            theirs = [line for line in old[1:] if not is_own_detail(line, card)]
            if not self._is_worded(each):
                self.splice.replace(each.start, each.end, [old[0], *theirs])
            else:
                self.splice.replace(
                    each.start, each.end, self._renewed(old, card) if theirs else ()
                )

    def _best(self, found: list[Found], card: AnyCard) -> Found:
        """Choose among copies: the one that is right, else one in place, else the first.

        The others are somebody's copies, and stay.
        """

        def rank(each: Found) -> tuple[bool, bool]:
            here = _at_home(each, card)
            old = self.survey.document.lines[each.start : each.end]
            return here and old == self._renewed(old, card), here

        return found[0] if len(found) == 1 else max(found, key=rank)

    def _fresh(self, card: AnyCard) -> tuple[Line, ...]:
        headline = Headline.of(card, self.survey.style(home_of(card)))
        beneath = (Line(text, None, nested=True) for text in details(card, self.now, {}))
        return Line(str(headline), None, Kind.ITEM), *beneath

    def _renewed(self, old: tuple[Line, ...], card: AnyCard) -> tuple[Line, ...]:
        """Renew the crew's lines of a card's block, one for one; all others stay as they are."""
        before = self._before(card, old)
        theirs = any(line.text.lstrip().startswith(_CREW_LINE) for line in old[1:])
        head = renew(old[0].text, before[0] if before else None, card, theirs=theirs)
        wanted = details(card, self.now, ticks(old, card))
        if head.facts:
            wanted = [labelled("crew", head.facts), *wanted]
        own = [n for n, line in enumerate(old) if n and is_own_detail(line, card)]
        edited = {
            n for n in own if before and _unboxed(old[n].text) not in {*map(_unboxed, before)}
        }
        edited -= {n for n in edited if old[n].text in wanted}
        slots = [n for n in own if n not in edited]
        texts = dict(zip(slots, wanted, strict=False))
        more = [Line(text, None, nested=True) for text in wanted[len(slots) :]]
        last, new = (slots or [0])[-1], list[Line]()
        for n, line in enumerate(old):
            if n == 0:
                new.append(replace(line, text=head.text) if line.text != head.text else line)
            elif n in texts:
                new.append(replace(line, text=texts[n]))
            elif n in edited:
                new.append(replace(line, text=as_theirs(line.text)))
            elif n not in slots:
                new.append(line)
            if n == last:
                new += more
        return tuple(new)

    def _before(self, card: AnyCard, old: tuple[Line, ...]) -> list[str] | None:
        """The block as the crew left it; of several copies the one that is nearest to this one."""
        copies = (self.drawn or {}).get(card.id)
        if not copies:
            return None
        now = {line.text for line in old}
        return max(copies, key=lambda copy: len(now.intersection(copy)))


def _at_home(found: Found, card: AnyCard) -> bool:
    """In its column, or in a lane of people's own that they moved it to."""
    if isinstance(card, Card) and card.lane and found.lane == card.lane and found.place is None:
        return True
    return found.place == home_of(card)


def _unboxed(text: str) -> str:
    """A line without what people may tick in it."""
    begin, box, rest = text.partition("[")
    return begin + box + rest[1:] if rest[1:2] == "]" else text


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
