"""`python -m crewboard.tools.audit.part TASK.json`: one part of a file, in a process of its own.

It writes `state.json`, `keys.bin` and, where asked for, `findings.jsonl` and grams into its folder, and
says on stdout how many bytes it has read. What it raises goes into `failed.json` for its parent to raise.
"""

import gc
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from crewboard.errors import CrewboardError
from crewboard.tools.audit.book import Book
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.keys import KeyFile, hash64
from crewboard.tools.audit.reading import Looks
from crewboard.tools.audit.scan import Scan
from crewboard.tools.files.atomic import fits
from crewboard.tools.files.jsonl import Span, read_span
from crewboard.tools.near import GramWriter

EVERY = 1000


def scan_part(task: dict[str, Any], folder: Path) -> None:
    gc.disable()  # rows hold no cycles, and this process ends with its part
    config = AuditConfig.model_validate(task["config"])
    looks = Looks(**task["looks"])
    with ExitStack() as stack, fits(folder):
        keys = stack.enter_context((folder / "keys.bin").open("wb"))
        sink = (
            stack.enter_context((folder / "findings.jsonl").open("wb"))
            if task["findings"]
            else None
        )
        scan, book = Scan(config, looks), Book(sink)
        scan.keys = KeyFile(keys)
        if looks.grams:
            grams = stack.enter_context((folder / "grams.bin").open("wb"))
            scan.grams = GramWriter(grams, hash64())
        for item in read_span(Path(task["path"]), Span(task["start"], task["stop"])):
            scan.take(item, book)
            if scan.lines % EVERY == 0:
                sys.stdout.write(f"{item.offset - task['start']}\n")
                sys.stdout.flush()
        scan.finish(book)
        if scan.grams is not None:
            (folder / "sizes.bin").write_bytes(scan.grams.sizes.tobytes())
        state = scan.state()  # rows that wait for their tokens are noted here
    (folder / "state.json").write_bytes(orjson.dumps({"scan": state, "book": book.state()}))


def main() -> int:
    place = Path(sys.argv[1])
    try:
        scan_part(orjson.loads(place.read_bytes()), place.parent)
    except CrewboardError as error:
        facts = {name: str(value) for name, value in error.facts.items()}
        told = {"error": type(error).__name__, "facts": facts}
        (place.parent / "failed.json").write_bytes(orjson.dumps(told))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
