"""What sources share, by content; and whether shards are what their index says."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from unit.shard.corpora import sharded
from unit.tools.data_rows import made, run, write_rows

from crewboard.cli.data.shard import validate_mixture as verb
from crewboard.errors import InputMissing, InputUnreadable, SelfCheckFailed
from crewboard.tools.contract import Outcome
from crewboard.tools.shard import Shards, passages, validate_mixture

CHANCE = random.Random(5)
SENTENCES = [" ".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyz", k=40)) for _ in range(200)]


def compared(folder: Path, out: str = "report", **files: list[str]) -> Outcome:
    for name, texts in files.items():
        write_rows(folder / f"{name}.jsonl", [{"text": text} for text in texts])
    given = {"sources": [f"{name}.jsonl" for name in files], "names": tuple(files)}
    return run(validate_mixture, folder, out, **given)


def pair(outcome: Outcome) -> dict[str, Any]:
    (found,) = outcome.measured["overlaps"]
    assert isinstance(found, dict)
    return found


def test_sources_of_other_names_that_share_rows_are_found(tmp_path: Path) -> None:
    """The founding script compared file names, and so found nothing, ever."""
    found = compared(tmp_path, a=SENTENCES[:100], b=SENTENCES[90:])
    told = pair(found)
    assert (told["documents"], told["first_documents_share"]) == (10, 0.1)
    assert told["second_documents_share"] == round(10 / 110, 6)
    assert told["jaccard"] == pytest.approx(10 / 200)
    assert (told["over"], found.measured["within"]) == (True, False)


def test_sources_that_share_nothing_are_within(tmp_path: Path) -> None:
    found = compared(tmp_path, a=SENTENCES[:100], b=SENTENCES[100:])
    assert (pair(found)["jaccard"], found.measured["within"]) == (0, True)


def test_a_passage_inside_other_documents_is_found_where_no_document_is_the_same(
    tmp_path: Path,
) -> None:
    longer = [
        f"{text} and {other}" for text, other in zip(SENTENCES, SENTENCES[100:], strict=False)
    ]
    told = pair(compared(tmp_path, a=SENTENCES[:50], b=longer[:100]))
    assert told["documents"] == 0
    assert told["first_share"] == 1
    assert 0.1 < told["second_share"] < 0.3


def test_case_and_spacing_make_no_other_document(tmp_path: Path) -> None:
    told = pair(compared(tmp_path, a=["Some Words  here"], b=["some words here "]))
    assert (told["documents"], told["first_share"]) == (1, 1)


def test_a_large_source_is_sampled_and_the_estimate_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passages, "HELD", 500)
    told = pair(compared(tmp_path, a=SENTENCES[:150], b=SENTENCES[75:]))
    assert told["sampled"] < 0.5
    assert told["jaccard"] == pytest.approx(75 / 200, abs=0.1)


def test_passages_do_not_run_from_one_document_into_the_next() -> None:
    values = np.arange(10, dtype=np.uint64)
    whole = passages.windows(np, values, [10], (0, 1, 2))
    split = passages.windows(np, values, [5, 5], (0, 1, 2))
    assert (len(whole), len(split)) == (8, 6)
    assert set(split.tolist()) < set(whole.tolist())
    short = passages.windows(np, values, [2, 0, 8], (0, 1, 2))
    assert len(short) == 1 + 6


def test_a_source_without_text_is_a_failure(tmp_path: Path) -> None:
    write_rows(tmp_path / "c.jsonl", [{"no": 1}])
    write_rows(tmp_path / "a.jsonl", [{"text": "x"}])
    with pytest.raises(SelfCheckFailed, match=r"no row of c\.jsonl holds text"):
        run(validate_mixture, tmp_path, sources=["a.jsonl", "c.jsonl"])


def test_shards_are_compared_by_their_tokens(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [{"text": text} for text in SENTENCES[:20]])
    write_rows(tmp_path / "b.jsonl", [{"text": text} for text in SENTENCES[18:30]])
    _, shards = sharded(tmp_path)
    found = run(validate_mixture, tmp_path, "r", sources=[str(shards.folder)])
    assert pair(found)["documents"] == 2
    assert pair(found)["second_documents_share"] == round(2 / 12, 6)


def test_documents_that_were_cut_off_are_not_taken_for_copies(tmp_path: Path) -> None:
    """Both sources lose their last document to the cut: nothing is left of it, and nothing shared."""
    _, shards = sharded(tmp_path, tail="drop")
    assert len(shards.document("a", 29)) == 0
    write_rows(tmp_path / "b.jsonl", [{"text": "x" * 31}, {"text": "y" * 9}])
    _, shards = sharded(tmp_path, "third", tail="drop")
    assert len(shards.document("b", 1)) == 0
    assert (
        pair(run(validate_mixture, tmp_path, "r", sources=[str(shards.folder)]))["documents"] == 0
    )


def damage(folder: Path, name: str, how: str) -> None:
    path = folder / name
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-2])
    else:
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)


DAMAGE = [
    ("a/tokens-00001.npy", "gone", "it is missing"),
    ("a/tokens-00001.npy", "cut", "its bytes are not those"),
    ("b/documents.npy", "flipped", "its bytes are not those"),
    ("schedule.npy", "flipped", "its bytes are not those"),
]


@pytest.mark.parametrize(("name", "how", "reason"), DAMAGE)
def test_a_damaged_folder_is_told_by_file(tmp_path: Path, name: str, how: str, reason: str) -> None:
    """F4, F28: the founding script ended with 0 also when shards were missing."""
    _, shards = sharded(tmp_path)
    damage(shards.folder, name, how)
    found = run(validate_mixture, tmp_path, "r", sources=[str(shards.folder)])
    (flaw,) = found.measured["flaws"]
    assert flaw["path"] == name
    assert reason in flaw["reason"]
    assert not found.measured["within"]
    assert "not whole" in found.summary


def test_tokens_beyond_the_vocabulary_are_a_flaw(tmp_path: Path) -> None:
    """F27: a tokenizer that is not the one the shards were made with."""
    _, shards = sharded(tmp_path)
    path = shards.folder / "index.json"
    index = orjson.loads(path.read_bytes())
    index["tokenizer"]["vocabulary"] = 10
    path.write_bytes(orjson.dumps(index))
    found = run(validate_mixture, tmp_path, "r", sources=[str(shards.folder)])
    assert {flaw["reason"] for flaw in found.measured["flaws"]} == {
        "it holds tokens that the tokenizer does not have"
    }


def test_what_is_no_folder_of_shards_is_told(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(InputMissing):
        Shards(tmp_path / "none")
    (tmp_path / "none" / "index.json").write_text('{"format": "other"}')
    with pytest.raises(InputUnreadable, match="no index of this version"):
        Shards(tmp_path / "none")


def test_the_command_leaves_with_0_or_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    compared(tmp_path, a=SENTENCES[:100], b=SENTENCES[90:])

    def call(*words: str) -> Any:
        return verb.main([*words], standalone_mode=False)

    assert call("x=a.jsonl", "y=b.jsonl") == 5
    assert "OVER  x and y  10         10.00%    9.09%" in capsys.readouterr().out
    assert call("x=a.jsonl", "y=b.jsonl", "--threshold", "0.2") == 0


def test_the_report_is_a_document(tmp_path: Path) -> None:
    found = compared(tmp_path, a=SENTENCES[:10], b=SENTENCES[10:20])
    told = orjson.loads(made(found, "report").read_bytes())
    assert told["format"] == "crewboard-mixture/1"
    assert [source["documents"] for source in told["sources"]] == [10, 10]
