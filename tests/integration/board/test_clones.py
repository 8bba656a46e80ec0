"""Two clones of one workspace go their own ways for five hundred edits; git merges them with our driver."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from integration.cli.command import environment

from crewboard.coordination.board import edits
from crewboard.coordination.board.card import Column
from crewboard.coordination.board.headings import Place

PLACES = [Place(each) for each in (Column.BACKLOG, Column.IN_PROGRESS, Column.BLOCKED, Column.DONE)]
EDITS = 250
LOG = "# Stand-ups\n\n## 🌅 Morning Stand-up (2026-11-20)\n- first\n"


def git(at: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=at, env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def board(count: int) -> bytes:
    lines = ["# Shared\n"]
    for number, place in enumerate(PLACES):
        cards = (f"- card {n} ^t{n:04d}" for n in range(number, count, len(PLACES)))
        lines += ["", place.heading(), *cards]
    return "\n".join([*lines, ""]).encode()


def work(at: Path, side: str) -> list[str]:
    """Cards added, moved and written under, a commit for every fifty; the tokens that must survive."""
    lot, tokens, path = random.Random(side), list[str](), at / "KANBAN.md"
    for number in range(EDITS):
        data, token = path.read_bytes(), f"{side}-{number:03d}"
        kind, card = number % 5, f"t{lot.randrange(60):04d}"
        if kind == 0:
            data = edits.add(data, lot.choice(PLACES), f"new {token}")
        elif kind == 1:
            data = edits.move(data, card, lot.choice(PLACES))
        else:
            data = edits.note(data, card, f"note {token}")
        tokens += [token] if kind != 1 else []
        path.write_bytes(data)
        if number % 50 == 49:
            git(at, "commit", "-qam", f"{side} {number}")
    log = at / "STANDUPS.md"
    log.write_text(
        LOG.replace(
            "# Stand-ups\n\n",
            f"# Stand-ups\n\n## 🌅 Morning Stand-up (2026-11-21)\n- {side} said\n\n",
        )
    )
    git(at, "commit", "-qam", f"{side} stands up")
    return tokens


@pytest.mark.skipif(not Path("/usr/bin/git").exists(), reason="git is not here")
def test_two_clones_merge_after_five_hundred_edits_with_nothing_lost(tmp_path: Path) -> None:
    """F3: four conflict resolutions dropped the other agent's stand-up and ten lines of policy."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    git(one, "init", "-q", "-b", "main")
    (one / "KANBAN.md").write_bytes(board(60))
    (one / "STANDUPS.md").write_text(LOG)
    (one / ".gitattributes").write_text("KANBAN.md merge=crewboard\nSTANDUPS.md merge=crewboard\n")
    git(one, "add", "-A")
    git(one, "commit", "-qm", "begin")
    git(tmp_path, "clone", "-q", str(one), str(two))
    driver = f"{sys.executable} -m crewboard board merge %O %A %B %P"
    git(two, "config", "merge.crewboard.driver", driver)

    tokens = work(one, "one") + work(two, "two")
    git(two, "pull", "-q", "--no-rebase", "--no-edit")

    merged = (two / "KANBAN.md").read_text()
    assert [token for token in tokens if merged.count(token) != 1] == []
    assert [n for n in range(60) if merged.count(f"^t{n:04d}") != 1] == []
    assert "<<<<<<<" not in merged
    log = (two / "STANDUPS.md").read_text()
    assert ("one said" in log, "two said" in log) == (True, True)
    assert git(two, "status", "--porcelain") == ""
