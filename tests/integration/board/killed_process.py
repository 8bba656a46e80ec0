"""Writers of a board that are killed: run as `python killed_process.py ROLE BOARD COUNT`.

    anywhere   COUNT writers, each ended by SIGKILL at a moment of its own choice of random numbers
    steps      a writer ended at every COUNT-th line of our own code that an edit or a merge runs

Both exit with 0 when no board was torn and nothing was lost or doubled, and print what was not so.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from crewboard.coordination.board.history import sha256_of
from crewboard.coordination.board.store import BoardStore

Text = Callable[[], object]
STEPS = {
    *(
        "agreement.py",
        "author.py",
        "boardfile.py",
        "history.py",
        "retired.py",
        "saves.py",
        "siblings.py",
    ),
    *("store.py", "lease.py", "look.py", "page.py", "swap.py"),
}
"""The files in which something is written: between the lines of the others nothing happens."""


def begin(board: Path) -> None:
    lanes = ("Backlog", "In Progress", "Done")
    text = "".join(
        f"## {lane}\n\n"
        + "".join(f"- **{lane} {n}** ^t{lane[0].lower()}{n:04d}\n" for n in range(10))
        for lane in lanes
    )
    board.write_text(f"# Kills\n\n{text}", encoding="utf-8")


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{each}\n" for each in lines))


def store_of(board: Path) -> BoardStore:
    store = BoardStore(board, board.parent / ".crewboard")
    store.patience = 30
    return store


def line(token: str) -> bytes:
    return f"  - {token} \n".encode()


def adding(token: str, card: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        end = data.index(b"\n", data.index(f"**{card}**".encode())) + 1
        return data[:end] + line(token) + data[end:]

    return change


def whole(board: Path, store: BoardStore, known: set[str]) -> str:
    """What is wrong with the board as the killed one left it: it must be a text that was whole."""
    known |= {name for each in store.versions() for name in (each.sha256, each.saved)}
    return "" if sha256_of(board.read_bytes()) in known else "torn"


def killed(seconds: float, work: Text, begun: int | None = None) -> bytes:
    """End `work` by force after so many seconds, counted from the first thing that it tells."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    said = os.read(begun, 1 << 10) if begun is not None else b""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return said


def anywhere(board: Path, count: int) -> list[str]:
    """Each writer tells through a pipe which edits are done; a person saves a stale text now and then,
    and who takes it in is ended too."""
    chance, wrong, expected, buffer = random.Random(7), [], set[str](), board.read_bytes()
    store_of(board).take_in()
    for round_ in range(count):
        reading, writing = os.pipe()
        work = partial(edit_on, board, round_, writing)
        said = killed(chance.uniform(0.0, 0.04), work, reading)
        os.close(writing)
        expected |= set((said + os.read(reading, 1 << 16)).decode().split())
        os.close(reading)
        fault = whole(board, store_of(board), set())
        wrong += [f"round {round_}: {fault}"] if fault else []
        if round_ % 4 == 3:
            token = f"mine.{round_}"
            buffer = adding(token, "Done 3")(buffer)
            board.write_bytes(buffer)
            expected.add(token)
            killed(chance.uniform(0.0, 0.05), store_of(board).take_in)
        final = store_of(board).take_in()
        wrong += miscounted(final, expected, f"round {round_}")
        wrong += [] if final == board.read_bytes() else [f"round {round_}: not landed"]
    say(f"{count} kills, {len(expected)} edits")
    return wrong


def edit_on(board: Path, round_: int, done: int) -> None:
    store = store_of(board)
    for n in range(1000):
        token = f"crew.{round_}.{n}"
        store.edit(adding(token, f"Backlog {n % 10}"), "crew", "an edit")
        os.write(done, f"{token} ".encode())


def miscounted(data: bytes, expected: set[str], where: str) -> list[str]:
    """An edit that was not told to be done may be there or not, but not twice."""
    lines = data.split(b"\n")
    found = [each.decode().strip("- ") for each in lines if each.startswith(b"  - ")]
    lost, doubled = expected - set(found), {each for each in found if found.count(each) > 1}
    return [f"{where}: lost {lost}, doubled {doubled}"] if lost or doubled else []


def steps(board: Path, stride: int) -> list[str]:
    """One crew edit on top of one stale save of a person's, again and again, ended a little later
    each time, until it comes to its end."""
    wrong: list[str] = []
    for step in range(1, 1_000_000, stride):
        folder = board.parent / f"{step}"
        folder.mkdir()
        fresh = folder / board.name
        begin(fresh)
        first = fresh.read_bytes()
        store_of(fresh).take_in()
        store_of(fresh).edit(adding("crew.1", "Backlog 1"), "crew", "an edit")
        saved = adding("mine", "Done 3")(first)
        fresh.write_bytes(saved)
        ended = not killed_at(step, partial(edit_once, fresh))
        store = store_of(fresh)
        fault = whole(fresh, store, {sha256_of(saved)})
        told = "crew.2" in "".join(version.why for version in store.versions())
        final = store.take_in()
        expected = {"crew.1", "mine"} | ({"crew.2"} if told else set())
        wrong += [f"step {step}: {fault}"] if fault else []
        wrong += miscounted(final, expected, f"step {step}")
        wrong += [] if final == fresh.read_bytes() else [f"step {step}: not landed"]
        wrong += [] if told or line("crew.2") not in final else [f"step {step}: not recorded"]
        left = {each.name for each in folder.iterdir()} - {board.name, ".crewboard"}
        wrong += [f"step {step}: left {left}"] if left else []
        if ended:
            say(f"ended after {step} lines")
            return wrong
    return [*wrong, "it never ended"]


def edit_once(board: Path) -> None:
    store_of(board).edit(adding("crew.2", "Backlog 2"), "crew", "crew.2")


def killed_at(step: int, work: Text) -> bool:
    """Whether a child was ended at the `step`-th line of ours that it ran."""
    child = os.fork()
    if child == 0:
        left = [step]

        def count(frame: FrameType, event: str, _: Any) -> Any:
            if Path(frame.f_code.co_filename).name not in STEPS:
                return None
            if event == "line":
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return count

        sys.settrace(count)
        work()
        sys.settrace(None)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


if __name__ == "__main__":
    role, path = {"anywhere": anywhere, "steps": steps}[sys.argv[1]], Path(sys.argv[2])
    begin(path)
    faults = role(path, int(sys.argv[3]))
    say(*faults)
    sys.exit(bool(faults))
