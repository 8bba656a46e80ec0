"""What each pair of sources has in common, from their sketches."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from crewboard.tools.mix.keys import Keys, shared
from crewboard.tools.near.arrays import load_numpy
from crewboard.tools.shard.passages import Sketch


@dataclass(frozen=True)
class Overlap:
    """`first_share` is the part of the first source's distinct passages that stand in the second too;
    `jaccard` those that both have of those that either has; `documents` distinct ones in both."""

    first: str
    second: str
    documents: int
    first_documents_share: float
    second_documents_share: float
    first_share: float
    second_share: float
    jaccard: float
    sampled: float
    """The part of all hashes that was looked at: 1 is exact."""

    @property
    def most(self) -> float:
        """The largest share, which is what a threshold is held against."""
        documents = max(self.first_documents_share, self.second_documents_share)
        return max(documents, self.first_share, self.second_share)


def overlaps(sketches: Mapping[str, Sketch]) -> list[Overlap]:
    """Every pair of sources, the largest overlap first."""
    np = load_numpy("comparing sources")
    names = list(sketches)
    mask = max(sketch.settled_mask() for sketch in sketches.values())
    passages = {name: sketch.passages(mask) for name, sketch in sketches.items()}
    documents = shared([sketch.documents for sketch in sketches.values()])
    found = []
    for a, b in combinations(range(len(names)), 2):
        one, two = passages[names[a]], passages[names[b]]
        both = len(np.intersect1d(one, two, assume_unique=True))
        same = documents.get((a, b), 0)
        found.append(
            Overlap(
                first=names[a],
                second=names[b],
                documents=same,
                first_documents_share=_share(same, _distinct(sketches[names[a]].documents)),
                second_documents_share=_share(same, _distinct(sketches[names[b]].documents)),
                first_share=_share(both, len(one)),
                second_share=_share(both, len(two)),
                jaccard=_share(both, len(one) + len(two) - both),
                sampled=1 / (mask + 1),
            )
        )
    return sorted(found, key=lambda each: (-each.most, each.first, each.second))


def _distinct(keys: Keys) -> int:
    return keys.distinct()


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
