"""Each rule finds what it is for, and nothing in a board that is in order."""
# ruff: noqa: RUF001 - text that was misread is what is tested

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.board.boards import GENERATE, MIXED, NOW, TRAINING, VIEW

from crewboard.coordination.board import Column, render_into
from crewboard.coordination.board.lint import (
    RULES,
    Finding,
    LedgerFacts,
    LintCase,
    Severity,
    TaskFact,
    edited_lines,
    lint,
    titles,
)

FACTS = LedgerFacts(
    ids=frozenset({"t41x9", "t41xa", "t7k2m", "d7k2m"}),
    hashes=frozenset({"3f2a91c0" * 8}),
    last=NOW,
)
GOOD = """# KANBAN.md — Demo

_Last synced: 2026-11-21 21:04 UTC (crew)_

## ✅ Done
- Mixed the rows (`data/mix.jsonl`, sha256:3f2a91c0)
- [x] Gave Run 3 up: `reports/run3.md`

## 🔨 In Progress
- Train on the mix

### 👇 Waiting on ada decisions
- Drop the empty rows? · due: 2026-11-22 · on expiry: hold
  - [ ] drop: they go
  - [ ] keep: 3 h of work

## 📋 Backlog
- Evaluate the checkpoints
- [ ] Write the report

## 🚫 Blocked
- Generate 500 dialogues: HTTP 402
  - owner: @ada
  - needed: settle the bill

## 📝 Notes
- PII scrub: 0 errors, no critical issues
"""


def found(text: str | bytes, **known: Any) -> list[Finding]:
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return list(lint(LintCase(data, **{"now": NOW, **known})))


def rules(text: str | bytes, **known: Any) -> set[str]:
    return {each.rule for each in found(text, **known)}


def under(lane: str, *lines: str) -> str:
    return f"## {lane}\n" + "\n".join(lines) + "\n"


def test_a_board_in_order_gives_no_finding() -> None:
    assert found(GOOD, facts=FACTS) == []
    assert found(b"") == []


def test_the_crews_own_board_gives_no_finding() -> None:
    """What the crew renders, the crew's lint accepts."""
    board = render_into(b"", VIEW)
    assert found(board, facts=FACTS, view=VIEW) == []


def test_rule_ids_are_stable_and_each_says_what_to_do() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert {rule.id for rule in RULES if rule.fix} == {"B104", "B604"}
    assert all(rule.says and rule.remedy for rule in RULES)
    assert ids[0] == "B101"


TWO_WORDS = under("Done", "- Mix the rows `a.md` ^t41x9") + under("Backlog", "- Mix again ^t41x9")
CASES: list[tuple[str, str]] = [
    # one card is done and open at once, by its id
    ("B101", TWO_WORDS),
    # and by its title: "Run 4 complete", "run training: backlog"
    (
        "B102",
        under("Done", "- **Stage 1 LoRA Run 4 COMPLETE** — 671 steps, `a/b.md`")
        + under("Backlog", "- Run Stage 1 LoRA training on the mix"),
    ),
    ("B103", under("Backlog", "- One ^t41x9", "- Two ^t41x9")),
    ("B104", under("Backlog", "- Write the report", "- Other", "- write the  report")),
    ("B105", under("Backlog", "- One") + under("To do (2)", "- Two")),
    ("B105", under("Ideas", "- One") + under("ideas", "- Two")),
    ("B106", under("Theme", "- [ ] All", "  - [x] one", "  - [x] two")),
    ("B106", under("Theme", "- [x] All", "  - [x] one", "  - [ ] two")),
    ("B107", under("Backlog", "- [x] Write the report")),
    ("B107", under("Backlog", "- ✅ Write the report")),
    ("B107", under("Done", "- [ ] Write the report `a/b.md`")),
    ("B108", under("🎯 NEXT STEPS", "1. ✅ Verify all models")),
    ("B108", under("Plan", "### Future work", "- [x] Verify all models")),
    (
        "B109",
        under("Audit", "- ✅ Quality: 100% pass rate", "- ⚠️ PII detected: 2,723 addresses"),
    ),
    (
        "B109",
        under("Audit", "- Result: NO CRITICAL ISSUES", "- Known issues: PII (2,868 instances)"),
    ),
    ("B204", under("Done", "- Wrote the report")),
    ("B301", under("Backlog", "- Train, blocked by the mix")),
    ("B301", under("In Progress", "- Mix", "  - awaiting sign-off")),
    ("B302", under("Blocked", "- Generation")),
    ("B302", under("Blocked", "- Generation: HTTP 402 Payment Required")),
    ("B401", under("Notes", "- done by October 32")),
    ("B401", under("Notes", "- due: 2026-02-30")),
    ("B401", under("Notes", "- due 2026-13-01")),
    ("B401", under("Notes", "- on Feb. 29, 2025")),
    ("B401", under("Notes", "- on 31 April")),
    ("B402", "# B\n\n_Last synced: 2026-11-21 20:00_\n"),
    ("B403", "# B\n\n_Last synced: 2026-11-23 20:00 UTC_\n"),  # still to come
    ("B504", under("In Progress", "### Waiting on Petrarch decisions", "- Confirm: drop the rows?")),
    (
        "B505",
        under("In Progress", "### Waiting on ada decisions", "- Drop? due: x, default: hold",
              "  - [x] drop: they go", "  - [x] keep: they stay"),
    ),
    ("B601", under("‚úÖ Done", "- Mixed `a/b.md`")),
    ("B603", under("Notes", "- the key is sk-" + "a1" * 20)),
    ("B603", "```\nexport KEY=hf_" + "a1" * 15 + "\n```\n"),
    ("B604", "<<<<<<< ours\n- one\n=======\n- two\n>>>>>>> theirs\n"),
    ("B605", under("Backlog", "- Drop \u202eeht\u202c rows")),
    ("B605", under("Backlog\u200b", "- Drop the rows")),
    ("B605", under("Backlog", "- Drop?", "  - [ ] dr\u00adop: they go")),
    ("B605", under("Backlog", "- pay\u200dpal")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "text"), CASES, ids=[f"{r}-{n}" for n, (r, _) in enumerate(CASES)]
)
def test_a_rule_finds_what_it_is_for(rule: str, text: str) -> None:
    assert rule in rules(text)


FINE: list[tuple[str, str]] = [
    # two runs are two things
    ("B102", under("Done", "- Stage 1 LoRA Run 3 `a/b`") + under("Backlog", "- Stage 1 LoRA Run 4")),
    # cards with an id each are two cards, whatever they are called
    (
        "B102",
        under("Done", "- Write the long report ^t41x9")
        + under("Backlog", "- Write the long report ^t41xa"),
    ),
    # done once more is a card of its own, not a contradiction of two columns
    ("B104", under("Done", "- Write it `a/b`") + under("Backlog", "- Write it")),
    # the labels of a report are no cards
    ("B104", under("Report", "### A", "- **Status:** done", "### B", "- **Status:** done")),
    ("B105", under("Stage 1", "- One") + under("Stage 2", "- Two")),
    ("B106", under("Theme", "- [ ] All", "  - [x] one", "  - [ ] two")),
    ("B107", under("In Progress", "- [~] Write the report")),
    ("B109", under("Audit", "- scale to 100% if it holds", "- ⚠️ PII detected: 2,723 addresses")),
    ("B109", under("Audit", "- ✅ 100% pass rate", "- ⚠️ detected: 0 errors")),
    ("B204", under("Done", "- Wrote it (#12)", "- And that https://example.com/x", "- da `da0a599`")),
    ("B301", under("Blocked", "- Train: waiting on the mix, owner @ada, needs the mix")),
    ("B301", under("Backlog", "- Unblocked the training, no longer waiting on it")),
    ("B301", under("Backlog", "- [x] waiting on nobody")),
    ("B302", under("Blocked", "- Generation: HTTP 402 @ada, needs the bill settled")),
    ("B401", under("Notes", "- 2024-02-29, Feb 29, 31 May, October 31 and 12 may 99 be")),
    ("B401", under("Notes", "- version 2.2026-13-01.4 of build-2026-99-99-x, ratio 12/45")),
    ("B402", "# B\n\n_Last synced: 2026-02-21 21:00 ET (nightly review)_\n"),
    ("B601", under("✅ Done", "- “État” — l’été, √π")),
    ("B604", "=======\n\n> a line of seven `<<<<<<<` in code\n"),
    ("B605", under("👩‍💻 Team 🏳️‍🌈", "- می‌خواهم, क्‍ष, 🏴\U000e0067\U000e0062\U000e007f done")),
    ("B605", under("Notes", "- fine", "  what \u200b stands in a note is nobody's answer")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), FINE, ids=[f"{r}-{n}" for n, (r, _) in enumerate(FINE)])
def test_a_rule_leaves_alone_what_only_looks_like_it(rule: str, text: str) -> None:
    assert rule not in rules(text)


def test_a_done_card_that_was_erased_and_asked_again_is_a_contradiction() -> None:
    """F6: one board said both "Run 4 complete" and "run training: backlog"."""
    (finding,) = [each for each in found(CASES[1][1]) if each.rule == "B102"]
    assert "Run Stage 1 LoRA training" in finding.says
    assert "Run 4 COMPLETE" in finding.says
    assert "line 2" in finding.says
    assert finding.line == 4


def test_what_the_board_names_and_nobody_has_is_found() -> None:
    """F4, F24, F28."""
    text = under(
        "Done",
        "- One `data/one.jsonl` and [two](docs/two.md#part) in commit da0a599",
        "- Three `data/three.jsonl`, sha256:feedbeef",
    )
    known = {
        "missing": frozenset({"data/one.jsonl", "docs/two.md"}),
        "lost": frozenset({"da0a599"}),
        "facts": FACTS,
    }
    by_rule = {each.rule: each for each in found(text, **known)}
    assert {"B201", "B202", "B203", "B205"} <= by_rule.keys()
    assert by_rule["B205"].line == 2, "nothing of the first card exists"
    assert "feedbeef" in by_rule["B203"].says
    assert "B203" not in rules(text, missing=frozenset()), "without a ledger nobody can know"


LEDGER: list[tuple[str, str, Mapping[str, Any]]] = [
    ("B303", under("In Progress", "- Train ^t41xa"), {"crew_alive": False}),
    (
        "B303",
        under("In Progress", "- Train ^t41xa"),
        {"tasks": {"t41xa": TaskFact("WORKING", "executor", NOW - timedelta(days=3))}},
    ),
    ("B403", "# B\n\n_Last synced: 2026-11-21 20:00 UTC_\n", {}),  # before the last event
    ("B403", "# B\n\n_Last synced: 2026-11-21 22:00 +0200_\n", {}),
    ("B502", under("Backlog", "- Train ^t9999"), {}),
    ("B503", under("Backlog", "- Drop? ^d7k2m"), {"unanswerable": {"d7k2m": "nobody is named"}}),
]


@pytest.mark.parametrize(("rule", "text", "more"), LEDGER)
def test_a_rule_that_asks_the_ledger(rule: str, text: str, more: Mapping[str, Any]) -> None:
    """F2, F5, F7: lines that run behind, questions without an owner, work that nobody does."""
    tasks = {"t41xa": TaskFact("WORKING", "executor", NOW)}
    facts = replace(FACTS, **{"tasks": tasks, **more})
    assert rule in rules(text, facts=facts)
    assert rule not in rules(text), "without a ledger nobody can know"


def test_work_that_goes_on_is_not_stale() -> None:
    facts = replace(FACTS, tasks={"t41xa": TaskFact("WORKING", "executor", NOW)})
    assert "B303" not in rules(under("In Progress", "- Train ^t41xa"), facts=facts)


def test_work_that_waits_on_a_person_is_not_stale_for_want_of_a_crew() -> None:
    tasks = {"t41xa": TaskFact("WORKING", "lead", NOW, at_rest=True)}
    facts = replace(FACTS, tasks=tasks, crew_alive=False)
    assert "B303" not in rules(under("In Progress", "- Train ^t41xa"), facts=facts)


def test_an_answered_decision_is_evidence_where_the_ledger_knows_it() -> None:
    text = under("Done", "- Decide how copies are treated ^t41xa", "  - 📌 note: drop (d7k2m)")
    assert "B204" not in rules(text, facts=replace(FACTS, decided=frozenset({"d7k2m"})))
    assert "B204" in rules(text, facts=FACTS)


def test_a_column_over_its_limit_is_told_where_it_begins() -> None:
    board = under("Backlog", "- One") + under("In Progress", "- Two", "- Three")
    (finding,) = [
        each for each in found(board, limits={Column.IN_PROGRESS: 1}) if each.rule == "B304"
    ]
    assert finding.line == 3
    assert "2 cards, its limit is 1" in finding.says
    assert "B304" not in rules(board, limits={Column.IN_PROGRESS: 2})


def test_ticked_boxes_outside_the_columns_count_against_no_limit() -> None:
    assert "B304" not in rules("- [x] a\n- [x] b\n", limits={Column.DONE: 1})


EDITS = [
    ("📎 evidence: `data/mix.3f2a91c0.jsonl`", "📎 evidence: `data/else.jsonl`"),
    ("43,170 rows", "99,990 rows"),
    ("🚫 cause: HTTP 402", "🚫 cause: nothing"),
    ("running", "finished"),
]


@pytest.mark.parametrize(("was", "now"), EDITS)
def test_a_line_of_the_crews_that_somebody_changed_is_found(was: str, now: str) -> None:
    """F3: figures on the board come from the ledger, or are told to be somebody's."""
    board = render_into(b"", VIEW)
    edited = board.replace(was.encode(), now.encode())
    assert edited != board
    line = edited[: edited.index(now.encode())].count(b"\n") + 1
    assert edited_lines(board, VIEW) == ()
    assert edited_lines(edited, VIEW) == (line,)
    told = [each for each in found(edited, facts=FACTS, view=VIEW) if each.rule == "B501"]
    assert [each.line for each in told] == [line]


def test_titles_ticks_and_notes_are_peoples_to_change() -> None:
    board = render_into(b"", VIEW).decode()
    changed = board.replace("**Mix stage 1**", "**Mix it well**").replace(
        "- [ ] **drop**", "- [x] **drop**"
    )
    changed = changed.replace("@executor ^t41xa\n", "@executor ^t41xa\n  - my own note\n")
    assert changed.count("my own note") == 1
    assert edited_lines(changed.encode(), VIEW) == ()


def test_a_card_that_people_worded_is_theirs_and_the_crews_line_beneath_is_not_edited() -> None:
    """A goal given as a line of their own keeps their words; what the crew says stands beneath."""
    given = replace(TRAINING, adopts="- Train it, @executor")
    board = render_into(b"## In Progress\n- Train it, @executor\n", replace(VIEW, cards=(given,)))
    assert b"crew: running" in board
    view = replace(VIEW, cards=(given,))
    assert edited_lines(board, view) == ()
    wrong = board.replace(b"crew: running", b"crew: finished")
    assert len(edited_lines(wrong, view)) == 1


def test_a_board_that_is_behind_is_old_and_not_edited() -> None:
    """The ledger went on, and the crew has not written yet."""
    board = render_into(b"", VIEW)
    later = replace(
        VIEW,
        synced=NOW + timedelta(hours=1),
        cards=(MIXED, replace(TRAINING, status="done"), GENERATE),
    )
    assert "B501" not in rules(board, facts=FACTS, view=later)


def test_a_secret_is_never_repeated() -> None:
    """F29."""
    secret = "sk-" + "s3cr3t" * 6
    told = found(under("Notes", f"- key {secret} of ada"))
    assert any(each.rule == "B603" for each in told)
    assert secret not in repr(told)


def test_findings_come_by_line_and_bear_their_card() -> None:
    told = found(TWO_WORDS)
    assert [each.line for each in told] == sorted(each.line for each in told)
    (finding,) = [each for each in told if each.rule == "B101"]
    assert (finding.card, finding.severity, finding.line) == ("t41x9", Severity.ERROR, 4)


def test_lint_reads_through_a_wrong_encoding() -> None:
    """A misread board gives the findings of the board that was meant, and one for the encoding."""
    wrong = GOOD.replace("- Train on", "- [x] Train on").encode().decode("mac_roman")
    assert rules(wrong, facts=FACTS) == {"B107", "B601"}


PIECES = st.sampled_from(
    ["## ✅ Done", "## Backlog", "### Waiting on x decisions", "- [x] a ^t41x9", "- b ^zz", "  - [ ] c",
     "| a | b |", "| - | - |", "```", "<!--", "October 32", "<<<<<<< a", "=======", ">>>>>>> b", "\u202e",
     "‚úÖ", "_Last synced: 2026-99-99 99:99 ET_", "`x/y.md`", "100% pass", "⚠️ PII 9", "", "\x00", "~~s~~"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=25), st.sampled_from(["\n", "\r\n", "\r"]))
def test_lint_takes_any_text_and_changes_nothing(pieces: list[str], ending: str) -> None:
    data = ending.join(pieces).encode()
    for finding in lint(LintCase(data, NOW, facts=FACTS, view=VIEW, limits={Column.DONE: 1})):
        assert 1 <= finding.line <= data.count(ending.encode()) + 1
        assert finding.says
        assert finding.remedy


def test_titles_are_compared_where_they_share_rare_words_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """4,000 cards are not 4,000,000 comparisons."""
    near, compared = titles.near, list[titles.Words]()

    def counted(one: titles.Words, other: titles.Words) -> bool:
        compared.append(one)
        return near(one, other)

    monkeypatch.setattr(titles, "near", counted)
    lines = [f"- Card number {n} of the batch `data/{n}.jsonl`" for n in range(4000)]
    lines[1] = "- Write up the quarterly glossary"
    board = under("Done", *lines[::2], "- Write up the quarterly glossary `a/b`")
    assert "B102" in rules(board + under("Backlog", *lines[1::2]))
    assert len(compared) < 100
