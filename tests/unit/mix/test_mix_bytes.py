"""What decides the bytes of a mix, and what does not."""

import gzip
import random
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from unit.tools.data_rows import Row, chat, made, read_rows, run, write_rows

from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract.bench import Bench
from crewboard.tools.mix import MixArguments, mix, shuffle

RATIOS = {"a": 0.5, "b": 0.3, "c": 0.2}


def rows_of(name: str, count: int = 60) -> list[Row]:
    return [chat(f"{name} {i % 50}", "Yes." * (i % 7)) for i in range(count)]  # copies among them


def mixed(folder: Path, order: str, out: str = "out", **more: object) -> bytes:
    """Mix the files of these names, named in this order."""
    outcome = run(
        mix, folder, out,
        sources=[f"{name}.jsonl" for name in order], names=tuple(order),
        ratios=[RATIOS[name] for name in order], seed=7, **more,
    )  # fmt: skip
    return made(outcome, "rows").read_bytes()


def test_neither_the_order_of_rows_nor_of_files_leaves_a_trace(tmp_path: Path) -> None:
    """F26: nothing but the rows, the ratios and the seed decides."""
    chance, seen = random.Random(1), []
    for n, order in enumerate(("abc", "cab", "bca")):
        for name in order:
            rows = [*rows_of(name), *rows_of("shared", 20)]  # also in every other source
            chance.shuffle(rows)
            write_rows(tmp_path / f"{name}.jsonl", rows)
        seen.append(mixed(tmp_path, order, f"out{n}"))
    assert seen[0] == seen[1] == seen[2]


def test_buckets_of_the_shuffle_leave_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        write_rows(tmp_path / f"{name}.jsonl", rows_of(name))
    one = mixed(tmp_path, "abc", "one")
    monkeypatch.setattr(shuffle, "_BUCKET", 200)
    assert mixed(tmp_path, "abc", "many") == one


def test_packed_rows_give_the_same_bytes_as_plain_ones(tmp_path: Path) -> None:
    for name in "abc":
        write_rows(tmp_path / f"{name}.jsonl", rows_of(name))
    plain = mixed(tmp_path, "abc", "plain")
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    a.write_bytes(gzip.compress(a.read_bytes()))
    b.write_bytes(zstandard.compress(b.read_bytes()))
    assert mixed(tmp_path, "abc", "packed") == plain


def test_a_parquet_file_can_be_mixed(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows_of("a", 10)), tmp_path / "a.parquet")
    outcome = run(mix, tmp_path, sources=["a.parquet"], ratios=[1.0])
    drawn = read_rows(made(outcome, "rows"))
    assert sorted(map(repr, drawn)) == sorted(map(repr, rows_of("a", 10)))


def test_the_bytes_of_a_mix_are_pinned(tmp_path: Path) -> None:
    """On another machine, and in another year: a change of these bytes is a change of the format."""
    write_rows(tmp_path / "a.jsonl", rows_of("a", 5))
    write_rows(tmp_path / "b.jsonl", rows_of("b", 5))
    outcome = run(mix, tmp_path, sources=["a.jsonl", "b.jsonl"], ratios=[0.6, 0.4], seed=42)
    asked = [row["messages"][0]["content"] for row in read_rows(made(outcome, "rows"))]
    assert asked == ["b 1", "b 2", "b 4", "a 4", "a 3", "a 2", "a 0", "a 1"]


def test_copies_of_one_row_are_not_left_side_by_side(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", rows_of("a", 40))
    outcome = run(mix, tmp_path, sources=["a.jsonl"], ratios=[1.0], rows=120, oversample=[3])
    lines = made(outcome, "rows").read_bytes().splitlines()
    beside = sum(one == two for one, two in pairwise(lines))
    assert len(lines) == 120
    assert beside < 12  # 4 by chance; all of 80 where copies stand together


def test_a_source_that_changes_between_the_passes_is_noticed(tmp_path: Path) -> None:
    """F25."""
    write_rows(tmp_path / "a.jsonl", rows_of("a", 4000))

    class Meddler(Bench):
        def progress(self, done: int, total: int | None = None, note: str = "") -> None:
            if note == "looking at the rows" and done == 4000:
                write_rows(tmp_path / "a.jsonl", rows_of("b", 4000))

    bench = Meddler(tmp_path, tmp_path / "out")
    with pytest.raises(SelfCheckFailed, match=r"a\.jsonl changed while it was read"):
        mix.run(MixArguments(sources=("a.jsonl",), ratios=(1.0,)), bench)
    assert list(bench.out.iterdir()) == []
