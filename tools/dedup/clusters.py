"""The clusters, written down: which row stays and why, and which rows it stays for."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from crewboard.tools.dedup.keep import Keep
from crewboard.tools.dedup.survey import Survey

MEMBERS = 1000
"""A cluster of more goes on in further lines, so that no line grows without bound."""


@dataclass
class Clusters:
    """Of `clusters` clusters `redundant` rows are copies, `near` of these nearly so. The members of each are
    a chain through two arrays: 8 bytes a line."""

    survey: Survey
    keep: Keep
    clusters: int = 0
    redundant: int = 0
    near: int = 0
    _first: "array[int]" = field(init=False)
    _next: "array[int]" = field(init=False)

    def __post_init__(self) -> None:
        lines = len(self.survey.twins)
        self._first, self._next = array("I", bytes(4 * lines)), array("I", bytes(4 * lines))
        for index in range(lines - 1, -1, -1):
            kept = self.survey.kept_for(index)
            if kept != index:  # 0 is no member, so that members count from 1
                self.clusters += self._first[kept] == 0
                self.redundant += 1
                self.near += self.survey.jaccard(index) is not None
                self._next[index], self._first[kept] = self._first[kept], index + 1

    def has_copies(self, index: int) -> bool:
        return self._first[index] != 0

    def write(self, file: BinaryIO) -> int:
        """Every cluster, in the order of the rows that stay; how many lines they took."""
        lines = 0
        for kept in filter(self._first.__getitem__, range(len(self._first))):
            for members in self._chunks(kept):
                file.write(orjson.dumps(self._told(kept, members)) + b"\n")
                lines += 1
        return lines

    def _chunks(self, kept: int) -> Iterator[list[int]]:
        members: list[int] = []
        at = self._first[kept]
        while at:
            members.append(at - 1)
            at = self._next[at - 1]
            if len(members) == MEMBERS:
                yield members
                members = []
        if members:
            yield members

    def _told(self, kept: int, members: list[int]) -> dict[str, Any]:
        scored = [self._of(kept), *map(self._of, members)]
        return {
            "kept": scored[0],
            "why": self.keep.rule,
            "members": [
                each | self._likeness(n) for each, n in zip(scored[1:], members, strict=True)
            ],
        }

    def _of(self, index: int) -> dict[str, Any]:
        scores = self.survey.scores
        told = self.keep.told(scores[index]) if scores is not None else {}
        return self.survey.places.at(index) | told

    def _likeness(self, index: int) -> dict[str, Any]:
        jaccard = self.survey.jaccard(index)
        return {"same": "key"} if jaccard is None else {"jaccard": jaccard}
