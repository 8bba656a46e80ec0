"""What holds for every merge, whatever lies there and whoever edits it."""

import random
import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from twins.board_people import collision, doubled, lost
from unit.board.boards import FOUNDING

from crewboard.coordination.board.changes import changes
from crewboard.coordination.board.merge import merge
from crewboard.coordination.board.merging.sheet import Sheet
from crewboard.memory.markdown import Kind

PIECES = [
    *("# Board", "## ✅ Done", "## Done", "## In Progress", "## Backlog", "## Notes", "### group"),
    *("### 👇 Waiting on ada decisions", "#### deep", "- card", "* other", "1. one", "2. two"),
    *("- [ ] box", "- [x] ticked", "  - child", "  - [ ] option", "\t- tab child", "- ", "-"),
    *(
        "text",
        "lazy",
        "    deep text",
        "   three",
        "---",
        "===",
        "> quote",
        "  goes on",
        "é\u2028x",
    ),
    *(
        "| a | b |",
        "|---|---|",
        "| r | x |",
        "%% kanban:settings",
        "- same",
        "- same",
        "",
        "",
        "",
        " ",
    ),
    *("- **Mix** — running · @x ^t41x9", "- **Train** ^t41xa", "- see ^t41x9", "- ~~struck~~"),
]
SHUT = ["```", "~~~", "  ```", "<!--", "-->", "<div>", "<b>", "---\na: 1\n---"]
NEW = [
    "- {}",
    "  - {}",
    "text {}",
    "## Lane {}",
    "### g {}",
    "- [ ] {} ^tzz{n}",
    "| {} | z |",
    "\n- {}\n",
]
UNWORDED = re.compile(r"\s*(?:```|~~~|---|===|\||<|-->|%%|-?\s*\Z)")


class Writer:
    """Edits lines at random; every word that it adds is its own."""

    def __init__(self, name: str, dice: random.Random) -> None:
        self.name = name
        self.dice = dice
        self.count = 0

    def word(self) -> str:
        self.count += 1
        return f"{self.name}{self.count}w"

    def edit(self, lines: list[str]) -> None:
        at = self.dice.randint(0, len(lines))
        end = at + self.dice.randint(1, 3)
        kind = self.dice.choice(["add", "add", "word", "word", "drop", "move"])
        if kind == "add":
            text = self.dice.choice(NEW).replace("{n}", str(self.count)).replace("{}", self.word())
            lines[at:at] = text.split("\n")
        elif kind == "word" and at < len(lines) and not UNWORDED.match(lines[at]):
            words, caret, name = lines[at].partition(" ^")
            lines[at] = f"{words} {self.word()}{caret}{name}"
        elif kind == "drop":
            del lines[at:end]
        elif kind == "move":
            taken = lines[at:end]
            del lines[at:end]
            there = self.dice.randint(0, len(lines))
            lines[there:there] = taken


def three(seed: int, pieces: Sequence[str]) -> tuple[bytes, bytes, bytes, list[bytes]]:
    """A base, two sides of it, and what the sides wrote and did not take away themselves."""
    dice = random.Random(seed)
    base = [dice.choice(pieces) for _ in range(dice.randint(0, 14))]
    base = [
        f"{x} b{n}" if dice.random() < 0.5 and not UNWORDED.match(x) and "^" not in x else x
        for n, x in enumerate(base)
    ]
    sides, words = list[bytes](), list[bytes]()
    for name in ("our", "their"):
        writer, lines = Writer(name, dice), [*base]
        for _ in range(dice.randint(1, 4)):
            writer.edit(lines)
        text = "\n".join(lines)
        words += [
            f"{name}{n}w".encode() for n in range(1, writer.count + 1) if f"{name}{n}w" in text
        ]
        ending = dice.choice(["\n", "\r\n"]) if name == "their" else "\n"
        sides.append((text + dice.choice(["", "\n"])).replace("\n", ending).encode())
    return "\n".join(base).encode(), sides[0], sides[1], words


SEEDS = st.integers(0, 2**32)
ANY_BYTES = st.binary(max_size=120) | st.text(max_size=120).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_every_word_of_both_sides_survives(seed: int) -> None:
    """F1, F3: no side's work is dropped, whatever the other did to the same lines."""
    base, ours, theirs, words = three(seed, [*PIECES, *SHUT])
    text = merge(base, ours, theirs).data
    assert [word for word in words if word not in text] == []


@settings(max_examples=800, deadline=None)
@given(SEEDS)
def test_no_card_stands_twice(seed: int) -> None:
    base, ours, theirs, words = three(seed, PIECES)
    text = merge(base, ours, theirs).data
    said = b"\n".join(line for line in text.splitlines() if b"'s move kept" not in line)
    assert [word for word in words if said.count(word) > 1] == []
    most: Counter[str] = Counter()
    for side in (base, ours, theirs):
        most |= ids(side)
    assert ids(text) <= most


def ids(data: bytes) -> Counter[str]:
    return Counter(item.id for item in Sheet.of(data).items if item.id)


@settings(max_examples=600, deadline=None)
@given(SEEDS)
def test_lines_that_neither_side_touched_are_theirs_byte_for_byte(seed: int) -> None:
    base, ours, theirs, _ = three(seed, [*PIECES, *SHUT])
    assume(theirs != base)  # else the merge is ours
    sides = [{*x.replace(b"\r\n", b"\n").split(b"\n")} for x in (base, ours)]
    untouched = [
        line
        for line in theirs.splitlines(keepends=True)
        if line.strip(b"\r\n") in sides[0] & sides[1] and re.search(rb" b\d+\r?\n\Z", line)
    ]
    text = merge(base, ours, theirs).data
    whole = [
        *text.splitlines(keepends=True),
        text.rpartition(b"\n")[2] + b"\n",
    ]  # it may end openly
    counts = Counter(theirs.splitlines(keepends=True))
    lone = {line for line in untouched if counts[line] == 1}
    assert lone - {*whole, *(line.replace(b"\n", b"\r\n") for line in whole[-1:])} == set()


@settings(max_examples=300, deadline=None)
@given(SEEDS)
@example(0)
def test_what_a_merge_wrote_is_a_version_like_any_other(seed: int) -> None:
    """Merging again, on either side's version, changes nothing."""
    base, ours, theirs, _ = three(seed, [*PIECES, *SHUT])
    once = merge(base, ours, theirs).data
    assert merge(ours, ours, once).data == once
    assert merge(theirs, once, theirs).data == once


@settings(max_examples=400, deadline=None)
@given(ANY_BYTES, ANY_BYTES)
def test_where_only_one_side_did_anything_the_merge_is_that_side(one: bytes, other: bytes) -> None:
    assert merge(one, one, other).data == other
    assert merge(one, other, one).data == other
    assert merge(one, other, other).data == other


@settings(max_examples=400, deadline=None)
@given(ANY_BYTES, ANY_BYTES, ANY_BYTES)
def test_any_bytes_merge(one: bytes, other: bytes, third: bytes) -> None:
    assert merge(one, other, third).kept is not None
    changes(one, other)


@pytest.mark.parametrize("ids", [True, False])
def test_of_two_hundred_collisions_nothing_is_lost_and_no_card_doubled(ids: bool) -> None:  # noqa: FBT001 - a case
    """F1, F3: half of all edits aim at the same four cards."""
    for seed in range(200):
        found = collision(seed, ids=ids)
        text = merge(found.base, found.ours, found.theirs).data
        assert (lost(found, text), doubled(found, text)) == ([], [])


@settings(max_examples=60, deadline=None)
@given(
    SEEDS, st.sampled_from(["board.md", "board.mojibake.md", "research-todo.md", "week2-status.md"])
)
def test_founding_boards_lose_nothing_of_two_busy_writers(seed: int, name: str) -> None:
    path = FOUNDING / name
    if not path.exists():
        pytest.skip("the founding documents are not here")
    base = path.read_bytes()
    dice = random.Random(seed)
    sides, words = list[bytes](), list[bytes]()
    for who in ("our", "their"):
        writer, lines = Writer(who, dice), base.decode().split("\n")
        for _ in range(6):
            writer.edit(lines)
        sides.append("\n".join(lines).encode())
        words += [
            w for n in range(1, writer.count + 1) if (w := f"{who}{n}w".encode()) in sides[-1]
        ]
    text = merge(base, sides[0], sides[1]).data
    assert [word for word in words if text.count(word) < 1] == []


def test_half_a_board_that_is_shut_in_by_an_open_fence_is_not_taken_off() -> None:
    base = b"## Done\n- a ^t41x9\n- b ^t41xa\n## Backlog\n- c\n"
    typing = base.replace(b"- b", b"```\n- b")
    assert [each.did.value for each in changes(base, typing)] == ["board.text"]
    assert all(line.kind is not Kind.BLANK for line in Sheet.of(typing).lines)
