"""Two sides of one board in one: what each did stays."""

import pytest
from unit.board.boards import FOUNDING

from crewboard.coordination.board.merge import Merged, merge

BASE = """\
# Board

## ✅ Done
- old one

## 🔨 In Progress
- **Mix** — running · @executor ^t41x9
  - 📌 note: a

## 📋 Backlog
- alpha task
- beta task
- gamma task

Free text here.

## 📝 Notes
- remember
"""
MIX = "- **Mix** — running · @executor ^t41x9\n  - 📌 note: a\n"


def changed(*pairs: tuple[str, str], text: str = BASE) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def merged(ours: str, theirs: str, base: str = BASE) -> Merged:
    return merge(base.encode(), ours.encode(), theirs.encode())


def board(ours: str, theirs: str, base: str = BASE) -> str:
    return merged(ours, theirs, base).data.decode()


def section(text: str, heading: str) -> str:
    return text.partition(f"{heading}\n")[2].partition("\n## ")[0]


# ── cards ──────────────────────────────────────────────────────────────────────────────────────


def test_a_card_that_both_moved_stands_where_the_human_put_it() -> None:
    ours = changed((MIX, ""), ("- old one\n", f"- old one\n{MIX}"))
    theirs = changed((MIX, ""), ("- alpha task\n", f"- alpha task\n{MIX}"))
    found = merged(ours, theirs)
    text = found.data.decode()
    assert text.count("^t41x9") == 1
    lines = section(text, "## 📋 Backlog").split("\n")
    assert lines[1:4] == [*MIX.split("\n")[:2], "  - ⚠ crew's move kept: to ✅ Done"]
    (kept,) = found.kept
    assert (kept.card, kept.title, kept.text) == ("t41x9", "Mix", "to ✅ Done")
    assert text.split("\n")[kept.line - 1] == lines[3]


def test_a_card_that_both_moved_to_one_lane_is_no_dispute() -> None:
    ours = changed((MIX, ""), ("- old one\n", f"- old one\n{MIX}"))
    theirs = changed((MIX, ""), ("- old one\n", f"{MIX}- old one\n"))
    found = merged(ours, theirs)
    assert (found.data.decode(), found.kept) == (theirs, ())


@pytest.mark.parametrize(
    ("ours", "theirs", "note"),
    [
        ("", "- beta task, and more\n", "crew's removal kept back: the card was changed meanwhile"),
        ("- beta task, and more\n", "", "crew's card kept: it was changed while it was taken off"),
    ],
)
def test_a_card_that_one_side_changed_and_the_other_took_off_stays(
    ours: str, theirs: str, note: str
) -> None:
    found = merged(changed(("- beta task\n", ours)), changed(("- beta task\n", theirs)))
    assert section(found.data.decode(), "## 📋 Backlog").startswith(
        f"- alpha task\n- beta task, and more\n  - ⚠ {note}\n- gamma task\n"
    )
    assert len(found.kept) == 1


def test_a_card_that_one_side_took_off_is_gone_where_the_other_did_not_touch_it() -> None:
    ours, theirs = changed(("- beta task\n", "")), changed(("- remember\n", ""))
    found = merged(ours, theirs)
    assert found == Merged(changed(("- beta task\n", ""), ("- remember\n", "")).encode(), ())


def test_cards_that_both_added_in_one_place_both_stay_the_humans_first() -> None:
    ours = changed(("- gamma task\n", "- gamma task\n- ours\n- the same\n"))
    theirs = changed(("- gamma task\n", "- gamma task\n- theirs\n- the same\n"))
    expected = "- gamma task\n- theirs\n- the same\n- ours\n"
    assert board(ours, theirs) == changed(("- gamma task\n", expected))


def test_a_card_that_both_added_with_children_of_their_own_is_one_card() -> None:
    ours = changed(("- gamma task\n", "- gamma task\n- new\n  - of ours\n"))
    theirs = changed(("- gamma task\n", "- gamma task\n- new\n  - of theirs\n"))
    expected = "- gamma task\n- new\n  - of theirs\n  - of ours\n"
    assert board(ours, theirs) == changed(("- gamma task\n", expected))


def test_children_of_both_sides_stand_beneath_one_card() -> None:
    ours = changed(("note: a\n", "note: a\n  - ours\n"))
    theirs = changed(("note: a\n", "note: a\n  - theirs\n"))
    assert board(ours, theirs) == changed(("note: a\n", "note: a\n  - theirs\n  - ours\n"))


def test_changes_to_different_lines_of_a_card_both_stay() -> None:
    ours, theirs = changed(("note: a", "note: b")), changed(("running", "done"))
    assert board(ours, theirs) == changed(("note: a", "note: b"), ("running", "done"))


def test_changes_to_different_words_of_a_line_both_stay() -> None:
    ours = changed(("running", "3 of 9 steps"))
    theirs = changed(("**Mix**", "**Mix stage 1**"))
    both = changed(("**Mix** — running", "**Mix stage 1** — 3 of 9 steps"))
    assert board(ours, theirs) == both


def test_a_tick_and_an_id_and_new_words_are_three_changes() -> None:
    ours, theirs = (
        changed(("- beta task", "- beta task ^t0001")),
        changed(("- beta", "- [x] better")),
    )
    assert "\n- [x] better task ^t0001\n" in board(ours, theirs)


def test_of_a_line_that_both_rewrote_the_humans_stands_and_ours_is_a_note() -> None:
    ours, theirs = changed(("running", "failed")), changed(("running", "runs well"))
    found = merged(ours, theirs)
    note = "  - ⚠ crew's text kept: **Mix** — failed · @executor\n"
    assert found.data.decode() == changed((MIX, MIX.replace("running", "runs well") + note))
    assert [each.line for each in found.kept] == [9]


def test_of_lines_beneath_a_card_that_both_rewrote_ours_are_notes() -> None:
    ours, theirs = changed(("note: a", "note: b\n    in full")), changed(("note: a", "note: c"))
    notes = "  - ⚠ crew's text kept: 📌 note: b\n  - ⚠ crew's text kept: in full\n"
    found = merged(ours, theirs)
    assert found.data.decode() == changed(("  - 📌 note: a\n", f"  - 📌 note: c\n{notes}"))
    assert [each.line for each in found.kept] == [9, 10]


def test_numbers_are_never_mixed_of_both_sides() -> None:
    base, ours, theirs = (BASE.replace("old one", each) for each in ("43,170", "43,175", "44,170"))
    found = merged(ours, theirs, base)
    assert "44,175" not in found.data.decode()
    assert [each.text for each in found.kept] == ["43,175"]


def test_words_that_stand_side_by_side_are_not_mixed_of_both_sides() -> None:
    base, ours, theirs = (
        BASE.replace("old one", f"due {each}")
        for each in ("20 Nov 9:00", "21 Nov 9:00", "20 Dec 9:00")
    )
    found = merged(ours, theirs, base)
    assert "- due 20 Dec 9:00\n  - ⚠ crew's text kept: due 21 Nov 9:00\n" in found.data.decode()


def test_what_is_noted_once_is_not_noted_again() -> None:
    ours, theirs = changed(("running", "failed")), changed(("running", "runs well"))
    once = board(ours, theirs)
    assert merged(ours, once) == Merged(once.encode(), ())


def test_an_order_of_one_side_and_words_of_the_other_both_stay() -> None:
    ours = changed(("- alpha task\n- beta task\n", "- beta task\n- alpha task\n"))
    theirs = changed(("- alpha task", "- alpha task, tonight"))
    assert board(ours, theirs) == ours.replace("- alpha task", "- alpha task, tonight")


def test_a_move_of_one_side_and_words_of_the_other_both_stay() -> None:
    ours = changed((MIX, ""), ("- old one\n", f"- old one\n{MIX}"))
    theirs = changed(("note: a", "note: looked at"))
    assert board(ours, theirs) == ours.replace("note: a", "note: looked at")


def test_cards_with_one_title_stay_as_many_as_they_were() -> None:
    base = "## Backlog\n- same\n- same\n- same\n"
    ours, theirs = base.replace("- same\n", "", 1), base + "- same too\n"
    assert board(ours, theirs, base) == "## Backlog\n- same\n- same\n- same too\n"


def test_an_id_outranks_a_likeness() -> None:
    base = "## Done\n- mix the rows\n- audit\n"
    ours = "## Done\n- mix the rows ^t0001\n- audit\n"
    theirs = "## Done\n- mix the rows\n- audit\n- split the rows ^t0001\n"
    assert board(ours, theirs, base).count("^t0001") == 1


def test_people_and_crew_give_a_card_its_id_at_once() -> None:
    """F1: the crew marks a card while a person rewords it."""
    ours, theirs = (
        changed(("- beta task", "- beta task ^t0001")),
        changed(("- beta task", "- [ ] beta, sooner")),
    )
    assert section(board(ours, theirs), "## 📋 Backlog").count("beta") == 1


# ── lanes and free text ────────────────────────────────────────────────────────────────────────


def test_lanes_that_both_added_in_one_place_both_stay_with_their_cards() -> None:
    ours = changed(("## 📝 Notes", "## Ideas\n- mine\n\n## 📝 Notes"))
    theirs = changed(("## 📝 Notes", "## Icebox\n- yours\n\n## 📝 Notes"))
    expected = "## Icebox\n- yours\n\n## Ideas\n- mine\n\n## 📝 Notes"
    assert board(ours, theirs) == changed(("## 📝 Notes", expected))


def test_a_card_goes_into_its_lane_though_a_lane_came_between() -> None:
    ours = changed(("- remember\n", "- remember\n- ours\n"))
    theirs = changed(("- remember\n", "- remember\n\n## Icebox\n- cold\n"))
    expected = "- remember\n- ours\n\n## Icebox\n- cold\n"
    assert board(ours, theirs) == changed(("- remember\n", expected))


def test_a_lane_that_was_renamed_takes_the_cards_that_were_added_to_it() -> None:
    base = BASE.replace("📋 Backlog", "Someday")
    ours = base.replace("- gamma task\n", "- gamma task\n- ours\n")
    theirs = base.replace("## Someday", "## One day")
    assert board(ours, theirs, base) == ours.replace("## Someday", "## One day")


def test_a_heading_that_both_renamed_keeps_both_names() -> None:
    base = BASE.replace("📋 Backlog", "Someday")
    found = merged(base.replace("Someday", "Later"), base.replace("Someday", "Never"), base)
    assert "## Never\n⚠ crew's text kept: ## Later\n\n- alpha task\n" in found.data.decode()
    assert found.data.decode().split("\n")[found.kept[0].line - 1].endswith("## Later")


def test_a_heading_that_means_another_column_now_has_moved_its_cards() -> None:
    ours = changed(("- alpha task\n", "- alpha task\n- ours\n"))
    theirs = changed(("## 📋 Backlog", "## 🚫 Blocked"))
    text = board(ours, theirs)
    assert "- ours\n" in section(text, "## 📋 Backlog")
    assert "- alpha task\n" in section(text, "## 🚫 Blocked")


def test_a_lane_that_was_taken_off_comes_back_for_what_the_other_side_put_there() -> None:
    lane = "## 📝 Notes\n- remember\n"
    ours = changed(("- remember\n", "- remember\n- ours\n"))
    assert board(ours, changed((lane, ""))) == changed(("- remember\n", "- ours\n"))
    assert board(changed((lane, "")), ours) == changed(("- remember\n", "- ours\n"))


def test_a_lane_that_one_side_moved_takes_what_the_other_added() -> None:
    notes = "## 📝 Notes\n- remember\n"
    theirs = changed((notes, ""), ("## ✅ Done", f"{notes}\n## ✅ Done"))
    ours = changed(("- remember\n", "- remember\n- ours\n"))
    assert board(ours, theirs) == theirs.replace("- remember\n", "- remember\n- ours\n")


def test_a_group_goes_with_its_lane_and_keeps_its_cards() -> None:
    base = "## A\n- a\n\n### group\n- g\n\n## B\n- b\n"
    ours = base.replace("- g\n", "- g\n- ours\n\n### more\n- m\n")
    theirs = "## B\n- b\n\n## A\n- a\n\n### group\n- g\n"
    text = board(ours, theirs, base)
    assert text == "## B\n- b\n\n## A\n- a\n\n### group\n- g\n- ours\n\n### more\n- m\n"


def test_free_text_of_both_sides_stays_the_humans_first() -> None:
    ours, theirs = changed(("Free text here.", "Ours.")), changed(("Free text here.", "Theirs."))
    assert board(ours, theirs) == changed(("Free text here.", "Theirs.\n\nOurs."))
    base, ours, theirs = (f"text\nthat goes {on}\n" for on in ("on", "ours", "theirs"))
    assert board(ours, theirs, base) == "text\nthat goes theirs\nthat goes ours\n"


def test_text_that_both_added_stands_there_once() -> None:
    """A base that is older than both sides' common ground makes this of everything in between."""
    ours = changed(("Free text here.", "Free text here.\n\nThe same.\nOurs."))
    theirs = changed(("Free text here.", "Free text here.\n\nThe same.\nTheirs."))
    assert board(ours, theirs).count("The same.") == 1


def test_a_line_of_text_that_one_side_dropped_is_gone_beside_one_that_the_other_changed() -> None:
    base = "one\ntwo\nthree\nfour\n"
    assert board("one\nthree\nfour\n", "one\ntwo\nthree\n4\n", base) == "one\nthree\n4\n"


def test_a_fence_is_one_piece_and_both_sides_lines_are_in_it() -> None:
    base = "text\n\n```\na\nb\nc\n```\n"
    ours, theirs = base.replace("a\n", "a\nours\n"), base.replace("c\n", "c\ntheirs\n")
    assert board(ours, theirs, base) == "text\n\n```\na\nours\nb\nc\ntheirs\n```\n"


def test_front_matter_is_never_given_one_key_twice() -> None:
    base, ours, theirs = (
        f"---\ntitle: x\nby: {who}\n---\n# B\n" for who in ("a", "ours", "theirs")
    )
    found = merged(ours, theirs, base)
    assert found.data.decode() == (
        "---\ntitle: x\nby: theirs\n# ⚠ crew's text kept: by: ours\n---\n# B\n"
    )
    assert found.kept[0].line == 4


def test_the_settings_of_obsidian_stay_last() -> None:
    foot = "\n%% kanban:settings\n```\n{}\n```\n%%\n"
    ours = BASE + "\n## Ideas\n- mine\n" + foot
    theirs = changed(("- remember\n", "- remember\n- yours\n")) + foot
    text = board(ours, theirs, BASE + foot)
    assert text.endswith("- remember\n- yours\n\n## Ideas\n- mine\n" + foot)


def test_a_fence_that_somebody_is_still_typing_takes_no_card_off() -> None:
    """A save that opened a fence and has not closed it shuts in half the board for a moment."""
    theirs = changed(("- alpha task\n", "- alpha task\n\n```\n"))
    ours = changed(("- beta task", "- beta task, ours"), ("- remember", "- remember it"))
    text = board(ours, theirs)
    assert text == changed(
        ("- alpha task\n", "- alpha task\n\n```\n"),
        ("- beta task", "- beta task, ours"),
        ("- remember", "- remember it"),
    )


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "both"),
    [
        # an indented text would become part of the card above it
        ("## A\n\nx\n\n    code\n", "## A\n\n- o\n\nx\n\n    code\n", "## A\n\n    code\n",
         "## A\n\n- o\n\n<!-- -->\n    code\n"),
        # an indented card would become a child
        ("## A\n## B\n  - b\n", "## A\n- o\n## B\n", "## A\n## B\n  - b\n  - t\n",
         "## A\n- o\n## B\n  - t\n"),
        ("## A\n## B\nt\n\n  - b\n", "## A\n- o\n## B\nt\n\n  - b\n", "## A\n  - b\n## B\nt\n",
         "## A\n  - b\n- o\n## B\nt\n"),
        ("## A\n## B\n  - b\n", "## A\n  - b\n## B\n", "## A\n- t\n## B\n  - b\n",
         "## A\n- t\n<!-- -->\n  - b\n## B\n"),
        # a paragraph would flow into the card
        ("## A\n\ntext\n", "## A\n- o\n\ntext\n", "## A\ntext\n", "## A\n- o\n\ntext\n"),
        # a rule would make a heading of the text above it
        ("one\n\ntwo\n\n---\n", "one\n\ntwo\n\no\n\n---\n", "one\n---\n", "one\n\no\n\n---\n"),
    ],
)  # fmt: skip
def test_pieces_that_did_not_stand_together_do_not_flow_into_each_other(
    base: str, ours: str, theirs: str, both: str
) -> None:
    assert board(ours, theirs, base) == both


# ── tables ─────────────────────────────────────────────────────────────────────────────────────

TABLE = "## Plan\n\n| Task | Who |\n|---|---|\n| Fix a | ada |\n| Fix b | bob |\n\n## Notes\n"


def test_rows_of_both_sides_stay_in_the_table() -> None:
    ours = TABLE.replace("| Fix b | bob |\n", "| Fix b | bob |\n| Ours | eve |\n")
    theirs = TABLE.replace("| Fix b | bob |\n", "| Fix b | cyd |\n| Theirs | eve |\n")
    text = board(ours, theirs, TABLE)
    assert text == theirs.replace("| Theirs | eve |\n", "| Theirs | eve |\n| Ours | eve |\n")


def test_cells_of_one_row_merge_and_a_disputed_one_is_kept_in_the_row() -> None:
    ours, theirs = TABLE.replace("Fix a", "Fix A"), TABLE.replace("ada", "eve")
    assert "| Fix A | eve |" in board(ours, theirs, TABLE).replace("Fix a", "Fix A")
    found = merged(TABLE.replace("ada", "bob"), TABLE.replace("ada", "eve"), TABLE)
    row = found.data.decode().split("\n")[found.kept[0].line - 1]
    assert row == "| Fix a | eve ⚠ crew's text kept: \\| Fix a \\| bob \\| |"


# ── logs and notes ─────────────────────────────────────────────────────────────────────────────

LOG = "# Stand-ups\n\n## 2026-02-20 nightly\n- old\n"


@pytest.mark.parametrize(("ours", "theirs"), [("21", "22"), ("22", "21")])
def test_sections_that_both_sides_put_on_top_of_a_log_both_stay_newest_first(
    ours: str, theirs: str
) -> None:
    """F3: an accepted side dropped the other agent's stand-up."""
    base = LOG + "\n## 2026-02-19 nightly\n- older\n"
    texts = {day: f"## 2026-02-{day} nightly\n- work of {day}\n\n" for day in ("21", "22")}
    sides = [
        base.replace("## 2026-02-20", texts[day] + "## 2026-02-20", 1) for day in (ours, theirs)
    ]
    assert board(sides[0], sides[1], base) == base.replace(
        "## 2026-02-20", texts["22"] + texts["21"] + "## 2026-02-20", 1
    )


def test_a_section_that_both_sides_opened_is_one_with_the_bullets_of_both() -> None:
    """F3: two agents write the same night's stand-up."""
    sides = [
        LOG.replace("## 2026-02-20", f"## 2026-02-21 nightly\n- {who}\n- same\n\n## 2026-02-20")
        for who in ("ours", "theirs")
    ]
    text = board(sides[0], sides[1], LOG)
    assert text == LOG.replace(
        "## 2026-02-20", "## 2026-02-21 nightly\n- theirs\n- same\n- ours\n\n## 2026-02-20"
    )


def test_notes_of_one_day_from_two_machines_both_stay() -> None:
    day = "# 2026-11-20\n\n- 20:01Z **lead**: began <!-- e:1.aa -->\n"
    ours, theirs = (
        day + "- 21:04Z **qa**: x <!-- e:2.bb -->\n",
        day + "- 21:09Z **qa**: y <!-- e:2.cc -->\n",
    )
    assert board(ours, theirs, day) == theirs + "- 21:04Z **qa**: x <!-- e:2.bb -->\n"


def test_policy_that_one_side_wrote_is_not_lost_to_a_stale_copy() -> None:
    """F1, F3: ten lines of approved policy and a data set's record, dropped by one commit."""
    policy = "".join(f"{n}. rule {n}\n" for n in range(1, 11))
    ours = changed(("Free text here.\n", f"Free text here.\n\nPolicy:\n\n{policy}"))
    theirs = changed(("- old one\n", "- old one\n- **139,364 rows** registered\n"))
    text = board(ours, theirs)
    assert policy in text
    assert "139,364" in text


# ── bytes ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_the_byte_order_mark_are_theirs(ending: str) -> None:
    ours = changed(("- gamma task\n", "- gamma task\n- ours\n"))
    theirs = "\ufeff" + changed(("old one", "old two")).replace("\n", ending)
    both = changed(("- gamma task\n", "- gamma task\n- ours\n"), ("old one", "old two"))
    assert board(ours, theirs) == "\ufeff" + both.replace("\n", ending)


def test_a_file_without_a_final_newline_stays_so() -> None:
    theirs = changed(("old one", "old two")).rstrip("\n")
    assert board(BASE + "- ours\n", theirs) == theirs + "\n- ours"


def test_bytes_that_are_no_utf_8_are_carried_through() -> None:
    base = b"## Done\n- \xff\xfe caf\xe9\n- b\n"
    ours, theirs = base.replace(b"- b", b"- ours \x80"), base.replace(b"caf", b"Caf")
    assert merge(base, ours, theirs).data == b"## Done\n- \xff\xfe Caf\xe9\n- ours \x80\n"


@pytest.mark.parametrize(
    "name", ["board.md", "board.mojibake.md", "research-todo.md", "week2-status.md"]
)
def test_founding_boards_merge_with_every_other_byte_as_it_was(name: str) -> None:
    path = FOUNDING / name
    if not path.exists():
        pytest.skip("the founding documents are not here")
    base = path.read_bytes()
    lines = base.splitlines(keepends=True)
    at = [n for n, line in enumerate(lines) if line.startswith(b"- ")]
    ours = [*lines[: at[-1]], lines[at[-1]].rstrip(b"\n") + b" OURS\n", *lines[at[-1] + 1 :]]
    theirs = [*lines[: at[2]], b"- THEIRS\n", *lines[at[2] :]]
    both = [*lines[: at[2]], b"- THEIRS\n", *ours[at[2] :]]
    assert merge(base, b"".join(ours), b"".join(theirs)) == Merged(b"".join(both), ())
