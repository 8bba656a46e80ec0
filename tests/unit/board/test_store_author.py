"""Who a save is put down to, and what git is not allowed to do meanwhile."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from crewboard.coordination.board.author import author_of, git_at_work
from crewboard.coordination.board.store import BoardStore
from crewboard.coordination.workspace import human
from crewboard.errors import PageBusy

START = b"# Board\n\n- first\n"
SETTINGS = ("-c", "user.name=Petra  \tP. Q", "-c", "user.email=p@example.org")


def git(folder: Path, *arguments: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    command = ["git", *SETTINGS, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)


@pytest.fixture
def board(tmp_path: Path) -> Path:
    path = tmp_path / "repository" / "plans" / "KANBAN.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(START)
    git(path.parent.parent, "init", "-q")
    git(path.parent.parent, "add", ".")
    git(path.parent.parent, "commit", "-qm", "begun")
    return path


def test_what_was_committed_is_put_down_to_its_author(board: Path) -> None:
    assert author_of(board, START) == "human:git/Petra P. Q"


def test_what_was_typed_is_put_down_to_who_sits_here(board: Path) -> None:
    assert author_of(board, START + b"- mine\n") == human()


def test_without_a_repository_nobody_asks_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert author_of(tmp_path / "KANBAN.md", START) == human()


def test_without_git_it_is_who_sits_here(board: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert author_of(board, START) == human()


def test_a_board_that_was_never_committed_has_no_author_there(board: Path) -> None:
    other = board.with_name("OTHER.md")
    other.write_bytes(START)
    assert author_of(other, START) == human()


@pytest.mark.parametrize(
    "setting",
    [
        ("core.fsmonitor", "touch {mark}"),
        ("core.hooksPath", "{hooks}"),
        ("log.showSignature", "true"),
        ("core.pager", "touch {mark}"),
    ],
)
def test_asking_git_runs_nothing_that_a_repository_brings(
    board: Path, setting: tuple[str, str]
) -> None:
    hooks, mark = board.parent.parent / "hooks", board.parent.parent / "ran"
    hooks.mkdir()
    for name in ("post-checkout", "post-index-change", "gpg", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    git(board.parent.parent, "config", setting[0], setting[1].format(mark=mark, hooks=hooks))
    mark.unlink(missing_ok=True)
    assert author_of(board, START) == "human:git/Petra P. Q"
    assert not mark.exists()


GPG = """#!/bin/sh
case "$*" in *--verify*) touch {mark};; esac
cat > /dev/null
echo "[GNUPG:] SIG_CREATED " >&2
printf -- "-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n"
"""


def test_asking_git_verifies_no_signature(board: Path) -> None:
    """A repository names the program that does it."""
    root = board.parent.parent
    (root / "gpg").write_text(GPG.format(mark=root / "ran"))
    (root / "gpg").chmod(0o755)
    for name, value in (("gpg.program", str(root / "gpg")), ("log.showSignature", "true")):
        git(root, "config", name, value)
    board.write_bytes(START + b"- more\n")
    git(root, "commit", "-qam", "signed", "-S")
    assert author_of(board, START + b"- more\n") == "human:git/Petra P. Q"
    assert not (root / "ran").exists()
    git(root, "log", "-1")
    assert (root / "ran").exists()


def test_the_environment_cannot_point_elsewhere(
    board: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert author_of(board, START) == "human:git/Petra P. Q"


def test_a_pull_is_recorded_with_its_author(board: Path) -> None:
    store = BoardStore(board, board.parent / ".crewboard")
    store.take_in()
    board.write_bytes(START + b"- second\n")
    git(board.parent, "commit", "-qam", "more")
    store.take_in()
    assert [each.by for each in store.versions()] == ["human:git/Petra P. Q"] * 2


# ── git at work ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("mark", ["MERGE_AUTOSTASH", "rebase-merge/autostash", "index.lock"])
def test_a_git_at_work_is_seen(board: Path, mark: str) -> None:
    state = board.parent.parent / ".git"
    assert git_at_work(board.parent) is None
    (state / mark).parent.mkdir(exist_ok=True)
    (state / mark).touch()
    assert git_at_work(board.parent) == state / mark


def test_a_linked_worktree_has_a_state_of_its_own(board: Path, tmp_path: Path) -> None:
    git(board.parent.parent, "worktree", "add", "-q", str(tmp_path / "other"))
    (board.parent.parent / ".git" / "index.lock").touch()
    assert git_at_work(tmp_path / "other" / "plans") is None


def test_what_git_shows_while_it_has_an_autostash_is_nobodys_save(board: Path) -> None:
    """F1: an old board lies there for a moment, and is not taken for a person's revert."""
    store = BoardStore(board, board.parent / ".crewboard")
    store.patience = 0.2
    store.edit(lambda now: now + b"- crew\n", "crew", "an edit")
    newest = board.read_bytes()
    mark = board.parent.parent / ".git" / "MERGE_AUTOSTASH"
    mark.touch()
    board.write_bytes(START)
    with pytest.raises(PageBusy):
        store.take_in()
    assert board.read_bytes() == START
    board.write_bytes(newest + b"- mine\n")
    mark.unlink()
    assert store.take_in() == newest + b"- mine\n"
    assert len(store.versions()) == 3


def test_an_index_lock_that_stays_is_left_over(board: Path) -> None:
    store = BoardStore(board, board.parent / ".crewboard")
    store.take_in()
    (board.parent.parent / ".git" / "index.lock").touch()
    before = time.monotonic()
    store.edit(lambda now: now + b"- crew\n", "crew", "an edit")
    assert time.monotonic() - before > 1
    assert board.read_bytes() == START + b"- crew\n"
