from pathlib import Path

import pytest
from unit.tools.data_rows import StoppingOnce, chat, made, write_rows

from crewboard.errors import Cancelled
from crewboard.tools.contract.bench import Bench
from crewboard.tools.files import passing, sieve
from crewboard.tools.filter import FilterArguments, filter_rows


def test_a_stopped_run_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F10: not at row 0."""
    monkeypatch.setattr(sieve, "MARK_EVERY", 4)
    monkeypatch.setattr(passing, "EVERY", 5)
    for name in "ab":
        write_rows(tmp_path / f"{name}.jsonl", [chat(name, "w " * (n % 9)) for n in range(40)])
    arguments = FilterArguments(data=("a.jsonl", "b.jsonl"), max_words=6)
    whole = filter_rows.run(arguments, Bench(tmp_path, tmp_path / "whole"))
    for stop in range(1, 17):
        bench = StoppingOnce(tmp_path, tmp_path / f"stopped-{stop}")
        bench.stop = stop
        with pytest.raises(Cancelled):
            filter_rows.run(arguments, bench)
        again = filter_rows.run(arguments, bench)
        for name in ("rows", "dropped"):
            assert made(again, name).read_bytes() == made(whole, name).read_bytes()
        assert (again.rows, again.measured) == (whole.rows, whole.measured)
