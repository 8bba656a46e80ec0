"""People and a crew who change one board at once, every change with a word of its own.

A collision: from one board, two sides make a few edits each, half of them aimed at the same few cards.
What each side wrote is known by its tokens, so that what a merge lost or doubled can be counted.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

LANES = ("## ✅ Done", "## 🔨 In Progress", "## 📋 Backlog", "## 🚫 Blocked")
Board = tuple[tuple["Card", ...], ...]


@dataclass(frozen=True)
class Card:
    title: str
    id: str = ""
    ticked: bool = False
    children: tuple[str, ...] = ()

    def text(self) -> str:
        box, name = "x" if self.ticked else " ", f" ^{self.id}" if self.id else ""
        lines = [f"- [{box}] {self.title}{name}", *(f"  - {each}" for each in self.children)]
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class Collision:
    base: bytes
    ours: bytes
    theirs: bytes
    tokens: tuple[str, ...]
    """What either side wrote, and did not take away itself."""


@dataclass
class _Side:
    """One who edits: `name` begins each of their tokens."""

    name: str
    dice: random.Random
    board: Board
    count: int = 0
    wrote: list[str] = field(default_factory=list)

    def token(self) -> str:
        self.count += 1
        self.wrote.append(f"{self.name}{self.count}q")
        return self.wrote[-1]

    def edit(self, title: str, kind: str) -> None:
        lane, at = next(
            (n, m)
            for n, cards in enumerate(self.board)
            for m, c in enumerate(cards)
            if c.title.startswith(title)
        )
        card = self.board[lane][at]
        _EDITS[kind](self, lane, at, card)

    def put(self, lane: int, at: int, cards: tuple[Card, ...], instead: int = 1) -> None:
        held = self.board[lane]
        changed = (*held[:at], *cards, *held[at + instead :])
        self.board = (*self.board[:lane], changed, *self.board[lane + 1 :])

    def child(self, lane: int, at: int, card: Card) -> None:
        self.put(lane, at, (replace(card, children=(*card.children, self.token())),))

    def word(self, lane: int, at: int, card: Card) -> None:
        self.put(lane, at, (replace(card, title=f"{card.title} {self.token()}"),))

    def tick(self, lane: int, at: int, card: Card) -> None:
        self.put(lane, at, (replace(card, ticked=True),))

    def move(self, lane: int, at: int, card: Card) -> None:
        self.put(lane, at, ())
        there = self.dice.randrange(len(self.board))
        self.put(there, self.dice.randint(0, len(self.board[there])), (card,), 0)

    def add(self, lane: int, at: int, _: Card) -> None:
        self.put(lane, at, (Card(f"new {self.token()}"),), 0)


_EDITS: dict[str, Callable[[_Side, int, int, Card], None]] = {
    "child": _Side.child, "word": _Side.word, "tick": _Side.tick, "move": _Side.move, "add": _Side.add,
}  # fmt: skip
_WORDS = ("audit", "mix", "train", "data", "report", "merge", "policy", "filter", "model", "rows")


def written(board: Board) -> bytes:
    lanes = (
        f"{heading}\n{''.join(c.text() for c in cards)}\n"
        for heading, cards in zip(LANES, board, strict=True)
    )
    return ("# Board\n\n" + "".join(lanes)).encode()


def collision(seed: int, *, cards: int = 40, edits: int = 3, ids: bool = True) -> Collision:
    """Two sides that edit one board of `cards` cards, `edits` times each."""
    dice = random.Random(seed)
    made = [
        Card(
            f"c{n:04d} {' '.join(dice.sample(_WORDS, 5))}",
            f"t{n:04x}" if ids else "",
            children=(f"about {n}",),
        )
        for n in range(cards)
    ]
    lanes = [dice.randrange(len(LANES)) for _ in made]
    board = tuple(
        tuple(c for c, at in zip(made, lanes, strict=True) if at == n) for n in range(len(LANES))
    )
    hot = [card.title for card in dice.sample(made, 4)]
    sides = [_Side(name, dice, board) for name in ("our", "their")]
    for side in sides:
        for _ in range(edits):
            title = dice.choice(hot) if dice.random() < 0.5 else dice.choice(made).title
            side.edit(title, dice.choice([*_EDITS]))
    ours, theirs = (written(side.board) for side in sides)
    return Collision(written(board), ours, theirs, tuple(sides[0].wrote + sides[1].wrote))


def lost(found: Collision, merged: bytes) -> list[str]:
    """The tokens that the merged board does not hold."""
    return [token for token in found.tokens if token.encode() not in merged]


def doubled(found: Collision, merged: bytes, cards: int = 40) -> list[str]:
    """The cards that the merged board holds twice or not at all, by the number in their title."""
    names = [f"] c{n:04d} ".encode() for n in range(cards)]
    return [name.decode() for name in names if merged.count(name) != 1]
