"""`python -m acceptance.full_disk FOLDER`: every verb of `crewboard data` with its output on a full disk.

For each, a line of JSON: its name, exit code, what it said, and the files that it left. It mounts a small
tmpfs over FOLDER/out and wants a mount namespace of its own for that.
"""

import contextlib
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from acceptance.data_verbs import SLOTS, Slot, chat, furnish

from crewboard.canonical import sha256_file
from crewboard.cli import run
from crewboard.tools.audit.drop import seal

_SIZES_KB = (4, 64)
"""A page, which no manifest fits; and one on which some thousand rows do, and no more."""


def main(folder: Path) -> None:
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()):
        furnish(folder)
    rows, out = folder / "rows.jsonl", folder / "out"
    rows.write_bytes(gzip.compress(b"".join(map(chat, range(6000)))))  # small enough to be let in
    (folder / "findings.jsonl").write_bytes(seal(sha256_file(rows)))
    out.mkdir()
    for size in _SIZES_KB:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", out], check=True)
        for slot in SLOTS:
            if slot.rows and slot.out and ":" not in slot.name:
                print(json.dumps([size, slot.name, *_tried(slot, rows, out)]))  # noqa: T201 - its answer
        subprocess.run(["umount", out], check=True)


def _tried(slot: Slot, rows: Path, out: Path) -> tuple[int, str, list[str]]:
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        code = run(slot.call(rows))
    left = [str(each.relative_to(out)) for each in out.rglob("*") if each.is_file()]
    for each in out.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    return code, said.getvalue(), left


if __name__ == "__main__":
    main(Path(sys.argv[1]))
