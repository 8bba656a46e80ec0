"""`crewboard data scrub`, as it is typed."""

import json
from pathlib import Path

from integration.cli.command import crewboard
from unit.tools.data_rows import chat, write_rows

from crewboard.tools.contract import installed_tools


def test_it_says_what_was_there_before_and_what_is_after(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [chat("ann@quay-post.net `bob@quay-post.net`"), chat("b")])
    done = crewboard("data", "scrub", "a.jsonl", "--out", "clean", at=tmp_path)
    assert done.returncode == 0
    assert "replaced in 1 of them: email 1; left in code: 1" in done.stderr
    rows, changes, head, line = done.stdout.splitlines()
    assert rows.startswith("clean/rows.")
    assert changes.startswith("clean/changes.")
    assert head.split()[:3] == ["KIND", "BEFORE", "REPLACED"]
    assert line.split() == ["email", "2", "1", "1", "1", "0", "1"]
    assert (
        (tmp_path / rows)
        .read_text()
        .startswith('{"messages":[{"role":"user","content":"[EMAIL_1] `bob')
    )
    assert b"ann@" not in b"".join(p.read_bytes() for p in (tmp_path / "clean").iterdir())


def test_its_options_are_the_tools(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [chat("Bob Ray, 8.8.8.8 `ann@quay-post.net`")])
    write_rows(tmp_path / "b.jsonl", [chat("ANN@quay-post.net, 212-736-5000")])
    (tmp_path / "people.txt").write_text("Bob Ray\n")
    options = (
        "--kind",
        "ip",
        "--kind",
        "email",
        "--kind",
        "name",
        "--in-code",
        "--names",
        "people.txt",
    )
    secret = ("--secret-env", "SCRUB_SECRET", "--style", "reserved", "--json")
    env = {"SCRUB_SECRET": "a secret that nobody guesses"}
    done = crewboard("data", "scrub", "a.jsonl", "b.jsonl", *options, *secret, at=tmp_path, env=env)
    told = json.loads(done.stdout)
    assert told["measured"]["replaced"] == {"email": 2, "ip": 1, "name": 1}
    folder = tmp_path / "data" / next(a["path"] for a in told["artifacts"] if a["name"] == "rows")
    one, two = (json.loads((folder / f"{name}.jsonl").read_text()) for name in "ab")
    mail = one["messages"][0]["content"].split("`")[1]
    assert mail.endswith("@example.com")
    assert two["messages"][0]["content"] == f"{mail}, 212-736-5000"
    assert "a secret that" not in done.stdout + done.stderr


def test_a_missing_secret_is_told_with_its_remedy(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [chat("a")])
    done = crewboard("data", "scrub", "a.jsonl", "--secret-env", "NOT_THERE", at=tmp_path)
    assert done.returncode != 0
    assert "NOT_THERE" in done.stderr


def test_a_crew_has_it_too() -> None:
    tool = installed_tools()["scrub"]
    assert set(tool.produces) == {"rows", "changes", "dropped"}
    assert tool.named == {"secret_env"}
