"""`crewboard data audit`, `recommend` and `drop`, as they are typed."""

import json
from pathlib import Path

import pytest
from integration.cli.command import crewboard
from unit.tools.data_rows import chat, read_rows, write_rows


def test_an_audit_says_by_its_exit_code_whether_the_data_is_within(tmp_path: Path) -> None:
    write_rows(tmp_path / "good.jsonl", [chat("a"), chat("b")])
    write_rows(tmp_path / "bad.jsonl", [chat("a"), chat("b", "")])
    done = crewboard("data", "audit", "good.jsonl", at=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    done = crewboard("data", "audit", "bad.jsonl", at=tmp_path)
    assert done.returncode == 5
    assert done.stdout.splitlines()[1].split() == [
        "OVER",
        "empty-content",
        "high",
        "1",
        "50.000%",
        "2",
    ]
    assert "over what is tolerated: empty-content 1" in done.stderr
    (tmp_path / "audit.toml").write_text("[tolerate]\nempty-content = 0.5\n")
    done = crewboard("data", "audit", "bad.jsonl", "--config", "audit.toml", at=tmp_path)
    assert done.returncode == 0


def test_json_is_the_report_on_stdout_as_the_file_has_it(tmp_path: Path) -> None:
    write_rows(tmp_path / "bad.jsonl", [chat("a"), chat("b", "")])
    done = crewboard("data", "audit", "bad.jsonl", "--json", "--report", "r.json", at=tmp_path)
    assert done.returncode == 5
    assert json.loads(done.stdout) == json.loads((tmp_path / "r.json").read_text())


def test_from_report_to_clean_rows_by_the_recommended_command(tmp_path: Path) -> None:
    rows = [chat("a"), chat("b", ""), chat("ann@quay-post.net"), chat("c")]
    write_rows(tmp_path / "data.jsonl", rows)
    outs = ("--report", "r.json", "--markdown", "r.md", "--html", "r.html", "--findings", "f.jsonl")
    assert crewboard("data", "audit", "data.jsonl", *outs, at=tmp_path).returncode == 5
    assert {p.name for p in tmp_path.iterdir()} >= {"r.json", "r.md", "r.html", "f.jsonl"}
    told = json.loads(crewboard("data", "recommend", "r.json", "--json", at=tmp_path).stdout)
    for n, action in enumerate(told["actions"]):
        words = action["command"].split()
        done = crewboard(*words[1:-1], f"clean{n}", at=tmp_path)
        assert done.returncode == 0, done.stderr
    assert {action["command"].split()[2] for action in told["actions"]} == {"repair", "scrub"}
    kept = [read_rows(next(tmp_path.glob(f"clean{n}/rows.*.jsonl"))) for n in (0, 1)]
    assert sorted(map(len, kept)) == [3, 4]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gone.jsonl"], "does not exist"),
        (["data.jsonl", "--against", "."], "it is a directory"),
        (["data.jsonl", "--config", "data.jsonl"], "not valid"),
        (["data.jsonl", "--report", "no/where.json"], "cannot be written"),
        (["data.jsonl", "--report", "/dev/null"], "cannot be written"),
        (["data.jsonl", "--findings", "./data.jsonl"], "that file is read by this audit"),
        (["data.jsonl", "--against", "t.jsonl", "--html", "t.jsonl"], "is read by this audit"),
        (["data.jsonl", "--report", "r", "--markdown", "r"], "is named with --report already"),
        (["data.jsonl", "--tokenizer", "data.jsonl", "--model-limit", "5"], "it is no tokenizer"),
        (["data.jsonl", "--processes", "0"], "0 is not in the range"),
    ],
)
def test_wrong_usage_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, words: list[str], said: str
) -> None:
    write_rows(tmp_path / "data.jsonl", [chat("a")])
    done = crewboard("data", "audit", *words, at=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["data.jsonl"]


def test_a_report_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"format": "crewboard-audit/1"}')
    done = crewboard("data", "recommend", "r.json", at=tmp_path)
    assert done.returncode == 2
    assert "audit the data again" in done.stderr


def test_tokens_are_counted_by_the_given_tokenizer(tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    words = {f"w{n}": n for n in range(20)} | {"?": 20}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, "?"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "tok.json"))
    write_rows(tmp_path / "data.jsonl", [chat("w1 w2 w3", "w4"), chat("w1 " * 20, "w2")])
    options = ("--tokenizer", "tok.json", "--model-limit", "10", "--report", "r.json")
    assert crewboard("data", "audit", "data.jsonl", *options, at=tmp_path).returncode == 5
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["tokens"]["max"], report["tokens"]["mean"]) == (21, 12.5)
    (over,) = [rule for rule in report["rules"] if rule["id"] == "over-limit"]
    assert over["samples"] == [
        {"line": 2, "offset": over["samples"][0]["offset"], "note": "21 tokens"}
    ]
