"""Rows held against each other, and against a training set, by the grams of their words."""

from collections.abc import Iterator
from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.repeats import Table
from crewboard.tools.audit.rules import (
    LEAK_EXACT,
    LEAK_NEAR,
    LEAK_OVERLAP,
    LEAK_QUESTION,
    NEAR_DUPLICATE,
)
from crewboard.tools.near import GRAM, GramPart, Grams, NearPair, near_pairs
from crewboard.tools.near.arrays import load_numpy

_BANDS = 10


def near_duplicates(
    table: Table, parts: list[GramPart], exact: dict[int, int], config: AuditConfig, book: Book
) -> dict[str, Any]:
    """Note every row that nearly repeats an earlier one. Exact copies are counted as such already, and
    are left out."""
    found = near_pairs(Grams(parts), config.near, exact.keys())
    nearest = _nearest(found.pairs)
    for index, pair in sorted(nearest.items()):
        file, number, offset = table.place(index)
        earlier, line, _ = table.place(pair.first)
        within = f" of {earlier}" if earlier != file else ""
        book.file = file
        note = f"shares {pair.jaccard:.3f} with line {line}{within}"
        book.note(NEAR_DUPLICATE, number, offset, note)
    book.file = ""
    return {
        "key": f"word {GRAM}-grams of all turns but system ones, Jaccard {config.near:g} or more",
        "pairs": len(found.pairs),
        "rows": len(nearest),
        "share": round(len(nearest) / table.rows, 6) if table.rows else 0.0,
        "candidates": found.candidates,
        "crowded": found.crowded,
        "bands": _bands([pair.jaccard for pair in found.pairs], config.near),
    }


def leakage(
    both: Table, grams: Grams, split: int, config: AuditConfig, book: Book
) -> dict[str, Any]:
    """Note every row from `split` on that stands among those before it, the training set."""
    exact = _known(both.column("messages"), split)
    asked = _known(both.column("question"), split)
    near = _nearest(near_pairs(grams, config.near, split=split).pairs)
    shares = _overlaps(grams, split)
    over = {split + n: share for n, share in enumerate(shares) if share > config.overlap}
    told = [
        (LEAK_EXACT, dict.fromkeys(exact, "")),
        (LEAK_QUESTION, dict.fromkeys(asked, "")),
        (LEAK_NEAR, {i: f"shares {p.jaccard:.3f}" for i, p in near.items() if i not in exact}),
        (LEAK_OVERLAP, {index: f"{share:.0%} of its grams" for index, share in over.items()}),
    ]
    for rule, found in told:
        for index, note in sorted(found.items()):
            book.file, number, offset = both.place(index)
            book.note(rule, number, offset, note)
    book.file = ""
    return {
        "training_rows": split,
        "rows": both.rows - split,
        "counts": {rule: len(found) for rule, found in told},
        "mean_overlap": round(sum(shares) / len(shares), 6) if shares else 0.0,
        "overlap": _bands(shares, 0.0),
    }


def _nearest(pairs: list[NearPair]) -> dict[int, NearPair]:
    """Of each later row the pair that it is most alike in."""
    found: dict[int, NearPair] = {}
    for pair in pairs:
        held = found.get(pair.second)
        if held is None or pair.jaccard > held.jaccard:
            found[pair.second] = pair
    return found


def _known(column: Any, split: int) -> set[int]:
    """Rows from `split` on with a key of the rows before; 0 is no key."""
    np = load_numpy("comparing with a training set")
    hits = np.isin(column[split:], column[:split]) & (column[split:] != 0)
    return set((np.flatnonzero(hits) + split).tolist())


def _overlaps(grams: Grams, split: int) -> list[float]:
    """The share of each row's grams that the training set has too. Memory: 9 bytes a gram of the
    rows that are audited, whatever the size of the training set."""
    np = load_numpy("comparing with a training set")
    mine = np.unique(np.concatenate([np.empty(0, np.uint64), *(b for _, b in _from(grams, split))]))
    seen = np.zeros(len(mine), bool)
    for batch in grams.batches() if len(mine) else ():
        theirs = batch.grams[: int(batch.sizes[: max(0, split - batch.first)].sum())]
        at = np.minimum(np.searchsorted(mine, theirs), len(mine) - 1)
        seen[at[mine[at] == theirs]] = True
    shares = []
    for _, own in _from(grams, split):
        shares.append(float(seen[np.searchsorted(mine, own)].mean()) if len(own) else 0.0)
    return shares


def _from(grams: Grams, split: int) -> Iterator[tuple[int, Any]]:
    for number in range(split, grams.texts):
        yield number, grams.of(number)


def _bands(values: list[float], low: float) -> list[dict[str, Any]]:
    """Ten equal bands from `low` to 1; the last one holds 1 too."""
    step = (1 - low) / _BANDS or 1.0
    counts = [0] * _BANDS
    for value in values:
        counts[min(_BANDS - 1, max(0, int((value - low) / step)))] += 1
    return [
        {"from": round(low + n * step, 4), "below": round(low + (n + 1) * step, 4), "count": count}
        for n, count in enumerate(counts)
    ]
