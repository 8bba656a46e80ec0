"""What is replaced, by what, what stays, and what is told about it."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.tools.data_rows import Row, chat, dropped, made, read_rows, run, write_rows

from crewboard.errors import ArgumentsInvalid, InputUnreadable, KeyMissing
from crewboard.tools.contract import Outcome
from crewboard.tools.contract.bench import Bench
from crewboard.tools.pii import REAL, pii_in
from crewboard.tools.scrub import scrub
from crewboard.tools.scrub.errors import SecretTooShort
from crewboard.tools.scrub.eye import Look

SECRET = "a secret that nobody guesses"


def scrubbed(folder: Path, *rows: Row, **arguments: Any) -> list[Row]:
    name = write_rows(folder / "data.jsonl", rows)
    return read_rows(made(run(scrub, folder, files=[name], **arguments), "rows"))


def said(folder: Path, text: str, **arguments: Any) -> str:
    (row,) = scrubbed(folder, {"text": text}, **arguments)
    return str(row["text"])


REPLACED = [
    # what is said, with placeholders, with reserved values
    ("Mail ann@quay-post.net.", "Mail [EMAIL_1].", "Mail person1@example.com."),
    ("Call (212) 736-5000", "Call [PHONE_1]", "Call (201) 555-0100"),
    ("Call 212.736.5000", "Call [PHONE_1]", "Call 201.555.0100"),
    ("Call +1 212 736 5000", "Call [PHONE_1]", "Call +1 201 555 0100"),
    ("Call +44 20 7946 1958", "Call [PHONE_1]", "Call +1 201 555 0100"),
    ("Call +4915112345678", "Call [PHONE_1]", "Call +12015550100"),
    ("No. 219-45-6789", "No. [SSN_1]", "No. 000-00-0001"),
    ("Card 4539-1488-0343-6467", "Card [CARD_1]", "Card 4111-1100-0000-0000"),
    ("DE44 5001 0517 5407 3249 31", "[IBAN_1]", "DE00 0000 0000 0000 0000 01"),
    ("Key AKIAQ3EGRTYHJUIKLOP7", "Key [KEY_1]", "Key AKIAEXAMPLE000000000"),
    ("Ann Lee <ann@quay-post.net>", "[NAME_1] <[EMAIL_1]>", "Person 1 <person1@example.com>"),
    ("Nothing at all.", "Nothing at all.", "Nothing at all."),
]


@pytest.mark.parametrize(("text", "placeholder", "reserved"), REPLACED)
def test_each_kind_has_its_replacement(
    tmp_path: Path, text: str, placeholder: str, reserved: str
) -> None:
    """F20."""
    assert said(tmp_path, text) == placeholder
    assert said(tmp_path, text, style="reserved") == reserved
    assert not {hit.kind for hit in pii_in(reserved)} & REAL


SPELLINGS = [
    ("ann@quay-post.net", "Ann@Quay-Post.NET"),
    ("(212) 736-5000", "+1 212.736.5000"),
    ("+44 20 7946 1958", "+44 (0)20 7946 1958"),
    ("4539 1488 0343 6467", "4539148803436467"),
    ("DE44 5001 0517 5407 3249 31", "DE44500105175407324931"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_a_value_has_one_replacement_however_it_is_spelled(
    tmp_path: Path, one: str, other: str
) -> None:
    first, second = said(tmp_path, f"{one} | {other}").split(" | ")
    assert first == second
    assert first.endswith("_1]")


def test_files_of_one_run_share_their_numbers_and_stay_apart(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", [chat("a@quay-post.net"), chat("b@quay-post.net")])
    write_rows(tmp_path / "test.jsonl", [chat("b@quay-post.net"), chat("plain")])
    outcome = run(scrub, tmp_path, files=["train.jsonl", "test.jsonl"])
    folder = made(outcome, "rows")
    assert {path.name for path in folder.iterdir()} == {"train.jsonl", "test.jsonl"}
    assert read_rows(folder / "test.jsonl") == [chat("[EMAIL_2]"), chat("plain")]
    assert outcome.measured["distinct"] == {"email": 2}


@pytest.mark.parametrize(
    ("names", "outputs"),
    [
        (["a/x.jsonl", "b/x.jsonl"], {"1-x.jsonl", "2-x.jsonl"}),
        (["a/dropped.jsonl", "b/x.jsonl"], {"1-dropped.jsonl", "x.jsonl"}),
    ],
)
def test_files_of_one_name_are_told_apart(
    tmp_path: Path, names: list[str], outputs: set[str]
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_rows(tmp_path / name, [chat("a")])
    outcome = run(scrub, tmp_path, files=names)
    assert {path.name for path in made(outcome, "rows").iterdir()} == outputs


def test_one_person_has_one_number_as_far_as_that_is_known(tmp_path: Path) -> None:
    """A link that is seen late counts for rows before it."""
    rows = scrubbed(
        tmp_path,
        chat("Call 212-736-5000"),
        chat("x@quay-post.net"),
        chat("Ann Lee (ann.lee@quay-post.net, 212-736-5000)", "Dear Ann Lee, dear Ann,"),
        chat("Who is Ann Lee?"),  # names are known in the rows of their address alone
    )
    assert rows == [
        chat("Call [PHONE_1]"),
        chat("[EMAIL_2]"),
        chat("[NAME_1] ([EMAIL_1], [PHONE_1])", "Dear [NAME_1], dear Ann,"),
        chat("Who is Ann Lee?"),
    ]


def test_two_numbers_by_one_address_are_nobodys_in_particular(tmp_path: Path) -> None:
    text = "Ann Lee ann.lee@quay-post.net 212-736-5000 212-736-5001"
    assert said(tmp_path, text) == "[NAME_1] [EMAIL_1] [PHONE_2] [PHONE_3]"


def test_listed_people_are_found_everywhere(tmp_path: Path) -> None:
    (tmp_path / "people.txt").write_text(
        "# who\nAnn Lee; Annie Lee; ann@quay-post.net; a.l@quay-post.net\n\nBob Ray\n"
    )
    text = "Annie Lee met ANN LEE and Bob Ray; a.l@quay-post.net, Ann@quay-post.net, Bob, Joann Lee"
    assert said(tmp_path, text, names="people.txt") == (
        "[NAME_1] met [NAME_1] and [NAME_2]; [EMAIL_1], [EMAIL_1_2], Bob, Joann Lee"
    )


@pytest.mark.parametrize("text", [b"Al\nX\n", b"\xff\xfe\x00"])
def test_a_list_of_names_that_would_ruin_the_rows_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "people.txt").write_bytes(text)
    with pytest.raises(InputUnreadable):
        said(tmp_path, "a", names="people.txt")


def test_code_stays_unless_asked_for_and_is_counted(tmp_path: Path) -> None:
    text = "a@quay-post.net `b@quay-post.net`\n```\nc@quay-post.net\n```"
    row = {
        "content": [
            {"class_": "code_action", "language": "sh", "content": "mail d@quay-post.net"},
            {"class_": "message_action", "content": text},
        ]
    }
    name = write_rows(tmp_path / "data.jsonl", [row])
    outcome = run(scrub, tmp_path, files=[name])
    (kept,) = read_rows(made(outcome, "rows"))
    assert kept["content"][0] == row["content"][0]
    assert kept["content"][1]["content"] == text.replace("a@quay-post.net", "[EMAIL_1]")
    assert outcome.measured["left_in_code"] == outcome.measured["after"] == {"email": 3}
    assert outcome.measured["before"] == {"email": 4}
    assert "left in code: 3" in outcome.summary
    (all_of_it,) = scrubbed(tmp_path, row, in_code=True)
    assert "quay" not in str(all_of_it)


def test_what_others_refer_to_stays_and_is_counted(tmp_path: Path) -> None:
    call = {
        "id": "c@quay-post.net",
        "type": "function",
        "function": {"name": "x@quay-post.net", "arguments": '{"id": "a@quay-post.net"}'},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = {
        "role": "tool",
        "tool_call_id": "c@quay-post.net",
        "content": '{"id": "a@quay-post.net"}',
    }
    row = {"id": "r@quay-post.net", "k@quay-post.net": 1, "messages": [message, answer]}
    name = write_rows(tmp_path / "data.jsonl", [row])
    outcome = run(scrub, tmp_path, files=[name])
    (kept,) = read_rows(made(outcome, "rows"))
    assert kept["messages"][0]["tool_calls"][0] == {
        **call,
        "function": {"name": "x@quay-post.net", "arguments": '{"id": "[EMAIL_1]"}'},
    }
    assert kept["messages"][1] == {**answer, "content": '{"id": "[EMAIL_1]"}'}
    assert outcome.measured["left_in_structure"] == {"email": 5}


ARGUMENTS = [
    ('{"to": "\\nann@quay-post.net"}', '{"to": "\\n[EMAIL_1]"}'),
    ('{"card":4539148803436467, "n":1.50}', '{"card":"[CARD_1]", "n":1.50}'),
    ('{"a": "\\u00e9 ann\\u0040quay-post.net \\/"}', '{"a": "\\u00e9 [EMAIL_1] \\/"}'),
    ('["{\\"b\\": \\"ann@quay-post.net\\"}"]', '["{\\"b\\": \\"[EMAIL_1]\\"}"]'),
    ('["{\\"b\\": 4539148803436467}"]', '["{\\"b\\": \\"[CARD_1]\\"}"]'),
    ("{'to': 'ann@quay-post.net'}", "{'to': '[EMAIL_1]'}"),  # no JSON: a text
]


@pytest.mark.parametrize(("before", "after"), ARGUMENTS)
def test_json_in_a_string_stays_json_as_it_was_written(
    tmp_path: Path, before: str, after: str
) -> None:
    call = {"function": {"name": "send", "arguments": before}}
    row: Row = {"messages": [{"role": "assistant", "tool_calls": [call]}]}
    (kept,) = scrubbed(tmp_path, row)
    assert kept["messages"][0]["tool_calls"][0]["function"]["arguments"] == after
    if not before.startswith("{'"):
        (kept,) = scrubbed(tmp_path, row, style="reserved")
        text = kept["messages"][0]["tool_calls"][0]["function"]["arguments"]
        assert type(orjson.loads(text)) is type(orjson.loads(before))
        assert "4539" not in text


def test_every_byte_that_is_no_part_of_a_hit_stays(tmp_path: Path) -> None:
    lines = [
        b'{"b": 1.0,  "a":"\\u00e9 x@quay-post.net \\/", "n": 1e3}',
        b'{ "plain" : "caf\xc3\xa9" }',
        b'{"a":"y@quay-post.net","a":"z@quay-post.net"}',  # a reader keeps one, a file has both
    ]
    (tmp_path / "data.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    kept = made(run(scrub, tmp_path, files=["data.jsonl"]), "rows").read_bytes().splitlines()
    assert kept == [
        lines[0].replace(b"x@quay-post.net", b"[EMAIL_1]"),
        lines[1],
        b'{"a":"[EMAIL_2]","a":"[EMAIL_3]"}',
    ]


def test_placeholders_stay_unless_asked_for(tmp_path: Path) -> None:
    """F20."""
    text = "ann@example.com, 212-555-0123, 4242 4242 4242 4242"
    name = write_rows(tmp_path / "data.jsonl", [chat(text)])
    outcome = run(scrub, tmp_path, files=[name])
    assert read_rows(made(outcome, "rows")) == [chat(text)]
    assert outcome.measured["placeholders_kept"] == {"card": 1, "email": 1, "phone": 1}
    assert scrubbed(tmp_path, chat(text), placeholders=True) == [
        chat("[EMAIL_1], [PHONE_2], [CARD_3]")
    ]


def test_only_the_kinds_asked_for_go(tmp_path: Path) -> None:
    text = "ann@quay-post.net at 8.8.8.8, 2606:4700:4700::1111 or 219-45-6789"
    assert said(tmp_path, text) == "[EMAIL_1] at 8.8.8.8, 2606:4700:4700::1111 or [SSN_2]"
    only = said(tmp_path, text, kinds=["ip"], style="reserved")
    assert only == "ann@quay-post.net at 192.0.2.1, 2001:db8::2 or 219-45-6789"


def test_numbers_go_on_behind_those_that_the_data_bears(tmp_path: Path) -> None:
    """Two people never share a label because one was scrubbed before."""
    rows = scrubbed(tmp_path, chat("new@quay-post.net"), chat("[EMAIL_7] and [PHONE_3_2]"))
    assert rows == [chat("[EMAIL_8]"), chat("[EMAIL_7] and [PHONE_3_2]")]
    text = "212-736-5000 after 201-555-0100; ann@quay-post.net after person4@example.com"
    assert said(tmp_path, text, style="reserved") == (
        "201-555-0101 after 201-555-0100; person6@example.com after person4@example.com"
    )


def test_a_secret_makes_labels_last_over_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRUB_SECRET", SECRET)
    one = said(tmp_path, "b@quay-post.net a@quay-post.net", secret_env="SCRUB_SECRET").split()
    two = said(tmp_path, "A@quay-post.net", secret_env="SCRUB_SECRET")
    assert one[1] == two != one[0]
    named = said(tmp_path, "Ann Lee <ann@quay-post.net>", secret_env="SCRUB_SECRET")
    name, mail = named.replace("<", "").replace(">", "").split()
    assert name.replace("NAME", "EMAIL") == mail
    monkeypatch.setenv("SCRUB_SECRET", SECRET + "!")
    assert said(tmp_path, "a@quay-post.net", secret_env="SCRUB_SECRET") != two


def test_a_secret_is_there_and_long_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRUB_SECRET", raising=False)
    with pytest.raises(KeyMissing):
        said(tmp_path, "a", secret_env="SCRUB_SECRET")
    monkeypatch.setenv("SCRUB_SECRET", "short")
    with pytest.raises(SecretTooShort, match="5 characters") as caught:
        said(tmp_path, "a", secret_env="SCRUB_SECRET")
    assert "'short'" not in str(caught.value)


def test_no_value_is_written_anywhere_but_where_it_was_left(tmp_path: Path) -> None:
    """F29."""
    row = {"k-ann@quay-post.net": {"to": "ann@quay-post.net"}, "Quay": ["212-736-5000"]}
    name = write_rows(tmp_path / "data.jsonl", [row, chat("nothing")])
    outcome = run(scrub, tmp_path, files=[name])
    place = {"file": "data.jsonl", "line": 1, "offset": 0}
    assert read_rows(made(outcome, "changes")) == [
        {**place, "field": "*.to", "kind": "email", "replacement": "[EMAIL_1]"},
        {**place, "field": "Quay[0]", "kind": "phone", "replacement": "[PHONE_2]"},
    ]
    assert b"quay-post" not in orjson.dumps([outcome.summary, dict(outcome.measured)])
    assert not list((tmp_path / "out.jobs").iterdir())


def test_values_that_touch_leave_nothing_behind(tmp_path: Path) -> None:
    """What is no hit beside a letter becomes one beside a bracket."""
    text = "ann@quay-post.net+4915112345678 a@b.quay.net@c.quay.net"
    for style in ("placeholder", "reserved"):
        left = said(tmp_path, text, style=style)
        assert not {hit.kind for hit in pii_in(left)} & REAL
        assert "quay" not in left


def test_bad_lines_are_left_out_with_their_reason(tmp_path: Path) -> None:
    """F13."""
    (tmp_path / "data.jsonl").write_bytes(b'{"a":"x@quay-post.net"}\n{cut x@quay-post.net\n\n[1]\n')
    outcome: Outcome = run(scrub, tmp_path, files=["data.jsonl"])
    assert dropped(outcome) == {"malformed-json": 1, "blank": 1, "not-an-object": 1}
    assert b"quay" not in made(outcome, "dropped").read_bytes()


def test_a_row_that_is_deeper_in_a_string_than_python_calls_is_scrubbed(tmp_path: Path) -> None:
    deep = "[" * 1000 + '"ann@quay-post.net"' + "]" * 1000
    assert said(tmp_path, deep) == deep.replace("ann@quay-post.net", "[EMAIL_1]")


def test_a_row_that_cannot_be_made_clean_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F13: neither written nor lost in silence."""
    from crewboard.tools.scrub.eye import Eye

    monkeypatch.setattr(Eye, "look", lambda *_: Look())
    name = write_rows(tmp_path / "data.jsonl", [chat("ann@quay-post.net"), chat("plain")])
    outcome = run(scrub, tmp_path, files=[name])
    assert read_rows(made(outcome, "rows")) == [chat("plain")]
    (left,) = read_rows(made(outcome, "dropped"))
    assert (left["reason"], left["line"], left["kinds"]) == ("hit-remains", 1, ["email"])


def test_an_escaped_at_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_bytes(
        rb'{"a":"ann\u0040quay-post.net","b":"{\"c\":\"x\\u0040quay.net\"}"}'
    )
    kept = made(run(scrub, tmp_path, files=["data.jsonl"]), "rows").read_bytes()
    assert kept == rb'{"a":"[EMAIL_1]","b":"{\"c\":\"[EMAIL_2]\"}"}' + b"\n"


def test_as_many_numbers_as_there_are_for_fiction_and_then_it_is_told(tmp_path: Path) -> None:
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setitem(_room(), "phone", 2)
        name = write_rows(tmp_path / "data.jsonl", [chat(f"212-736-500{n}") for n in range(3)])
        outcome = run(scrub, tmp_path, files=[name], style="reserved")
    assert outcome.measured["sharing_a_label"] == {"phone": 2}


def _room() -> Any:
    from crewboard.tools.scrub import styles

    return styles._ROOM


REFUSED: list[dict[str, Any]] = [
    {"files": []},
    {"files": ["a"], "kinds": []},
    {"files": ["a"], "kinds": ["mail"]},
    {"files": ["a"], "style": "reserved", "placeholders": True},
    {"files": ["a"], "kinds": ["email"], "names": "people.txt"},
]


@pytest.mark.parametrize("arguments", REFUSED)
def test_a_scrub_that_means_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        scrub.parse(arguments)


@pytest.mark.parametrize("style", ["placeholder", "reserved"])
def test_a_stopped_scrub_goes_on_to_the_same_bytes(
    tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing about the mapping is kept in between: it is learnt anew."""
    from crewboard.tools.files import sieve

    monkeypatch.setattr(sieve, "MARK_EVERY", 20)
    rows = [chat(f"user{n % 37}@quay-post.net and 212-736-5{n:03d}") for n in range(100)]
    name = write_rows(tmp_path / "data.jsonl", rows)
    whole = run(scrub, tmp_path, "whole", files=[name], style=style)
    bench = Bench(tmp_path, tmp_path / "out")
    arguments = scrub.parse({"files": [name], "style": style})
    keep, kept = sieve.Sieve.keep, [0]

    def failing(self: sieve.Sieve, raw: bytes, output: str = "rows") -> None:
        kept[0] += 1
        if kept[0] == 77:
            raise KeyboardInterrupt
        keep(self, raw, output)

    monkeypatch.setattr(sieve.Sieve, "keep", failing)
    with pytest.raises(KeyboardInterrupt):
        scrub.run(arguments, bench)
    assert not list(bench.out.iterdir())
    jobs = [path for path in (tmp_path / "out.jobs").rglob("*") if path.is_file()]
    assert all(b"quay-post" not in path.read_bytes() for path in jobs)
    again = scrub.run(arguments, bench)
    assert kept[0] == 77 + 40, "what was marked is not done again"
    for one, other in zip(whole.made, again.made, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()
    assert dict(again.measured) == dict(whole.measured)


def test_progress_is_told_of_both_passes(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "data.jsonl", [chat(f"a {n}") for n in range(4100)])
    bench = Bench(tmp_path, tmp_path / "out")
    scrub.run(scrub.parse({"files": [name]}), bench)
    assert len({note for _, _, note in bench.told}) == 2
