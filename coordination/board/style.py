"""How the cards around begin, so that a new one among them looks like theirs."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crewboard.coordination.board.card import ID, Column
from crewboard.coordination.board.firstline import FirstLine, read
from crewboard.coordination.board.headings import Place, read_heading
from crewboard.coordination.board.outline import Item, Outline, words_of
from crewboard.memory.markdown import Kind

_OWNERS = {
    "@{}: ": re.compile(r"@[\w.-]+:\s"),
    "@{} ": re.compile(r"@[\w.-]+\s"),
    " (@{})": re.compile(r".*\s\(@[\w.-]+\)\Z", re.DOTALL),
    " — @{}": re.compile(r".*\s[—\u2013-]\s@[\w.-]+\Z", re.DOTALL),
}
_SIGNS = {"So", "Sk", "Mn", "Cf", "Me"}
_FEW = 2
_HALF = 0.5


@dataclass(frozen=True)
class Style:
    """`bullet` is that of the next card, so a number where they are numbered; `box` the character in
    its box, None without one; `owner` a pattern that stands before the title, or behind it."""

    bullet: str = "-"
    box: str | None = None
    emoji: str = ""
    owner: str = " — @{}"

    def begin(self) -> str:
        return f"{self.bullet} " + ("" if self.box is None else f"[{self.box}] ")

    def words(self, title: str, owner: str) -> str:
        """A title, with the emoji that the others have, and its owner where theirs stand."""
        named = self.owner.format(owner) if owner else ""
        sign = f"{self.emoji} " if self.emoji else ""
        return f"{sign}{title}{named}" if named.startswith(" ") else f"{sign}{named}{title}"


@dataclass(frozen=True)
class Room:
    """What stands under a heading: lines `start` to `end`, and the cards in them."""

    start: int
    end: int
    items: tuple[Item, ...]


def room_of(outline: Outline, place: Place | str) -> Room | None:
    """Where cards of a place lie: a column, an inbox, or a lane of people's own by its title."""
    lines, last = outline.document.lines, min(outline.foot, outline.document.tail)
    wanted = place.casefold().strip() if isinstance(place, str) else None
    for at, line in enumerate(lines[:last]):
        if line.kind is not Kind.HEADING:
            continue
        if read_heading(line) == place or (wanted and words_of(line).casefold() == wanted):
            end = next((n for n in range(at + 1, last) if lines[n].kind is Kind.HEADING), last)
            return Room(at + 1, end, tuple(i for i in outline.items if at < i.start < end))
    return None


def style_of(outline: Outline, place: Place | str) -> Style:
    """The manner of the cards in a place; where there are none, that of the whole board."""
    room = room_of(outline, place)
    near = [item for item in room.items if not item.row] if room else []
    around = near or [item for item in outline.items if not item.row and item.lane >= 0]
    firsts = [read(outline.document.lines[item.start].text) for item in around]
    done = isinstance(place, Place) and place.column in {Column.DONE, Column.DECIDED}
    boxed = _most(first.box is not None for first in firsts)
    return Style(
        _bullet(firsts, numbered=bool(near)),
        ("x" if done else " ") if boxed else None,
        _emoji(firsts) if near else "",
        _owner(firsts),
    )


def _bullet(firsts: Sequence[FirstLine], *, numbered: bool) -> str:
    """The bullet that most have; in a numbered list the number behind the last."""
    bullets = [first.lead.strip() for first in firsts]
    kinds = Counter(bullet if bullet in {"-", "*", "+"} else bullet[-1:] for bullet in bullets)
    most = max(kinds, key=lambda kind: kinds[kind], default="-")
    if most in {"-", "*", "+"} or not numbered:
        return most if most in {"-", "*", "+"} else "-"
    last = next(bullet for bullet in reversed(bullets) if bullet.endswith(most))
    return f"{int(last[:-1]) + 1}{most}"


def _emoji(firsts: Sequence[FirstLine]) -> str:
    """The sign that most begin with. The crew's own cards say nothing about people's manner."""
    words = [first.words.split() for first in firsts if not ID.match(first.id)]
    signs = Counter(each[0] for each in words if len(each) > 1 and _is_sign(each[0]))
    sign = max(signs, key=lambda each: signs[each], default="")
    return sign if signs[sign] >= _FEW and signs[sign] > len(words) * _HALF else ""


def _is_sign(word: str) -> bool:
    kinds = [unicodedata.category(character) for character in word]
    return "So" in kinds and {*kinds} <= _SIGNS


def _owner(firsts: Sequence[FirstLine]) -> str:
    counts = Counter(
        name
        for first in firsts
        if (name := next((k for k, each in _OWNERS.items() if each.match(_worded(first))), None))
    )
    return max(counts, key=lambda name: counts[name], default=Style.owner)


def _worded(first: FirstLine) -> str:
    """The words behind a leading sign."""
    sign, _, rest = first.words.strip().partition(" ")
    return rest if rest and _is_sign(sign) else first.words.strip()


def _most(told: Iterable[bool]) -> bool:
    values = [*told]
    return sum(values) > len(values) * _HALF
