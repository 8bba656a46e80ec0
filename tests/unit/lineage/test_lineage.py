"""From an artifact down to its sources, by bytes and not by names."""

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.tools.data_rows import chat, write_rows

from crewboard.canonical import sha256_file
from crewboard.cli.data.alone import run_alone
from crewboard.cli.data.lineage import lineage as verb
from crewboard.errors import InputMissing
from crewboard.tools.contract.bench import Bench
from crewboard.tools.contract.manifest import SUFFIX
from crewboard.tools.expand import expand
from crewboard.tools.filter import filter_rows
from crewboard.tools.lineage import (
    LineageArguments,
    Node,
    Shelf,
    State,
    differences,
    lineage,
    lineage_of,
)
from crewboard.tools.lineage.errors import ManifestUnreadable
from crewboard.tools.mix import mix


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        write_rows(
            tmp_path / f"{name}.jsonl",
            [chat(f"{name} {i}" + " long" * (i == 0)) for i in range(20)],
        )


def built(out: str = "data", **more: Any) -> Path:
    """a and b, mixed, then filtered: the last artifact, relative to the workspace."""
    arguments = {"sources": ["a.jsonl", "b.jsonl"], "ratios": [0.5, 0.5], "seed": 1, **more}
    mixed = run_alone(mix, arguments, Path(out), 1, ["a.jsonl", "b.jsonl"])
    rows = Path(out) / mixed.manifests[0].path
    kept = run_alone(filter_rows, {"data": str(rows), "max_words": 3}, Path(out), 1, [str(rows)])
    return Path(out) / kept.manifests[0].path


def states(node: Node) -> dict[str, State]:
    return {".".join(place): each.state for place, each in node.walk()}


def looked_at(path: Path) -> Node:
    return lineage_of(path, Shelf(Path()))


def mixed_rows(artifact: Path) -> Path:
    return looked_at(artifact).parents[0].path


def test_an_artifact_leads_to_its_sources() -> None:
    """F14."""
    node = looked_at(built())
    assert states(node) == dict.fromkeys(
        ("", "data", "data.sources.0", "data.sources.1"), State.SOUND
    )
    (mixed,) = node.parents
    assert mixed.record is not None
    assert (mixed.record.tool, mixed.record.seed, mixed.record.rows) == ("mix", 1, 40)
    assert [parent.path for parent in mixed.parents] == [Path("a.jsonl"), Path("b.jsonl")]


def test_what_was_built_on_a_changed_input_is_stale(tmp_path: Path) -> None:
    """F25: a source was regenerated under the same name with other rows."""
    artifact = built()
    write_rows(tmp_path / "b.jsonl", [chat(f"other {i}") for i in range(20)])
    assert states(looked_at(artifact)) == {
        "": State.STALE,
        "data": State.STALE,
        "data.sources.0": State.SOUND,
        "data.sources.1": State.CHANGED,
    }


def test_a_source_that_is_gone_is_missing(tmp_path: Path) -> None:
    """F4, F12."""
    artifact = built()
    (tmp_path / "b.jsonl").unlink()
    assert states(looked_at(artifact))["data.sources.1"] is State.MISSING
    assert looked_at(artifact).state is State.STALE


def test_a_source_that_was_moved_is_found_by_its_bytes(tmp_path: Path) -> None:
    artifact = built()
    (tmp_path / "raw").mkdir()
    shutil.move(tmp_path / "b.jsonl", tmp_path / "raw" / "b.jsonl")
    node = looked_at(artifact)
    assert node.state is State.SOUND
    assert node.parents[0].parents[1].path == Path("raw/b.jsonl")


def test_bytes_between_that_are_gone_are_missing_but_their_manifest_leads_on() -> None:
    artifact = built()
    mixed_rows(artifact).unlink()
    found = states(looked_at(artifact))
    assert (found[""], found["data"]) == (State.STALE, State.MISSING)
    assert found["data.sources.0"] is State.SOUND


def test_an_artifact_that_was_edited_is_altered() -> None:
    """F26: what a report quotes is still what was made."""
    artifact = built()
    with artifact.open("ab") as file:
        file.write(b"{}\n")
    assert looked_at(artifact).state is State.ALTERED
    mixed = mixed_rows(artifact)
    with mixed.open("ab") as file:
        file.write(b"{}\n")
    assert states(looked_at(artifact))["data"] is State.ALTERED


def test_two_lineages_differ_in_what_was_done_otherwise(tmp_path: Path) -> None:
    """F14: a union was smaller than one of its inputs, and nobody could say why."""
    one = looked_at(built())
    assert differences(one, looked_at(built("again"))) == []
    write_rows(tmp_path / "b.jsonl", [chat(f"b {i}") for i in range(30)])
    two = looked_at(built("two", seed=2))
    found = {each.place: each for each in differences(one, two)}
    assert found["data",].what["parameters.seed"] == (1, 2)
    assert set(found) == {(), ("data",), ("data", "sources.1")}
    assert set(found["data", "sources.1"].what) == {"sha256"}


def test_a_plain_file_is_a_source_and_no_file_is_told() -> None:
    assert looked_at(Path("a.jsonl")).record is None
    with pytest.raises(InputMissing):
        looked_at(Path("none.jsonl"))


DAMAGED = [
    (b"{", "cannot be read"),
    (b"[]", "lacks all"),
    (b'{"sha256": "x"}', "lacks parameters"),
]


@pytest.mark.parametrize(("content", "told"), DAMAGED)
def test_a_damaged_manifest_is_told_and_hides_no_other(content: bytes, told: str) -> None:
    artifact = built()
    Path("odd.jsonl" + SUFFIX).write_bytes(content)
    shelf = Shelf(Path())
    assert [told in str(fault) for fault in shelf.unreadable] == [True]
    assert lineage_of(artifact, shelf).state is State.SOUND
    with pytest.raises(ManifestUnreadable, match=told):
        lineage_of(Path("odd.jsonl"), shelf)


def forge(name: str, sha256: str, parents: dict[str, str]) -> None:
    told = {
        "sha256": sha256, "tool": "x", "tool_version": "1", "rows": 1, "seed": 0,
        "parents": parents, "parameters": {},
    }  # fmt: skip
    Path(name + SUFFIX).write_bytes(orjson.dumps(told))


def test_what_descends_from_itself_ends_there() -> None:
    forge("x.jsonl", "a" * 64, {"data": "b" * 64})
    forge("y.jsonl", "b" * 64, {"data": "a" * 64})
    assert list(states(looked_at(Path("x.jsonl")))) == ["", "data", "data.data"]


def test_a_step_that_changed_nothing_leaves_the_manifest_of_what_it_was_given() -> None:
    """Both give the same bytes under the same name; the second manifest would lie where the first does."""
    given = {"sources": ["a.jsonl"], "ratios": [1.0]}
    mixed = run_alone(mix, given, Path("one"), 1, ["a.jsonl"])
    rows = f"one/{mixed.manifests[0].path}"
    apart = run_alone(filter_rows, {"data": rows}, Path("two"), 1, [rows])
    node = looked_at(Path("two") / apart.manifests[0].path)
    assert states(node) == dict.fromkeys(("", "data", "data.sources.0"), State.SOUND)
    run_alone(filter_rows, {"data": rows}, Path("one"), 1, [rows])
    shutil.rmtree("two")
    assert states(looked_at(Path(rows))) == {"": State.SOUND, "sources.0": State.SOUND}


def test_a_source_that_a_step_gave_back_as_it_was_is_a_source_still() -> None:
    kept = run_alone(filter_rows, {"data": "a.jsonl"}, Path("data"), 1, ["a.jsonl"])
    node = looked_at(Path("data") / kept.manifests[0].path)
    assert states(node) == dict.fromkeys(("", "data"), State.SOUND)
    assert node.parents[0].path == Path("a.jsonl")


def test_steps_that_lead_back_to_the_first_bytes_leave_their_origin_untold() -> None:
    """The last manifest lies where the first one lay, so nothing says any more what came before."""
    forge("there.jsonl", "b" * 64, {"data": "a" * 64})
    rows = write_rows(Path("rows.jsonl"), [chat("a")])
    sha256 = sha256_file(Path(rows))
    told = {"sha256": sha256, "parents": {"data": "b" * 64}, "parameters": {"data": "there.jsonl"}}
    back = {"sha256": "b" * 64, "parents": {"data": sha256}, "parameters": {"data": rows}}
    for name, more in ((rows, told), ("there.jsonl", back)):
        facts = {"tool": "x", "tool_version": "1", "rows": 1, "seed": 0, **more}
        Path(name + SUFFIX).write_bytes(orjson.dumps(facts))
    assert states(looked_at(Path(rows)))["data.data"] is State.UNTOLD


def test_a_file_of_a_folder_leads_to_the_step_that_made_the_folder(tmp_path: Path) -> None:
    Path("m.toml").write_text("[compatibility]\na = { a = 1, b = 0.5 }\nb = { a = 0.5, b = 1 }\n")
    given = {"sources": ["a.jsonl", "b.jsonl"], "agents": ["a", "b"], "matrix": "m.toml", "rows": 9}
    done = run_alone(expand, given, Path("sets"), 1, ["a.jsonl", "b.jsonl", "m.toml"])
    one = f"sets/{done.manifests[0].path}/a.jsonl"
    assert [each.role for each in looked_at(Path(one)).parents] == ["within"]
    kept = run_alone(filter_rows, {"data": one}, Path("data"), 1, [one])
    node = looked_at(Path("data") / kept.manifests[0].path)
    below = ("", "data", *(f"data.within{each}" for each in ("", ".sources.0", ".sources.1")))
    assert states(node) == dict.fromkeys((*below, "data.within.matrix"), State.SOUND)
    write_rows(tmp_path / "b.jsonl", [chat("other")])
    assert states(looked_at(Path(one)))[""] is State.STALE


def test_a_forged_lineage_costs_no_more_than_it_holds() -> None:
    """Each of 40 files names the one before twice: 2**40 paths, 41 files."""
    for n in range(41):
        before = f"{n - 1:064}"
        forge(f"f{n}.jsonl", f"{n:064}", {"a": before, "b": before} if n else {})
    node = looked_at(Path("f40.jsonl"))
    assert len({each.sha256 for _, each in node.walk()}) == 41
    assert sum(1 for _ in node.walk()) < 200


def test_a_chain_that_never_ends_is_cut() -> None:
    for n in range(300):
        forge(f"f{n}.jsonl", f"{n:064}", {"data": f"{n - 1:064}"})
    with pytest.raises(ManifestUnreadable, match="more than 200 steps"):
        looked_at(Path("f299.jsonl"))


# ── the command, and the crew's tool ───────────────────────────────────────────────────────────


def call(*words: str) -> Any:
    return verb.main(list(words), standalone_mode=False)


def test_the_command_draws_a_tree_and_leaves_with_5_when_something_is_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = str(built())
    assert call(artifact) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [
        f"└── data: {mixed_rows(Path(artifact))}",
        *("", ""),
    ]
    assert lines[2].startswith("    ├── sources.0: a.jsonl  ")
    (tmp_path / "b.jsonl").write_text("{}\n")
    assert call(artifact) == 5
    assert capsys.readouterr().out.splitlines()[3].endswith("CHANGED")


def test_a_folder_tells_which_of_its_artifacts_are_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """F25."""
    built()
    assert call("data") == 0
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"sound"}
    (tmp_path / "b.jsonl").write_text("{}\n")
    assert call("data") == 5
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["stale"] * 4
    assert all(line.endswith("b.jsonl is changed") for line in lines)


def test_it_is_told_to_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    artifact = built()
    call(str(artifact), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["parents"][0]["made_by"]["tool"] == "mix"
    call(str(artifact), "--dot")
    drawn = capsys.readouterr().out
    assert drawn.startswith("digraph lineage {")
    assert drawn.count("->") == 3
    call(str(artifact), "--diff", str(built("again", seed=3)))
    assert "seed: 1 -> 3" in capsys.readouterr().out


def test_a_crew_gets_it_as_a_report(tmp_path: Path) -> None:
    artifact = built()
    bench = Bench(tmp_path, tmp_path / "out")
    outcome = lineage.run(LineageArguments(data=str(artifact), against="a.jsonl"), bench)
    assert outcome.measured == {"states": {"sound": 4}, "sound": True}
    told = orjson.loads((tmp_path / "out" / "lineage.json").read_bytes())
    assert told["lineage"]["parents"][0]["role"] == "data"
    assert told["differences"]
