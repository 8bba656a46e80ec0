"""From a run's output folder to immutable artifacts: hash, manifest, rename into place.

An artifact's name carries its hash (`train.3f2a91c0.jsonl`), so a name never means two contents, and
a run repeated after a crash lands on the same file. Manifests hold no time and no host: the same
inputs, parameters and seed give the same bytes.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from crewboard.canonical import digest, sha256_file
from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract.outcome import Made, Outcome
from crewboard.tools.contract.spec import Tool
from crewboard.tools.files.atomic import take_away_left, write_whole

SUFFIX = ".manifest.json"


@dataclass(frozen=True)
class Produced:
    """How an outcome came to be: `inputs` maps each argument to the hash of what it named."""

    tool: Tool
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    seed: int
    cost: int = 0


@dataclass(frozen=True)
class Manifest:
    """What an artifact is and what it came from. `path` is relative to the workspace; `sha256` is of
    the file's bytes, or for a folder of its sorted (name, sha256) pairs; `cost` in millionths of USD."""

    name: str
    kind: str
    path: str
    sha256: str
    size: int
    rows: int | None
    tool: str
    tool_version: str
    parameters: Mapping[str, Any]
    parents: Mapping[str, str]
    seed: int
    cost: int
    accounting: Mapping[str, Any] | None
    measured: Mapping[str, Any]


def publish(outcome: Outcome, produced: Produced, folder: Path, root: Path) -> list[Manifest]:
    """Check an outcome, move what it made into `folder` and write a manifest beside each artifact.

    SelfCheckFailed when something declared is missing or an empty folder, or when the place is taken
    by other bytes; RowsUnaccounted when rows do not add up; DiskFull. Running the tool again and
    publishing again is safe: what lies in place already is recognised by its hash.
    """
    _check(outcome, produced.tool)
    folder.mkdir(parents=True, exist_ok=True)
    manifests = [_place(made, outcome, produced, (folder, root)) for made in outcome.made]
    _sync(folder)
    return manifests


def tree_sha256(path: Path) -> str:
    """A folder's hash: the digest of its files' sorted relative names and hashes; a file's own hash."""
    if path.is_file():
        return sha256_file(path)
    files = sorted(p for p in path.rglob("*") if p.is_file())
    return digest([[p.relative_to(path).as_posix(), sha256_file(p)] for p in files])


def _check(outcome: Outcome, tool: Tool) -> None:
    if outcome.rows is not None:
        outcome.rows.check(tool.name)
    made = {m.name for m in outcome.made}
    if made != set(tool.produces):
        missing = sorted(set(tool.produces) ^ made)
        raise SelfCheckFailed(tool=tool.name, reason=f"declared and made differ: {missing}")
    for each in outcome.made:
        if not each.path.exists() or not _files(each.path):
            raise SelfCheckFailed(tool=tool.name, reason=f"{each.name} was not written")
        if each.rows is not None and each.rows < 0:
            raise SelfCheckFailed(tool=tool.name, reason=f"{each.name} has {each.rows} rows")


def _place(made: Made, outcome: Outcome, produced: Produced, where: tuple[Path, Path]) -> Manifest:
    folder, root = where
    sha256 = tree_sha256(made.path)
    stem, suffix = made.path.stem, "".join(made.path.suffixes[-1:])
    final = folder / f"{stem}.{sha256[:8]}{suffix}"
    size = sum(p.stat().st_size for p in _files(made.path))
    manifest = Manifest(
        name=made.name,
        kind=produced.tool.produces[made.name],
        path=final.relative_to(root).as_posix(),
        sha256=sha256,
        size=size,
        rows=made.rows,
        tool=produced.tool.name,
        tool_version=produced.tool.version,
        parameters=dict(produced.parameters),
        parents=dict(produced.inputs),
        seed=produced.seed,
        cost=produced.cost,
        accounting=_accounting(outcome),
        measured=dict(outcome.measured),
    )
    if final.exists() and tree_sha256(final) != sha256:
        reason = f"{manifest.path} holds other bytes than its name says; move it away"
        raise SelfCheckFailed(tool=produced.tool.name, reason=reason)
    _move(made.path, final)
    # measured values are counted by a StrEnum now and then, which is a key only under this option
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    text = orjson.dumps(manifest, option=options | orjson.OPT_NON_STR_KEYS)
    beside = final.with_name(final.name + SUFFIX)
    unchanged = sha256 in produced.inputs.values()  # its own input, whose origin is told already
    if not (unchanged and beside.exists()):
        take_away_left(beside)
        write_whole(beside, text)
    return manifest


def _accounting(outcome: Outcome) -> dict[str, Any] | None:
    if outcome.rows is None:
        return None
    rows = outcome.rows
    return {
        "rows_in": rows.rows_in,
        "rows_out": rows.rows_out,
        "made": rows.made,
        "dropped": dict(sorted(rows.dropped.items())),
    }


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def _move(source: Path, final: Path) -> None:
    for file in _files(source):
        file.chmod(0o644)  # safetensors writes 0600, which locks out whoever serves the model
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    if final.exists():
        shutil.rmtree(source) if source.is_dir() else source.unlink()
        return
    source.rename(final)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
