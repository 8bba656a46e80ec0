"""Processes that write one board: run as `python board_process.py ROLE BOARD SEED COUNT`.

`kills` runs COUNT writers one after another and ends each with SIGKILL in the middle of its work.
`writer` syncs COUNT changing views. Both exit with 0 when every board that they read was whole.
"""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crewboard.coordination.board import BoardView, BoardWriter, Card, Column

START = datetime(2026, 11, 21, 21, 4, tzinfo=UTC)
COLUMNS = (Column.BACKLOG, Column.IN_PROGRESS, Column.DONE)
CARDS = 40


def view(step: int) -> BoardView:
    """Cards that walk through the columns, all at another pace."""
    cards = (
        Card(f"t{n:04d}", f"Task {n}", COLUMNS[(step + n) % 3], status=f"step {step}")
        for n in range(CARDS)
    )
    return BoardView("Race", START + timedelta(minutes=step), tuple(cards))


def sync(board: Path, steps: range) -> None:
    writer = BoardWriter(board, board.with_name("board.lock"))
    writer.patience = 60
    for step in steps:
        writer.sync(view(step))


def whole(board: Path) -> bool:
    """Every card is there once, in one state, and the file ends where it should."""
    text = board.read_text(encoding="utf-8")
    cards = [line for line in text.split("\n") if line.startswith("- **Task")]
    states = {line.split(" — ")[1].split(" ^")[0] for line in cards}
    return len(cards) == CARDS and len(states) == 1 and text.endswith("by the crew.\n")


def kills(board: Path, seed: int, count: int) -> int:
    """Count the torn boards, and fail when hardly any writer was caught at work."""
    chance, torn, changed, last = random.Random(seed), 0, 0, b""
    sync(board, range(1))
    for round_ in range(count):
        child = os.fork()
        if child == 0:
            sync(board, range(round_ * 1000, (round_ + 1) * 1000))
            os._exit(1)
        time.sleep(chance.uniform(0.0, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        torn += not whole(board)
        changed += board.read_bytes() != last
        last = board.read_bytes()
    sys.stdout.write(f"{count} kills, {torn} torn, {changed} rounds wrote\n")
    return torn or (changed < count // 4)


if __name__ == "__main__":
    role, path, start, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    if role == "kills":
        sys.exit(kills(path, start, number))
    sync(path, range(start, start + number))
