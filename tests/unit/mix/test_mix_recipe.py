"""`mix.toml`, and `crewboard data mix`."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from unit.tools.data_rows import chat, write_rows

from crewboard.canonical import sha256_file
from crewboard.cli.data.mix import mix as verb
from crewboard.errors import ConfigInvalid, InputMissing
from crewboard.tools.lineage.errors import PinBroken
from crewboard.tools.mix import load_mix

RECIPE = """
seed = 7
anchor = "b"
over_length = "replace"
max_words = 300

[sources.a]
files = ["a1.jsonl", "a2.jsonl"]
ratio = 0.75
cap = 40
oversample = 2

[sources.b]
files = ["b.jsonl"]
ratio = 0.25
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a1", "a2", "b"):
        write_rows(tmp_path / f"{name}.jsonl", [chat(f"{name} {i}") for i in range(10)])
    (tmp_path / "mix.toml").write_text(RECIPE)


def call(*words: str) -> Any:
    return verb.main(list(words), standalone_mode=False)


def test_a_recipe_says_everything(tmp_path: Path) -> None:
    arguments = load_mix(Path("mix.toml"))
    assert arguments.sources == ("a1.jsonl", "a2.jsonl", "b.jsonl")
    assert arguments.labels == ("a", "b")
    assert (arguments.anchor, arguments.seed, arguments.max_words) == (1, 7, 300)
    assert (arguments.caps, arguments.oversample) == ((40, None), (2.0, 1.0))
    assert load_mix(tmp_path / "mix.toml").sources[0] == str(tmp_path / "a1.jsonl")


FAULTS = [
    # what is wrong, and where the error says it is
    (RECIPE.replace('"b"', '"c"', 1), "anchor: there is no source c"),
    (RECIPE.replace("0.25", "0.5"), "sum to 1, not to 1.25"),
    (RECIPE.replace("cap = 40", "cap = 0"), r"sources\.a\.cap"),
    (RECIPE.replace("cap = 40", "most = 4"), r"sources\.a\.most"),
    (RECIPE.replace("seed = 7", "seed = "), "line 2"),
    (RECIPE.replace('"replace"', '"cut"'), "over_length"),
    (RECIPE.replace("cap = 40", 'sha256 = ["00"]'), "2 files need as many pins"),
    ("seed = 1", "sources"),
]


@pytest.mark.parametrize(("text", "where"), FAULTS)
def test_a_wrong_recipe_is_told_by_its_place(tmp_path: Path, text: str, where: str) -> None:
    (tmp_path / "mix.toml").write_text(text)
    with pytest.raises(ConfigInvalid, match=where):
        load_mix(tmp_path / "mix.toml")


def test_a_recipe_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        load_mix(tmp_path / "other.toml")


def test_a_pinned_source_with_other_bytes_stops_the_mix(tmp_path: Path) -> None:
    """F25: a file was regenerated under the same name with 1,318 other rows."""
    pinned = RECIPE + f'sha256 = ["{sha256_file(tmp_path / "b.jsonl")}"]\n'
    (tmp_path / "mix.toml").write_text(pinned)
    call("mix.toml", "--out", "one")
    write_rows(tmp_path / "b.jsonl", [chat(f"other {i}") for i in range(10)])
    with pytest.raises(PinBroken, match=r"b\.jsonl is not the file that was pinned"):
        call("mix.toml", "--out", "two")
    assert list((tmp_path / "two").iterdir()) == []


def test_a_recipe_gives_a_dataset_with_its_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("mix.toml", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["measured"]["counts"] == [30, 10]
    manifest = tmp_path / "data" / (told["artifacts"][0]["path"] + ".manifest.json")
    written = json.loads(manifest.read_text())
    assert written["parents"]["sources.2"] == sha256_file(tmp_path / "b.jsonl")
    assert (written["seed"], written["tool"], written["tool_version"]) == (7, "mix", "2")


def test_the_command_line_has_the_last_word(capsys: pytest.CaptureFixture[str]) -> None:
    call("mix.toml", "--rows", "8", "--seed", "9", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["measured"]["counts"], told["measured"]["seed"]) == ([6, 2], 9)


def test_sources_can_be_named_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    call("x=a1.jsonl:.6", "y=b.jsonl:.4", "--anchor", "y", "--max-words", "50")
    told = capsys.readouterr().out
    assert "x       10    60.00%  50.00%" in told


@pytest.mark.parametrize("words", [("a1.jsonl",), ("x=a1.jsonl",), ("x=a1.jsonl:many",)])
def test_a_source_without_a_ratio_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError, match="NAME=FILE:RATIO"):
        call(*words)


def test_an_anchor_that_is_no_source_is_refused() -> None:
    with pytest.raises(click.UsageError, match="there are a, b"):
        call("mix.toml", "--anchor", "c")
