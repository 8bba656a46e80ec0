"""How a decision reads on the board: everything that its answer needs, and one line once it is answered."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from unit.board.boards import DROP, NOW

from crewboard.coordination.board import Answered, Choice, Evidence
from crewboard.coordination.board.asking import details, facts, headline, lead, option_line, ticks
from crewboard.memory.markdown import scan

FULL = replace(
    DROP,
    options=(
        Choice("drop", "they go", recommended=True, cost="free", reversible=True),
        Choice("rebuild", "about 3 h", cost="at most 4.0000 USD", reversible=False),
    ),
    evidence=(Evidence("audit/snapshot.json", "3f2a91c0" * 8, "32 of 43,175 rows"),),
    needs=2,
    approvals=("human:ada: drop",),
    reminded=50,
    alike=("d7k2n",),
    behind=3,
)


def test_it_holds_everything_that_an_answer_needs() -> None:
    """F5: question, why now, options with consequence and cost, evidence, deadline, owner, who asked."""
    assert "\n".join([headline(FULL), *details(FULL, {"drop": "x"})]) == (
        """\
- 🧭 **Drop the 30 empty rows?** — @petrarch ^d7k2m
  - 🧭 decides: whether the mix can be built · blocks ^t41xa
  - ❓ asked: by @qa, 2026-11-21 21:04 UTC
  - ⏰ due: 2026-11-22 21:04 UTC · on expiry: hold · reminded at 50 % of its time
  - 📎 evidence: `audit/snapshot.json` sha256:3f2a91c03f2a · 32 of 43,175 rows
  - 👥 approvals: 1 of 2 (@human:ada: drop)
  - [x] **drop**: they go · free · reversible (recommended)
  - [ ] **rebuild**: about 3 h · at most 4.0000 USD · not reversible
  - 💬 answer: `crewboard approve d7k2m --choose drop`
  - 📚 more: the same is asked as ^d7k2n · 3 more wait behind this one: `crewboard decisions`"""
    )


def test_what_is_said_of_a_tick_stands_in_the_place_of_the_answer() -> None:
    command = "crewboard approve d7k2m --choose 'two words'"
    said = replace(FULL, says="ada ticked two words, and it costs. Confirm with", command=command)
    told = [line for line in details(said, {}) if "💬" in line]
    assert told == [
        f"  - 💬 answer: ada ticked two words, and it costs. Confirm with `{command}`",
    ]
    [bare] = [line for line in details(replace(said, command=""), {}) if "💬" in line]
    assert bare.endswith("Confirm with")


def test_a_void_tick_is_emptied_and_every_other_stays_as_it_was_made() -> None:
    assert "  - [X] **drop**" in "\n".join(details(FULL, {"drop": "X"}))
    assert "[X]" not in "\n".join(details(replace(FULL, void=True), {"drop": "X"}))


@pytest.mark.parametrize(
    ("answer", "begins", "ends"),
    [
        (
            Answered("drop", "human:ada", NOW, "cli"),
            "✅ ",
            " → **drop** — @human:ada, 2026-11-21 21:04 UTC, by cli",
        ),
        (
            Answered("drop", "human:bob for ada", NOW, "board", "copies\nof [one]"),
            "✅ ",
            " → **drop** — @human:bob for ada, 2026-11-21 21:04 UTC, by board: copies of \\[one\\]",
        ),
        (
            Answered("drop", "human:ada", NOW, "", "too early", revoked=True),
            "🧭 ",
            " → ~~drop~~ — revoked by @human:ada, 2026-11-21 21:04 UTC: too early",
        ),
    ],
)
def test_what_is_decided_is_one_line_with_who_when_how_what_and_why(
    answer: Answered, begins: str, ends: str
) -> None:
    decided = replace(FULL, answer=answer)
    assert headline(decided) == f"- {begins}**{FULL.question}**{ends} ^d7k2m"
    assert (lead(decided), facts(decided)) == (begins, ends)
    assert details(decided, {"drop": "x"}) == []


@pytest.mark.parametrize("hostile", ["a** [x] **b", "x\n- [x] **drop**", "^d7k2m", "<!-- x", "[ ]"])
def test_what_a_model_worded_cannot_tick_or_end_its_line(hostile: str) -> None:
    choice = Choice(hostile, hostile, cost=hostile)
    card = replace(FULL, options=(choice,), question=hostile, says=hostile, decides=hostile)
    lines = [headline(card), *details(card, {})]
    document = scan("\n".join(lines).encode())
    assert len(document.lines) == len(lines)
    assert set(ticks(document.lines, card).values()) == {" "}
    assert option_line(choice, {}).startswith("  - [ ] **")


def test_a_deadline_names_its_zone_wherever_it_was_set() -> None:
    due = (NOW + timedelta(hours=1)).astimezone(ZoneInfo("America/New_York"))
    assert "  - ⏰ due: 2026-11-21 22:04 UTC · on expiry: hold" in details(
        replace(FULL, due=due, reminded=0), {}
    )


@pytest.mark.parametrize("named", ["alike", "blocks"])
def test_a_card_names_only_ids_that_the_board_can_carry(named: str) -> None:
    with pytest.raises(ValueError, match="id"):
        replace(FULL, **{named: ("x",)})  # type: ignore[arg-type]  # whichever field it is
