"""A card's first line in its parts, so that people and crew may each change their own.

    - [ ] **Mix stage 1** — 3 of 9 steps · @executor ^t41x9
    bullet box      title  tail                         id

Bullet, box and title are whoever's they were last; the tail is the crew's. A line that people worded
in their own way has none of these parts: it stays as it is, and the crew's facts go beneath it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crewboard.coordination.board.card import ID, AnyCard, Card, Column
from crewboard.coordination.board.labels import BOLD
from crewboard.coordination.board.wording import facts_of, lead_of, title_of

_PARTS = re.compile(
    r" {0,3}(?P<bullet>[-*+])[ \t]+(?P<box>\[.\] )?(?P<lead>~~|🧭 |✅ )?"
    rf"\*\*(?P<title>{BOLD})\*\*(?P<tail>.*?)[ \t]\^(?P<id>{ID.pattern[:-2]})[ \t]*\Z"
)
_BEGIN = re.compile(r" {0,3}([-*+])[ \t]+(\[.\][ \t])?")
_TRAILING_ID = re.compile(rf"[ \t]\^({ID.pattern[:-2]})[ \t]*\Z")
_OURS = frozenset({"[ ] ", "[x] ", "[X] "})


@dataclass(frozen=True)
class Style:
    """How the cards around begin: their bullet, and whether they have boxes."""

    bullet: str = "-"
    boxed: bool = False


def style_of(texts: Iterable[str]) -> Style:
    """What most of these first lines do."""
    found = [_BEGIN.match(text) for text in texts]
    begun = [each for each in found if each]
    bullets = Counter(each[1] for each in begun)
    boxed = sum(each[2] is not None for each in begun)
    return Style(max(bullets, key=lambda b: bullets[b], default="-"), boxed * 2 > len(begun))


@dataclass(frozen=True)
class Headline:
    bullet: str
    box: str
    lead: str
    title: str
    tail: str
    id: str

    @classmethod
    def read(cls, text: str) -> "Headline | None":
        """The parts of a line that is worded as the crew words one; None for every other line."""
        found = _PARTS.match(text)
        return (
            cls(**{name: part or "" for name, part in found.groupdict().items()}) if found else None
        )

    @classmethod
    def of(cls, card: AnyCard, style: Style) -> "Headline":
        """As the crew words it for a place of that style."""
        box = _box(card) if style.boxed and isinstance(card, Card) else ""
        return cls(style.bullet, box, lead_of(card), title_of(card), facts_of(card), card.id)

    def __str__(self) -> str:
        return f"{self.bullet} {self.box}{self.lead}**{self.title}**{self.tail} ^{self.id}"


@dataclass(frozen=True)
class Renewed:
    """A headline's new text. `facts` are what the crew had to say and found no place for in it."""

    text: str
    facts: str = ""


def id_of(text: str) -> str:
    """The id of the crew's that a line ends with, in whatever words; empty without one."""
    found = _TRAILING_ID.search(text)
    return found[1] if found else ""


def renew(text: str, before: str | None, card: AnyCard, *, theirs: bool = False) -> Renewed:
    """Bring a headline up to date.

    `before` is the line as the crew left it, None where that is not known. What differs from it is
    people's and stays: a reworded title, a box of another kind. Where they wrote into the crew's part,
    the whole line is `theirs` from then on.
    """
    now, was = Headline.read(text), Headline.read(before or "")
    wanted = Headline.of(card, Style())
    if now is None or theirs:
        named = text if id_of(text) == card.id else f"{text.rstrip()} ^{card.id}"
        return Renewed(_reboxed(named, card), _bare(wanted.tail))
    if was is not None and now.tail not in {was.tail, wanted.tail}:
        return Renewed(_reboxed(text, card), _bare(wanted.tail))
    reworded = was is None or now.title != was.title
    kept = replace(
        wanted,
        bullet=now.bullet,
        box=_box(card) if now.box in _OURS and isinstance(card, Card) else now.box,
        title=now.title if reworded else wanted.title,
    )
    return Renewed(text if Headline.read(text) == kept else str(kept))


def _box(card: Card) -> str:
    return "[x] " if card.column is Column.DONE else "[ ] "


def _reboxed(text: str, card: AnyCard) -> str:
    """A line in people's words with its box as the lane has it, where it bears a plain one."""
    found = _BEGIN.match(text)
    if (
        not found
        or found[2] is None
        or f"{found[2][:3]} " not in _OURS
        or not isinstance(card, Card)
    ):
        return text
    return f"{text[: found.start(2)]}{_box(card)[:3]}{text[found.start(2) + 3 :]}"


def _bare(tail: str) -> str:
    return tail.removeprefix(" — ")
