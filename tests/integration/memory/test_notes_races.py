"""People and three crews write the notes of one day at once."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from integration.memory.note_process import DAY

from crewboard.memory.notes import path_of, removed

PROGRAM = Path(__file__).with_name("note_process.py")
EVENTS, SAVES = 60, 40


@pytest.mark.parametrize("save", ["rename", "inplace"])
def test_peoples_bytes_stay_and_what_they_took_out_stays_out(tmp_path: Path, save: str) -> None:
    """F3. Each of their lines is there, once and byte for byte; no event is told twice, none comes back
    that they took out, and every event that is not on the page is known to be missing."""
    (tmp_path / ".crewboard").mkdir()
    folder = tmp_path / "memory"
    folder.mkdir()
    parts = [
        ("crew", "1", EVENTS),
        ("crew", "2", EVENTS),
        ("crew", "3", EVENTS),
        (save, "7", SAVES),
    ]
    running = [
        subprocess.Popen([sys.executable, str(PROGRAM), what, str(folder), number, str(count)])
        for what, number, count in parts
    ]
    assert [each.wait(timeout=120) for each in running] == [0, 0, 0, 0]
    page = path_of(folder, DAY).read_bytes()
    mine = re.findall(rb"(?m)^- mine 7-(\d+) \t \xc3\xa9  \n", page)
    assert sorted(map(int, mine)) == list(range(SAVES))
    told = re.findall(r"<!-- e:(\d+)\.aa -->", page.decode())
    assert len(told) == len(set(told))
    taken = {event.partition(".")[0] for event in json.loads((folder / "7.taken").read_text())}
    assert not taken & set(told)
    missing = {event.partition(".")[0] for event in removed(folder, DAY)}
    assert set(told) | missing == {str(n) for n in range(EVENTS)}
    assert taken <= missing
