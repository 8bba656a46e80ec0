"""What the board says: columns, cards, decisions, blockers, and when it was synced."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from unit.board.boards import ANSWER, DROP, GENERATE, MIXED, NOW, TRAINING, VIEW

from crewboard.coordination.board import (
    BoardView,
    Card,
    Column,
    DecisionCard,
    Evidence,
    render_into,
    template,
)

WHOLE = """\
# KANBAN.md — Demo

_Last synced: 2026-11-21 21:04 UTC (crew)_

## ✅ Done
- **Mix stage 1** — @executor ^t41x9
  - 📎 evidence: `data/mix.3f2a91c0.jsonl` sha256:3f2a91c03f2a · 43,170 rows · QA: pass

## 🔨 In Progress
- **Train on the mix** — running · @executor ^t41xa

### 👇 Waiting on petrarch decisions
- 🧭 **Drop the 30 empty rows?** — @petrarch ^d7k2m
  - 🧭 decides: whether the mix can be built · blocks ^t41xa
  - ❓ asked: by @qa, 2026-11-21 21:04 UTC
  - ⏰ due: 2026-11-22 21:04 UTC · on expiry: hold
  - [ ] **drop**: unblocks the mix, reversible (recommended)
  - [ ] **keep**: 3 h
  - 💬 answer: `crewboard approve d7k2m --choose drop`

## 📋 Backlog

## 🚫 Blocked
- **Generate 500 dialogues** ^t7k2m
  - 🚫 cause: HTTP 402
  - 👤 owner: ada
  - 🔁 tried: 3 calls
  - 🔑 needed: settle the bill
  - ⏳ since: 2026-11-18 20:04 UTC (3 d)

## 📝 Notes
"""


def text(existing: str, view: BoardView) -> str:
    return render_into(existing.encode(), view).decode()


def section(board: str, heading: str) -> list[str]:
    """The nonblank lines under a heading."""
    lines = board.split("\n")
    below = lines[lines.index(heading) + 1 :]
    end = next((n for n, line in enumerate(below) if line.startswith("#")), len(below))
    return [line for line in below[:end] if line]


def test_a_new_board_reads_as_the_founding_boards_did() -> None:
    assert text("", VIEW).startswith(WHOLE)


def test_a_template_is_a_board_already() -> None:
    synced = text("", BoardView("Demo", NOW))
    assert synced == template("Demo").decode().replace("not yet", "2026-11-21 21:04 UTC (crew)")


def only(card: Card) -> BoardView:
    return BoardView("Demo", NOW, (card,))


@pytest.mark.parametrize(
    "heading",
    ["## Done", "## ✅ Done", "## 3. done (recent):", "## COMPLETED ##", "##   🎉 Erledigt"],
)
def test_a_column_is_known_by_its_words(heading: str) -> None:
    board = text(f"{heading}\n- old\n", only(MIXED))
    assert board.count("#") == heading.count("#")
    assert board.index("- old") < board.index("**Mix stage 1**")


@pytest.mark.parametrize("heading", ["# Done", "### Done", "## Done deals", "## Undone", "##Done"])
def test_other_headings_are_not_columns(heading: str) -> None:
    assert "\n## ✅ Done\n" in text(f"{heading}\n- old\n", only(MIXED))


@pytest.mark.parametrize(
    ("existing", "order"),
    [
        ("## Notes\n", ["Done", "In Progress", "Waiting", "Blocked", "Notes"]),
        ("## Backlog\n", ["Done", "In Progress", "Waiting", "Backlog", "Blocked"]),
        ("## Blocked\n\n## Done\n", ["Blocked", "Done", "In Progress", "Waiting"]),
        ("## Sprint\ntext\n", ["Sprint", "Done", "In Progress", "Waiting", "Blocked"]),
        ("## In Progress\n### mine\n- x\n", ["Done", "In Progress", "mine", "Waiting", "Blocked"]),
    ],
)
def test_missing_columns_open_in_the_founding_order(existing: str, order: list[str]) -> None:
    """People's own order stays; columns that no card needs are not added."""
    titles = [line for line in text(existing, VIEW).split("\n") if line.startswith("##")]
    assert len(titles) == len(order)
    assert all(word in title for word, title in zip(order, titles, strict=True))


CARD = "- **Train on the mix** — running · @executor ^t41xa\n"


@pytest.mark.parametrize(
    ("existing", "after"),
    [
        ("  ## Backlog\n", f"## 🔨 In Progress\n{CARD}\n<!-- -->\n  ## Backlog\n"),
        ("## Doing\n   ```\nopen", f"## Doing\n{CARD}<!-- -->\n   ```\nopen"),
        ("## Doing\n\ntext\n", f"## Doing\n\ntext\n\n{CARD}"),
        ("## Doing\n- x\n  ```\n  ```\ntext\n", f"## Doing\n- x\n  ```\n  ```\n{CARD}\ntext\n"),
        ("## Doing\n- x\n\n---\n\n## Done", f"## Doing\n- x\n{CARD}\n---\n\n## Done"),
        ("## Doing\n\n---\n", f"## Doing\n{CARD}\n---\n"),
        ("## Doing\na\n---\n", f"## Doing\na\n---\n\n{CARD}"),  # a setext heading
        ("## Doing\n| a |\n|---|\n## Done", f"## Doing\n| a |\n|---|\n\n{CARD}\n## Done"),
    ],
)
def test_a_new_card_never_draws_in_what_stands_around_it(existing: str, after: str) -> None:
    assert text(existing, only(TRAINING)).endswith(after)


@pytest.mark.parametrize(
    ("existing", "after"),
    [
        (f"## Backlog\ntext\n{CARD}---\n", "## Backlog\ntext\n\n---\n"),
        (f"## Backlog\n- x\n{CARD}- y\n", "## Backlog\n- x\n- y\n"),
    ],
)
def test_a_card_that_leaves_never_joins_what_stood_around_it(existing: str, after: str) -> None:
    board = text(f"## Doing\n{existing}", only(TRAINING))
    assert board.endswith(f"## Doing\n{CARD}{after}")


def test_a_card_moves_with_what_people_wrote_beneath_it() -> None:
    board = text("", VIEW).replace("^t41xa\n", "^t41xa\n  - mine: try 2e-5\n    - deeper\n")
    done = replace(VIEW, cards=(MIXED, replace(TRAINING, column=Column.DONE, status="671 steps")))
    assert section(text(board, done), "## ✅ Done")[-3:] == [
        "- **Train on the mix** — 671 steps · @executor ^t41xa",
        "  - mine: try 2e-5",
        "    - deeper",
    ]


def test_a_card_that_people_dragged_away_comes_back_once() -> None:
    board = text("", VIEW)
    line = "- **Train on the mix** — running · @executor ^t41xa\n"
    dragged = board.replace(line, "").replace("## 📋 Backlog\n", "## 📋 Backlog\n" + line)
    assert text(dragged, VIEW) == board


def test_a_card_in_a_group_of_its_column_stays_in_that_group() -> None:
    board = "## In Progress\n### today\n- **Train on the mix** — running · @executor ^t41xa\n"
    assert text(board, only(TRAINING)).endswith(board)


def test_a_card_that_the_view_does_not_name_stays_as_it_is() -> None:
    board = text("", VIEW)
    assert text(board, BoardView("Demo", NOW)) == board


def test_a_withdrawn_card_leaves_unless_people_wrote_beneath_it() -> None:
    """F3: a card leaves only by a recorded tombstone."""
    gone = only(replace(GENERATE, column=Column.WITHDRAWN))
    board = text("", VIEW)
    assert "t7k2m" not in text(board, gone)
    noted = text(board.replace("^t7k2m\n", "^t7k2m\n  - ask ada first\n"), gone)
    assert section(noted, "## 🚫 Blocked") == [
        "- ~~**Generate 500 dialogues**~~ — withdrawn ^t7k2m",
        "  - ask ada first",
    ]
    assert text("", gone).count("Generate") == 0


def test_a_reworded_title_stays_as_people_worded_it() -> None:
    theirs = "- **Train on the OLD mix** — running · @executor ^t41xa"
    board = text("", VIEW).replace("- **Train on the mix** — running · @executor ^t41xa", theirs)
    assert section(text(board, VIEW), "## 🔨 In Progress")[0] == theirs
    done = text(board, only(replace(TRAINING, column=Column.DONE, status="671 steps")))
    assert "- **Train on the OLD mix** — 671 steps · @executor ^t41xa" in section(
        done, "## ✅ Done"
    )


def test_a_tick_on_an_option_stays_until_the_decision_is_answered() -> None:
    board = text("", VIEW).replace("[ ] **drop**", "[x] **drop**")
    assert text(board, VIEW) == board
    later = replace(VIEW, decisions=(replace(DROP, due=None),))
    assert "[x] **drop**" in text(board, later)


def test_an_answered_decision_stands_among_what_is_decided() -> None:
    """F1, F5: the answer, by whom and how, stays on the board."""
    board = text(text("", VIEW), replace(VIEW, decisions=(replace(DROP, answer=ANSWER),)))
    assert section(board, "## 🧭 Decided")[-1] == (
        "- ✅ **Drop the 30 empty rows?** → **drop** — "
        "@petrarch, 2026-11-21 21:04 UTC, by cli ^d7k2m"
    )
    assert section(board, "### 👇 Waiting on petrarch decisions") == []


def test_a_decision_joins_the_inbox_that_its_owner_already_has() -> None:
    existing = "## 🔨 In Progress\n\n### 👇 Waiting on Petrarch decisions\n- Confirm policy\n"
    below = section(text(existing, VIEW), "### 👇 Waiting on Petrarch decisions")
    assert below[0] == "- Confirm policy"
    assert below[1].endswith("^d7k2m")
    other = replace(DROP, id="d7k2n", owner="milwrite's")
    assert "### 👇 Waiting on milwrite's decisions" in text(
        existing, replace(VIEW, decisions=(DROP, other))
    )


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(0), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=21), "21 d"),
        (timedelta(days=-1), "0 min"),  # a clock that went back
    ],
)
def test_a_blockers_age_counts_from_its_first_event(passed: timedelta, shown: str) -> None:
    """F8."""
    assert GENERATE.blocker
    card = replace(GENERATE, blocker=replace(GENERATE.blocker, since=NOW - passed))
    assert f" ({shown})" in text("", only(card))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("2026-11-21 21:03 UTC (crew)", False),
        ("2026-11-21 21:04 UTC (crew)", True),
        ("2026-11-21 21:04 UTC (nightly review)", True),
        ("2026-11-21 16:05 ET", True),  # 21:05 UTC
        ("2026-11-21 16:03 ET (nightly review)", False),
        ("2027-01-01 00:00 UTC", True),
        ("yesterday", False),
        ("2026-10-32 09:00 UTC", False),
    ],
)
def test_last_synced_never_runs_backwards(told: str, *, kept: bool) -> None:
    """F2."""
    board = text(f"# B\n\n_Last synced: {told}_\n", BoardView("B", NOW))
    expected = told if kept else "2026-11-21 21:04 UTC (crew)"
    assert board == f"# B\n\n_Last synced: {expected}_\n"


@pytest.mark.parametrize(
    ("drawn", "then"),
    [
        ("2026-11-21 21:00 UTC (crew)", "2026-11-21 21:04 UTC (crew)"),
        ("2026-11-21 21:59 UTC (crew)", "2026-11-21 21:59 UTC (crew)"),  # our clock went back
    ],
)
def test_a_time_to_come_that_somebody_wrote_is_no_time_of_the_crews(drawn: str, then: str) -> None:
    """F2: the line is the machine's, and a forged one must not stand for years."""
    forged, before = (
        f"# B\n\n_Last synced: {at}_\n" for at in ("2031-01-01 00:00 UTC (crew)", drawn)
    )
    board = render_into(forged.encode(), BoardView("B", NOW), before.encode())
    assert board.decode() == f"# B\n\n_Last synced: {then}_\n"


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ("# B\ntext\n", "# B\n\nS\n\ntext\n"),
        ("# B\n\ntext\n", "# B\n\nS\n\ntext\n"),
        ("text\n", "S\n\ntext\n"),
        ("---\na: 1\n---\ntext", "---\na: 1\n---\n\nS\n\ntext"),
        ("# B", "# B\n\nS"),
        ("```\n_Last synced: x_\n```\n", "S\n\n```\n_Last synced: x_\n```\n"),
    ],
)
def test_a_board_that_never_said_when_it_was_synced_says_it_under_its_title(
    existing: str, expected: str
) -> None:
    synced = "_Last synced: 2026-11-21 21:04 UTC (crew)_"
    assert text(existing, BoardView("B", NOW)) == expected.replace("S", synced)


def test_evidence_names_path_hash_and_verdict() -> None:
    """F28."""
    bare = replace(MIXED, evidence=(Evidence("reports/a`b.md"),))
    assert "  - 📎 evidence: `reports/a'b.md`\n" in text("", only(bare))


@pytest.mark.parametrize("bad", ["", "x41x9", "t41x9 ", "t41l9", "T41X9", "t4", "d41x9", "t41x9\n"])
def test_an_id_that_the_board_cannot_carry_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="id"):
        Card(bad, "title", Column.DONE)


def test_a_view_names_each_card_once_and_its_time_zone() -> None:
    with pytest.raises(ValueError, match="t41x9"):
        BoardView("Demo", NOW, (MIXED, MIXED))
    with pytest.raises(ValueError, match="zone"):
        BoardView("Demo", datetime(2026, 1, 1))  # noqa: DTZ001 - the fault itself
    with pytest.raises(ValueError, match="id"):
        DecisionCard("t41x9", "?", "ada", (), "qa", NOW)
