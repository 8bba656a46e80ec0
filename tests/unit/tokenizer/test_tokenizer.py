"""A tokenizer trained, measured and guarded."""

import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.tools.data_rows import Row, chat, dropped, made, run, write_rows

from crewboard.cli.data.tokenizer import tokenizer as verbs
from crewboard.errors import InputUnreadable, SelfCheckFailed
from crewboard.tools.lineage.errors import PinBroken
from crewboard.tools.tokenizer import guard, load_tokenizer, report, train
from crewboard.tools.tokenizer.coverage import fragments_of

TEXT = "the cat sat on a mat while many dogs were walking slowly along rivers"
SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "data"


def rows_of(count: int = 300, seed: int = 1) -> list[Row]:
    chance = random.Random(seed)
    return [chat(" ".join(chance.choices(TEXT.split(), k=12))) for _ in range(count)]


def trained(folder: Path, rows: list[Row], out: str = "trained", **more: Any) -> str:
    """The tokenizer's path, relative to `folder`."""
    name = write_rows(folder / f"{out}.jsonl", rows)
    outcome = run(train, folder, out, files=[name], **{"vocab_size": 400, **more})
    return str(made(outcome, "tokenizer").relative_to(folder))


def report_of(folder: Path, tokenizer: str, rows: list[Row], **more: Any) -> dict[str, Any]:
    name = write_rows(folder / "sample.jsonl", rows)
    outcome = run(report, folder, "report", tokenizer=tokenizer, files=[name], **more)
    told: dict[str, Any] = orjson.loads(made(outcome, "report").read_bytes())
    return told


def test_the_same_rows_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    rows = rows_of()
    one = (tmp_path / trained(tmp_path, rows, "one")).read_bytes()
    random.Random(3).shuffle(rows)
    assert (tmp_path / trained(tmp_path, rows, "two")).read_bytes() == one
    assert (tmp_path / trained(tmp_path, rows[:50], "three")).read_bytes() != one


def test_a_known_tokenizer_can_be_made_again_and_another_is_refused(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", rows_of())
    made_once = run(train, tmp_path, "one", files=[name], vocab_size=400)
    pin = made_once.measured["sha256"]
    run(train, tmp_path, "two", files=[name], vocab_size=400, sha256=pin)
    with pytest.raises(PinBroken, match="not the file that was pinned"):
        run(train, tmp_path, "three", files=[name], vocab_size=300, sha256=pin)


def test_rows_without_text_are_accounted_for(tmp_path: Path) -> None:
    """F13."""
    name = write_rows(tmp_path / "in.jsonl", [*rows_of(20), {"question": "no"}])
    with (tmp_path / name).open("ab") as file:
        file.write(b"{cut\n")
    outcome = run(train, tmp_path, files=[name], vocab_size=300)
    assert dropped(outcome) == {"malformed-json": 1, "no-text": 1}
    with pytest.raises(SelfCheckFailed, match="no row holds text"):
        run(train, tmp_path, "none", files=[name], vocab_size=300, fields=["nowhere"])


def test_a_vocabulary_that_the_text_cannot_fill_is_told(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", rows_of(50))
    outcome = run(train, tmp_path, files=[name], vocab_size=30_000)
    assert outcome.measured["vocab_size"] < 1_000
    assert "30,000 were asked for, the text holds no more" in outcome.summary


def test_a_fault_of_the_input_comes_out_as_it_was_raised(tmp_path: Path) -> None:
    """The library would turn it into an error of its own."""
    (tmp_path / "in.jsonl").write_bytes(b"no json\n")
    with pytest.raises(InputUnreadable, match="not JSONL"):
        run(train, tmp_path, files=["in.jsonl"], vocab_size=300)


def test_coverage_is_counted_by_word(tmp_path: Path) -> None:
    """F27: real counts, by a tokenizer that knows a few words whole and no others."""
    tokenizer = trained(tmp_path, [{"text": " aa aa aa bb bb bb"}] * 5, vocab_size=268)
    told = report_of(tmp_path, tokenizer, [{"text": "aa bb aa"}, {"text": "xyz"}])["all"]
    assert (told["rows"], told["words"], told["characters"]) == (2, 4, 11)
    assert told["single_token_words"] == 0.75
    assert told["up_to_two_token_words"] == 0.75
    assert told["tokens_per_word"] == round((3 * 1 + 4) / 4, 6)  # " xyz" is four bytes
    assert told["unknown_rate"] == 0


def test_pieces_of_characters_are_counted(tmp_path: Path) -> None:
    tokenizer = trained(tmp_path, rows_of())
    plain = report_of(tmp_path, tokenizer, [{"text": "the cat"}])["all"]
    foreign = report_of(tmp_path, tokenizer, [{"text": "猫猫"}])["all"]
    assert plain["byte_fallback_rate"] == 0
    assert foreign["byte_fallback_rate"] == 1
    assert foreign["tokens"] == 6


def test_unknown_tokens_and_fallback_bytes_of_other_models_are_counted(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    known = Tokenizer(models.WordLevel({"the": 0, "cat": 1, "[UNK]": 2}, unk_token="[UNK]"))
    known.pre_tokenizer = pre_tokenizers.Whitespace()
    known.save(str(tmp_path / "words.json"))
    told = report_of(tmp_path, "words.json", [{"text": "the cat the dog"}])["all"]
    assert (told["unknown_rate"], told["vocabulary_used"]) == (0.25, 3)
    fallback = Tokenizer(models.BPE({"a": 0, "<0xE2>": 1}, [], byte_fallback=True))
    assert fragments_of(fallback) == frozenset({1})


def test_what_looks_like_a_special_token_in_a_row_is_text(tmp_path: Path) -> None:
    loaded = load_tokenizer(tmp_path / trained(tmp_path, rows_of()))
    assert len(loaded.encode("<|im_end|>").ids) > 1


def test_each_source_is_told_apart(tmp_path: Path) -> None:
    tokenizer = trained(tmp_path, rows_of())
    write_rows(tmp_path / "a.jsonl", rows_of(10))
    write_rows(tmp_path / "b.jsonl", [{"text": "猫 猫"}])
    outcome = run(report, tmp_path, tokenizer=tokenizer, files=["a.jsonl", "b.jsonl"])
    told = orjson.loads(made(outcome, "report").read_bytes())
    rates = [source["coverage"]["byte_fallback_rate"] for source in told["sources"]]
    assert rates[0] == 0
    assert rates[1] > 0.5
    assert told["all"]["words"] == sum(s["coverage"]["words"] for s in told["sources"])


def report_with(tokens_per_word: float, single: float, two: float = 0.9) -> dict[str, Any]:
    measures = {"tokens_per_word": tokens_per_word, "single_token_words": single}
    told = {"format": "crewboard-tokenizer-report/1", "sample": "x", "tokenizer": {}}
    return told | {"all": measures | {"up_to_two_token_words": two}}


GUARDED = [
    # baseline, now, over: the founding project's limits
    ((1.34, 0.77), (1.39, 0.75), []),  # exactly as much worse as is allowed
    ((1.34, 0.77), (1.3901, 0.77), ["tokens_per_word"]),
    ((1.34, 0.77), (1.34, 0.7499), ["single_token_words"]),
    ((1.34, 0.77, 0.9), (1.34, 0.77, 0.87), ["up_to_two_token_words"]),
    ((1.34, 0.77), (1.0, 1.0), []),  # better is never worse
]


@pytest.mark.parametrize(("before", "now", "over"), GUARDED)
def test_a_tokenizer_that_got_worse_is_failed(
    before: tuple[float, ...], now: tuple[float, ...], over: list[str]
) -> None:
    from crewboard.tools.tokenizer.guard import GuardArguments, compare

    limits = GuardArguments(tokenizer="t", baseline="b", files=("f",))
    told = compare(report_with(*before), report_with(*now), limits)
    assert [check["measure"] for check in told["checks"] if check["over"]] == over
    assert told["within"] == (not over)


def test_a_baseline_is_a_report_or_a_tokenizer(tmp_path: Path) -> None:
    good, bad = (
        trained(tmp_path, rows_of(), "good"),
        trained(tmp_path, rows_of(), "bad", vocab_size=270),
    )
    sample = write_rows(tmp_path / "sample.jsonl", rows_of(50))
    measured = run(report, tmp_path, "r", tokenizer=good, files=[sample])
    for n, baseline in enumerate((good, str(made(measured, "report").relative_to(tmp_path)))):
        given = {"baseline": baseline, "files": [sample]}
        assert run(guard, tmp_path, f"g{n}", tokenizer=good, **given).measured["within"]
        told = run(guard, tmp_path, f"h{n}", tokenizer=bad, **given).measured
        assert (told["within"], told["same_sample"]) == (False, True)


def test_a_baseline_of_other_text_is_told(tmp_path: Path) -> None:
    """F19: what is compared is named."""
    tokenizer = trained(tmp_path, rows_of())
    (tmp_path / "base.json").write_bytes(orjson.dumps(report_with(9.0, 0.0, 0.0)))
    sample = write_rows(tmp_path / "sample.jsonl", rows_of(50))
    outcome = run(guard, tmp_path, tokenizer=tokenizer, baseline="base.json", files=[sample])
    assert "measured on other text" in outcome.summary


def test_the_commands_train_report_and_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "in.jsonl", rows_of())

    def call(*words: str) -> tuple[Any, list[str]]:
        code = verbs.main([*words, "in.jsonl"], standalone_mode=False)
        return code, capsys.readouterr().out.splitlines()

    good = call("train", "--vocab-size", "400", "--out", "good")[1][0]
    bad = call("train", "--vocab-size", "270", "--out", "bad")[1][0]
    _, lines = call("report", good)
    assert lines[2].startswith("in.jsonl  3,900  ")
    assert call("guard", good, "--baseline", lines[0])[0] == 0
    assert call("guard", bad, "--baseline", lines[0])[0] == 5


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the shared sample data is not here")
def test_real_text_is_covered_better_by_a_tokenizer_of_its_own_kind(tmp_path: Path) -> None:
    maths, tasks = SAMPLE / "gsm8k_test.jsonl", SAMPLE / "self_instruct_seed_tasks.jsonl"
    from crewboard.cli.data.alone import run_alone

    given = {"files": [str(maths)], "fields": ["question", "answer"], "vocab_size": 2000}
    tokenizer = tmp_path / run_alone(train, given, tmp_path, 0, [maths]).manifests[0].path
    told = []
    for file, fields in ((maths, ["question"]), (tasks, ["instruction"])):
        given = {"tokenizer": str(tokenizer), "files": [str(file)], "fields": fields}
        told.append(run_alone(report, given, tmp_path, 0, [file, tokenizer]).outcome.measured)
    assert told[0]["tokens_per_word"] < told[1]["tokens_per_word"]
