"""The real command line, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from crewboard.tools.generate.planting import Faults, word_problems

DROP = '\n[[policies]]\nname = "drop"\nkind = "data-treatment"\nchoose = "drop"\n'
_OURS = ("CREWBOARD_", "ANTHROPIC_", "OPENAI_")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without what steers crewboard."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    return {**kept, "OMP_NUM_THREADS": "1", **(more or {})}


def crewboard(
    *arguments: str, at: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crewboard", *arguments],
        cwd=at,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def begin(
    *arguments: str, at: Path, env: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Started, and left to the test: its stdout and stderr are pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "crewboard", *arguments],
        cwd=at,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def raw_rows(path: Path, count: int = 60) -> Path:
    lines = word_problems(count, 42, Faults())
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def workspace(at: Path, more: str = "") -> Path:
    """A fresh workspace with sixty raw rows beside it."""
    done = crewboard("init", str(at), at=at.parent)
    assert done.returncode == 0, done.stderr
    with (at / "crewboard.toml").open("a") as file:
        file.write(more)
    raw_rows(at.parent / "raw.jsonl")
    return at
