"""Lanes, groups and cards of any board, and where they lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.board.boards import FOUNDING

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.firstline import read
from crewboard.coordination.board.headings import Place
from crewboard.coordination.board.merging.sheet import Sheet
from crewboard.coordination.board.outline import Item, Outline
from crewboard.memory.markdown import join

ANY_BYTES = st.binary(max_size=200) | st.text(max_size=200).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


def only(text: str) -> Item:
    (item,) = Outline.of(text.encode()).items
    return item


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- a card", ("a card", "", None, False)),
        ("* [ ] a **bold** word", ("a bold word", "", " ", False)),
        ("1. [x] first ^t41x9", ("first", "t41x9", "x", False)),
        ("10) [~] tenth", ("tenth", "", "~", False)),
        ("- [-] ~~given up~~", ("given up", "", "-", True)),
        ("- **Mix stage 1** — 3 of 9 · @executor ^t41x9", ("Mix stage 1", "t41x9", None, False)),
        ("- [ ] 🧭 **Drop them?** — @ada ^d7k2m", ("Drop them?", "d7k2m", " ", False)),
        ("- ~~**Mix**~~ — withdrawn ^t41x9", ("Mix", "t41x9", None, True)),
        ("- **Run 4 COMPLETE** — 671 steps", ("Run 4 COMPLETE — 671 steps", "", None, False)),
        ("- see ^t41x9 about it", ("see ^t41x9 about it", "", None, False)),  # not at the end
        ("- x^2", ("x^2", "", None, False)),
        ("- noted ^my-block-7  ", ("noted", "my-block-7", None, False)),  # Obsidian's own
        ("- 👩\u200d🔬 ✔\ufe0f étude 日本", ("👩\u200d🔬 ✔\ufe0f étude 日本", "", None, False)),
        ("-", ("", "", None, False)),
        ("- [](x) link", ("[](x) link", "", None, False)),
    ],
)
def test_a_card_is_read_from_its_first_line(
    line: str, expected: tuple[str, str, str | None, bool]
) -> None:
    item = only(line)
    assert (item.title, item.id, item.box, item.struck) == expected


@given(st.text(max_size=60).filter(lambda text: "\n" not in text and "\r" not in text))
def test_the_parts_of_a_first_line_give_it_back(text: str) -> None:
    assert str(read(text)) == text
    assert str(read(f"- [ ] {text} ^t41x9")) == f"- [ ] {text} ^t41x9"


def test_an_id_may_end_a_title_of_several_lines() -> None:
    assert only("- a title\n  that goes on ^note-1\n  - and a child ^t41x9").id == "note-1"


BOARD = b"""- before any lane
# Board
## 3. \xe2\x9c\x85 Done (recent)
- a
  - child

  text of a
- b
## Theme of our own
- [ ] c
- [x] d
- [/] e
- [-] f
- g
### Waiting on ada's decisions
- h
#### deep
- i
# Another title
- j
"""


def test_lanes_and_groups_hold_what_stands_under_them() -> None:
    outline = Outline.of(BOARD)
    held = [(item.title, outline.lane_title(item), item.group) for item in outline.items]
    theme = "Theme of our own"
    group = "Waiting on ada's decisions"
    assert held == [
        ("before any lane", "", ""),
        *[(title, "Done (recent)", "") for title in "ab"],
        *[(title, theme, "") for title in "cdefg"],
        *[(title, theme, group) for title in "hi"],
        ("j", "", ""),
    ]
    assert [lane.place for lane in outline.lanes] == [Place(Column.DONE), None]
    assert [(lane.start, lane.end) for lane in outline.lanes] == [(2, 8), (8, 18)]


def test_a_card_reaches_to_the_end_of_what_is_nested_in_it() -> None:
    outline = Outline.of(BOARD)
    assert outline.text(outline.items[1]) == ("- a", "  - child", "", "  text of a")


def test_a_column_comes_from_the_lane_and_elsewhere_from_the_box() -> None:
    outline = Outline.of(BOARD)
    columns = {item.title: outline.column(item) for item in outline.items}
    assert columns["a"] is Column.DONE
    by_box = [columns[title] for title in "cdefg"]
    assert by_box == [Column.BACKLOG, Column.DONE, Column.IN_PROGRESS, Column.WITHDRAWN, None]


def test_the_rows_of_a_table_are_cards() -> None:
    outline = Outline.of(
        b"## Plan\n| | Task | Who |\n|---|:--|--:|\n"
        b"| [x] | **Fix** a \\| b | ada ^t41x9 |\n| 2 | c | |\n\n| no | row |\n"
    )
    read_ = [(item.title, item.id, item.box, item.row) for item in outline.items]
    assert read_ == [("Fix a \\| b", "t41x9", "x", True), ("c", "", None, True)]


@pytest.mark.parametrize("heading", ["", "# Title\n"])
def test_a_table_without_a_lane_is_text(heading: str) -> None:
    assert Outline.of(f"{heading}| a |\n|---|\n| b |\n".encode()).items == ()


def test_fences_and_settings_hold_no_cards() -> None:
    text = b"## Done\n```\n- no\n## no\n```\n- yes\n\n%% kanban:settings\n```\n- no\n```\n%%\n"
    outline = Outline.of(text)
    assert [item.title for item in outline.items] == ["yes"]
    assert (outline.foot, outline.lanes[0].end) == (7, 7)


def test_cards_are_found_by_their_id_even_when_two_bear_it() -> None:
    found = Outline.of(b"- a ^t41x9\n- b\n- c ^t41x9\n").by_id()
    assert [item.title for item in found["t41x9"]] == ["a", "c"]
    assert set(found) == {"t41x9"}


@given(ANY_BYTES)
def test_every_line_lies_in_one_piece_or_is_a_heading(data: bytes) -> None:
    sheet = Sheet.of(data)
    lies = [section.heading for section in sheet.sections if section.heading >= 0]
    for section in sheet.sections:
        for part in section.parts:
            lies += range(part.start, part.end)
    assert sorted(lies) == [*range(len(sheet.lines))]
    assert join(sheet.outline.document, [*sheet.lines]) == data


@pytest.mark.parametrize(
    ("name", "cards", "lanes"),
    [
        ("board.md", 33, 5),
        ("board.mojibake.md", 33, 5),
        ("research-todo.md", 27, 5),
        ("week2-status.md", 143, 8),
    ],
)
def test_founding_boards_are_read_and_given_back(name: str, cards: int, lanes: int) -> None:
    path = FOUNDING / name
    if not path.exists():
        pytest.skip("the founding documents are not here")
    outline = Outline.of(path.read_bytes())
    assert (len(outline.items), len(outline.lanes)) == (cards, lanes)
    assert join(outline.document, [*outline.document.lines]) == path.read_bytes()
