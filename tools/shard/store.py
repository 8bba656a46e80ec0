"""Shards opened for training: arrays that stay on disk until a part of them is asked for."""

from pathlib import Path
from typing import Any

import orjson

from crewboard.errors import InputMissing, InputUnreadable
from crewboard.tools.near.arrays import load_numpy
from crewboard.tools.shard.tool import FORMAT


class Shards:
    """`shards[i]` is the i-th sequence of the schedule, an array of `sequence` tokens or fewer; nothing is
    hashed here, for that `validate_mixture` is there. InputMissing, InputUnreadable."""

    def __init__(self, folder: Path) -> None:
        self._np = load_numpy("opening shards")
        self.folder = folder
        self.index = read_index(folder)
        self._names = [source["name"] for source in self.index["sources"]]
        self._held: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.array("schedule.npy"))

    def __getitem__(self, entry: int) -> Any:
        source, number = self.array("schedule.npy")[entry]
        return self.sequence(self._names[source], int(number))

    @property
    def sources(self) -> list[str]:
        return list(self._names)

    def sequence(self, source: str, number: int) -> Any:
        """IndexError beyond the source's last sequence."""
        size: int = self.index["sequence"]
        sequences: int = self._told(source)["sequences"]
        if not 0 <= number < sequences:
            raise IndexError(f"{source} has {sequences} sequences, not {number + 1}")
        return self._span(source, number * size, (number + 1) * size)

    def documents(self, source: str) -> Any:
        """An array of (first token, number of the file, line), one row for each document."""
        return self.array(f"{source}/documents.npy")

    def document(self, source: str, number: int) -> Any:
        """The tokens of one document, its end among them; what a tail's cut took off is missing."""
        starts, told = self.documents(source), self._told(source)
        last = number + 1 >= len(starts)
        stop = told["tokens"] if last else int(starts[number + 1][0])
        return self._span(source, int(starts[number][0]), stop)

    def _span(self, source: str, start: int, stop: int) -> Any:
        parts, before = [], 0
        for file in self._told(source)["shards"]:
            array = self.array(file["path"])
            low, high = max(0, start - before), min(len(array), stop - before)
            if low < high:
                parts.append(array[low:high])
            before += len(array)
        if len(parts) == 1:
            return parts[0]
        empty = self._np.empty(0, self.index["dtype"])
        return self._np.concatenate([empty, *parts])

    def array(self, name: str) -> Any:
        """One file of the folder, by its path in it."""
        if name not in self._held:
            self._held[name] = self._opened(name)
        return self._held[name]

    def _told(self, source: str) -> dict[str, Any]:
        told: dict[str, Any] = self.index["sources"][self._names.index(source)]
        return told

    def _opened(self, name: str) -> Any:
        path = self.folder / name
        try:
            return self._np.load(path, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise InputMissing(path=path) from None
        except (ValueError, OSError, EOFError) as error:
            raise InputUnreadable(path=path, where="", reason=error) from error


def read_index(folder: Path) -> dict[str, Any]:
    """The `index.json` of a folder of shards. InputMissing, InputUnreadable."""
    path = folder / "index.json"
    if not path.is_file():
        raise InputMissing(path=path)
    try:
        index = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputUnreadable(path=path, where="", reason=f"it is not JSON ({error})") from None
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        reason = f"it is no index of this version ({FORMAT}); shard the rows again"
        raise InputUnreadable(path=path, where="", reason=reason)
    return index
