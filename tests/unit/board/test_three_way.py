"""People and crew write into one card: the crew's facts stay true, and people's words stay."""

from dataclasses import replace

import pytest
from unit.board.boards import DROP, GENERATE, MIXED, NOW, TRAINING, VIEW

from crewboard.coordination.board import BoardView, Card, Column, render_into

BEFORE = render_into(b"", VIEW)
RUNS = "- **Train on the mix** — running · @executor ^t41xa"
LATER = replace(VIEW, cards=(MIXED, replace(TRAINING, status="step 300 of 671"), GENERATE))


def edited(old: str, new: str, board: bytes = BEFORE) -> bytes:
    assert old in board.decode()
    return board.replace(old.encode(), new.encode())


def lines(board: bytes) -> list[str]:
    return board.decode().split("\n")


@pytest.mark.parametrize(
    ("theirs", "line"),
    [
        ("- **Train it** — running · @executor ^t41xa",
         "- **Train it** — step 300 of 671 · @executor ^t41xa"),
        ("* [ ] **Train on the mix** — running · @executor ^t41xa",
         "* [ ] **Train on the mix** — step 300 of 671 · @executor ^t41xa"),
        ("- [~] **Train on the mix** — running · @executor ^t41xa",
         "- [~] **Train on the mix** — step 300 of 671 · @executor ^t41xa"),
    ],
)  # fmt: skip
def test_what_people_changed_of_a_headline_and_what_the_crew_changed_both_stay(
    theirs: str, line: str
) -> None:
    after = render_into(edited(RUNS, theirs), LATER, BEFORE)
    assert line in lines(after)
    assert after.decode().count("^t41xa") == BEFORE.decode().count("^t41xa")


@pytest.mark.parametrize(
    "theirs",
    [
        "- **Train on the mix** — running, but the fan is loud · @executor ^t41xa",
        "- Train it, somebody! ^t41xa",
        "- [ ] ~~Train on the mix~~ not now ^t41xa",
    ],
)
def test_a_line_that_people_made_theirs_stays_and_the_crews_facts_go_beneath(theirs: str) -> None:
    board = edited(RUNS, theirs)
    once = render_into(board, LATER, BEFORE)
    at = lines(once).index(theirs)
    assert lines(once)[at + 1] == "  - 🤖 crew: step 300 of 671 · @executor"
    last = replace(VIEW, cards=(MIXED, replace(TRAINING, status="step 600 of 671"), GENERATE))
    for before in (once, None):  # what it looked like before need not be known for that
        again = lines(render_into(once, last, before))
        assert again[again.index(theirs) + 1] == "  - 🤖 crew: step 600 of 671 · @executor"


def test_the_crew_puts_its_own_line_right_and_keeps_what_people_wrote_into_it() -> None:
    """A board that cannot lie: evidence says what the ledger says."""
    theirs = edited("43,170 rows · QA: pass", "99,999 rows · QA: pass")
    after = lines(render_into(theirs, VIEW, BEFORE))
    true = "  - 📎 evidence: `data/mix.3f2a91c0.jsonl` sha256:3f2a91c03f2a · 43,170 rows · QA: pass"
    kept = "  - ✏️ evidence: `data/mix.3f2a91c0.jsonl` sha256:3f2a91c03f2a · 99,999 rows · QA: pass"
    assert true in after
    assert kept in after


def test_an_option_that_people_reworded_is_offered_as_it_was_asked() -> None:
    after = lines(render_into(edited("unblocks the mix", "costs nothing"), VIEW, BEFORE))
    assert sum("**drop**: unblocks the mix" in line for line in after) == 1
    assert sum(line.startswith("  - ✏️ **drop**: costs nothing") for line in after) == 1


def test_a_card_moved_to_a_lane_of_peoples_own_stays_there_while_the_view_says_so() -> None:
    board = BEFORE.replace(f"{RUNS}\n".encode(), b"") + f"\n## 🧪 Review\n{RUNS}\n".encode()
    stays = replace(VIEW, cards=(MIXED, replace(TRAINING, lane="Review"), GENERATE))
    assert render_into(board, stays, BEFORE) == board
    back = render_into(board, VIEW, BEFORE).decode()
    assert back.index(RUNS) < back.index("## 📋 Backlog")


@pytest.mark.parametrize(
    "line", ["- do it @crew data:rows.jsonl", "* [ ] do it @crew  data:rows.jsonl "]
)
def test_a_goal_that_people_gave_on_the_board_keeps_their_line(line: str) -> None:
    board = f"## Backlog\n{line}\n  - soon, please\n- other\n".encode()
    goal = Card("g41x9", "do it", Column.IN_PROGRESS, "lead", "3 of 9 steps", adopts=line)
    view = BoardView("Demo", NOW, (goal,))
    after = render_into(board, view)
    named = f"{line.rstrip()} ^g41x9"
    at = lines(after).index(named)
    assert "  - soon, please" in lines(after)[at:]
    assert "  - 🤖 crew: 3 of 9 steps · @lead" in lines(after)[at:]
    assert render_into(after, view, after) == after
    assert after.decode().count("do it") == 1
    done = BoardView("Demo", NOW, (replace(goal, column=Column.DONE),))
    assert named.replace("[ ]", "[x]") in lines(render_into(after, done, after))


def test_boxes_follow_the_lane_where_cards_have_boxes() -> None:
    board = b"## Done\n- [x] old\n\n## In Progress\n- [ ] mine\n"
    open_card = replace(TRAINING, status="")
    after = render_into(board, BoardView("B", NOW, (open_card,)))
    assert "- [ ] **Train on the mix** — @executor ^t41xa" in lines(after)
    done = replace(open_card, column=Column.DONE)
    ended = render_into(after, BoardView("B", NOW, (done,)), after)
    assert "- [x] **Train on the mix** — @executor ^t41xa" in lines(ended)


def test_a_copy_of_a_card_is_somebodys_and_stays() -> None:
    board = BEFORE + f"\n## Old\n{RUNS}\n".encode()
    after = render_into(board, LATER, BEFORE)
    assert RUNS in lines(after)
    assert sum("step 300 of 671" in line for line in lines(after)) == 1


def test_a_tick_is_no_edit_of_the_crews_line() -> None:
    board = edited("[ ] **drop**", "[X] **drop**")
    assert render_into(board, replace(VIEW, decisions=(DROP,)), BEFORE) == board


@pytest.mark.parametrize("opening", ["```", "~~~ python", "<!-- to do"])
def test_cards_below_a_fence_that_somebody_is_still_typing_are_let_be(opening: str) -> None:
    board = edited("## 🔨 In Progress\n", f"{opening}\n## 🔨 In Progress\n")
    after = render_into(board, LATER, BEFORE)
    assert after.decode().count("^t41xa") == BEFORE.decode().count("^t41xa")
    closed = after.replace(f"{opening}\n".encode(), b"")
    assert "step 300 of 671" in render_into(closed, LATER, BEFORE).decode()
