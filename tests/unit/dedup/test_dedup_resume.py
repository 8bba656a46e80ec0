"""A run that was stopped goes on, and a file that changes under it stops it."""

from pathlib import Path

import orjson
import pytest
from unit.tools.data_rows import StoppingOnce, chat, made, write_rows

from crewboard.errors import Cancelled, SelfCheckFailed
from crewboard.tools.contract.bench import Bench
from crewboard.tools.dedup import DedupArguments, dedup
from crewboard.tools.files import passing, sieve

ROWS = [chat(f"q {n % 30}", n=n) for n in range(90)]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sieve, "MARK_EVERY", 4)
    monkeypatch.setattr(passing, "EVERY", 10)


@pytest.mark.parametrize("policy", ["drop", "keep-as-weight", "mark"])
def test_a_stopped_run_ends_with_the_same_bytes(tmp_path: Path, policy: str) -> None:
    """F10: not at row 0."""
    write_rows(tmp_path / "a.jsonl", ROWS[:50])
    (tmp_path / "b.jsonl").write_bytes(b"{cut\n" + b"\n".join(map(orjson.dumps, ROWS[50:])))
    arguments = DedupArguments(data=("a.jsonl", "b.jsonl"), policy=policy, near=0.9)
    whole = dedup.run(arguments, Bench(tmp_path, tmp_path / "whole"))
    for stop in range(1, 19):
        bench = StoppingOnce(tmp_path, tmp_path / f"stopped-{stop}")
        bench.stop = stop
        with pytest.raises(Cancelled):
            dedup.run(arguments, bench)
        assert list(bench.out.iterdir()) == []
        again = dedup.run(arguments, bench)
        for name in ("rows", "dropped", "clusters"):
            assert made(again, name).read_bytes() == made(whole, name).read_bytes()
        assert (again.rows, again.measured) == (whole.rows, whole.measured)
        assert again.summary == whole.summary


class _Meddled(Bench):
    """Its input grows, or changes, between the two passes."""

    with_what = b""
    calls = 0

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.calls += 1
        if self.calls == 5:
            path = self.root / "d.jsonl"
            path.write_bytes(self.with_what)


@pytest.mark.parametrize("rows", [ROWS + ROWS, ROWS[::-1]])
def test_an_input_that_changes_while_it_is_read_stops_the_run(
    tmp_path: Path, rows: list[object]
) -> None:
    """F25."""
    write_rows(tmp_path / "d.jsonl", ROWS)
    bench = _Meddled(tmp_path, tmp_path / "out")
    bench.with_what = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    with pytest.raises(SelfCheckFailed, match="while it was read"):
        dedup.run(DedupArguments(data="d.jsonl"), bench)
