import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.tools.data_rows import Row, chat, made, run, turns, write_rows

from crewboard.errors import ArgumentsInvalid, InputUnreadable
from crewboard.tools.audit import audit


def report_on(folder: Path, rows: list[Row], **arguments: Any) -> dict[str, Any]:
    name = write_rows(folder / "data.jsonl", rows)
    found = orjson.loads(made(run(audit, folder, data=name, **arguments), "report").read_bytes())
    assert isinstance(found, dict)
    return found


def rules_of(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in report["rules"]}


def counts_of(report: dict[str, Any]) -> dict[str, int]:
    return {name: rule["count"] for name, rule in rules_of(report).items() if rule["count"]}


def test_exactly_the_faults_of_the_founding_file_are_found(tmp_path: Path) -> None:
    """The file of 5,742 rows, with 30 empty assistant turns and 2 violations of alternation."""
    rows = [chat(f"Question {i}?", f"Answer {i}.") for i in range(5742)]
    for n, i in enumerate(range(5448, 5478)):
        rows[i]["messages"][1]["content"] = ("", " ", None)[n % 3]
    for i in (5480, 5499):
        rows[i] = turns("user", "assistant", "assistant")
        rows[i]["messages"][0]["content"] = f"Question {i}?"
    report = report_on(tmp_path, rows)
    assert counts_of(report) == {"empty-content": 30, "role-alternation": 2}
    assert report["data"]["rows"] == 5742
    assert rules_of(report)["role-alternation"]["samples"][0]["line"] == 5481


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (chat("Hi", "As an AI language model, I cannot say."), "boilerplate"),
        (chat("Hi", "I\u2019m sorry, but I can\u2019t help."), "boilerplate"),
        (chat("Hi", "I cannot help with that."), "boilerplate"),
        (chat("Hi", "I'm not able to assist with this."), "boilerplate"),
        (chat("Fill in {{NAME}}"), "placeholder-text"),
        (chat("Hi", "Kind regards, [Your Name]."), "placeholder-text"),
        (chat("Hi", "We are [insert company name here]."), "placeholder-text"),
        (chat("Lorem ipsum dolor sit amet"), "placeholder-text"),
        (chat("Hi", " \u200b\u00a0\n"), "empty-content"),
        (chat("[INST] Hi [/INST]"), "placeholder-text"),
        (chat("x <|im_start|> y"), "placeholder-text"),
        (chat("TODO: ask"), "placeholder-text"),
        (chat("word " * 400), "over-long"),
        (chat("Mail ann@quay-post.net"), "email"),
        (chat("Mail ann@example.com"), "email-placeholder"),
        (turns("user"), "missing-assistant"),
        (turns("user", "assistant", "user"), "ends-without-assistant"),
        ({"messages": []}, "no-messages"),
        ({"question": "q", "answer": "a"}, "no-messages"),
    ],
)
def test_each_rule_finds_its_row_and_no_other_rule_does(
    tmp_path: Path, row: Row, rule: str
) -> None:
    assert counts_of(report_on(tmp_path, [chat("Sound?"), row])) == {rule: 1}


@pytest.mark.parametrize(
    "text",
    [
        "It came as an aid to navigation.",  # not "as an ai"
        "The todo list is long.",
        "She pays 48/2 = <<48/2=24>>24 dollars.",
        "In JSON, {} is an object and {{1}} a set of a set" + "x" * 80 + ".",
        "INSTALL it.",
        "See [your guide](https://quay-post.net/guide), then row[your_key] and [insert](x).",
        "The tool cannot help with rust.",
    ],
)
def test_ordinary_text_is_no_finding(tmp_path: Path, text: str) -> None:
    found = counts_of(report_on(tmp_path, [chat("Hi", text)]))
    assert found in ({}, {"placeholder-text": 1}) if "{{1}}" in text else found == {}


def test_duplicates_are_measured_under_a_named_key(tmp_path: Path) -> None:
    """F19: the share is measured; what is tolerated is declared before."""
    rows = [chat("a"), chat("b"), chat("a"), {"messages": chat("a")["messages"], "x": 1}]
    report = report_on(tmp_path, rows, tolerate={"duplicate": 0.5})
    assert report["duplicates"] == {
        "key": "messages",
        "groups": 1,
        "redundant_rows": 2,
        "share": 0.5,
    }
    rule = rules_of(report)["duplicate"]
    assert not rule["over"]
    assert [sample["note"] for sample in rule["samples"]] == ["same as line 1"] * 2
    assert rules_of(report_on(tmp_path, rows, tolerate={"duplicate": 0.4}))["duplicate"]["over"]


def test_contacts_are_counted_by_row_and_by_source_row(tmp_path: Path) -> None:
    """F20: fifteen copies of one source row are one source of PII."""
    source = {"file": "a.jsonl", "line": 7}
    copies = [chat(f"Version {i}: ann@quay-post.net", source=source) for i in range(15)]
    other = [chat("Mail bob@quay-post.net"), chat("Mail bob@quay-post.net")]
    rule = rules_of(report_on(tmp_path, copies + other))["email"]
    assert (rule["count"], rule["source_rows"]) == (17, 2)


def test_the_report_is_bounded_and_quotes_no_row(tmp_path: Path) -> None:
    rows = [chat(f"SECRETWORD {i} ann{i}@quay-post.net {{{{X}}}}", "") for i in range(3000)]
    name = write_rows(tmp_path / "data.jsonl", rows)
    path = made(run(audit, tmp_path, data=name), "report")
    text = path.read_text()
    assert "SECRETWORD" not in text
    assert "quay-post" not in text
    assert path.stat().st_size < 60_000
    assert all(len(rule["samples"]) <= 20 for rule in orjson.loads(text)["rules"])


def test_every_sample_leads_to_its_line_in_the_hashed_bytes(tmp_path: Path) -> None:
    rows = [chat("a"), chat("b", ""), chat("a"), chat("c", None)]
    report = report_on(tmp_path, rows)
    data = (tmp_path / "data.jsonl").read_bytes()
    assert report["data"] == {
        "bytes": len(data),
        "rows": 4,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    lines = data.splitlines(keepends=True)
    for rule in report["rules"]:
        for sample in rule["samples"]:
            assert sample["offset"] == sum(map(len, lines[: sample["line"] - 1]))


def test_every_rule_is_listed_also_where_it_found_nothing(tmp_path: Path) -> None:
    report = report_on(tmp_path, [chat("a")])
    assert len(report["rules"]) > 15
    assert not any(rule["over"] for rule in report["rules"])


def test_bad_lines_are_findings_not_failures(tmp_path: Path) -> None:
    data = orjson.dumps(chat("a")) + b'\n\n{"cut\n[1]\n\xff\n'
    (tmp_path / "data.jsonl").write_bytes(data)
    report = orjson.loads(made(run(audit, tmp_path, data="data.jsonl"), "report").read_bytes())
    assert counts_of(report) == {
        "blank": 1,
        "malformed-json": 1,
        "not-an-object": 1,
        "bad-utf8": 1,
    }


def test_lengths_are_counted_in_words_and_messages(tmp_path: Path) -> None:
    rows = [chat("one two three", "four"), turns("user", "assistant", "user", "assistant")]
    report = report_on(tmp_path, rows)
    assert report["words"]["max"] == 8
    assert sum(bucket["rows"] for bucket in report["words"]["buckets"]) == 2
    assert report["messages_per_row"] == {"2": 1, "4": 1}


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "data.jsonl", [chat("a"), chat("a")])
    one, two = (made(run(audit, tmp_path, out, data=name), "report") for out in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("tolerate", [{"no-such-rule": 0.1}, {"duplicate": 1.5}])
def test_a_tolerance_that_means_nothing_is_refused(
    tmp_path: Path, tolerate: dict[str, float]
) -> None:
    with pytest.raises(ArgumentsInvalid, match="tolerate"):
        run(audit, tmp_path, data="x", tolerate=tolerate)


def test_a_file_that_is_no_jsonl_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputUnreadable, match="not JSONL"):
        run(audit, tmp_path, data="data.csv")
