"""The batch APIs: half the price, every ending, and no second batch for one that was lost."""

from pathlib import Path

import pytest
from integration.generate.generating import (
    PROVIDERS,
    Ask,
    distinct_charges,
    report_of,
    rows_of,
    run,
)

from crewboard.errors import CrewboardError, PaymentRequired
from crewboard.tools.generate.errors import BatchCancelled, BatchRefused, ProviderKeepsFailing
from crewboard.tools.twins.provider.script import Fault, Faults, Life, Script
from crewboard.tools.twins.provider.server import ProviderTwin

ROWS = 30
POST = {"openai": "/v1/batches", "anthropic": "/v1/messages/batches"}
SECOND = {"openai": 4, "anthropic": 2}  # the POST that makes the second batch
pytestmark = pytest.mark.parametrize("provider", PROVIDERS)


def _batches(twin: ProviderTwin, provider: str) -> int:
    return sum(seen.method == "POST" and seen.path == POST[provider] for seen in twin.seen)


def test_a_batch_brings_the_rows_at_half_the_price(tmp_path: Path, provider: str) -> None:
    with ProviderTwin(tmp_path / "a.jsonl", Script(batch=Life(looks=2))) as twin:
        result = run(twin, tmp_path / "batch", ROWS, Ask(provider, batch=True))
        assert {charge.kind for charge in twin.charges} == {"batch"}
        assert distinct_charges(twin) == (ROWS, ROWS)
        half = twin.charges.total
    with ProviderTwin(tmp_path / "b.jsonl") as twin:
        single = run(twin, tmp_path / "single", ROWS, Ask(provider))
        whole = twin.charges.total
    assert whole / 2 <= half <= whole / 2 + ROWS  # each is rounded up by itself
    assert result.report["actual"]["cost_microusd"] == half
    assert all(row["provenance"]["batch"] for row in rows_of(result.rows))
    assert result.report["estimate"]["kind"] == "batch inference"
    assert 2 * result.report["estimate"]["cost"] - single.report["estimate"]["cost"] in {0, 1}


def test_what_a_batch_left_undone_goes_into_the_next(tmp_path: Path, provider: str) -> None:
    script = Script(batch=Life(looks=1, errors=4))
    with ProviderTwin(tmp_path / "c.jsonl", script) as twin:
        result = run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        charged, distinct = distinct_charges(twin)
        assert charged == distinct == ROWS
        assert _batches(twin, provider) > 1
    assert result.report["got"] == result.report["planned"]


ENDS: list[tuple[str, Life, type[CrewboardError], int]] = [
    ("failed", Life(end="failed", reason="line 3 is bad"), BatchRefused, 0),
    ("cancelled", Life(end="cancelled", done=0.5), BatchCancelled, 15),
    ("expired with nothing", Life(end="expired", done=0.0), ProviderKeepsFailing, 0),
]


@pytest.mark.parametrize(("name", "life", "expected", "kept"), ENDS, ids=[row[0] for row in ENDS])
def test_every_end_of_a_batch_is_met_and_what_it_finished_is_kept(  # noqa: PLR0913, PLR0917 - a table's row
    tmp_path: Path, provider: str, name: str, life: Life, expected: type[CrewboardError], kept: int
) -> None:
    """F16: a batch that was cancelled or failed ends the waiting."""
    if provider == "anthropic" and name == "failed":
        pytest.skip("Anthropic's batches do not fail as a whole")
    with ProviderTwin(tmp_path / "c.jsonl", Script(batch=life)) as twin:
        with pytest.raises(expected):
            run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert len(twin.charges) == report_of(tmp_path / "out")["actual"]["answers"] == kept
        url, charges = twin.port, len(twin.charges)
    with ProviderTwin(tmp_path / "c.jsonl", Script(), port=url) as twin:
        result = run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert distinct_charges(twin) == (ROWS, ROWS)
        assert charges == kept
    assert len(rows_of(result.rows)) == ROWS


def test_an_expired_batch_keeps_its_finished_half_and_the_rest_is_asked_again(
    tmp_path: Path, provider: str
) -> None:
    with ProviderTwin(tmp_path / "c.jsonl", Script(batch=Life(end="expired", done=0.6))) as twin:
        result = run(twin, tmp_path / "out", 20, Ask(provider, batch=True))
        assert distinct_charges(twin) == (20, 20)
        assert _batches(twin, provider) > 2
    assert result.report["rows"] == 20


def test_a_batch_whose_receipt_was_lost_is_found_and_not_paid_again(
    tmp_path: Path, provider: str
) -> None:
    """F9: the batch was made, and the answer that told its name never came."""
    lost = Fault(kind="drop", path=POST[provider], times=1)
    with ProviderTwin(tmp_path / "c.jsonl", Script(faults=(lost,), batch=Life(looks=1))) as twin:
        with pytest.raises(CrewboardError) as caught:
            run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert caught.value.outcome_unknown
        result = run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert _batches(twin, provider) == 1
        assert distinct_charges(twin) == (ROWS, ROWS)
    assert result.report["actual"]["lost"] == 0


def test_an_earlier_batch_of_the_same_requests_is_not_taken_for_the_next(
    tmp_path: Path, provider: str
) -> None:
    """What expired whole is asked again as the same wave, and that one may never have been submitted."""
    with ProviderTwin(tmp_path / "c.jsonl", Script(batch=Life(end="expired", done=0.0))) as twin:
        with pytest.raises(ProviderKeepsFailing):
            run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        reset = Fault(kind="reset", path=POST[provider], contains="{", times=1)
        twin.desk.script = Script()
        twin.desk.faults = Faults((reset,))
        with pytest.raises(CrewboardError) as caught:
            run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert caught.value.outcome_unknown
        result = run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert distinct_charges(twin) == (ROWS, ROWS)
    assert result.report["rows"] == ROWS


def test_a_run_killed_when_all_answers_of_a_batch_were_written_goes_on_with_the_rest(
    tmp_path: Path, provider: str
) -> None:
    unpaid = Fault(kind="status", status=402, path=POST[provider], at=SECOND[provider])
    script = Script(batch=Life(end="expired", done=0.6), faults=(unpaid,))
    record = tmp_path / "out" / "record.jsonl"
    with ProviderTwin(tmp_path / "c.jsonl", script) as twin:
        with pytest.raises(PaymentRequired):
            run(twin, tmp_path / "out", 20, Ask(provider, batch=True))
        record.write_bytes(record.read_bytes().partition(b'{"kind":"released"')[0])
        result = run(twin, tmp_path / "out", 20, Ask(provider, batch=True))
        assert distinct_charges(twin) == (20, 20)
    assert result.report["rows"] == 20


def test_a_batch_goes_on_while_its_run_is_stopped_by_a_bill(tmp_path: Path, provider: str) -> None:
    path = {"openai": "/v1/batches/batch_000001", "anthropic": "/v1/messages/batches/batch_000001"}
    unpaid = Fault(kind="status", status=402, path=path[provider], times=1)
    with ProviderTwin(tmp_path / "c.jsonl", Script(faults=(unpaid,))) as twin:
        with pytest.raises(PaymentRequired):
            run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        run(twin, tmp_path / "out", ROWS, Ask(provider, batch=True))
        assert _batches(twin, provider) == 1
