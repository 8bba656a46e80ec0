"""`--fix` takes away only what stands there twice, and merges conflicts so that both sides stay."""

import pytest

from crewboard.coordination.board.lint import RULES
from crewboard.coordination.board.lint.fix import fixed

TWICE = b"## Backlog\r\n- [ ] One\r\n  - of mine \xff\r\n- Two\r\n- [ ] One\r\n  - of mine \xff\r\n"
CONFLICT = b"""## Backlog
- Kept
<<<<<<< ours
- Of ours
=======
- Of theirs
>>>>>>> theirs
"""
KEPT = [
    b"## Backlog\n- One\n  - mine\n- One\n  - yours\n",  # the words beneath differ
    b"## Backlog\n- One\n## Done\n- One\n",  # another lane
    b"## Backlog\n- One\n### Later\n- One\n",  # another group
    b"## Backlog\n- [ ] One\n- [x] One\n",  # another box
    b"## Backlog\n- One \n- One\n",  # even a blank
    b"| a |\n| - |\n| x |\n| x |\n",  # a row may be meant twice
    b"## \xe2\x80\x9a\xc3\xba\xc3\x96 Done\n- \xe2\x80\x9a\xc3\xba\xc3\x96 One\n",  # misread text
    b"text of seven <<<<<<< and\n=======\n",
    b"",
]


def test_an_identical_copy_in_the_same_lane_goes_and_nothing_else() -> None:
    done = fixed(TWICE)
    assert done.data == b"## Backlog\r\n- [ ] One\r\n  - of mine \xff\r\n- Two\r\n"
    assert done.done == ("B104: identical copies of cards taken out (1)",)


@pytest.mark.parametrize("board", KEPT)
def test_whatever_differs_at_all_stays(board: bytes) -> None:
    assert fixed(board).data == board
    assert fixed(board).done == ()


def test_a_conflict_becomes_what_both_sides_say() -> None:
    """F3."""
    done = fixed(CONFLICT)
    for words in (b"- Kept", b"- Of ours", b"- Of theirs"):
        assert done.data.count(words) == 1
    assert b"<<<<<<<" not in done.data
    assert len(done.done) == 1


def test_misread_text_is_not_mended_on_the_way() -> None:
    misread = "## ‚úÖ Done\n- One\n- One\n".encode()  # noqa: RUF001 - text that was misread
    assert fixed(misread).data == "## ‚úÖ Done\n- One\n".encode()  # noqa: RUF001 - likewise


def test_mending_twice_is_mending_once() -> None:
    for board in (TWICE, CONFLICT):
        once = fixed(board).data
        assert fixed(once).data == once


def test_only_rules_that_say_so_are_mended() -> None:
    assert [rule.id for rule in RULES if rule.fix] == ["B104", "B604"]
