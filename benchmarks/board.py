"""What a board costs at 1,000, 10,000 and 50,000 cards, and what its merge loses, beside others.

    python benchmarks/board.py [--sizes 1000 10000] [--repeats 5] [--collisions 1000] [--peers PYTHON]

Operations: CPU milliseconds, median of the repeats, each size in a process of its own; `peak` is what that
process grew by while it merged, in MB. An edit is a note beneath one card, read and written through the
page's lock, temporary file, fsync and exchange.

Parsers: CPU milliseconds to parse, and the share of lines that parsing and writing back changed, on a
board and on a file of what people do to boards. PYTHON is an interpreter that has them: a throwaway venv
in which `pip install markdown-it-py mistletoe mistune mdformat` was run. One that is not there is skipped.

Collisions: two sides edit one board of 40 cards three times each, half of it on the same four cards.
"""

import argparse
import importlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORDS = (
    "audit",
    "mix",
    "train",
    "data",
    "report",
    "merge",
    "policy",
    "filter",
    "model",
    "rows",
    "check",
)
LANES = ("✅ Done", "🔨 In Progress", "📋 Backlog", "🚫 Blocked", "📝 Notes")
PEERS = {
    "markdown-it-py": "markdown_it",
    "mistletoe": "mistletoe",
    "mistune": "mistune",
    "mdformat": "mdformat",
}
SLOW = {"mdformat": 1000}  # the most cards that it is asked to read here
NASTY = """\
---
title:   x
---
Board  with  spaces
===

* star
+ plus
-   wide
  * [ ] nested *a* _b_ __c__

1) one
1) two
10. ten

| a|b |
|-|:-:|
|1|2|

```py
- [ ] no card
```
<!-- kept -->
Line with two spaces \x20
and\\
hard breaks &amp; &copy; \\* <b>x</b> [a]: b
Done
----
- ~~**gone**~~ ^t41x9
- [~] half   done
***
%% kanban:settings
"""


def board(cards: int) -> bytes:
    dice = random.Random(7)
    lines = ["# Board", ""]
    for lane, name in enumerate(LANES):
        lines.append(f"## {name}")
        for n in range(lane, cards, len(LANES)):
            title = " ".join(dice.choices(WORDS, k=6))
            facts = " ".join(dice.choices(WORDS, k=9))
            lines.append(
                f"- **{title} {n}** — {facts}, see `reports/{n}.json` · @executor ^t{n:05d}"
            )
            lines += [f"  - 📎 evidence: `data/mix.{n}.jsonl` · 43,170 rows · QA: pass"] * (n % 2)
        lines.append("")
    return "\n".join(lines).encode()


def edited(data: bytes, name: str, edits: int = 30) -> bytes:
    """A board after somebody's morning: words, moves and new cards."""
    dice, lines = random.Random(name), data.decode().split("\n")
    for n in range(edits):
        at = dice.randrange(3, len(lines) - 2)
        lines[at] = lines[at].replace(" — ", f" — {name}{n} ", 1)
        card = lines.pop(dice.randrange(3, len(lines) - 2))
        lines.insert(dice.randrange(3, len(lines) - 2), card)
        lines.insert(dice.randrange(3, len(lines) - 2), f"- new {name}{n}")
    return "\n".join(lines).encode()


def cpu(work: Callable[[], Any], repeats: int) -> float:
    """Median CPU milliseconds."""
    taken: list[float] = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return statistics.median(taken)


# ── operations ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Costs:
    """CPU ms; `peak` in MB."""

    cards: int
    kilobytes: int
    parse: float
    edit: float
    merge: float
    changes: float
    peak: float


def costs(cards: int, repeats: int) -> Costs:
    from crewboard.coordination.board.changes import changes
    from crewboard.coordination.board.merge import merge
    from crewboard.coordination.board.outline import Outline

    data = board(cards)
    ours, theirs = edited(data, "ours"), edited(data, "theirs")
    before = _peak()
    parse = cpu(lambda: Outline.of(data), repeats)
    merged = cpu(lambda: merge(data, ours, theirs), repeats)
    peak = _peak() - before
    told = cpu(lambda: changes(data, theirs), repeats)
    return Costs(cards, len(data) >> 10, parse, _edit(data, repeats), merged, told, peak)


def _edit(data: bytes, repeats: int) -> float:
    from crewboard.coordination.board.edits import note
    from crewboard.memory.page import locked, rewrite

    with tempfile.TemporaryDirectory() as folder:
        page, lock = Path(folder, "KANBAN.md"), Path(folder, "board.lock")
        page.write_bytes(data)

        def edit() -> None:
            with locked(lock):
                rewrite(page, lambda old: note(old, "t00007", "a note"))

        return cpu(edit, repeats)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ── parsers ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Parsed:
    """CPU ms to parse; per cent of the lines changed by parsing and writing back, None: it cannot."""

    parse: float
    board: float | None
    nasty: float | None


def parsed(name: str, cards: int, repeats: int) -> Parsed:
    text = board(cards).decode()
    parse, back = _parser(name)
    small = board(200).decode()
    shares = [_changed(each, back(each)) if back else None for each in (small, NASTY)]
    return Parsed(cpu(lambda: parse(text), repeats), *shares)


def _parser(name: str) -> tuple[Callable[[str], Any], Callable[[str], str] | None]:
    if name == "crewboard":
        from crewboard.coordination.board.outline import Outline
        from crewboard.memory.markdown import join, scan

        def back(text: str) -> str:
            document = scan(text.encode())
            return join(document, [*document.lines]).decode()

        return lambda text: Outline.of(text.encode()), back
    module: Any = importlib.import_module(PEERS[name])
    if name == "markdown-it-py":
        return module.MarkdownIt("commonmark").parse, None
    if name == "mdformat":
        return module.text, module.text
    if name == "mistune":
        renderer = importlib.import_module("mistune.renderers.markdown").MarkdownRenderer()
        return module.create_markdown(renderer=None), module.create_markdown(renderer=renderer)
    renderers: Any = importlib.import_module("mistletoe.markdown_renderer")

    def render(text: str) -> str:
        with renderers.MarkdownRenderer() as renderer:
            return str(renderer.render(module.Document(text)))

    return module.Document, render


def _changed(before: str, after: str) -> float:
    import difflib

    old, new = before.splitlines(), after.splitlines()
    same = sum(
        m.size
        for m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    )
    return 100 * (1 - same / max(len(old), len(new)))


# ── collisions ─────────────────────────────────────────────────────────────────────────────────


@dataclass
class Toll:
    edits: int = 0
    lost: int = 0
    doubled: int = 0
    marked: int = 0
    flagged: int = 0
    ms: float = 0.0


def collide(runs: int) -> dict[str, Toll]:
    sys.path.insert(0, str(ROOT / "tests"))
    from twins.board_people import Collision, collision, doubled, lost

    from crewboard.coordination.board.merge import merge

    def ours(found: Collision, _: Path) -> tuple[bytes, bool]:
        merged = merge(found.base, found.ours, found.theirs)
        return merged.data, bool(merged.kept)

    ways: dict[str, Callable[[Collision, Path], tuple[bytes, bool]]] = {
        "crewboard": ours, "git merge-file": _git, "last writer wins": lambda found, _: (found.theirs, False),
    }  # fmt: skip
    tolls = {name: Toll() for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(runs):
            found = collision(seed)
            for name, way in ways.items():
                began = time.perf_counter()
                text, flagged = way(found, Path(folder))
                toll = tolls[name]
                toll.ms += (time.perf_counter() - began) * 1000
                toll.edits += len(found.tokens)
                toll.lost += len(lost(found, text))
                toll.doubled += bool(doubled(found, text))
                toll.marked += b"<<<<<<<" in text
                toll.flagged += flagged
    return tolls


def _git(found: Any, folder: Path) -> tuple[bytes, bool]:
    names = ("ours", "base", "theirs")
    for name in names:
        (folder / name).write_bytes(getattr(found, name))
    done = subprocess.run(
        ["git", "merge-file", "-p", *names], cwd=folder, capture_output=True, check=False
    )
    return done.stdout, False


# ── the table ──────────────────────────────────────────────────────────────────────────────────


def in_a_process(python: str, *arguments: object) -> Any:
    """What another process of this file prints; None where a module is missing there."""
    command = [python, __file__, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def tell_costs(sizes: Iterable[int], repeats: int) -> None:
    print(f"\noperations, median of {repeats}: CPU ms")
    print(
        f"{'cards':>8} {'KB':>7} {'parse':>8} {'edit':>8} {'merge':>8} {'changes':>8} {'peak MB':>8}"
    )
    for size in sizes:
        c = Costs(
            **in_a_process(sys.executable, "--one", "costs", "--sizes", size, "--repeats", repeats)
        )
        times = f"{c.parse:8.0f} {c.edit:8.0f} {c.merge:8.0f} {c.changes:8.0f} {c.peak:8.0f}"
        print(f"{c.cards:8} {c.kilobytes:7} {times}")


def tell_parsers(python: str, cards: int, repeats: int) -> None:
    print(
        f"\nparsers: CPU ms to parse {cards} cards, times crewboard's; % of lines changed by a no-op"
    )
    print(f"{'':16} {'parse':>8} {'ratio':>7} {'board':>7} {'nasty':>7}")
    own = 0.0
    for name in ("crewboard", *PEERS):
        size = min(cards, SLOW.get(name, cards))
        where = sys.executable if name == "crewboard" else python
        found = in_a_process(where, "--one", name, "--sizes", size, "--repeats", repeats)
        if found is None:
            print(f"{name:16} skipped: {where} -m pip install {name}")
            continue
        p = Parsed(**found)
        own = own or p.parse
        ratio = p.parse / own * cards / size
        shares = " ".join("      -" if x is None else f"{x:6.0f}%" for x in (p.board, p.nasty))
        note = "" if size == cards else f"  ({size} cards read, the ratio is scaled)"
        print(f"{name:16} {p.parse:8.0f} {ratio:6.1f}x {shares}{note}")


def tell_collisions(runs: int) -> None:
    print(
        f"\n{runs} collisions: runs in which a card stood twice or not at all, and the time of one merge"
    )
    print(f"{'':16} {'edits lost':>16} {'wrong cards':>12} {'markers':>8} {'flagged':>8} {'ms':>7}")
    for name, t in collide(runs).items():
        share = f"{t.lost} of {t.edits}"
        print(f"{name:16} {share:>16} {t.doubled:12} {t.marked:8} {t.flagged:8} {t.ms / runs:7.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--collisions", type=int, default=1000)
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one == "costs":
        print(json.dumps(asdict(costs(given.sizes[0], given.repeats))))
    elif given.one:
        print(json.dumps(asdict(parsed(given.one, given.sizes[0], given.repeats))))
    else:
        tell_costs(given.sizes, given.repeats)
        tell_parsers(given.peers, min(given.sizes[-1], 10_000), min(given.repeats, 3))
        tell_collisions(given.collisions)


if __name__ == "__main__":
    main()
