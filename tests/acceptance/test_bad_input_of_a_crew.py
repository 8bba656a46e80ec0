"""What people give a crew by mistake, and what a machine does to it: told in a sentence, nothing lost."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from acceptance.command_line import Place, rows, within

from crewboard.coordination.workspace import Workspace

CLEAN = ("start", "Clean the rows", "--pipeline", "data", "--data")
BAD = [  # name, bytes (None: it is not there), what the sentence says
    ("missing", None, "does not exist"),
    ("empty", b"", "holds no rows"),
    ("blank", b"\n\n\n", "holds no rows"),
    ("prose", b"Dear crew,\nplease train on this.\n", "malformed-json"),
    ("latin-1", '{"question": "caf\u00e9"}\n'.encode("latin-1"), "bad-utf8"),
    ("binary", bytes(range(256)) * 40, "cannot be read"),
    ("no-objects", b"[1]\n2\n", "not-an-object"),
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place.made(tmp_path_factory.mktemp("bad") / "ws")


@pytest.mark.parametrize(("name", "data", "sentence"), BAD, ids=[each[0] for each in BAD])
def test_a_bad_file_stops_the_start_in_one_sentence(
    shared: Place, tmp_path: Path, name: str, data: bytes | None, sentence: str
) -> None:
    path = tmp_path / f"{name}.jsonl"
    if data is not None:
        path.write_bytes(data)
    said = shared.run(*CLEAN, str(path))
    assert said.code == 2
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert not goals(shared), "nothing was queued"


def test_bad_lines_among_good_ones_are_dropped_and_counted(tmp_path: Path) -> None:
    """F13: a line of more than 50 MB, broken UTF-8, half a row; every one has its reason."""
    place = Place.made(tmp_path / "ws", data_treatment="drop")
    data = rows(tmp_path / "rows.jsonl")
    with data.open("ab") as file:
        file.write(b'{"question": "\xff", "answer": "x"}\n{"question": \n')
        file.write(b'{"question": "' + b"long " * 10_100_000 + b'", "answer": "x"}\n')
    said = place.run(*CLEAN, str(data))
    assert said.code == 0, said.err
    manifest = next((place.root / "data").glob("*/ingest/rows.*.manifest.json"))
    account = json.loads(manifest.read_text())["accounting"]
    assert account["dropped"] == {"bad-utf8": 1, "malformed-json": 1, "over-long-line": 1}
    assert account["rows_in"] == account["rows_out"] + 3 == 63


def test_a_source_that_changed_after_the_goal_was_given_is_refused(tmp_path: Path) -> None:
    """F25: the goal was about those rows; these are others under their name."""
    place = Place.made(tmp_path / "ws", data_treatment="drop")
    data = rows(tmp_path / "rows.jsonl")
    stated(place, data)
    rows(data, 59)
    said = place.run("resume")
    assert said.code == 5
    assert "changed since the goal was given" in said.out + said.err


def test_a_workspace_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    place = Place.made(tmp_path / "ws")
    read_only = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'
    prefix = [*within("--mount"), "sh", "-c", read_only, str(place.root)]
    said = replace(place, prefix=prefix).run(*CLEAN, str(rows(tmp_path / "rows.jsonl")))
    assert said.code == 2, said.err
    assert "cannot be written" in said.err


_FULL = """\
set -u
mount -t tmpfs -o size=96m tmpfs "$1" && cd "$1" && cp -a "$2/." . || exit 90
dd if=/dev/zero of=filler bs=1M count=60 status=none
"$3" -m crewboard start "Clean the rows" --pipeline data --data "$4"; echo "low $?"
dd if=/dev/zero of=filler2 bs=4k status=none 2>/dev/null
"$3" -m crewboard resume; echo "full $?"
rm filler filler2
"$3" -m crewboard resume; echo "free $?"
"""


def test_a_full_disk_stops_the_crew_and_loses_nothing(tmp_path: Path) -> None:
    """F28: too little space, then none at all, then enough."""
    place = Place.made(tmp_path / "ws", data_treatment="drop")
    data = rows(tmp_path / "rows.jsonl")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [*within("--mount"), "bash", "-c", _FULL, "full", str(disk), str(place.root)]
    done = subprocess.run(
        [*command, sys.executable, str(data)], capture_output=True, text=True, check=False
    )
    if done.returncode == 90:
        pytest.skip("this user may not mount a tmpfs")
    codes = dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)
    told = done.stdout + done.stderr
    assert (codes["low"], codes["full"], codes["free"]) == ("4", "4", "0"), told
    assert "No space left" in told


def test_a_second_crew_leaves_its_goal_to_the_first(tmp_path: Path) -> None:
    """F7: one crew works at a time; the other says which, and nothing is lost or done twice."""
    place = Place.made(tmp_path / "ws")
    data = rows(tmp_path / "rows.jsonl")
    stated(place, data)
    with place.popen("resume", "--stay") as first:
        try:
            assert first.stderr is not None
            assert any("crewboard approve" in line for line in first.stderr)
            refused = place.run("resume")
            second = place.run(*CLEAN, str(data))
        finally:
            first.send_signal(signal.SIGTERM)
            first.communicate()
    assert (refused.code, second.code) == (2, 3), refused.err + second.err
    assert f"process {first.pid}" in refused.err
    assert f"process {first.pid}" in second.err
    assert len(goals(place)) == 2


def stated(place: Place, data: Path) -> None:
    """A goal that waits for a crew."""
    from crewboard.cli.wish import Wish, state, understood

    workspace = Workspace(place.root)
    state(workspace, understood(workspace, Wish("Clean the rows", "data", (str(data),))))


def goals(place: Place) -> list[str]:
    ledger = Workspace(place.root).ledger()
    with ledger.read() as tx:
        found = [row["id"] for row in tx.run("goals")]
    ledger.close()
    return found
