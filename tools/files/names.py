"""What files are called where rows of several are told apart."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def names_of(paths: Sequence[str | Path]) -> tuple[str, ...]:
    """The base name of each, or its path as the caller gave it where another one bears the same."""
    often = Counter(Path(path).name for path in paths)
    return tuple(str(path) if often[Path(path).name] > 1 else Path(path).name for path in paths)


def named(real: Sequence[Path], given: Sequence[str | Path]) -> dict[Path, str]:
    """The same by the real path of each file."""
    return dict(zip(real, names_of(given), strict=True))
