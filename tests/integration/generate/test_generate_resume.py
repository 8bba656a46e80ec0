"""Going on: by what is left of each quota, from the record, for no further money."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from integration.generate.generating import Ask, desk, distinct_charges, order, rows_of, run

from crewboard.errors import PaymentRequired
from crewboard.tools.generate.errors import RecordDamaged, RunDiffers
from crewboard.tools.generate.run import carry_out
from crewboard.tools.twins.provider.script import Fault, Script
from crewboard.tools.twins.provider.server import ProviderTwin

LEDGER = "charges.jsonl"


def test_a_finished_run_asks_nothing_and_writes_the_same_bytes(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path / LEDGER) as twin:
        first = run(twin, tmp_path / "out", 30).rows.read_bytes()
        asked = len(twin.seen)
        assert run(twin, tmp_path / "out", 30).rows.read_bytes() == first
        assert len(twin.seen) == asked


def test_an_unpaid_run_goes_on_in_each_stratum_where_it_stopped(tmp_path: Path) -> None:
    """F21: a resumed run fills what is missing of each quota, and does not begin with the easy ones."""
    unpaid = Fault(kind="status", status=402, at=35, times=1)
    with ProviderTwin(tmp_path / LEDGER, Script(faults=(unpaid,))) as twin:
        with pytest.raises(PaymentRequired):
            run(twin, tmp_path / "out", 100)
        result = run(twin, tmp_path / "out", 100)
        assert distinct_charges(twin) == (100, 100)
    assert result.report["by_axis"]["difficulty"] == {"easy": 30, "medium": 45, "hard": 25}


def test_more_rows_ask_for_the_difference_and_fewer_for_nothing(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path / LEDGER) as twin:
        run(twin, tmp_path / "out", 40)
        more = run(twin, tmp_path / "out", 60)
        assert more.report["rows"] == 60
        charged = distinct_charges(twin)
        assert charged == (60 + more.report["surplus"],) * 2
        asked = len(twin.seen)
        fewer = run(twin, tmp_path / "out", 40)
        assert len(twin.seen) == asked
    assert fewer.report["rows"] == len(rows_of(fewer.rows)) == 40
    assert fewer.report["surplus"] == charged[0] - 40
    assert fewer.report["stale_answers"] == 0


def test_what_a_changed_prompt_makes_useless_is_told_and_not_used(tmp_path: Path) -> None:
    """F25: answers to another question are stale; they stay on the bill and in no row."""
    with ProviderTwin(tmp_path / LEDGER) as twin:
        run(twin, tmp_path / "out", 10)
        recipe = desk(10)
        changed = replace(recipe, prompt=recipe.prompt + " In Welsh.", sha256="0" * 64)
        result = carry_out(order(twin, tmp_path / "out", changed))
        assert distinct_charges(twin) == (20, 20)
        total = twin.charges.total
    assert result.report["stale_answers"] == 10
    assert result.report["actual"]["cost_microusd"] == total
    assert {row["provenance"]["recipe_sha256"] for row in rows_of(result.rows)} == {"0" * 64}


def test_one_record_never_mixes_two_models(tmp_path: Path) -> None:
    """F17: what is shown is what was run."""
    with ProviderTwin(tmp_path / LEDGER) as twin:
        run(twin, tmp_path / "out", 2)
        with pytest.raises(RunDiffers, match="anthropic/claude-haiku-4-5"):
            run(twin, tmp_path / "out", 2, Ask("anthropic"))


def test_rows_that_exist_are_not_made_again(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path / LEDGER) as twin:
        old = run(twin, tmp_path / "old", 5)
        again = replace(order(twin, tmp_path / "new", desk(5)), existing=(old.rows,))
        result = carry_out(again)
    assert result.report["rejected"] == {"duplicate": 5}  # the same five questions, answered alike
    texts = {row["task"] for row in rows_of(old.rows)}
    assert texts.isdisjoint(row["task"] for row in rows_of(result.rows))


def test_a_record_that_somebody_edited_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path / LEDGER) as twin:
        run(twin, tmp_path / "out", 3)
        record = tmp_path / "out" / "record.jsonl"
        lines = record.read_bytes().splitlines(keepends=True)
        record.write_bytes(b"".join([lines[0], b"edited by hand\n", *lines[1:]]))
        asked = len(twin.seen)
        with pytest.raises(RecordDamaged, match="line 2"):
            run(twin, tmp_path / "out", 3)
        assert len(twin.seen) == asked


def test_every_row_leads_to_the_line_that_was_paid_for_it(tmp_path: Path) -> None:
    with ProviderTwin(tmp_path / LEDGER) as twin:
        result = run(twin, tmp_path / "out", 6)
        ledger = {charge.request: charge for charge in twin.charges}
    record = (tmp_path / "out" / "record.jsonl").read_bytes().splitlines()
    answers = {e["request"]: e for e in map(orjson.loads, record) if e["kind"] == "answered"}
    for row in rows_of(result.rows):
        source = row["provenance"]
        charge = ledger[source["request"]]
        assert source["cost_microusd"] == charge.cost == answers[source["request"]]["cost"]
        assert source["response"] == charge.reply["id"]
        assert (source["generator"], row["synthetic"], source["prices"]) == (
            "model",
            True,
            "2026-11",
        )
