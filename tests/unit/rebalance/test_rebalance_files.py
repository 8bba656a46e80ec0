"""Files brought to target shares: which rows stay, what is refused, and what is told."""

import random
from pathlib import Path
from typing import Any

import pytest
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid, SharesOutOfReach
from crewboard.tools.audit.config import AuditConfig, Balance
from crewboard.tools.audit.work import Wanted, audit_files
from crewboard.tools.contract import Outcome
from crewboard.tools.files import sieve as sieves
from crewboard.tools.rebalance import rebalance
from crewboard.tools.rebalance.arguments import RebalanceArguments
from crewboard.tools.rebalance.census import Census
from crewboard.tools.rebalance.check import shares_of
from crewboard.tools.rebalance.rebalance import _Draw

LEVELS = {"easy": 0.3, "medium": 0.45, "hard": 0.25}
KINDS = {"bug": 0.5, "idea": 0.5}


def rows_of(easy: int, medium: int, hard: int) -> list[Row]:
    counts = {"easy": easy, "medium": medium, "hard": hard}
    return [
        chat(f"{level} {n}", difficulty=level, kind="bug" if n % 3 else "idea")
        for level, most in counts.items()
        for n in range(most)
    ]


def balanced(folder: Path, rows: list[Row], out: str = "out", /, **arguments: Any) -> Outcome:
    name = write_rows(folder / "data.jsonl", rows)
    given = {"data": (name,), "targets": {"difficulty": LEVELS}, "seed": 7} | arguments
    return run(rebalance, folder, out, **given)


def counted(outcome: Outcome, field: str = "difficulty") -> dict[str, int]:
    found: dict[str, int] = {}
    for row in read_rows(made(outcome, "rows")):
        found[row[field]] = found.get(row[field], 0) + 1
    return found


def test_sampling_keeps_the_most_rows_that_have_the_shares(tmp_path: Path) -> None:
    """F21: 60/30/10 becomes 30/45/25."""
    outcome = balanced(tmp_path, rows_of(600, 300, 100))
    assert counted(outcome) == {"easy": 121, "medium": 182, "hard": 100}
    assert dropped(outcome) == {"not-drawn": 597}
    assert outcome.measured["axes"]["difficulty"][2] == {
        "label": "hard", "planned": 0.25,
        "before": 100, "share_before": 0.1, "after": 100, "share_after": 0.248139,
    }  # fmt: skip


def test_an_audit_says_that_the_shares_are_within_their_tolerance(tmp_path: Path) -> None:
    """F19: by measured values. The tolerance is used, and never passed."""
    outcome = balanced(tmp_path, rows_of(640, 307, 113), tolerance=0.02)
    plan = Balance(plan=LEVELS, tolerance=0.02)
    report = audit_files(
        Wanted((made(outcome, "rows"),), AuditConfig(balance={"difficulty": plan}))
    )
    assert report["verdict"]["off_plan"] == []
    assert outcome.measured["rows"] > 4 * 113


def test_two_fields_have_their_shares_at_once(tmp_path: Path) -> None:
    outcome = balanced(
        tmp_path, rows_of(600, 300, 150), targets={"difficulty": LEVELS, "kind": KINDS}
    )
    levels, kinds = counted(outcome), counted(outcome, "kind")
    total = sum(levels.values())
    assert total > 500
    assert abs(kinds["bug"] - total / 2) < 1
    assert all(abs(levels[level] - share * total) < 1 for level, share in LEVELS.items())


def test_cells_of_several_fields_have_shares_of_their_own(tmp_path: Path) -> None:
    target = {"easy/bug": 0.5, "easy/idea": 0.25, "hard/bug": 0.25}
    outcome = balanced(tmp_path, rows_of(90, 10, 30), targets={"difficulty,kind": target})
    assert dropped(outcome)["not-in-plan"] == 10 + 10  # medium, and the ideas of hard
    assert outcome.measured["rows"] == 83  # 20.75 bugs of hard, rounded down
    assert counted(outcome) == {"easy": 63, "hard": 20}


def test_fields_may_stand_in_metadata(tmp_path: Path) -> None:
    rows = [chat(f"{n}", metadata={"difficulty": "easy" if n % 4 else "hard"}) for n in range(80)]
    outcome = balanced(tmp_path, rows, targets={"difficulty": {"easy": 0.5, "hard": 0.5}})
    assert outcome.measured["rows"] == 41  # 20 of hard, and half of 41 rounded up


def test_the_rows_that_stay_are_decided_by_their_bytes_and_the_seed(tmp_path: Path) -> None:
    """F26: neither the order of rows nor of files leaves a trace in who stays."""
    rows = rows_of(60, 30, 10)
    first = balanced(tmp_path, rows)
    kept = sorted(made(first, "rows").read_bytes().splitlines())
    shuffled = random.Random(3).sample(rows, len(rows))
    assert sorted(made(balanced(tmp_path, shuffled, "b"), "rows").read_bytes().splitlines()) == kept
    a = write_rows(tmp_path / "a.jsonl", shuffled[:40])
    b = write_rows(tmp_path / "b.jsonl", shuffled[40:])
    two = balanced(tmp_path, rows, "c", data=(b, a))
    assert sorted(made(two, "rows").read_bytes().splitlines()) == kept
    other = balanced(tmp_path, rows, "d", seed=8)
    assert sorted(made(other, "rows").read_bytes().splitlines()) != kept


def test_rows_stay_in_order_and_byte_for_byte(tmp_path: Path) -> None:
    outcome = balanced(tmp_path, rows_of(60, 30, 10))
    whole = (tmp_path / "data.jsonl").read_bytes().splitlines()
    kept = made(outcome, "rows").read_bytes().splitlines()
    assert [raw for raw in whole if raw in set(kept)] == kept


def test_oversampling_repeats_rows_and_marks_the_copies(tmp_path: Path) -> None:
    rows = rows_of(60, 30, 10)
    outcome = balanced(tmp_path, rows, by="oversampling", most_copies=6)
    found = read_rows(made(outcome, "rows"))
    originals = [row for row in found if "rebalance_copy" not in row]
    assert originals == rows
    assert outcome.rows is not None
    assert outcome.rows.made == len(found) - 100 == outcome.measured["copies_made"]
    times = [row.get("rebalance_copy", 0) + 1 for row in found if row["difficulty"] == "hard"]
    assert max(times) <= 6
    assert counted(outcome)["easy"] == 60


def test_a_copy_of_a_copy_tells_its_own_number(tmp_path: Path) -> None:
    rows = [chat(f"{n}", difficulty="easy") for n in range(4)]
    rows += [chat("x", difficulty="hard", rebalance_copy=9)]
    outcome = balanced(
        tmp_path, rows, by="oversampling", most_copies=4,
        targets={"difficulty": {"easy": 0.5, "hard": 0.5}},
    )  # fmt: skip
    hard = [row for row in read_rows(made(outcome, "rows")) if row["difficulty"] == "hard"]
    assert [row["rebalance_copy"] for row in hard] == [9, 1, 2]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"rows": 800}, r"difficulty medium is short by 60 rows for 800 \(it needs 360 and has 300\)"),
    ({"by": "oversampling"}, "difficulty hard is short by"),
    ({"targets": {"difficulty": {"easy": 0.5, "expert": 0.5}}}, "no row of difficulty expert"),
    (
        {"targets": {"difficulty": LEVELS, "kind": KINDS}, "rows": 790},
        "medium is short by 55 rows for 790",
    ),
]


@pytest.mark.parametrize(("arguments", "told"), REFUSED)
def test_what_cannot_be_met_is_refused_with_what_is_short_by_how_much(
    tmp_path: Path, arguments: dict[str, Any], told: str
) -> None:
    with pytest.raises(SharesOutOfReach, match=told):
        balanced(tmp_path, rows_of(600, 300, 100), **arguments)
    assert list((tmp_path / "out").iterdir()) == []


def test_fields_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    rows = [chat(f"{n}", difficulty="easy", kind="bug") for n in range(50)]
    rows += [chat(f"{n}", difficulty="hard", kind="idea") for n in range(50)]
    targets = {"difficulty": {"easy": 0.5, "hard": 0.5}, "kind": {"bug": 0.25, "idea": 0.75}}
    with pytest.raises(SharesOutOfReach, match="the cells that both axes share"):
        balanced(tmp_path, rows, targets=targets)


MEANINGLESS: list[dict[str, Any]] = [
    {},
    {"difficulty": {"easy": 0.5}},
    {"difficulty": {"easy": 1.5, "hard": -0.5}},
    {"difficulty": LEVELS, "difficulty,kind": {"easy/bug": 1.0}},
    {"difficulty,kind": {"easy": 1.0}},
    {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1}},
    {",": {"x/y": 1}},
]


@pytest.mark.parametrize("targets", MEANINGLESS)
def test_a_target_that_means_nothing_is_refused(targets: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        rebalance.parse({"data": ("a",), "targets": targets})


def test_bad_lines_and_unplanned_labels_are_left_out_with_their_reason(tmp_path: Path) -> None:
    """F13."""
    rows = [*rows_of(40, 40, 40), chat("none"), chat("odd", difficulty=["easy"])]
    write_rows(tmp_path / "data.jsonl", rows)
    (tmp_path / "data.jsonl").write_bytes((tmp_path / "data.jsonl").read_bytes() + b"{\n")
    outcome = run(
        rebalance, tmp_path, data=("data.jsonl",), targets={"difficulty": dict.fromkeys(LEVELS, 1 / 3)}
    )  # fmt: skip
    assert dropped(outcome) == {"malformed-json": 1, "not-in-plan": 2}


def test_a_stopped_run_goes_on_and_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sieves, "MARK_EVERY", 10)
    rows = rows_of(60, 30, 10) * 2  # of equal rows the first ones stay: that is remembered too
    expected = balanced(tmp_path, rows, "undisturbed", rows=55)
    settle, calls = _Draw.settle, [0]

    def stopped(self: _Draw, line: Any, sieve: Any) -> None:
        calls[0] += 1
        if calls[0] == 120:
            raise KeyboardInterrupt
        settle(self, line, sieve)

    monkeypatch.setattr(_Draw, "settle", stopped)
    with pytest.raises(KeyboardInterrupt):
        balanced(tmp_path, rows, rows=55)
    calls[0] = 1000
    again = balanced(tmp_path, rows, rows=55)
    assert calls[0] <= 1000 + 90
    for name in ("rows", "dropped"):
        assert made(again, name).read_bytes() == made(expected, name).read_bytes()


def test_a_look_tells_how_far_off_the_shares_are(tmp_path: Path) -> None:
    write_rows(tmp_path / "data.jsonl", rows_of(60, 30, 10))
    given = {"data": (str(tmp_path / "data.jsonl"),), "targets": {"difficulty": LEVELS}}
    parsed = rebalance.parse(given)
    assert isinstance(parsed, RebalanceArguments)
    found = shares_of(parsed, lambda *_: None)
    assert (found["within"], found["rows"]) == (False, 100)
    within = shares_of(parsed.model_copy(update={"tolerance": 0.31}), lambda *_: None)
    assert within["within"]


def test_a_census_counts_each_cell(tmp_path: Path) -> None:
    write_rows(tmp_path / "data.jsonl", rows_of(60, 30, 10))
    parsed = rebalance.parse({"data": ("x",), "targets": {"difficulty": LEVELS}})
    assert isinstance(parsed, RebalanceArguments)
    census = Census(parsed.plan).take([tmp_path / "data.jsonl"], lambda *_: None)
    assert census.rows == {("easy",): 60, ("medium",): 30, ("hard",): 10}
