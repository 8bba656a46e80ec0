"""How often recall finds the planted answer, beside plain FTS5 and a count of words, in a year of notes.

    python benchmarks/recall.py [--seed 42] [--model FOLDER]

All three look at the same passages and are asked the same questions. `hit@k`: the line that answers is
among the first k. Plain FTS5: unicode61, one bullet a row, all words OR-ed, bm25. Words counted: how
many of the question's words a bullet holds as text, as grep would, the newest first.
"""

import argparse
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as hour
from pathlib import Path

from year_of_notes import TODAY, Question, write

from crewboard.clock import ManualClock
from crewboard.memory.embed import LocalModel
from crewboard.memory.passages import passages
from crewboard.memory.recall import Recall

_DEPTHS = (5, 10)
Place = tuple[str, int]
Search = Callable[[str, int], list[Place]]


class PlainFts:
    def __init__(self, folder: Path) -> None:
        self._index = sqlite3.connect(":memory:")
        self._index.execute(
            "CREATE VIRTUAL TABLE word USING fts5 (text, day UNINDEXED, line UNINDEXED)"
        )
        self._index.executemany("INSERT INTO word VALUES (?, ?, ?)", _rows(folder))

    def search(self, query: str, limit: int) -> list[Place]:
        match = " OR ".join(f'"{term}"' for term in re.findall(r"\w+", query))
        sql = "SELECT day, line FROM word WHERE word MATCH ? ORDER BY rank LIMIT ?"
        return [(day, line) for day, line in self._index.execute(sql, (match, limit))]


class WordCount:
    def __init__(self, folder: Path) -> None:
        self._rows = [(text.lower(), day, line) for text, day, line in _rows(folder)]

    def search(self, query: str, limit: int) -> list[Place]:
        terms = set(re.findall(r"\w+", query.lower()))
        scored = [
            (sum(term in text for term in terms), day, line) for text, day, line in self._rows
        ]
        return [(day, line) for _, day, line in sorted(scored, reverse=True)[:limit]]


def _rows(folder: Path) -> list[tuple[str, str, int]]:
    return [
        (each.text, path.stem, each.line)
        for path in sorted(folder.glob("*.md"))
        for each in passages(path.read_text("utf-8"))
    ]


def _ours(folder: Path, model: str | None) -> Search:
    clock = ManualClock(datetime.combine(TODAY, hour(12), UTC))
    embedder = LocalModel(Path(model)) if model else None
    recall = Recall(folder, folder.parent / "recall.sqlite3", embedder=embedder, clock=clock)
    recall.files()
    if embedder:
        recall.embed()
    return lambda query, limit: [(hit.day, hit.line) for hit in recall.search(query, limit)]


def _measure(name: str, make: Callable[[], Search], questions: list[Question]) -> None:
    begun = time.perf_counter()
    search = make()
    built = time.perf_counter() - begun
    ranks: dict[str, list[int]] = {}
    took = []
    for each in questions:
        begun = time.perf_counter()
        found = search(each.text, max(_DEPTHS))
        took.append(1000 * (time.perf_counter() - begun))
        answer = (each.day.isoformat(), each.line)
        ranks.setdefault(each.kind, []).append(found.index(answer) if answer in found else 10**6)
    print(
        f"\n{name}: index {built:.1f} s, "
        f"query median {statistics.median(took):.1f} ms, max {max(took):.0f} ms"
    )
    for kind, found_at in [
        *ranks.items(),
        ("all", [rank for each in ranks.values() for rank in each]),
    ]:
        hits = "  ".join(
            f"hit@{k} {sum(r < k for r in found_at) / len(found_at):.3f}" for k in _DEPTHS
        )
        print(f"  {kind:10} n={len(found_at):<4} {hits}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--model")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "memory"
        questions = write(folder, asked.seed)
        print(
            f"{len(_rows(folder)):,} passages in {len(list(folder.glob('*.md')))} files, seed {asked.seed}"
        )
        _measure("recall", lambda: _ours(folder, asked.model), questions)
        _measure("plain FTS5", lambda: PlainFts(folder).search, questions)
        _measure("words counted", lambda: WordCount(folder).search, questions)


if __name__ == "__main__":
    main()
