"""The tools in a crew's hands: one effect for a run, its money, and what is left when it stops."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from integration.generate.generating import CANARY, distinct_charges, rows_of

from crewboard.errors import Cancelled, PaymentRequired, SelfCheckFailed
from crewboard.tools.contract import EffectCall
from crewboard.tools.contract.bench import Bench
from crewboard.tools.generate.shipped import SHIPPED
from crewboard.tools.generate.tool import generate, generate_offline
from crewboard.tools.twins.provider.script import Fault, Script
from crewboard.tools.twins.provider.server import ProviderTwin


@dataclass
class _Journalled(Bench):
    """A bench that keeps what a journal would be told."""

    calls: list[EffectCall] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    def perform(self, call: EffectCall, act: Any) -> Any:
        def told(key: str) -> Any:
            performed = act(key)
            self.costs.append(performed.cost)
            return performed

        self.calls.append(call)
        return super().perform(call, told)


def _bench(tmp_path: Path) -> _Journalled:
    return _Journalled(SHIPPED, tmp_path / "out")


def _arguments(twin: ProviderTwin, **more: Any) -> Any:
    given = {
        "recipe": "support-desk.toml",
        "rows": 20,
        "model": "openai/gpt-6-luna",
        "base_url": twin.openai_url,
        "budget_usd": "5",
        "concurrency": 8,
    }
    return generate.parse(given | more)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)


def test_a_run_is_one_effect_with_its_most_before_and_its_cost_after(tmp_path: Path) -> None:
    """F22."""
    bench = _bench(tmp_path)
    with ProviderTwin(tmp_path / "charges.jsonl") as twin:
        arguments = _arguments(twin)
        assert generate.preflight is not None
        generate.preflight(arguments, bench)
        assert len(twin.seen) == 0
        outcome = generate.run(arguments, bench)
        total = twin.charges.total
    assert [call.estimate for call in bench.calls] == [5_000_000]
    assert bench.costs == [total]
    assert outcome.rows is not None
    outcome.rows.check("generate")
    assert {made.name for made in outcome.made} == set(generate.produces)
    assert len(rows_of(bench.out / "rows.jsonl")) == 20
    assert CANARY not in str(bench.calls)


def test_a_run_that_stops_leaves_its_effect_open_and_goes_on_from_its_record(
    tmp_path: Path,
) -> None:
    """F9: the bill stops it, the reservation stays, and paying it asks for the rest only."""
    bench = _bench(tmp_path)
    unpaid = Fault(kind="status", status=402, at=9, times=1)
    with ProviderTwin(tmp_path / "charges.jsonl", Script(faults=(unpaid,))) as twin:
        with pytest.raises(PaymentRequired) as caught:
            generate.run(_arguments(twin), bench)
        assert caught.value.outcome_unknown
        assert bench.costs == []
        generate.run(_arguments(twin), bench)
        assert distinct_charges(twin) == (20, 20)
        assert bench.costs == [twin.charges.total]


def test_a_task_that_is_cancelled_settles_what_it_cost(tmp_path: Path) -> None:
    class _CalledOff(_Journalled):
        def progress(self, done: int, total: int | None = None, note: str = "") -> None:
            if done >= 5:
                raise Cancelled(what="the task", actor="a human")

    bench = _CalledOff(SHIPPED, tmp_path / "out")
    with ProviderTwin(tmp_path / "charges.jsonl") as twin:
        with pytest.raises(Cancelled) as caught:
            generate.run(_arguments(twin), bench)
        assert not caught.value.outcome_unknown
        assert caught.value.facts["cost"] == twin.charges.total
        assert 5 <= len(twin.charges) < 20  # those under way were waited for, and no more sent


def test_what_the_journal_knows_as_done_is_never_paid_again(tmp_path: Path) -> None:
    """F24: not even when its files have gone."""
    bench = _bench(tmp_path)
    with ProviderTwin(tmp_path / "charges.jsonl") as twin:
        generate.run(_arguments(twin), bench)
        asked = len(twin.seen)
        generate.run(_arguments(twin), bench)
        folder = bench.job_folder("generate")
        for path in folder.iterdir():
            path.unlink()
        with pytest.raises(SelfCheckFailed):
            generate.run(_arguments(twin), bench)
        assert len(twin.seen) == asked


def test_the_estimate_that_a_human_approves_is_the_budget() -> None:
    assert generate.effect.spends
    assert generate.estimate is not None
    arguments = generate.parse({"recipe": "r.toml", "model": "openai/x", "budget_usd": "0.015"})
    assert generate.estimate(arguments) == 15_000
    assert getattr(arguments, "budget_usd") == Decimal("0.015")  # noqa: B009 - typed as its base


def test_the_offline_tool_needs_no_key_no_budget_and_no_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    bench = Bench(SHIPPED, tmp_path / "out")
    arguments = generate_offline.parse({"recipe": "follow-ups.toml", "rows": 12})
    outcome = generate_offline.run(arguments, bench)
    assert not generate_offline.effect.spends
    assert outcome.summary == "12 rows, 0 rejected, 0.0000 USD"
