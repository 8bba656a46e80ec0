"""What people did, told from two versions of a board."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.board.boards import DROP, MIXED, NOW, TRAINING

from crewboard.coordination.board import BoardView, Column, render_into
from crewboard.coordination.board.changes import Change, Did, changes

BASE = """\
# Board

## ✅ Done
- old one

## 🔨 In Progress
- **Mix** — running · @executor ^t41x9
  - 📌 note: a
  - [ ] **drop**: unblocks
  - [x] **keep**: 3 h

## 📋 Backlog
- alpha task
- [ ] beta task
- gamma task

Free text here.

## Our theme
- [ ] own
"""


def did(*pairs: tuple[str, str], text: str = BASE) -> tuple[Change, ...]:
    after = text
    for old, new in pairs:
        assert old in after
        after = after.replace(old, new, 1)
    return changes(text.encode(), after.encode())


def only(*pairs: tuple[str, str]) -> Change:
    (change,) = did(*pairs)
    return change


MIX = ("t41x9", "Mix", "In Progress", Column.IN_PROGRESS)
BETA = ("", "beta task", "Backlog", Column.BACKLOG)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("- gamma", "- new one ^t0001\n  - with child\n- gamma",
         Change(Did.ADDED, "t0001", "new one", "Backlog", Column.BACKLOG,
                "", "- new one ^t0001\n  - with child", 15)),
        ("**Mix**", "**Mix stage 1**",
         Change(Did.RETITLED, "t41x9", "Mix stage 1", "In Progress", Column.IN_PROGRESS,
                "Mix", "Mix stage 1", 7)),
        ("[ ] **drop**", "[x] **drop**",
         Change(Did.TICKED, *MIX, "", "**drop**: unblocks", 9)),
        ("[x] **keep**", "[ ] **keep**",
         Change(Did.UNTICKED, *MIX, "", "**keep**: 3 h", 10)),
        ("- [ ] beta", "- [x] beta", Change(Did.TICKED, *BETA, "", "beta task", 14)),
        ("- [ ] own", "- [X] own", Change(Did.TICKED, "", "own", "Our theme", Column.DONE, "", "own", 20)),
        ("- [ ] beta", "- [/] beta",
         Change(Did.EDITED, *BETA, "- [ ] beta task", "- [/] beta task", 14)),
        ("note: a\n", "note: a\n  - mine\n    and more\n",
         Change(Did.NOTED, *MIX, "", "- mine\nand more", 9)),
        ("note: a", "note: b", Change(Did.EDITED, *MIX, "- 📌 note: a", "- 📌 note: b", 7)),
        ("  - 📌 note: a\n", "", Change(Did.EDITED, *MIX, "- 📌 note: a", "", 7)),
        ("running", "stuck", Change(Did.EDITED, *MIX, "- **Mix** — running · @executor ^t41x9",
                                    "- **Mix** — stuck · @executor ^t41x9", 7)),
        ("- gamma task\n", "",
         Change(Did.REMOVED, "", "gamma task", "Backlog", Column.BACKLOG, "- gamma task")),
        ("here.", "there.",
         Change(Did.TEXT, "", "", "Backlog", None, "Free text here.", "Free text there.", 17)),
        ("## Our theme", "## Ideas\n\n## Our theme",
         Change(Did.LANE_ADDED, "", "Ideas", "Ideas", None, "", "## Ideas", 19)),
        ("## Our theme", "## Their theme",
         Change(Did.TEXT, "", "Their theme", "Their theme", None,
                "## Our theme", "## Their theme", 19)),
    ],
)  # fmt: skip
def test_one_thing_done_is_one_change(old: str, new: str, change: Change) -> None:
    assert did((old, new)) == (change,)


def test_a_moved_card_is_told_with_where_it_was() -> None:
    assert only(("- alpha task\n", ""), ("- old one\n", "- old one\n- alpha task\n")) == Change(
        Did.MOVED, "", "alpha task", "Done", Column.DONE, "Backlog", "", 5
    )


def test_a_moved_and_reworded_card_is_the_same_card() -> None:
    told = did(("- alpha task\n", ""), ("- old one\n", "- old one\n- alpha task, with rows\n"))
    assert [(each.did, each.was) for each in told] == [
        (Did.MOVED, "Backlog"),
        (Did.RETITLED, "alpha task"),
    ]


def test_another_order_is_told_of_the_fewest_cards() -> None:
    told = did(("- alpha task\n", ""), ("- gamma task\n", "- gamma task\n- alpha task\n"))
    assert [(each.did, each.title) for each in told] == [(Did.REORDERED, "alpha task")]


def test_a_card_put_into_a_group_of_its_lane_is_reordered() -> None:
    told = did(("- gamma task\n", "\n### soon\n- gamma task\n"))
    assert [(each.did, each.title, each.now) for each in told if each.did is not Did.TEXT] == [
        (Did.LANE_ADDED, "soon", "### soon"),
        (Did.REORDERED, "gamma task", "soon"),
    ]


def test_a_lane_that_means_another_column_has_moved_its_cards() -> None:
    told = did(("## 📋 Backlog", "## 🚫 Blocked"))
    moved = [(each.title, each.was, each.column) for each in told if each.did is Did.MOVED]
    assert moved == [
        (f"{name} task", "Backlog", Column.BLOCKED) for name in ("alpha", "beta", "gamma")
    ]


def test_a_lane_that_is_taken_off_is_told_with_its_cards() -> None:
    told = did(("## Our theme\n- [ ] own\n", ""))
    assert {(each.did, each.title) for each in told} == {
        (Did.LANE_REMOVED, "Our theme"),
        (Did.REMOVED, "own"),
    }


def test_a_card_without_its_id_is_told_as_edited() -> None:
    assert [each.did for each in did((" ^t41x9", ""))] in ([Did.EDITED], [Did.RETITLED, Did.EDITED])


def test_changes_stand_in_the_order_of_the_file() -> None:
    told = did(("old one", "old two"), ("- gamma task\n", ""), ("Free", "More free"))
    assert [each.did for each in told] == [Did.RETITLED, Did.REMOVED, Did.TEXT]


def test_a_note_that_a_merge_left_is_nobodys_doing() -> None:
    note = "  - ⚠ crew's text kept: Mix — failed"
    assert did(("note: a\n", f"note: a\n{note}\n")) == ()
    assert did((f"{note}\n", ""), text=BASE.replace("note: a\n", f"note: a\n{note}\n")) == ()


def test_blank_lines_and_line_endings_are_no_changes() -> None:
    assert changes(BASE.encode(), BASE.replace("\n", "\r\n").encode()) == ()
    assert did(("- gamma task\n", "- gamma task\n\n\n")) == ()


def test_a_rendering_of_new_facts_retitles_nothing() -> None:
    before = render_into(b"", BoardView("B", NOW, (MIXED, TRAINING), (DROP,)))
    assert changes(before, before) == ()
    ticked = before.replace(b"[ ] **drop**", b"[x] **drop**")
    (change,) = changes(before, ticked)
    assert (change.did, change.card, change.column) == (Did.TICKED, "d7k2m", Column.IN_PROGRESS)
    assert change.now.startswith("**drop**")
    assert ticked.split(b"\n")[change.line - 1].startswith(b"  - [x] **drop**")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(BASE.split("\n")), max_size=12),
    st.lists(st.sampled_from(BASE.split("\n")), max_size=12),
)
def test_a_change_points_at_a_line_that_is_there(old: list[str], new: list[str]) -> None:
    after = "\n".join(new)
    told = changes("\n".join(old).encode(), after.encode())
    assert all(0 <= each.line <= max(1, len(new)) for each in told)
    assert all(
        (each.line == 0) == (each.did in {Did.REMOVED, Did.LANE_REMOVED})
        for each in told
        if each.did is not Did.TEXT
    )
