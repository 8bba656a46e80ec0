"""Real boards, taken over as they are, and worked on by a crew and by people at the same time.

Each person writes one thought a save beneath a card of theirs, as their editor does it: in place, by
rename, or from a buffer that is seconds old. In the end every thought is there once, every line that
people wrote before stands where it stood, and the crew's goal is done with its evidence.
"""

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.cli.command import DROP, begin, crewboard, raw_rows

FOUNDING = Path(__file__).resolve().parents[3] / "shared" / "founding"
BOARDS = (
    "board.md",
    "board.mojibake.md",
    "research-todo.md",
    "week2-status.md",
    "week2-status.mojibake.md",
)
_SAVES = 12
_ITEM = re.compile(rb"(?m)^[-*] .*\n")
_SYNCED = re.compile(rb"(?m)^_Last synced: .*_[ \t]*\n")

pytestmark = pytest.mark.skipif(
    not FOUNDING.exists(), reason="the founding boards are not beside this checkout"
)


def _thoughts(path: Path, lot: random.Random) -> Iterator[bytes]:
    """Save after save of somebody who writes beneath the cards that stood there at first."""
    buffer = path.read_bytes()
    for number in range(_SAVES):
        token = b"thought-%03d" % number
        stale = lot.random() < 0.4
        text = buffer if stale else path.read_bytes()
        cards = [found for found in _ITEM.finditer(text) if b"^" not in found[0]]
        at = lot.choice(cards).end()
        buffer = text[:at] + b"  - " + token + b"\n" + text[at:]
        if lot.random() < 0.5:
            path.write_bytes(buffer)
        else:
            draft = path.with_name(".draft")
            draft.write_bytes(buffer)
            draft.replace(path)
        yield token
        time.sleep(lot.uniform(0.05, 0.5))


def _in_order(lines: list[bytes], text: bytes) -> list[bytes]:
    """The lines that are not found one after the other in `text`."""
    rest = iter(text.split(b"\n"))
    return [line for line in lines if not any(each.startswith(line) for each in rest)]


@pytest.mark.parametrize("name", BOARDS)
def test_crew_and_people_work_on_a_founding_board_at_once(tmp_path: Path, name: str) -> None:
    """F1, F3: a stale save took three days of decisions with it, and four merges dropped the other's work."""
    place, theirs = tmp_path / "crew", (FOUNDING / name).read_bytes()
    assert crewboard("init", str(place), at=tmp_path).returncode == 0
    with (place / "crewboard.toml").open("a") as file:
        file.write(DROP)
    raw_rows(place / "raw.jsonl")
    taken = crewboard("board", "import", str(FOUNDING / name), at=place)
    assert taken.returncode == 0, taken.stderr
    board = place / "KANBAN.md"
    assert board.read_bytes() == theirs

    crew = begin("start", "Clean these rows", "--pipeline", "data", "--data", "raw.jsonl", at=place)
    tokens = list(_thoughts(board, random.Random(name)))
    out, err = crew.communicate(timeout=100)
    assert crew.returncode == 0, err
    assert (
        crewboard("status", at=place).returncode == 0
    )  # takes in what came after the crew had gone

    after = board.read_bytes()
    assert [after.count(token) for token in tokens] == [1] * len(tokens)
    kept = [line for line in _SYNCED.sub(b"", theirs).split(b"\n") if line.strip()]
    assert _in_order(kept, after) == []
    done = after.decode("utf-8", "replace")
    assert re.search(r"(?m)^.*\*\*Clean these rows\*\*.* \^g\w+$", done), out
    assert "📎 evidence: `data/" in done
    events = crewboard("events", "--json", at=place).stdout.split("\n")
    assert any("thought-" in event for event in events)
