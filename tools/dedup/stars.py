"""Clusters of near duplicates as stars: a row that stays, and rows that are each alike to that row.

Likeness is not handed on: of A~B~C the outer two may have nothing in common, and a cluster made of chains
glues unlike rows together, the longer the data the more. So rows are taken by preference; each that no
earlier one has taken stays, and takes all that are alike to it. Two things then hold:
    every row that goes is alike to the very row that stays for it, to the threshold or more;
    no two rows that stay are alike.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crewboard.tools.dedup.keep import best_first
from crewboard.tools.near import NearPair


@dataclass(frozen=True, slots=True)
class Ray:
    """Which row stays for another, and the Jaccard index of the two."""

    kept: int
    jaccard: float


def stars(pairs: Sequence[NearPair], scores: Sequence[float] | None) -> dict[int, Ray]:
    """Each row that goes. `pairs` are as `near_pairs` tells them: of rows with the very same grams only the
    first is paired with others, and each of them with it."""
    graph = _Graph(pairs)
    taken: dict[int, Ray] = {}
    for row in best_first(graph.rows, scores):
        if row in taken:
            continue
        for other, jaccard in graph.alike(row):
            if other != row and other not in taken:
                taken[other] = Ray(row, jaccard)
    return taken


class _Graph:
    def __init__(self, pairs: Sequence[NearPair]) -> None:
        self.rows: set[int] = set()
        self._head: dict[int, int] = {}
        self._same: dict[int, list[int]] = {}
        self._near: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for pair in pairs:
            self.rows |= {pair.first, pair.second}
            if pair.jaccard == 1:
                self._head[pair.second] = pair.first
                self._same.setdefault(pair.first, [pair.first]).append(pair.second)
            else:
                self._near[pair.first].append((pair.second, pair.jaccard))
                self._near[pair.second].append((pair.first, pair.jaccard))

    def alike(self, row: int) -> list[tuple[int, float]]:
        head = self._head.get(row, row)
        found = [(other, 1.0) for other in self._same.get(head, ())]
        for near, jaccard in self._near.get(head, ()):
            found += [(other, jaccard) for other in self._same.get(near, [near])]
        return found
