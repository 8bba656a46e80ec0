"""Folders that are there whole or not at all, and can prove what they are.

A sealed folder holds MANIFEST.json: the size and SHA-256 of each of its files, and the digests of
the inputs that it was made from. It is written last, everything is synced, and a rename puts the
folder in place; so a crash at any moment leaves the old state or the new one. Trainers' own
checkpoints promise none of this: a torn one, flipped bits or a changed dataset pass there in
silence."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json, sha256_file
from crewboard.errors import InputsChanged
from crewboard.tools.files.atomic import write_whole

MANIFEST = "MANIFEST.json"
_NAME = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True)
class Seal:
    """`files` maps relative names to [bytes, SHA-256], `inputs` names to digests."""

    step: int
    files: Mapping[str, Any]
    inputs: Mapping[str, str]

    def breach(self, folder: Path) -> str | None:
        """What is wrong with the sealed files, in a word for people; None when nothing is."""
        if set(self.files) != {name for name, _ in _files(folder)}:
            return "files are missing or were added"
        for name, path in _files(folder):
            size, sha256 = self.files[name]
            if path.stat().st_size != size or sha256_file(path) != sha256:
                return f"{name} is not what was written"
        return None

    def require(self, inputs: Mapping[str, str]) -> None:
        """InputsChanged, naming the first input that is not what it was."""
        for name in sorted({*self.inputs, *inputs}):
            if self.inputs.get(name) != inputs.get(name):
                raise InputsChanged(what=name)


def seal(staged: Path, final: Path, step: int, inputs: Mapping[str, str]) -> None:
    """Seal the folder `staged` and move it to `final`, which must not exist. Files become readable
    for all: safetensors writes them for their owner only."""
    files = {name: [path.stat().st_size, sha256_file(path)] for name, path in _files(staged)}
    for _, path in _files(staged):
        path.chmod(0o644)
        _sync(path)
    manifest = {"step": step, "files": files, "inputs": dict(inputs)}
    write_whole(staged / MANIFEST, (canonical_json(manifest) + "\n").encode())
    for folder in (staged, *(path for path in staged.rglob("*") if path.is_dir())):
        _sync(folder)
    staged.rename(final)
    _sync(final.parent)


def opened(folder: Path) -> Seal | str:
    """The seal of a folder that is what it was when sealed, or a word about why it is not."""
    try:
        told = json.loads((folder / MANIFEST).read_text())
        found = Seal(told["step"], told["files"], told["inputs"])
    except (FileNotFoundError, NotADirectoryError):
        return "it was never sealed"
    except (ValueError, KeyError, TypeError):
        return "its manifest is damaged"
    return found.breach(folder) or found


@dataclass(frozen=True)
class Checkpoints:
    """The sealed checkpoints of one run, and the inputs that they must have been made from."""

    folder: Path
    inputs: Mapping[str, str]
    keep: int = 2

    def newest(self) -> Path | None:
        """The newest checkpoint that verifies. Those that do not are set aside as
        `bad-checkpoint-N`; InputsChanged when one verifies but was made from something else."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for leftover in self.folder.glob(".staging-*"):
            shutil.rmtree(leftover)
        for path in self._newest_first():
            found = opened(path)
            if isinstance(found, Seal):
                found.require(self.inputs)
                return path
            self._set_aside(path)
        return None

    def bad(self) -> list[str]:
        """The names of the checkpoints that were set aside."""
        return sorted(path.name for path in self.folder.glob("bad-checkpoint-*"))

    def staging(self, step: int) -> Path:
        """A fresh folder to write checkpoint `step` into."""
        staged = self.folder / f".staging-{step}"
        if staged.exists():
            shutil.rmtree(staged)
        staged.mkdir(parents=True)
        return staged

    def add(self, written: Path, step: int) -> None:
        """Seal what was written as the checkpoint of `step`, and drop all but the newest few."""
        final = self.folder / f"checkpoint-{step}"
        if (
            final.exists()
        ):  # cannot be newer than what was resumed from, so it is a bad one's shadow
            self._set_aside(final)
        seal(written, final, step, self.inputs)
        for old in list(self._newest_first())[self.keep :]:
            shutil.rmtree(old)

    def _newest_first(self) -> Iterator[Path]:
        steps = [(int(m[1]), p) for p in self.folder.iterdir() if (m := _NAME.fullmatch(p.name))]
        return (path for _, path in sorted(steps, reverse=True))

    def _set_aside(self, path: Path) -> None:
        to, n = path.with_name(f"bad-{path.name}"), 1
        while to.exists():
            n += 1
            to = path.with_name(f"bad-{path.name}.{n}")
        path.rename(to)


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Every file but the manifest, as (relative name, path), in order of name."""
    found = ((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file())
    return sorted((name, path) for name, path in found if name != MANIFEST)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
