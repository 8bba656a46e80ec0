"""Which card of one version is which card of another."""

import pytest

from crewboard.coordination.board.merging.identity import pair
from crewboard.coordination.board.merging.sheet import Sheet


def pairs(before: str, after: str) -> dict[str, str]:
    one, other = Sheet.of(before.encode()), Sheet.of(after.encode())
    found = pair(one, other).items
    return {" ".join(one.texts(n)): " ".join(other.texts(m)) for n, m in found.items()}


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("- a ^t0001\n", "- quite another text ^t0001\n", True),
        ("- a ^t0001\n", "- a ^t0002\n", False),  # two ids are two cards
        ("- a task\n", "- a task ^t0001\n", True),  # it was given one
        ("- a task ^t0001\n", "- a task\n", True),  # it lost it
        ("## Done\n- a task\n", "## Backlog\n- a task\n", True),
        ("- buy milk\n", "- buy oat milk\n", True),
        ("- alpha\n- beta\n", "- alpha\n- bta\n", True),  # a slip of the pen
        ("- audit the mix of rows\n", "- publish a paper on whales\n", False),
        ("- fix bug 12 now\n", "- fix bug 13 now\n", False),  # the next of a row
        (
            "## Done\n- tokenise the Dutch corpus again\n",
            "## Backlog\n- tokenise the Dutch corpus\n",
            True,
        ),
    ],
)
def test_a_card_is_the_same_one(before: str, after: str, same: bool) -> None:  # noqa: FBT001 - a case
    last = before.rstrip("\n").rpartition("\n")[2]
    assert (last in pairs(before, after)) is same


def test_of_two_with_one_id_each_stays_with_its_own_words() -> None:
    before = "## Done\n- a ^t0001\n## Backlog\n- b ^t0001\n"
    after = "## Done\n- new ^t0001\n- a ^t0001\n## Backlog\n- b ^t0001\n"
    assert pairs(before, after) == {"- a ^t0001": "- a ^t0001", "- b ^t0001": "- b ^t0001"}


def test_cards_with_one_text_are_paired_in_their_own_lane_first() -> None:
    before = "## Done\n- same\n  - x\n## Backlog\n- same\n  - y\n"
    after = "## Done\n- same\n  - x2\n## Backlog\n- same\n  - y2\n"
    assert pairs(before, after) == {
        "- same   - x": "- same   - x2",
        "- same   - y": "- same   - y2",
    }


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("## Ideas\n- a\n- b\n", "## Thoughts\n- a\n- b\n", True),
        ("## Backlog\n- a\n", "## 📋 To do (3)\n- z\n", True),  # the same column
        ("## Backlog\n- a\n", "## Done\n- a\n", False),  # another column
        ("## Ideas\n- a\n", "## Thoughts\n- z\n", False),
        ("## A\n## Ideas\n## B\n", "## A\n## Thoughts\n## B\n", True),  # bare, between the same two
    ],
)
def test_a_section_is_the_same_one(before: str, after: str, same: bool) -> None:  # noqa: FBT001 - a case
    one, other = Sheet.of(before.encode()), Sheet.of(after.encode())
    at = next(n for n, s in enumerate(one.sections) if s.title in {"Ideas", "Backlog"})
    assert (at in pair(one, other).sections) is same


def test_of_sections_with_one_name_each_stays_with_what_it_holds() -> None:
    one = Sheet.of(b"## Log\n- a\n## Log\n- b\n- c\n")
    other = Sheet.of(b"## Log\n- b\n- c\n- d\n")
    assert pair(one, other).sections == {0: 0, 2: 1}
