from pathlib import Path

import pytest
from unit.tools.data_rows import chat, made, write_rows

from crewboard.errors import Cancelled
from crewboard.tools.contract.bench import Bench
from crewboard.tools.files import passing, sieve
from crewboard.tools.filter import FilterArguments, filter_rows


class _Stopping(Bench):
    """Cancelled at its so many-th word of progress."""

    calls = 0
    stop = 10**6

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.calls += 1
        if self.calls == self.stop:
            raise Cancelled(what="it", actor="a test")


def test_a_stopped_run_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F10: not at row 0."""
    monkeypatch.setattr(sieve, "MARK_EVERY", 4)
    monkeypatch.setattr(passing, "_EVERY", 5)
    for name in "ab":
        write_rows(tmp_path / f"{name}.jsonl", [chat(name, "w " * (n % 9)) for n in range(40)])
    arguments = FilterArguments(data=("a.jsonl", "b.jsonl"), max_words=6)
    whole = filter_rows.run(arguments, Bench(tmp_path, tmp_path / "whole"))
    for stop in range(1, 17):
        bench = _Stopping(tmp_path, tmp_path / f"stopped-{stop}")
        bench.stop = stop
        with pytest.raises(Cancelled):
            filter_rows.run(arguments, bench)
        again = filter_rows.run(arguments, bench)
        for name in ("rows", "dropped"):
            assert made(again, name).read_bytes() == made(whole, name).read_bytes()
        assert (again.rows, again.measured) == (whole.rows, whole.measured)
