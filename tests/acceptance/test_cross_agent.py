"""The data path of a first real crew, whole: generated rows, ADP, a filled-up set for each agent, the
provider's format, an audit; by a crew, with QA's word on every artifact's bytes."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from integration.cli.command import DROP, begin, crewboard

from crewboard.tools.contract.manifest import tree_sha256
from crewboard.tools.twins.provider.server import ProviderTwin

KEY = {"OPENAI_API_KEY": "sk-not-a-key"}
AGENTS = ["analyst", "content", "legal", "qa", "support"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace `w` beside a copy of the shipped recipe and matrix."""
    for arguments in (("init", "w"), ("data", "recipes", "support-desk")):
        done = crewboard(*arguments, at=tmp_path)
        assert done.returncode == 0, done.stderr
    with (tmp_path / "w" / "crewboard.toml").open("a") as file:
        file.write(DROP)
    return tmp_path


def goal(*pairs: str) -> list[str]:
    named = ["--data", "recipes/support-desk.toml", "--data", "recipes/support-desk.matrix.toml"]
    sets = [part for pair in pairs for part in ("--set", pair)]
    return ["--workspace", "w", "start", "Sets", "--pipeline", "cross_agent", *named, *sets]


def told(place: Path, *verb: str) -> Any:
    done = crewboard("--workspace", "w", *verb, "--json", at=place)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def events(place: Path, kind: str) -> list[dict[str, Any]]:
    found = told(place, "events")
    found = found["events"] if isinstance(found, dict) else found
    return [each["data"] for each in found if each["kind"] == kind]


def made(place: Path, name: str, step: str) -> Path:
    [path] = [
        Path(each["path"])
        for each in events(place, "artifact.made")
        if each["name"] == name and f"/{step}/" in each["path"]
    ]
    return place / "w" / path


def test_6665_rows_become_99990_in_the_providers_format_and_qa_signs_their_bytes(
    place: Path,
) -> None:
    """F13, F15, F18, F19, F21: every figure is measured, and was declared before."""
    done = crewboard(*goal("rounding=truncate"), "--wait", at=place)
    assert done.returncode == 0, done.stderr

    report = json.loads(made(place, "report", "generate").read_text())
    assert report["got"] == report["planned"]
    assert report["by_axis"]["agent_name"] == dict.fromkeys(AGENTS, 1333)
    assert report["by_axis"]["difficulty"] == {"easy": 2000, "medium": 2999, "hard": 1666}

    sets = sorted(made(place, "rows", "target").iterdir())
    assert [path.name for path in sets] == [f"{agent}.jsonl" for agent in AGENTS]
    counts = [path.read_bytes().count(b"\n") for path in sets]
    assert sum(counts) == 99_990
    assert set(json.loads(sets[0].read_bytes().partition(b"\n")[0])) == {"messages"}

    audit = json.loads(made(place, "report", "audit").read_text())
    share = {rule["id"]: rule["share"] for rule in audit["rules"]}
    assert round(share["duplicate"], 4) == round(1 - 6665 / 99_990, 4) == 0.9333
    assert audit["verdict"]["within"]

    signed = events(place, "verdict.signed")
    by_hash = {each["sha256"]: each for each in signed}
    for each in events(place, "artifact.made"):
        assert tree_sha256(place / "w" / each["path"]) == each["sha256"]
        assert by_hash[each["sha256"]]["judgement"] == "accept"
    target = by_hash[tree_sha256(made(place, "rows", "target"))]["measured"]
    assert (target["rows"], target["rows_least"], target["pii_rows"]) == (99_990, min(counts), 0)


def test_what_is_personal_is_replaced_at_its_source_and_in_no_copy(place: Path) -> None:
    """F20: a few source rows were thousands of hits in fifteen copies."""
    address = "ann.lee@quay-post.net"
    rows = [
        {
            "task": f"Answer the letter of {address if n % 10 == 0 else 'a reader'}, number {n}.",
            "context": "",
            "expected_output": f"Dear reader, number {n} was read with care.",
            "agent_name": AGENTS[n % 5],
        }
        for n in range(100)
    ]
    source = place / "raw.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    named = ["--data", "raw.jsonl", "--data", "recipes/support-desk.matrix.toml"]
    pairs = ["--set", "per_target=60"]
    start = ["start", "Sets", "--pipeline", "cross_agent", *named, *pairs, "--wait"]
    done = crewboard("--workspace", "w", *start, at=place)
    assert done.returncode == 0, done.stdout + done.stderr

    [asked] = told(place, "decisions", "--all")["decisions"]
    assert "addresses in 10 rows" in asked["question"]
    for path in made(place, "rows", "target").iterdir():
        assert address.encode() not in path.read_bytes()
    assert b"[EMAIL_1]" in made(place, "rows", "scrub").read_bytes()
    assert source.read_text().count(address) == 10


def test_reuse_beyond_what_was_declared_waits_for_a_human(place: Path) -> None:
    """F19: it is not explained after."""
    done = crewboard(*goal("rows=100", "per_target=300", "reuse_within=0.2"), "--wait", at=place)
    assert done.returncode == 3, done.stderr
    [asked] = [d for d in told(place, "decisions")["decisions"] if d["kind"] == "waiver"]
    assert "duplicates is" in asked["question"]
    assert "at most 0.2 was declared" in asked["question"]


def test_a_set_that_was_changed_after_qa_signed_is_not_sent_on(place: Path) -> None:
    """F18, F25: the word is on the bytes."""
    pairs = ("rows=100", "per_target=300", "reuse_within=0.2")
    assert crewboard(*goal(*pairs), "--wait", at=place).returncode == 3
    [waiver] = [d for d in told(place, "decisions")["decisions"] if d["kind"] == "waiver"]
    target = made(place, "rows", "target") / "legal.jsonl"
    target.write_bytes(target.read_bytes() + target.read_bytes().partition(b"\n")[0] + b"\n")
    answer = ["approve", waiver["id"], "--choose", "waive", "--note", "meant"]
    assert crewboard("--workspace", "w", *answer, at=place).returncode == 0
    done = crewboard("--workspace", "w", "resume", at=place)
    assert done.returncode == 5, done.stdout
    assert "it was changed after it was registered" in done.stdout


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["support-desk.toml"], "one matrix"),
        (["support-desk.matrix.toml"], "name a recipe"),
        (["support-desk.toml", "seed.toml", "support-desk.matrix.toml"], "name a recipe"),
    ],
)
def test_what_is_missing_is_told_before_the_first_step(
    place: Path, names: list[str], reason: str
) -> None:
    (place / "recipes" / "seed.toml").write_text("name = 'seed'\n")
    files = [part for name in names for part in ("--data", f"recipes/{name}")]
    done = crewboard(
        "--workspace", "w", "start", "Sets", "--pipeline", "cross_agent", *files, at=place
    )
    assert done.returncode == 2
    assert reason in done.stderr
    assert not told(place, "tasks")["tasks"]


def test_a_crew_that_pays_is_killed_and_goes_on_without_paying_twice(place: Path) -> None:
    """F9, F21, F22: the quotas are met, and what was answered is asked once."""
    with ProviderTwin(place / "charges.jsonl") as twin:
        pairs = [
            "rows=120", "per_target=200", "reuse=1", "reuse_within=1",
            "model=openai/gpt-6-luna", "budget_usd=5", f"base_url={twin.openai_url}",
        ]  # fmt: skip
        done = crewboard(*goal(*pairs), "--budget", "5", "--wait", at=place, env=KEY)
        assert done.returncode == 3, done.stderr
        [plan] = [d for d in told(place, "decisions")["decisions"] if d["kind"] == "plan"]
        answer = ["--workspace", "w", "approve", plan["id"], "--choose", "approve"]
        assert crewboard(*answer, at=place).returncode == 0
        for _ in range(3):
            _killed_after(place, twin, 15)
        done = crewboard("--workspace", "w", "resume", at=place, env=KEY)
        assert done.returncode == 0, done.stdout + done.stderr
        paid = [each.request for each in twin.charges]
        assert len(paid) == len(set(paid))
    report = json.loads(made(place, "report", "generate").read_text())
    assert report["rows"] == 120
    assert report["got"] == report["planned"]


def _killed_after(place: Path, twin: ProviderTwin, more: int) -> None:
    """A crew that is killed, all its processes, when it has asked some questions more."""
    seen = len(twin.seen)
    crew = begin("--workspace", "w", "resume", at=place, env=KEY)
    try:
        until = time.monotonic() + 30
        while len(twin.seen) < seen + more and crew.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        if crew.poll() is None:
            os.killpg(crew.pid, signal.SIGKILL)
        said = crew.communicate()
    assert crew.returncode == -signal.SIGKILL, said
