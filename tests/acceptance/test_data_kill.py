"""`kill -9` at any moment of a verb: nothing half is named as whole, and the same command ends the work."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from acceptance.data_verbs import SLOTS as ALL
from acceptance.data_verbs import Slot, chat, furnish

ROWS = 4000
_EXTRA = ("dedup:near",)
SLOTS = [
    slot for slot in ALL if slot.rows and slot.out and (":" not in slot.name or slot.name in _EXTRA)
]
SOURCE = Path(__file__).resolve().parents[2] / "src"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from crewboard.canonical import sha256_file
    from crewboard.tools.audit.drop import seal

    folder = tmp_path_factory.mktemp("kill")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        furnish(folder)
    (folder / "rows.jsonl").write_bytes(b"".join(map(chat, range(ROWS))))
    (folder / "findings.jsonl").write_bytes(seal(sha256_file(folder / "rows.jsonl")))
    return folder


@pytest.mark.parametrize("slot", SLOTS, ids=lambda slot: slot.name)
def test_a_killed_verb_is_ended_by_the_same_command(
    place: Path, slot: Slot, tmp_path: Path
) -> None:
    """F28: the second run gives the bytes of an undisturbed one, and what the first left is gone."""
    out, temporary = place / "out", tmp_path / "tmp"
    _emptied(out)
    temporary.mkdir()
    whole, seconds = _undisturbed(slot, place, temporary)
    chance = random.Random(slot.name)
    for _ in range(3):
        _emptied(out)
        with _begun(slot, place, temporary) as process:
            time.sleep(seconds * chance.uniform(0.2, 1.0))
            process.send_signal(signal.SIGKILL)
        named = _named(out)
        assert {name: whole[name] for name in named} == named
        assert _undisturbed(slot, place, temporary)[0] == whole
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []


def _begun(slot: Slot, place: Path, temporary: Path) -> "subprocess.Popen[bytes]":
    environ = {**os.environ, "PYTHONPATH": str(SOURCE), "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "crewboard", *slot.call(Path("rows.jsonl"))]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=place, env=environ, stdout=quiet, stderr=quiet)


def _undisturbed(slot: Slot, place: Path, temporary: Path) -> tuple[dict[str, bytes], float]:
    """What it writes, and how long it took."""
    began = time.monotonic()
    with _begun(slot, place, temporary) as process:
        assert process.wait() in {0, 5}, slot.name
    return _named(place / "out"), time.monotonic() - began


def _named(out: Path) -> dict[str, bytes]:
    """The files that bear a final name."""
    found = (path for path in out.rglob("*") if path.is_file())
    named = (path for path in found if path.relative_to(out).parts[0][0] != ".")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in named}


def _emptied(out: Path) -> None:
    import shutil

    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
