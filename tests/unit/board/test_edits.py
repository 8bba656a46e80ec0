"""Single edits: what a person would have typed, and no other byte."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.edits import (
    Style,
    add,
    find,
    move,
    note,
    retitle,
    style_of,
    take_out,
)  # fmt: skip
from crewboard.coordination.board.headings import Place
from crewboard.coordination.board.outline import Outline
from crewboard.errors import Ambiguous, UnknownName
from crewboard.memory.markdown import scan

DONE, DOING, BACKLOG, BLOCKED, NOTES = map(
    Place, (Column.DONE, Column.IN_PROGRESS, Column.BACKLOG, Column.BLOCKED, Column.NOTES)
)
BOARD = """\
# Board

## ✅ Done
- [x] 🎉 first (@bob)
- [x] 🎉 second (@bob)

## 🔨 In Progress
* **Mix** — running · @executor ^t41x9
  - 📌 note: a

### 👇 Waiting on ada decisions
* 🧭 **Drop them?** — @ada ^d7k2m

## 📋 Backlog
1. alpha task
2. beta task

## Our theme
  - [ ] inner
  - [ ] other

## Plan

| Task | Who |
|---|---|
| Fix a | @ada ^t41xa |
| Fix b | @bob |

## 📝 Notes
Some text.

***

## Archive
"""
DATA = BOARD.encode()


def new(before: str, after: bytes) -> list[str]:
    """The lines that came in; everything else stands as it stood."""
    old, lines = before.split("\n"), after.decode().split("\n")
    come = [line for n, line in enumerate(lines) if line not in old]
    rest = [line for line in lines if line not in come]
    assert [line for line in old if line] == [line for line in rest if line]
    return come


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (DONE, "- [x] 🎉 third (@eve) ^t0001"),
        (DOING, "* third — @eve ^t0001"),
        (Place(Column.IN_PROGRESS, "ada"), "* third — @eve ^t0001"),
        (BACKLOG, "3. third — @eve ^t0001"),
        ("our theme", "- [ ] third — @eve ^t0001"),
        ("Plan", "| third ^t0001 | @eve |"),
        (NOTES, "- third (@eve) ^t0001"),
    ],
)
def test_a_new_card_begins_as_its_neighbours_do(place: Place | str, line: str) -> None:
    after = add(DATA, place, "third", owner="@eve", id="t0001")
    assert new(BOARD, after) == [line]
    (item,) = Outline.of(after).by_id()["t0001"]
    assert item.title.removeprefix("🎉 ").startswith("third")


def test_a_new_card_stands_last_in_its_place() -> None:
    lines = add(DATA, BACKLOG, "third").decode().split("\n")
    assert lines[lines.index("3. third") - 1] == "2. beta task"
    text = add(DATA, NOTES, "third").decode()
    assert text.endswith("Some text.\n\n- third\n\n***\n\n## Archive\n")


def test_a_column_that_is_not_there_is_opened() -> None:
    text = add(DATA, BLOCKED, "third").decode()
    assert "2. beta task\n\n## 🚫 Blocked\n- third\n\n## Our theme" in text
    assert add(b"", Place(Column.IN_PROGRESS, "ada"), "x").decode() == (
        "## 🔨 In Progress\n### 👇 Waiting on ada decisions\n- x\n"
    )


def test_the_settings_of_obsidian_stay_last() -> None:
    foot = b"\n%% kanban:settings\n```\n{}\n```\n%%\n"
    assert add(b"## Backlog\n- a\n" + foot, DONE, "b").endswith(foot)
    assert add(b"## Backlog\n" + foot, BACKLOG, "b") == b"## Backlog\n- b\n" + foot


def test_a_lane_of_nobody_is_not_opened() -> None:
    with pytest.raises(UnknownName, match="Our theme"):
        add(DATA, "no such lane", "x")


@pytest.mark.parametrize(
    "title",
    ["x\n## Done", "x ^t41x9", "[x] done", "**x", "<!-- x", "```", "- x", "# x", "", "x | y"],
)
@pytest.mark.parametrize("place", [BACKLOG, "Plan"])
def test_words_that_come_in_are_only_words(title: str, place: Place | str) -> None:
    before = Outline.of(DATA)
    for after in (
        add(DATA, place, title),
        retitle(DATA, "alpha task", title),
        note(DATA, "Fix b", title),
    ):
        outline = Outline.of(after)
        assert len(outline.lanes) == len(before.lanes)
        assert len(outline.by_id()["t41x9"]) == 1
        assert len(outline.items) - len(before.items) in {0, 1}
        assert after.count(b"[x]") == DATA.count(b"[x]")


def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not an id"):
        add(DATA, DONE, "x", id="x1")


# ── style ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("place", "style"),
    [
        (DONE, Style("-", "x", "🎉", " (@{})")),
        (DOING, Style("*")),
        (BACKLOG, Style("3.")),
        (Place(Column.BLOCKED), Style("-", None, "", " (@{})")),  # nobody there: as the whole board
    ],
)
def test_a_style_is_what_most_neighbours_do(place: Place, style: Style) -> None:
    assert style_of(Outline.of(DATA), place) == style


@pytest.mark.parametrize(
    ("lines", "owner"),
    [
        ("- @bob: a\n- @eve: b\n", "@{}: "),
        ("- @bob a\n- c\n", "@{} "),
        ("- a — @bob\n", " — @{}"),
        ("- a\n", " — @{}"),
    ],
)
def test_an_owner_stands_where_others_owners_stand(lines: str, owner: str) -> None:
    outline = Outline.of(f"## Backlog\n{lines}".encode())
    assert style_of(outline, BACKLOG).owner == owner
    assert owner.format("ada").strip() in style_of(outline, BACKLOG).words("x", "ada")


# ── moving, noting, rewording, taking out ──────────────────────────────────────────────────────


def test_a_moved_card_takes_everything_beneath_it_along() -> None:
    text = move(DATA, "t41x9", BACKLOG).decode()
    mix = "* **Mix** — running · @executor ^t41x9\n  - 📌 note: a\n"
    assert text == BOARD.replace(mix, "").replace("2. beta task\n", f"2. beta task\n{mix}").replace(
        "## 🔨 In Progress\n\n\n", "## 🔨 In Progress\n\n"
    )


def test_a_box_follows_its_card_into_done_and_out_of_it() -> None:
    assert "\n- [ ] 🎉 first (@bob)\n" in move(DATA, "first", BACKLOG).decode()
    assert "\n- [x] inner\n" in move(DATA, "inner", DONE).decode()
    assert "\n- [ ] inner\n" in move(DATA, "inner", DOING).decode()


def test_an_indented_card_does_not_become_a_child_where_it_lands() -> None:
    after = move(b"## Done\n- a\n\n## Theme\n  - b\n    - c\n", "b", DONE)
    assert after == b"## Done\n- a\n- b\n  - c\n\n## Theme\n"


def test_a_row_becomes_an_item_where_there_is_no_table_and_the_table_stays_one() -> None:
    text = move(DATA, "t41xa", BACKLOG).decode()
    assert "2. beta task\n3. Fix a · @ada ^t41xa\n" in text
    assert "|---|---|\n| Fix b | @bob |\n" in text


def test_a_card_that_is_there_already_is_not_touched() -> None:
    assert move(DATA, "alpha task", BACKLOG) == DATA


def test_a_note_stands_beneath_its_card_as_the_children_there_do() -> None:
    assert new(BOARD, note(DATA, "^t41x9", "see `x.md`")) == ["  - see `x.md`"]
    assert new(BOARD, note(DATA, "alpha task", "soon")) == ["   - soon"]
    tabbed = b"- a\n\t* b\n"
    assert note(tabbed, "a", "c") == b"- a\n\t* b\n\t* c\n"


def test_a_note_on_a_row_goes_into_its_last_cell_before_its_id() -> None:
    row = b"| Fix b | @bob |"
    assert note(DATA, "Fix b", "a | b") == DATA.replace(row, b"| Fix b | @bob a \\| b |")
    row = b"| Fix a | @ada ^t41xa |"
    assert note(DATA, "t41xa", "soon") == DATA.replace(row, b"| Fix a | @ada soon ^t41xa |")


def test_a_note_does_not_fall_into_an_open_fence() -> None:
    after = note(b"- a\n  - b\n  ```\n  c\n- d\n", "a", "n")
    assert after == b"- a\n  - b\n  - n\n  ```\n  c\n- d\n"


def test_a_card_gets_other_words_and_keeps_the_rest_of_its_line() -> None:
    assert new_title("t41x9") == "* **New words** — running · @executor ^t41x9"
    assert new_title("d7k2m") == "* 🧭 **New words** — @ada ^d7k2m"
    assert new_title("alpha task") == "1. New words"
    assert new_title("Fix b") == "| New words | @bob |"
    assert retitle(b"- [ ] a **bold** word ^t0001\n", "a bold word", "b") == b"- [ ] b ^t0001\n"


def new_title(card: str) -> str:
    at = find(Outline.of(DATA), card).start
    return retitle(DATA, card, "New words").decode().split("\n")[at]


def test_what_is_taken_out_is_given_back_whole() -> None:
    rest, taken = take_out(DATA, ["t41x9", "nobody"])
    assert taken.decode() == "* **Mix** — running · @executor ^t41x9\n  - 📌 note: a\n"
    assert "^t41x9" not in rest.decode()
    assert take_out(DATA, ["nobody"]) == (DATA, b"")
    assert take_out(b"\xef\xbb\xbf- a ^t0001", ["t0001"]) == (b"\xef\xbb\xbf", b"- a ^t0001\n")


def test_a_card_is_found_by_id_or_by_words_of_its_own() -> None:
    outline = Outline.of(DATA)
    assert find(outline, "^t41x9").title == "Mix"
    assert find(outline, "ALPHA").title == "alpha task"
    with pytest.raises(Ambiguous, match="alpha task; beta task"):
        find(outline, "task")
    with pytest.raises(UnknownName):
        find(outline, "no such words")


LINES = st.lists(
    st.sampled_from([*BOARD.split("\n"), "```", "<!--", "    deep", "\t- tab", "---"]), max_size=16
)


@settings(max_examples=300, deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n"]), st.sampled_from([DONE, BACKLOG, BLOCKED, NOTES]))
def test_a_card_is_added_once_and_nothing_goes_in_any_file(
    lines: list[str], ending: str, place: Place
) -> None:
    data = ending.join(lines).encode()
    after = add(data, place, "a new one", id="t0001")
    (item,) = Outline.of(after).by_id()["t0001"]
    assert Outline.of(after).column(item) is place.column
    left = [line.text for line in scan(after).lines]
    for line in scan(data).lines:
        left.remove(line.text)
    assert len(left) <= 6  # the card, its heading, and blank lines


@settings(max_examples=300, deadline=None)
@given(LINES, st.data(), st.sampled_from([DONE, BACKLOG, BLOCKED, NOTES]))
def test_moving_any_card_keeps_every_other_line(
    lines: list[str], data: st.DataObject, place: Place
) -> None:
    board = "\n".join(lines).encode()
    items = Outline.of(board).items
    if not items:
        return
    item = data.draw(st.sampled_from(items))
    after = move(board, item, place)
    kept = [line.text for line in scan(after).lines]
    others = [*scan(board).lines[: item.start], *scan(board).lines[item.end :]]
    for line in others:
        if line.text.strip():
            kept.remove(line.text)
