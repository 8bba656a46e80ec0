"""Rows as arrays of tokens: nothing lost between the two."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from unit.shard.corpora import byte_tokenizer, read_back, sharded, texts
from unit.tools.data_rows import dropped, made, read_rows, run, write_rows

from crewboard.cli.data.shard import shard as verb
from crewboard.errors import ArgumentsInvalid, Cancelled, InputUnreadable, SelfCheckFailed
from crewboard.tools.contract.bench import Bench
from crewboard.tools.lineage.errors import PinBroken
from crewboard.tools.shard import ShardArguments, Shards, shard, tool


def source(outcome: Any, name: str) -> dict[str, Any]:
    found = [each for each in outcome.measured["sources"] if each["name"] == name]
    assert isinstance(found[0], dict)
    return found[0]


def test_every_document_can_be_read_back_with_the_line_it_came_from(tmp_path: Path) -> None:
    """F27: real tokens of real rows."""
    _, shards = sharded(tmp_path)
    for name, count in (("a", 30), ("b", 13)):
        rows = texts(name, count)
        places = shards.documents(name)
        assert len(places) == count
        for n, (start, file, line) in enumerate(places.tolist()):
            assert (start, line) == (n * 10, n + 1)
            assert file == "ab".index(name)
            assert read_back(tmp_path, shards.document(name, n)) == rows[n]["text"]


def test_the_arrays_are_plain_numpy_files(tmp_path: Path) -> None:
    outcome, _ = sharded(tmp_path)
    paths = sorted(made(outcome, "shards").rglob("*.npy"))
    assert [str(p.relative_to(made(outcome, "shards"))) for p in paths] == [
        *("a/documents.npy", "a/tokens-00000.npy", "a/tokens-00001.npy", "a/tokens-00002.npy"),
        *("a/tokens-00003.npy", "b/documents.npy", "b/tokens-00000.npy", "b/tokens-00001.npy"),
        "schedule.npy",
    ]
    arrays = [np.load(path, allow_pickle=False, mmap_mode="r") for path in paths]
    assert [array.dtype.str for array in arrays[1:5]] == ["<u2"] * 4
    assert [len(array) for array in arrays[1:5]] == [96, 96, 96, 12]
    assert arrays[0].shape == (30, 3)


def test_a_large_vocabulary_gets_wide_tokens(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(70_000)}, unk_token="w0"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.save(str(tmp_path / "wide.json"))
    write_rows(tmp_path / "a.jsonl", [{"text": "w69999 w1"}])
    given: dict[str, Any] = {
        "sources": ["a.jsonl"],
        "tokenizer": "wide.json",
        "end": None,
        "sequence": 2,
    }
    shards = Shards(made(run(shard, tmp_path, **given), "shards"))
    assert shards[0].tolist() == [69_999, 1]
    assert shards[0].dtype.str == "<u4"


TAILS = [
    # a has 300 tokens: 9 sequences of 32, and 12 left; the last begins in document 28 (280..289)
    ("keep", 10, {"padded": 0, "dropped_tokens": 0, "documents_cut": 0}, 300),
    ("pad", 10, {"padded": 20, "dropped_tokens": 0, "documents_cut": 0}, 320),
    ("drop", 9, {"padded": 0, "dropped_tokens": 12, "documents_cut": 2}, 288),
]


@pytest.mark.parametrize(("tail", "sequences", "told", "stored"), TAILS)
def test_no_tail_is_dropped_in_silence(
    tmp_path: Path, tail: str, sequences: int, told: dict[str, int], stored: int
) -> None:
    """F13, F14: the founding script dropped what did not fill a sequence, and told nobody."""
    outcome, shards = sharded(tmp_path, tail=tail, pad="<pad>")
    found = source(outcome, "a")
    assert {name: found[name] for name in told} == told
    assert (found["sequences"], found["tokens"]) == (sequences, 300)
    assert sum(file["tokens"] for file in found["shards"]) == stored
    assert sum(len(shards.sequence("a", n)) for n in range(sequences)) == stored
    if tail == "pad":
        assert shards.sequence("a", 9)[12:].tolist() == [shards.index["pad"]] * 20
    if tail == "drop":
        assert len(shards.document("a", 28)) == 8
        assert len(shards.document("a", 29)) == 0


def test_a_tail_that_begins_a_file_of_its_own_leaves_no_empty_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", texts("a", 10))  # 100 tokens: 3 sequences, then 4 tokens
    outcome, shards = sharded(tmp_path, tail="drop")
    assert [file["tokens"] for file in source(outcome, "a")["shards"]] == [96]
    assert len(shards.sequence("a", 2)) == 32


def test_a_document_that_begins_at_the_cut_takes_no_other_with_it(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", texts("a", 3, size=15))  # begin at 0, 16 and 32
    outcome, _ = sharded(tmp_path, tail="drop")
    assert (source(outcome, "a")["documents_cut"], source(outcome, "a")["dropped_tokens"]) == (
        1,
        16,
    )


def test_rows_without_text_are_recorded(tmp_path: Path) -> None:
    """F13."""
    write_rows(tmp_path / "a.jsonl", [*texts("a", 3), {"other": 1}, *texts("c", 2)])
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(b"{cut\n")
    outcome, shards = sharded(tmp_path)
    assert dropped(outcome) == {"malformed-json": 1, "no-text": 1}
    places = [(row["file"], row["line"]) for row in read_rows(made(outcome, "dropped"))]
    assert places == [("a.jsonl", 4), ("a.jsonl", 7)]
    assert source(outcome, "a")["reasons"] == {"malformed-json": 1, "no-text": 1}
    assert shards.documents("a")[:, 2].tolist() == [1, 2, 3, 5, 6]


def test_weights_become_entries_of_the_schedule(tmp_path: Path) -> None:
    """F27: a weight that nobody heeds is not configured at all."""
    outcome, shards = sharded(tmp_path, tail="drop", weights=[0.5, 0.5])
    counts = Counter(source for source, _ in shards.array("schedule.npy").tolist())
    assert counts == {0: 4, 1: 4}  # b has four whole sequences
    assert (source(outcome, "a")["got_weight"], source(outcome, "a")["not_scheduled"]) == (0.5, 5)
    assert len({tuple(entry) for entry in shards.array("schedule.npy").tolist()}) == 8


def test_a_scarce_source_may_come_again(tmp_path: Path) -> None:
    outcome, shards = sharded(tmp_path, tail="drop", weights=[0.5, 0.5], passes=2)
    entries = Counter(map(tuple, shards.array("schedule.npy").tolist()))
    assert [entries[1, n] for n in range(4)] == [2, 2, 2, 2]
    assert [source(outcome, name)["scheduled"] for name in "ab"] == [8, 8]


def test_without_weights_every_sequence_comes_once_in_a_seeded_order(tmp_path: Path) -> None:
    _, one = sharded(tmp_path, "one", seed=1)
    _, two = sharded(tmp_path, "two", seed=2)
    orders = [shards.array("schedule.npy").tolist() for shards in (one, two)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])
    assert len(one) == 10 + 5
    assert one[0].tolist() == one.sequence("ab"[orders[0][0][0]], orders[0][0][1]).tolist()


def test_the_same_rows_give_the_same_folder(tmp_path: Path) -> None:
    """F26."""
    from crewboard.tools.contract.manifest import tree_sha256

    folders = [made(sharded(tmp_path, out)[0], "shards") for out in ("one", "two")]
    assert tree_sha256(folders[0]) == tree_sha256(folders[1])


@pytest.mark.parametrize("tail", ["keep", "pad", "drop"])
def test_a_stopped_run_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail: str
) -> None:
    """F10: not at row 0. Stopped in each of its places, it ends with the same bytes."""
    from crewboard.tools.contract.manifest import tree_sha256

    monkeypatch.setattr(tool, "_BATCH", 4)
    monkeypatch.setattr(tool, "EVERY", 2)
    write_rows(tmp_path / "a.jsonl", [*texts("a", 20), {"no": 1}, *texts("c", 12)])
    whole, _ = sharded(tmp_path, "whole", tail=tail)
    expected = tree_sha256(made(whole, "shards"))
    arguments = ShardArguments(
        sources=("a.jsonl", "b.jsonl"), tokenizer="tokenizer.json", sequence=32,
        shard_sequences=3, tail=tail,
    )  # fmt: skip
    for stop in range(1, 12):
        bench = Bench(tmp_path, tmp_path / f"stopped-{stop}")
        with monkeypatch.context() as patch:
            patch.setattr(tool, "_Tokens", stopping(stop))
            with pytest.raises(Cancelled):
                shard.run(arguments, bench)
        assert list(bench.out.iterdir()) == []
        again = shard.run(arguments, bench)
        assert tree_sha256(made(again, "shards")) == expected
        assert made(again, "dropped").read_bytes() == made(whole, "dropped").read_bytes()
        assert again.rows == whole.rows


def stopping(at: int) -> type[tool._Tokens]:
    """A tokenizer that is cancelled at its so many-th batch."""

    class Stopping(tool._Tokens):
        calls = 0

        def encode(self, texts: list[str]) -> Iterator[list[int]]:
            self.calls += 1
            if self.calls == at:
                raise Cancelled(what="it", actor="a test")
            return super().encode(texts)

    return Stopping


REFUSED = [
    ({"end": "<nowhere>"}, "the tokenizer has no token '<nowhere>'"),
    ({"weights": [0.5, 0.6]}, "sum to 1, not to 1.1"),
    ({"weights": [1.0]}, "2 sources need as many weights"),
    ({"names": ["a", "../b"]}, "is no name of a source"),
    ({"names": ["a"]}, "2 files need as many names"),
    ({"tail": "pad", "end": None}, "name a token with `pad`"),
]


@pytest.mark.parametrize(("more", "told"), REFUSED)
def test_what_cannot_be_meant_is_refused_before_a_row_is_read(
    tmp_path: Path, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(ArgumentsInvalid, match=told):
        sharded(tmp_path, **more)


def test_a_pinned_tokenizer_is_held_to(tmp_path: Path) -> None:
    with pytest.raises(PinBroken):
        sharded(tmp_path, tokenizer_sha256="0" * 64)


def test_what_is_no_tokenizer_is_told(tmp_path: Path) -> None:
    sharded(tmp_path)
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(InputUnreadable, match="it is no tokenizer"):
        run(shard, tmp_path, "bad", sources=["a.jsonl"], tokenizer="bad.json")


def test_a_source_without_text_is_a_failure(tmp_path: Path) -> None:
    """F9: zero rows is a failure, also beside a source that gives some."""
    write_rows(tmp_path / "a.jsonl", [{"no": 1}])
    with pytest.raises(SelfCheckFailed, match="no row of a holds text"):
        sharded(tmp_path)


def test_a_row_cannot_end_a_document_by_its_text(tmp_path: Path) -> None:
    """What a dataset says is text, and no token that steers a model."""
    write_rows(tmp_path / "a.jsonl", [{"text": "x<|endoftext|>y"}])
    _, shards = sharded(tmp_path)
    ids = shards.document("a", 0).tolist()
    assert ids.count(shards.index["end"]) == 1
    assert len(ids) == 16


def test_beyond_the_last_sequence_there_is_none(tmp_path: Path) -> None:
    _, shards = sharded(tmp_path)
    with pytest.raises(IndexError, match="a has 10 sequences"):
        shards.sequence("a", 10)
    assert byte_tokenizer(tmp_path) == "tokenizer.json"


def test_the_command_names_sources_and_weighs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sharded(tmp_path)
    monkeypatch.chdir(tmp_path)
    words = ["--tokenizer", "tokenizer.json", "--sequence", "32", "--tail", "drop"]
    verb.main(["x=a.jsonl:.5", "y=b.jsonl:.5", *words], standalone_mode=False)
    lines = capsys.readouterr().out.splitlines()
    assert Shards(tmp_path / lines[0]).sources == ["x", "y"]
    assert lines[-2].split() == ["x", "30", "30", "300", "9", "12", "0", "50.00%", "4"]
    with pytest.raises(click.UsageError, match="weigh every source"):
        verb.main(["x=a.jsonl:.5", "y=b.jsonl", *words], standalone_mode=False)
    with pytest.raises(click.UsageError, match="name every source"):
        verb.main(["x=a.jsonl", "b.jsonl", *words], standalone_mode=False)
