"""One of several that write the notes of one day: a crew, or a person with an editor.

note_process.py crew FOLDER FIRST COUNT      tells events in its own order, each event more than once
note_process.py rename|inplace FOLDER SEED COUNT
"""

import json
import os
import random
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from crewboard.memory.notes import Note, append, path_of

DAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def crew(folder: Path, seed: int, count: int) -> None:
    events = list(range(count))
    random.Random(seed).shuffle(events)
    for first in range(0, count, 4):
        batch = [Note(f"{n}.aa", AT, "qa", f"judged {n}") for n in events[first : first + 6]]
        append(folder, DAY, batch)


def person(folder: Path, save: str, seed: int, count: int) -> None:
    """Opens the page, adds a line of their own, now and then takes one of the crew's out, and saves."""
    draw, path, taken = random.Random(seed), path_of(folder, DAY), list[str]()
    for number in range(count):
        time.sleep(draw.uniform(0, 0.03))
        data = path.read_bytes() if path.exists() else b""
        lines = data.splitlines(keepends=True)
        crews = [line for line in lines if b"<!-- e:" in line]
        if crews and draw.random() < 0.4:
            line = draw.choice(crews)
            lines.remove(line)
            taken.append(line.partition(b"<!-- e:")[2].partition(b" ")[0].decode())
        at = draw.randint(0, len(lines))
        lines.insert(at, f"- mine {seed}-{number} \t é  \n".encode())
        time.sleep(draw.uniform(0, 0.01))
        _save(path, b"".join(lines), save)
    (folder / f"{seed}.taken").write_text(json.dumps(taken))


def _save(path: Path, data: bytes, how: str) -> None:
    if how == "rename":
        other = path.with_name(f"{path.name}.{os.getpid()}~")
        other.write_bytes(data)
        other.replace(path)
        return
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(data)
        file.truncate()


if __name__ == "__main__":
    what, where, number, many = sys.argv[1:]
    if what == "crew":
        crew(Path(where), int(number), int(many))
    else:
        person(Path(where), what, int(number), int(many))
