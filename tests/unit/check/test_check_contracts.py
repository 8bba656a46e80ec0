"""What each contract takes and refuses, and that the refusal names line, byte and key."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from unit.convert.conversations import (
    ASKED,
    CALLED,
    CONVERSATIONS,
    FOUND,
    JSON,
    PREFERENCES,
    SAID,
    TOOL,
    Row,
)
from unit.tools.data_rows import made, run, write_rows

from crewboard.errors import ArgumentsInvalid, ConfigInvalid, UnknownName
from crewboard.tools.check import ContractBroken, check, contract_named, contracts
from crewboard.tools.check.contract import load
from crewboard.tools.contract.bench import Bench
from crewboard.tools.convert import FORMATS, Conversation, Unfit, fit

GOOD: Row = {"messages": [ASKED, SAID]}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}
ATIF: Row = {
    "schema_version": "ATIF-v1.7",
    "agent": {"name": "n", "version": "1"},
    "steps": [{"step_id": 1, "source": "user", "message": "q"}],
}
STEP = ATIF["steps"][0]

TAKEN: list[tuple[str, Row]] = [
    ("openai", GOOD),
    ("openai", {"messages": [ASKED, CALLED, FOUND, SAID], "tools": [TOOL]}),
    ("openai", {"messages": [ASKED, SAID | {"weight": 0}, ASKED, SAID | {"weight": 1}]}),
    ("openai", {"messages": [ASKED | {"content": [IMAGE]}, SAID]}),
    ("together", {"messages": [{"role": "system", "content": "s"}, ASKED, SAID, ASKED, SAID]}),
    ("fireworks", GOOD | {"weight": 0.4}),
    ("trl", GOOD | {"level": 3}),
    ("axolotl", {"messages": [ASKED, SAID | {"train": False}]}),
    ("atif", ATIF),
    ("adp", {"id": "x", "content": [], "details": {"weight": "0.4"}}),
]


@pytest.mark.parametrize(("name", "row"), TAKEN)
def test_a_contract_takes_what_its_provider_takes(name: str, row: Row) -> None:
    assert list(contract_named(name).breaches(row)) == []


REFUSED: list[tuple[str, Row, str, str]] = [
    ("openai", GOOD | {"weight": 0.4}, "unrecognized-key", "weight"),
    ("openai", {"messages": [ASKED, SAID | {"weight": 0.5}]}, "wrong-type", "messages[1].weight"),
    ("openai", {"messages": [ASKED, SAID | {"weight": 1.0}]}, "wrong-type", "messages[1].weight"),
    ("openai", {"messages": [ASKED, SAID | {"weight": True}]}, "wrong-type", "messages[1].weight"),
    (
        "openai",
        {"messages": [ASKED | {"weight": 1}, SAID]},
        "unrecognized-key",
        "messages[0].weight",
    ),
    (
        "openai",
        {"messages": [SAID | {"role": "developer"}]},
        "unrecognized-role",
        "messages[0].role",
    ),
    ("openai", {"messages": []}, "missing-messages-list", "messages"),
    ("openai", {}, "missing-key", "messages"),
    ("openai", {"messages": [ASKED]}, "example-missing-assistant-message", "messages"),
    (
        "openai",
        {"messages": [ASKED, SAID | {"content": ""}]},
        "missing-content",
        "messages[1].content",
    ),
    (
        "openai",
        {"messages": [ASKED, {"role": "assistant"}]},
        "missing-content",
        "messages[1].content",
    ),
    ("openai", {"messages": [ASKED, FOUND, SAID]}, "unknown-call-id", "messages[1].tool_call_id"),
    (
        "openai",
        {"messages": [ASKED | {"content": None}, SAID]},
        "wrong-type",
        "messages[0].content",
    ),
    (
        "openai",
        {"messages": [ASKED, SAID | {"content": [IMAGE]}]},
        "unrecognized-key",
        "messages[1].content[0].image_url",
    ),
    (
        "openai",
        {"messages": [ASKED, SAID], "tools": [{"name": "f"}]},
        "unrecognized-key",
        "tools[0].name",
    ),
    (
        "openai",
        GOOD | {"tools": [{"type": "function", "function": {"name": "find it"}}]},
        "wrong-type",
        "tools[0].function.name",
    ),
    ("openai-dpo", GOOD, "unrecognized-key", "messages"),
    (
        "openai-dpo",
        {"input": GOOD, "preferred_output": [ASKED], "non_preferred_output": [SAID]},
        "unrecognized-role",
        "preferred_output[0].role",
    ),
    ("together", {"messages": [ASKED, ASKED, SAID]}, "role-alternation", "messages[1]"),
    ("together", GOOD | {"text": "x"}, "unrecognized-key", "text"),
    (
        "fireworks",
        {"messages": [ASKED, {"role": "system", "content": ""}, SAID]},
        "system-placement",
        "messages[1]",
    ),
    ("mistral", {"messages": [ASKED, SAID, ASKED]}, "ends-without-assistant", "messages[2]"),
    ("trl", {"messages": [ASKED, SAID, ASKED]}, "ends-without-assistant", "messages[2]"),
    (
        "trl",
        {"messages": [ASKED, CALLED, FOUND, SAID]},
        "wrong-type",
        "messages[1].tool_calls[0].function.arguments",
    ),
    ("trl-preference", {"prompt": "q", "chosen": "a"}, "missing-key", "rejected"),
    ("axolotl", {"messages": [ASKED, SAID | {"train": 1}]}, "wrong-type", "messages[1].train"),
    (
        "llama-factory",
        {"conversations": [{"from": "human", "value": "q"}]},
        "ends-without-assistant",
        "conversations",
    ),
    (
        "llama-factory",
        {"conversations": [{"from": "gpt", "value": "q"}, {"from": "human", "value": "q"}]},
        "role-alternation",
        "conversations[0]",
    ),
    ("adp", {"id": "x", "content": [], "details": {"weight": 0.4}}, "wrong-type", "details.weight"),
    ("adp", {"id": 1, "content": []}, "wrong-type", "id"),
    (
        "adp",
        {"id": "x", "content": [{"class_": "MessageAction", "content": "x"}]},
        "unrecognized-class_",
        "content[0].class_",
    ),
    ("atif", ATIF | {"steps": [STEP | {"step_id": 2}]}, "step-order", "steps[0].step_id"),
    ("atif", ATIF | {"steps": [STEP | {"metrics": {}}]}, "agent-only", "steps[0].metrics"),
    ("atif", ATIF | {"mood": 1}, "unrecognized-key", "mood"),
]


@pytest.mark.parametrize(("name", "row", "rule", "where"), REFUSED)
def test_a_contract_refuses_what_its_provider_refuses(
    name: str, row: Row, rule: str, where: str
) -> None:
    first = next(contract_named(name).breaches(row))
    assert (first.rule, first.where) == (rule, where)


def test_a_check_stops_at_the_first_offending_key_with_its_line_and_byte(tmp_path: Path) -> None:
    """F15: the API rejected an extra `weight` key after the upload."""
    rows = [GOOD] * 11 + [GOOD | {"weight": 0.4}, GOOD | {"x": 1}]
    name = write_rows(tmp_path / "in.jsonl", rows)
    with pytest.raises(ContractBroken) as broken:
        run(check, tmp_path, data=name, contract="openai")
    offset = 11 * (len(orjson.dumps(GOOD)) + 1)
    told = str(broken.value)
    assert f"line 12 (byte {offset}), weight: the key is not allowed" in told
    assert told.startswith("in.jsonl is not what OpenAI")  # as it was named, wherever it lies
    assert "`crewboard data convert in.jsonl --to openai`" in told
    assert "Nothing was sent" in told
    assert not list((tmp_path / "out").iterdir())


def test_a_check_of_all_counts_each_rule_and_keeps_few_samples(tmp_path: Path) -> None:
    rows = [GOOD] * 10 + [GOOD | {"weight": 0.4}] * 9 + [{"messages": [ASKED]}]
    name = write_rows(tmp_path / "in.jsonl", rows)
    with (tmp_path / name).open("ab") as file:
        file.write(b"{\n")
    outcome = run(check, tmp_path, data=name, contract="openai", all_of_them=True)
    report = orjson.loads(made(outcome, "report").read_bytes())
    assert report["breaches"] == {
        "unrecognized-key": 9,
        "example-missing-assistant-message": 1,
        "data_type": 1,
    }
    assert (report["rows"], report["rows_broken"]) == (21, 11)
    assert [each["line"] for each in report["samples"]["unrecognized-key"]] == [11, 12, 13, 14, 15]


FILES: list[tuple[str, str, list[Row], str]] = [
    ("too few rows", "in.jsonl", [GOOD] * 9, r"takes: the file: it has 9 rows, and 10 are needed"),
    ("another ending", "in.json", [GOOD] * 10, r"its name must end in \.jsonl"),
]


@pytest.mark.parametrize(("why", "name", "rows", "told"), FILES)
def test_a_file_as_a_whole_has_limits_too(
    tmp_path: Path, why: str, name: str, rows: list[Row], told: str
) -> None:
    write_rows(tmp_path / name, rows)
    with pytest.raises(ContractBroken, match=told):
        run(check, tmp_path, data=name, contract="openai")


@pytest.mark.parametrize(("contract", "most"), [("openai", 10), ("azure", 64), ("together", None)])
def test_a_row_holds_no_more_images_than_its_provider_takes(
    tmp_path: Path, contract: str, most: int | None
) -> None:
    sound = {"messages": [ASKED | {"content": [IMAGE] * (most or 100)}, SAID]}
    name = write_rows(tmp_path / "in.jsonl", [sound] * 10)
    run(check, tmp_path, data=name, contract=contract)
    if most is not None:
        more = {"messages": [ASKED | {"content": [IMAGE] * (most + 1)}, SAID]}
        name = write_rows(tmp_path / "in.jsonl", [*[sound] * 10, more])
        with pytest.raises(ContractBroken, match=rf"line 11 .*more than {most} images"):
            run(check, tmp_path, "again", data=name, contract=contract)


def test_a_weight_of_the_row_stands_in_every_row_or_in_none(tmp_path: Path) -> None:
    rows = [GOOD | {"weight": 0.4}, GOOD | {"weight": 1}, GOOD]
    name = write_rows(tmp_path / "in.jsonl", rows)
    with pytest.raises(ContractBroken, match=r"line 3 .* weight: it must stand in every row"):
        run(check, tmp_path, data=name, contract="fireworks")


def test_a_contract_of_ones_own_may_be_like_another(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'like = "openai"\ntitle = "Mine"\nrules = []\n[file]\nmin_rows = 1\nmax_bytes = 10\n'
    )
    name = write_rows(tmp_path / "in.jsonl", [GOOD])
    with pytest.raises(ContractBroken, match=r"what Mine takes.*bytes of 10"):
        run(check, tmp_path, data=name, contract_file="mine.toml")


def test_a_warning_is_about_one_provider_and_not_inherited(tmp_path: Path) -> None:
    assert contract_named("openai").warning
    (tmp_path / "mine.toml").write_text('like = "openai"\ntitle = "Mine"\n')
    assert load(tmp_path / "mine.toml").warning == ""
    assert contract_named("openai-dpo").warning == contract_named("openai").warning


CONFIGS: list[tuple[str, str]] = [
    ('title = "x"', "source"),
    ('like = "openai"\nlimit = 3', "limit"),
    ('like = "openai"\n[file]\nmost = 3', "most"),
    ('like = "openai"\nrules = ["be-nice"]', "be-nice"),
    ('like = "openai"\n[shapes.row]\nmessages = "list letter"', "letter"),
    ("= ", "the file"),
]


@pytest.mark.parametrize(("text", "where"), CONFIGS)
def test_a_contract_that_means_nothing_is_refused_with_its_place(
    tmp_path: Path, text: str, where: str
) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ConfigInvalid, match=f"at {where}"):
        load(tmp_path / "mine.toml")


def test_a_contract_must_be_named(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", [GOOD])
    with pytest.raises(ArgumentsInvalid):
        run(check, tmp_path, data=name)
    with pytest.raises(UnknownName, match=r"There are: adp, .*together"):
        run(check, tmp_path, data=name, contract="gpt")


@pytest.mark.parametrize("name", contracts())
def test_a_contract_says_where_it_was_read_and_which_format_satisfies_it(name: str) -> None:
    contract = contract_named(name)
    assert contract.source
    assert contract.read
    assert contract.convert_to in FORMATS


@settings(max_examples=150, deadline=None)
@given(conversation=CONVERSATIONS | PREFERENCES)
def test_what_is_converted_for_a_contract_has_its_shape(conversation: Conversation) -> None:
    """F15. Its rules speak of what is said, and a converter changes nothing of that."""
    pairs = conversation.is_preference
    for name in contracts():
        contract = contract_named(name)
        if contract.convert_to == "trl" and pairs != (name == "trl-preference"):
            continue
        try:
            row = fit(conversation, FORMATS[contract.convert_to]).row
        except Unfit:
            continue
        assert list(contract.shape(orjson.loads(orjson.dumps(row)), "")) == [], name


@settings(max_examples=150, deadline=None)
@given(given=JSON)
def test_whatever_a_row_is_a_contract_takes_it_or_says_what_is_wrong(given: Any) -> None:
    row = given if isinstance(given, dict) else {"messages": given, "steps": given}
    for name in contracts():
        breaches = list(contract_named(name).breaches(row))
        assert all(breach.rule and breach.reason for breach in breaches)


def test_a_breach_quotes_no_text_of_the_row() -> None:
    row = {"messages": [ASKED, SAID], "ada@example.com has 4 cats": 1}
    [breach] = contract_named("openai").breaches(row)
    assert breach.where == "(a key)"


def test_a_check_reads_what_all_tools_read(tmp_path: Path) -> None:
    import gzip

    data = b"".join(orjson.dumps(GOOD) + b"\n" for _ in range(10))
    (tmp_path / "in.jsonl").write_bytes(gzip.compress(data))
    outcome = run(check, tmp_path, data="in.jsonl", contract="trl")
    assert outcome.measured["rows"] == 10


def test_a_check_writes_only_where_it_may(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "in.jsonl", [GOOD] * 10)
    bench = Bench(tmp_path, tmp_path / "out")
    check.run(check.parse({"data": name, "contract": "openai"}), bench)
    assert [path.name for path in bench.out.iterdir()] == ["report.json"]
