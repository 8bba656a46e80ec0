"""The benchmarks' corpus, small: rows with planted faults, and the manifest of what was planted where."""

import sys
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def corpus_of(folder: Path, size: int, seed: int) -> tuple[Path, dict[str, Any]]:
    """`size` bytes at `folder`/corpus.jsonl, and its manifest."""
    path = folder / "corpus.jsonl"
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import corpus  # type: ignore[import-not-found]

        return path, corpus.make(path, size, seed=seed)
    finally:
        sys.path.remove(str(BENCHMARKS))
