"""What counts as a copy."""

from pathlib import Path

import pytest
from unit.dedup.copies import deduped, left_to, stayed
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid, SelfCheckFailed
from crewboard.tools.dedup import dedup
from crewboard.tools.dedup.keys import Keyring
from crewboard.tools.files.chat import messages_key

LONG = "An answer of twenty bytes or more."
ROWS: list[Row] = [
    chat("a", LONG, id=1),
    chat(" a\n", LONG, id=1),  # the same but for blanks
    chat("b", LONG, id=2),  # the same answer to something else
    chat("a", LONG, id=3),  # the same messages, another id
    chat("c", "Short.", id=4),
    chat("d", "Short.", id=4),
]
KEYS = [
    # key, lines that go and what stays for them
    (["messages"], {4: 1}),
    (["stripped"], {2: 1, 4: 1}),
    (["answer"], {2: 1, 3: 1, 4: 1}),  # short answers are nobody's copy
    (["row"], {}),
    (["id"], {2: 1, 6: 5}),
    (["stripped", "id"], {2: 1}),
    (["messages.0.content"], {4: 1}),
    (["messages.-1.content", "id"], {2: 1, 6: 5}),
    (["messages.*.role"], dict.fromkeys(range(2, 7), 1)),
]


@pytest.mark.parametrize(("key", "expected"), KEYS)
def test_rows_are_copies_when_all_of_the_key_is_equal(
    tmp_path: Path, key: list[str], expected: dict[int, int]
) -> None:
    """F14: a count of duplicates names its key."""
    outcome = deduped(tmp_path, ROWS, key=key)
    assert left_to(outcome) == expected
    assert outcome.measured["key"] == " + ".join(key)
    assert outcome.measured["redundant"] == len(expected)


def test_the_whole_row_is_a_key_whatever_the_order_of_its_keys(tmp_path: Path) -> None:
    lines = b'{"a": 1, "b": [true]}\n{"b":[true],"a":1}\n{"a":1.0,"b":[true]}\n'
    (tmp_path / "d.jsonl").write_bytes(lines)
    outcome = run(dedup, tmp_path, data="d.jsonl", key=["row"])
    assert left_to(outcome) == {2: 1}


def test_rows_that_lack_the_key_are_nobodys_copies(tmp_path: Path) -> None:
    rows: list[Row] = [{"q": 1}, {"q": 1}, {"id": None}, {"id": None}, {"id": 7}, {"id": 7}]
    outcome = deduped(tmp_path, rows, key=["id"], near=0.5)
    assert stayed(outcome) == rows[:5]
    assert outcome.measured["keyless"] == 4


def test_a_summary_tells_of_rows_that_lack_the_key(tmp_path: Path) -> None:
    """F13."""
    outcome = deduped(tmp_path, [{"q": 1}, {"id": 7}, {"id": 7}], key=["id"])
    assert outcome.summary.endswith("; 1 rows without that key are nobody's copies; dropped")


def test_a_key_that_no_row_has_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """F27: a misspelt key finds no copies, and the rows would pass for rows without any."""
    with pytest.raises(ArgumentsInvalid, match=r"no row has metadata\.idd"):
        deduped(tmp_path, [{"metadata": {"id": 1}}] * 3, key=["metadata.idd"])
    assert not list(tmp_path.rglob("rows*.jsonl"))


def test_a_dot_in_front_names_a_field_where_the_word_means_something_else(tmp_path: Path) -> None:
    rows: list[Row] = [{"question": "1 + 1", "answer": "2"}, {"question": "3 - 1", "answer": "2"}]
    assert left_to(deduped(tmp_path, rows, key=[".answer"])) == {2: 1}
    with pytest.raises(SelfCheckFailed, match=r"no-messages 2.*name another key"):
        deduped(tmp_path, rows, "chat", key=["answer"])


def test_the_key_of_messages_is_the_one_that_the_other_tools_have() -> None:
    row = chat("a")
    assert Keyring(["messages"]).key_of(row) == messages_key(row["messages"])


@pytest.mark.parametrize("key", [[], [""], ["a..b"], ["."]])
def test_a_key_that_names_nothing_is_refused(key: list[str]) -> None:
    with pytest.raises(ArgumentsInvalid):
        dedup.parse({"data": "d.jsonl", "key": key})


def test_rows_of_several_files_are_copies_of_one_another(tmp_path: Path) -> None:
    """The first file is the one that is trusted most; what is dropped names its file and the kept one's."""
    (tmp_path / "old").mkdir()
    write_rows(tmp_path / "rows.jsonl", [chat("a", n=1), chat("b", n=2)])
    write_rows(tmp_path / "old" / "rows.jsonl", [chat("z", n=3), chat("b", n=4)])
    files = ["rows.jsonl", "old/rows.jsonl"]
    outcome = run(dedup, tmp_path, data=files)
    assert [row["n"] for row in stayed(outcome)] == [1, 2, 3]
    (gone,) = read_rows(made(outcome, "dropped"))
    assert (gone["file"], gone["line"]) == ("old/rows.jsonl", 2)
    assert gone["kept"]["file"] == "rows.jsonl"
    turned = run(dedup, tmp_path, "two", data=files[::-1])
    assert [row["n"] for row in stayed(turned)] == [3, 4, 1]


def test_hostile_rows_are_taken_as_they_are(tmp_path: Path) -> None:
    """Nested as deep as can be read, with keys and numbers at their limits, and twice each."""
    deep = b"[" * 250 + b"1" + b"]" * 250
    lines = [
        b'{"messages":[{"role":"user","content":%b}]}' % deep,
        b'{"messages":[{"role":7,"content":{"a":null}}],"id":123456789012345678901234567890}',
        b'{"messages":[{}],"":0,"id":1e308}',
    ]
    (tmp_path / "d.jsonl").write_bytes(b"\n".join([*lines, *lines, b'{"messages":7}', b"\xff"]))
    for n, key in enumerate((["messages"], ["stripped"], ["row"], ["messages.*"], ["id", "row"])):
        outcome = run(dedup, tmp_path, f"out{n}", data="d.jsonl", key=key, near=0.7, keep="longest")
        assert outcome.rows is not None
        assert outcome.rows.rows_in == 8
        assert dropped(outcome)["bad-utf8"] == 1
        assert dropped(outcome)["duplicate"] == (2 if "id" in key else 3)
