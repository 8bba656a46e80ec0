"""The first pass: every row is looked at once, and what is learnt of it is some bytes in arrays.

Memory for each line: 16 bytes, 8 more where the rule looks at rows, 16 more for `keep-as-weight`. Keys and
grams wait on disk. For near duplicates the engine adds some 150 bytes a row and 12 a posting.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from crewboard.tools.audit.keys import hash64
from crewboard.tools.contract import ToolContext
from crewboard.tools.dedup.arguments import DedupArguments
from crewboard.tools.dedup.exact import KeyFiles
from crewboard.tools.dedup.keep import Keep
from crewboard.tools.dedup.keys import Keyring
from crewboard.tools.dedup.stars import Ray, stars
from crewboard.tools.dedup.weights import Weights
from crewboard.tools.files.chat import messages_of
from crewboard.tools.files.jsonl import Fault, Line
from crewboard.tools.files.names import names_of
from crewboard.tools.files.passing import Passing
from crewboard.tools.near import GramPart, Grams, GramWriter, near_pairs


@dataclass
class Places:
    """Lines numbered from 0 over all files, faulty ones too, and where each begins."""

    names: Sequence[str]
    begins: list[int] = field(default_factory=list)
    """The number of each file's first line."""
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))

    def at(self, index: int) -> dict[str, Any]:
        file = bisect_right(self.begins, index) - 1
        line = index - self.begins[file] + 1
        return {"file": self.names[file], "line": line, "offset": self.offsets[index]}


@dataclass
class Survey:
    """`twins` names for each line the row that is preferred of those with its key, which may be itself;
    `rays` the rows among these that are left to one nearly alike."""

    places: Places
    twins: "array[int]"
    scores: "array[float] | None" = None
    weights: Weights | None = None
    rays: dict[int, Ray] = field(default_factory=dict)
    keyless: int = 0
    keyed: int = 0
    crowded: int = 0

    @property
    def unscored(self) -> bool:
        """Whether rows are preferred by a number that none of them has."""
        return self.scores is not None and max(self.scores, default=0.0) == -inf

    def kept_for(self, index: int) -> int:
        """The row that stays for this one, or this one."""
        twin = self.twins[index]
        ray = self.rays.get(twin)
        return twin if ray is None else ray.kept

    def jaccard(self, index: int) -> float | None:
        """How alike a row is to the one that stays for it; None where they share the key."""
        ray = self.rays.get(self.twins[index])
        return None if ray is None else round(ray.jaccard, 6)


def survey(arguments: DedupArguments, context: ToolContext, work: Path) -> Survey:
    """Look at all rows. `work` is a folder for what waits on disk; its owner empties it."""
    paths = [context.read(path) for path in arguments.files]
    passing = Passing(paths, context.progress, "looking for copies")
    looking = _Looking(arguments, work)
    with looking:
        for path in paths:
            looking.begin()
            for item in passing.rows(path):
                looking.take(item)
        looking.end()
    return looking.found(arguments.near)


class _Looking:
    def __init__(self, arguments: DedupArguments, work: Path) -> None:
        self._keyring, self._keep = Keyring(arguments.key), Keep.parse(arguments.keep)
        self._places = Places(names_of(arguments.files))
        self._twins = array("I")
        self._scores = array("d") if self._keep.scores else None
        weighs = arguments.policy == "keep-as-weight"
        self._weights = Weights(arguments.weight_field) if weighs else None
        self._keys = KeyFiles(work)
        self._grams_path = work / "grams" if arguments.near is not None else None
        self._grams: GramWriter | None = None
        self._keyless = self._keyed = 0
        self._stack = ExitStack()

    def __enter__(self) -> None:
        self._stack.enter_context(self._keys)
        if self._grams_path is not None:
            file = self._stack.enter_context(self._grams_path.open("wb"))
            self._grams = GramWriter(file, hash64())

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self) -> None:
        self._places.begins.append(len(self._twins))

    def take(self, item: Line | Fault) -> None:
        index = len(self._twins)
        self._twins.append(index)
        self._places.offsets.append(item.offset)
        if self._weights is not None:
            self._weights.take(item)
        text, score = b"", -inf
        if isinstance(item, Line):
            text = self._compared(item, index)
            score = self._keep.score(item, index)
        if self._scores is not None:
            self._scores.append(score)
        if self._grams is not None:
            self._grams.add(text)

    def _compared(self, line: Line, index: int) -> bytes:
        """Put a row's key down; the text by which it is nearly another one, if that is looked for."""
        if self._keyring.needs_chat and messages_of(line.row) is None:
            return b""
        key = self._keyring.key_of(line.row)
        if key is None:
            self._keyless += 1
            return b""
        self._keyed += 1
        self._keys.add(key, index)
        return b"" if self._grams is None else self._keyring.text_of(line.row)

    def end(self) -> None:
        """Put everything that waits into its file."""
        if self._grams is not None:
            self._grams.flush()

    def found(self, threshold: float | None) -> Survey:
        self._keys.settle(self._twins, self._scores)
        made = Survey(self._places, self._twins, self._scores, self._weights)
        made.keyless, made.keyed = self._keyless, self._keyed
        if threshold is not None and self._grams is not None and self._grams_path is not None:
            grams = Grams([GramPart(self._grams_path, self._grams.sizes)])
            near = near_pairs(grams, threshold, _Copies(self._twins))
            made.rays, made.crowded = stars(near.pairs, self._scores), near.crowded
        return made


class _Copies:
    """The rows of which another with the same key stays: they need not be compared again."""

    def __init__(self, twins: "array[int]") -> None:
        self._twins = twins

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and self._twins[index] != index
