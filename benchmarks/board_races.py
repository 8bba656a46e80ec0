"""What is lost when processes and people write one Markdown board, by how the processes write it.

    python benchmarks/board_races.py                 the table, 2,000 edits with all of them, 200 kills
    python benchmarks/board_races.py --edits 300     smaller

Table: six processes make their edits, each with a token of its own; one person saves 25 times. A
cell: edits of the processes lost / saves of the person lost, then cards gone or doubled. `naive` reads
and writes; `atomic` writes beside and renames; `locked` does that under a lock; `portable` is the
board's store without read leases, `store` the store. The person does not wait for anybody here.

Below: edits by eight processes and five people (one of them git) with the store, where people wait until
what they saved has been taken in; 200 writers ended by SIGKILL; and what one edit and one look cost.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from crewboard.coordination.board.store import BoardStore

ROLES = Path(__file__).resolve().parents[1] / "tests" / "integration" / "board"
HOW = ("naive", "atomic", "locked", "portable", "store")
PERSON = ("", "stale-rename", "stale-in-place", "rename", "in-place")
PROCESSES, SAVES, CARDS = 6, 25, 300


def start(role: str, how: str, board: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, ROLES / "store_process.py", role, how, board, name, str(count)]
    return subprocess.Popen(
        [str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def whole_board(cards: int, path: Path) -> None:
    command = f"from store_process import *; begin(Path({str(path)!r}), {cards})"
    subprocess.run([sys.executable, "-c", command], cwd=ROLES, check=True)


def race(how: str, person: str, edits: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder) / "KANBAN.md"
        whole_board(CARDS, board)
        if how in {"store", "portable"}:
            BoardStore(board, board.parent / ".crewboard").take_in()
        each = edits // PROCESSES
        running = [start("crew", how, board, f"crew{n}", each) for n in range(PROCESSES)]
        if person:
            running.append(start(f"{person}+", how, board, "mine", SAVES))
        said = [one.communicate()[0].split() for one in running]
        if how in {"store", "portable"}:
            BoardStore(board, board.parent / ".crewboard").take_in()
        found, cards = counted(board)
    made = [token for tokens in said[:PROCESSES] for token in tokens]
    lost = sum(token not in found for token in made)
    mine = said[PROCESSES] if person else []
    theirs = f"{sum(token not in found for token in mine)}/{len(mine)}" if person else "-"
    gone, doubled = CARDS - len(cards), sum(n > 1 for n in (found + cards).values())
    crashed = f", {sum(bool(one.returncode) for one in running)} crashed"
    return (
        f"{lost}/{PROCESSES * each} / {theirs}"
        + (f", {gone} cards gone" if gone else "")
        + (f", {doubled} doubled" if doubled else "")
        + (crashed if any(one.returncode for one in running) else "")
    )


def counted(board: Path) -> tuple[Counter[str], Counter[str]]:
    lines = board.read_text("utf-8", "replace").split("\n")
    tokens = Counter(line.strip("- ") for line in lines if line.startswith("  - "))
    return tokens, Counter(line for line in lines if line.startswith("- **"))


def table(edits: int) -> None:
    print(f"| {'strategy':9} | " + " | ".join(f"{each or 'nobody':22}" for each in PERSON) + " |")
    for how in HOW:
        cells = (f"{race(how, person, edits):22}" for person in PERSON)
        print(f"| {how:9} | " + " | ".join(cells) + " |", flush=True)


def everybody(edits: int) -> None:
    """As the suite's test, at full length."""
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder) / "mine" / "KANBAN.md"
        board.parent.mkdir()
        whole_board(60, board)
        share = f"from store_process import *; share(Path({str(board)!r}))"
        subprocess.run([sys.executable, "-c", share], cwd=ROLES, check=True)
        store = BoardStore(board, board.parent / ".crewboard")
        store.take_in()
        people = {"in-place": edits // 20, "rename": edits // 20, "git": edits // 50}
        people |= {"stale-in-place": 19, "stale-rename": 19}
        began = time.monotonic()
        running = [start("crew", "store", board, f"crew{n}", edits // 10) for n in range(8)]
        running += [start(role, "store", board, role, count) for role, count in people.items()]
        while any(one.poll() is None for one in running):
            store.take_in()
            time.sleep(0.05)
        made = Counter(token for one in running for token in one.communicate()[0].split())
        seconds, text = time.monotonic() - began, store.take_in()
        found, _ = counted(board)
        doubled = sum(n > 1 for n in found.values())
        print(
            f"everybody: {made.total()} edits in {seconds:.0f} s, {(made - found).total()} lost, "
            f"{doubled} doubled, {text.count(b'<<<<<<<')} conflict marks, "
            f"{len(store.versions())} versions"
        )


def kills(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder) / "KANBAN.md"
        command = [sys.executable, ROLES / "killed_process.py", "anywhere", board, str(count)]
        done = subprocess.run(
            [str(each) for each in command], capture_output=True, text=True, check=False
        )
        print(f"SIGKILL: {done.stdout.strip()}, exit code {done.returncode}")


def costs(cards: int) -> None:
    """Medians of 20: an edit, a look at an untouched board, and a save on the version before."""
    with tempfile.TemporaryDirectory() as folder:
        board = Path(folder) / "KANBAN.md"
        whole_board(cards, board)
        filler = (
            b" and so many words that ten thousand cards fill two megabytes of text, as boards do"
            * 2
        )
        board.write_bytes(board.read_bytes().replace(b" some words", filler[:165]))
        store = BoardStore(board, board.parent / ".crewboard")
        store.take_in()
        chance, edits, looks, saves = random.Random(1), [], [], []
        for n in range(20):
            stale = store.take_in()
            at = stale.index(b"\n", chance.randrange(len(stale) // 2)) + 1
            crews, mine = inserted(at, b"  - crew %d\n" % n), inserted(0, b"mine %d\n" % n)
            edits.append(timed(partial(store.edit, crews, "crew", "an edit")))
            board.write_bytes(mine(stale))
            saves.append(timed(store.take_in))
            time.sleep(0.05)
            store.take_in()
            looks.append(timed(store.take_in))
        size = len(store.take_in()) / 1e6
        print(
            f"{cards} cards, {size:.1f} MB: an edit {statistics.median(edits) * 1000:.0f} ms "
            f"(most {max(edits) * 1000:.0f}), a stale save {statistics.median(saves) * 1000:.0f} ms "
            f"(most {max(saves) * 1000:.0f}), a look {statistics.median(looks) * 1e6:.0f} µs"
        )


def inserted(at: int, line: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + line + data[at:]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edits", type=int, default=2000, help="edits of the long race")
    parser.add_argument("--cell", type=int, default=240, help="edits of each cell of the table")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cards", type=int, default=10_000)
    options = parser.parse_args()
    costs(options.cards)
    table(options.cell)
    everybody(options.edits)
    kills(options.kills)


if __name__ == "__main__":
    main()
