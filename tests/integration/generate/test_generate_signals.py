"""What a run makes of each failure: the signal table, against a real server."""

import os
from pathlib import Path
from typing import Any

import pytest
from integration.generate.generating import (
    CANARY,
    FAST,
    PROVIDERS,
    Ask,
    distinct_charges,
    report_of,
    rows_of,
    run,
)

from crewboard.errors import (
    BudgetExhausted,
    CrewboardError,
    KeyRejected,
    NeedsHuman,
    PaymentRequired,
    RequestRefused,
)
from crewboard.tools.generate.admission import Pace
from crewboard.tools.generate.errors import ProviderKeepsFailing, QuotaUnfilled
from crewboard.tools.twins.provider.script import Fault, Script
from crewboard.tools.twins.provider.server import ProviderTwin

ROWS = 40
_LIMIT = {
    "error": {"type": "rate_limit_error", "details": {"error_code": "enforced_spend_limit_reached"}}
}
Row = tuple[str, Fault, type[CrewboardError]]
STOPS: list[Row] = [
    ("an unpaid bill", Fault(kind="status", status=402), PaymentRequired),
    (
        "an exhausted quota",
        Fault(kind="status", status=429, body={"error": {"code": "insufficient_quota"}}),
        PaymentRequired,
    ),
    ("a spend limit", Fault(kind="status", status=429, body=_LIMIT), PaymentRequired),
    ("a wrong key", Fault(kind="status", status=401), KeyRejected),
    ("a forbidden key", Fault(kind="status", status=403), KeyRejected),
    (
        "an unpaid bill inside of HTTP 200",
        Fault(kind="error_body", body={"error": {"code": 402, "message": "credits"}}),
        PaymentRequired,
    ),
    ("nothing but refusals", Fault(kind="status", status=404), RequestRefused),
    ("nothing but an overload", Fault(kind="status", status=529), ProviderKeepsFailing),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("name", "fault", "expected"), STOPS, ids=[row[0] for row in STOPS])
def test_what_asking_again_cannot_mend_stops_the_run(
    tmp_path: Path, provider: str, name: str, fault: Fault, expected: type[CrewboardError]
) -> None:
    """F9: an unpaid bill is met once, and not retried for ever."""
    with ProviderTwin(tmp_path / "charges.jsonl", Script(faults=(fault,))) as twin:
        with pytest.raises(CrewboardError) as caught:
            run(twin, tmp_path / "out", ROWS, Ask(provider))
        assert type(caught.value) is expected
        # those under way when the first came, and not one more; others may pass, so they get a few
        assert len(twin.seen) <= (FAST.start if issubclass(expected, NeedsHuman) else 60)
        assert len(twin.charges) == 0
    assert not (tmp_path / "out" / "rows.jsonl").exists()


RIDDEN_OUT: list[tuple[str, Fault]] = [
    ("rate limits", Fault(kind="status", status=429, headers={"Retry-After": "0.01"}, every=3)),
    ("rate limits without a hint", Fault(kind="status", status=429, every=3)),
    (
        "an in-flight budget",
        Fault(kind="status", status=402, headers={"Retry-After": "0.01"}, every=4),
    ),
    ("an overload", Fault(kind="status", status=529, every=4)),
    ("server errors", Fault(kind="status", status=500, every=4)),
    ("an error inside of HTTP 200", Fault(kind="error_body", every=4)),
    ("cut-off answers", Fault(kind="cut", every=4)),
    ("answers beside the schema", Fault(kind="misfit", every=4)),
    ("answers in prose", Fault(kind="prose", every=4)),
    ("empty answers", Fault(kind="empty", every=4)),
    ("refusals", Fault(kind="refusal", every=4)),
    ("half of the JSON", Fault(kind="malformed", every=4)),
    ("the same answer again", Fault(kind="echo", every=4)),
    ("single bad requests", Fault(kind="status", status=422, every=9)),
    ("broken connections", Fault(kind="reset", every=5)),
    ("connections that break after the charge", Fault(kind="drop", every=5)),
    ("answers that nobody counted", Fault(kind="uncounted", every=4)),
]


@pytest.mark.parametrize("keyed", [False, True], ids=["no keys", "keyed"])
@pytest.mark.parametrize(("name", "fault"), RIDDEN_OUT, ids=[row[0] for row in RIDDEN_OUT])
def test_everything_else_is_ridden_out_and_nothing_is_charged_twice(
    tmp_path: Path, name: str, fault: Fault, *, keyed: bool
) -> None:
    with ProviderTwin(tmp_path / "charges.jsonl", Script(faults=(fault,))) as twin:
        result = run(twin, tmp_path / "out", ROWS, Ask(idempotency=keyed))
        charged, distinct = distinct_charges(twin)
        assert charged == distinct
        total = twin.charges.total
    assert len(rows_of(result.rows)) == ROWS
    assert result.report["got"] == result.report["planned"]
    actual = result.report["actual"]
    assert actual["cost_microusd"] >= total  # a figure here is never less than the bill
    assert actual["answers"] + actual["lost"] >= charged
    if fault.kind not in {"uncounted", "malformed", "reset", "drop"}:
        assert actual["cost_microusd"] == total
    if keyed:
        assert (charged, actual["lost"]) == (actual["answers"], 0)


def test_a_rate_limit_uses_up_no_attempt_and_narrows_the_gate(tmp_path: Path) -> None:
    """F23: the twin takes three calls at once, and the run comes down to that by itself."""
    script = Script(capacity=3, latency_s=0.01, retry_after_s=0.01)
    wide = Pace(most=16, start=16, base_s=0.001, cap_s=0.05)
    with ProviderTwin(tmp_path / "charges.jsonl", script) as twin:
        result = run(twin, tmp_path / "out", 80, Ask(pace=wide))
        assert twin.desk.peak <= 3
        assert len(twin.charges) == 80
    assert result.report["rejected"] == {}


def test_a_bad_answer_is_repaired_once_and_its_cost_stays_with_the_row(tmp_path: Path) -> None:
    script = Script(faults=(Fault(kind="misfit", times=1),))
    with ProviderTwin(tmp_path / "charges.jsonl", script) as twin:
        result = run(twin, tmp_path / "out", 1)
        first, second = twin.charges
        bodies = [seen.body for seen in twin.seen]
    (row,) = rows_of(result.rows)
    assert row["provenance"]["repaired"] is True
    assert row["provenance"]["cost_microusd"] == first.cost + second.cost
    assert row["provenance"]["request"] == second.request
    assert [turn["role"] for turn in bodies[1]["messages"]][-3:] == ["user", "assistant", "user"]
    assert "lacks task" in bodies[1]["messages"][-1]["content"]


def test_what_is_not_kept_lies_in_the_reject_bucket_with_its_text_and_cost(tmp_path: Path) -> None:
    """F9: partial output is kept, and counted; it is not data."""
    script = Script(faults=(Fault(kind="prose", contains='"user"', times=2),))
    with ProviderTwin(tmp_path / "charges.jsonl", script) as twin:
        result = run(twin, tmp_path / "out", 1)
        costs = [charge.cost for charge in twin.charges]
    (bad,) = rows_of(result.rejected)
    assert (bad["reason"], bad["repaired"]) == ("no-json", True)
    assert bad["text"].startswith("Certainly!")
    assert bad["cost_microusd"] == sum(costs[:2])
    assert result.report["rejected_cost_microusd"] == bad["cost_microusd"]


def test_a_stratum_that_cannot_be_filled_fails_the_run_and_says_why(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path / "c.jsonl", Script(faults=(Fault(kind="refusal"),))) as twin:
        with pytest.raises(QuotaUnfilled, match="refused"):
            run(twin, tmp_path / "out", 2)
        assert 2 < len(twin.charges) <= 2 * (3 + 10)


def test_a_budget_stops_the_run_before_the_call_that_could_break_it(tmp_path: Path) -> None:
    """F22: the ledger of the provider never passes the budget, and a raised one goes on."""
    budget = 10_000
    with ProviderTwin(tmp_path / "charges.jsonl") as twin:
        with pytest.raises(BudgetExhausted, match="What was answered is kept"):
            run(twin, tmp_path / "out", 200, Ask(budget=budget))
        spent, halfway = twin.charges.total, len(twin.charges)
        assert 0 < spent <= budget
        report = report_of(tmp_path / "out")
        assert report["actual"]["cost_microusd"] == spent
        estimate = report["estimate"]
        result = run(twin, tmp_path / "out", 200)
        assert len(twin.charges) == 200
        assert halfway < 200
    assert result.report["estimate"] == estimate  # made once, before; never adjusted to the bill
    assert result.report["actual"]["cost_microusd"] != estimate["cost"]


def test_the_key_is_nowhere_but_in_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F29: with a provider that echoes the key in its errors and in its answers."""
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    echo: Any = {"error": {"code": 401, "message": f"wrong key {CANARY}"}}
    said = {"task": f"use {CANARY} " * 3, "context": "c" * 120, "expected_output": CANARY * 9}
    fault = Fault(kind="status", status=401, body=echo, at=2)
    script = Script(answers={"Write one example": said}, faults=(fault,))
    one = Pace(most=1, start=1)
    with ProviderTwin(tmp_path / "charges.jsonl", script) as twin:
        with pytest.raises(KeyRejected) as caught:
            run(twin, tmp_path / "out", 2, Ask(pace=one))
        assert CANARY in twin.seen[0].headers["authorization"]
    told = [str(caught.value), repr(caught.value.facts)]
    told += [path.read_text() for path in (tmp_path / "out").iterdir()]
    assert [text for text in told if CANARY in text] == []
    assert os.environ["OPENAI_API_KEY"] == CANARY
