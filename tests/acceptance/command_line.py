"""The command line as a person runs it: a process of its own in a workspace of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CREWBOARD = (sys.executable, "-m", "crewboard")
_CALM = {"OMP_NUM_THREADS": "1", "CREWBOARD_HUMAN": "ada", "HF_HUB_OFFLINE": "1"}
_RULE = '[[policies]]\nname = "test"\nkind = "{kind}"\nchoose = "{choose}"\n'


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and both of its streams."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    """A workspace, and what every command in it is run behind and with."""

    root: Path
    prefix: Sequence[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, root: Path, **rules: str) -> "Place":
        """A new workspace with a rule for each kind of decision in `rules` (`_` for `-`)."""
        place = cls(root)
        assert place.run("init", str(root), "--owner", "ada").code == 0
        with (root / "crewboard.toml").open("a") as config:
            for kind, choose in rules.items():
                config.write(_RULE.format(kind=kind.replace("_", "-"), choose=choose))
        return place

    def run(self, *arguments: str) -> Said:
        done = subprocess.run(
            [*self.prefix, *CREWBOARD, *arguments],
            cwd=self.root if self.root.exists() else None,
            env={**os.environ, **_CALM, **self.environ},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def popen(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*self.prefix, *CREWBOARD, *arguments],
            cwd=self.root,
            env={**os.environ, **_CALM, **self.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )


def rows(path: Path, count: int = 60) -> Path:
    told = ({"question": f"What is {n} and 1?", "answer": f"It is {n + 1}."} for n in range(count))
    path.write_text("".join(json.dumps(each) + "\n" for each in told))
    return path


def within(*namespaces: str) -> list[str]:
    """The prefix that runs a command in namespaces of its own; skips where that is not permitted."""
    prefix = ["unshare", *namespaces]
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare on this machine")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip(f"this user may not `unshare {' '.join(namespaces)}`")
    return prefix
