"""Which version a text was made on, told by its bytes alone."""

import pytest

from crewboard.coordination.board.nearest import Trail
from crewboard.coordination.board.rewording import reworded
from crewboard.coordination.board.unfinished import mended

ONE = b"# B\n## Backlog\n- first ^t00001\n- second ^t00002\n## Done\n- third ^t00003\n"
NOTED = ONE.replace(b"first ^t00001\n", b"first ^t00001\n  - crew: begun\n")
ADDED = NOTED.replace(b"## Done\n", b"- fourth ^t00004\n## Done\n")
MOVED = ADDED.replace(b"- second ^t00002\n", b"").replace(
    b"## Done\n", b"## Done\n- second ^t00002\n"
)
TURNED = MOVED.replace(
    b"- second ^t00002\n- third ^t00003\n", b"- third ^t00003\n- second ^t00002\n"
)
VERSIONS = {"TURNED": TURNED, "MOVED": MOVED, "ADDED": ADDED, "NOTED": NOTED, "ONE": ONE}
"""The newest first."""


def nearest(found: bytes) -> str:
    return Trail(VERSIONS.__getitem__).nearest(found, list(VERSIONS))


@pytest.mark.parametrize("name", VERSIONS)
@pytest.mark.parametrize(
    "old_and_new",
    [
        (b"", b""),  # as it was
        (b"# B\n", b"# B\n- mine\n"),  # a new card
        (b"- first", b"- [x] first"),  # a tick
        (b"- third", b"- thirdly"),  # other words
        (b"- first ^t00001\n", b"- first ^t00001\n  - mine\n  - and mine\n"),  # new lines beneath
        (b"\n", b"\r\n"),  # other line endings
        (b"\n", b"  \n\n"),  # blank lines, and blanks at the ends of lines
    ],
)
def test_a_text_is_put_to_the_version_that_was_loaded(
    name: str, old_and_new: tuple[bytes, bytes]
) -> None:
    assert nearest(VERSIONS[name].replace(*old_and_new)) == name


def test_a_card_that_was_ticked_is_not_a_new_one() -> None:
    """By lines alone this is nearer to the version before the card: one new line, none missing."""
    assert nearest(ADDED.replace(b"- fourth ^t00004", b"- [x] fourth ^t00004")) == "ADDED"


def test_cards_that_were_moved_one_by_one_tell_the_versions_apart() -> None:
    """The lines are the same in all of them; more versions than are compared by their order."""
    cards = [b"- card %d\n" % n for n in range(20)]
    texts = {
        f"{n}": b"## Backlog\n%s## Done\n%s" % (b"".join(cards[n:]), b"".join(cards[:n]))
        for n in range(20)
    }
    trail = Trail(texts.__getitem__)
    for n in (0, 3, 19):
        found = texts[f"{n}"].replace(b"card 19\n", b"card 19\n  - mine\n")
        assert trail.nearest(found, list(reversed(texts))) == f"{n}"


def test_equal_texts_are_put_to_the_newest() -> None:
    trail = Trail({"a": ONE, "b": ONE, "c": NOTED}.__getitem__)
    assert trail.nearest(ONE + b"- mine\n", ["a", "b", "c"]) == "a"


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (b"- a\n- fix it\n- b", b"- a\n- fix it now\n- b", [b"- fix it"]),
        (b"- a\n- fix it\n- b", b"- a\n- [x] fix it\n- b", [b"- fix it"]),
        (b"- a\n- b", b"- a\n- mine\n- b", []),
        (b"- a\n- fix it\n- b", b"- a\n- b", None),  # it is gone
        (b"- a\n- fix it\n- b", b"- a\n- something else\n- b", None),  # another stands there
        (b"- x one\n- y two", b"- y two!\n- x one!", None),  # not in the same order
        (b"", b"- a", []),
    ],
)
def test_lines_that_were_gone_on_with(old: bytes, new: bytes, lines: list[bytes] | None) -> None:
    assert reworded(old.splitlines(), new.splitlines()) == lines


@pytest.mark.parametrize(
    ("found", "base", "whole"),
    [
        (b"- a\n- mine\n- be", b"- a\n- better\n- c\n", b"- a\n- mine\n- better\n- c\n"),
        (b"- a\n\n- be", b"- a\n\n- better\n\n- c\n", b"- a\n\n- better\n\n- c\n"),
        (b"- a\n- b", b"- a\n- b\n- c\n", b"- a\n- b"),  # a whole line: its end was deleted
        (b"- a\n- bet\n", b"- a\n- better\n- c\n", b"- a\n- bet\n"),  # a newline was written
        (b"- a\n- c\n- be", b"- a\n- better\n- c\n", b"- a\n- c\n- be"),  # what follows was moved
        (b"- a\n- new", b"- a\n- b\n", b"- a\n- new"),  # no such line
        (b"- a\n- be", b"- a\n- better", b"- a\n- be"),  # there was no final newline
        (b"", b"- a\n", b""),
    ],
)
def test_an_end_that_was_cut_off_comes_back(found: bytes, base: bytes, whole: bytes) -> None:
    assert mended(found, base) == whole
