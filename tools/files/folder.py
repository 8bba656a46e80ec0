"""A folder of row files, as one thing: what an expansion makes, a file for each target."""

from pathlib import Path

from crewboard.errors import InputUnreadable
from crewboard.tools.files.jsonl import check_readable

_ENDINGS = (".jsonl", ".ndjson", ".jsonl.gz", ".jsonl.zst", ".parquet")


def row_files(path: Path) -> tuple[Path, ...]:
    """The file itself, or the files of a folder that holds nothing but rows, by name.

    What `check_readable` raises; InputUnreadable for a folder without rows, or with anything else in it:
    exclusions or reports that lie beside rows must not be taken for them.
    """
    if not path.is_dir():
        check_readable(path)
        return (path,)
    found = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    other = next((each for each in found if not each.name.endswith(_ENDINGS)), None)
    if other is not None:
        told = f"it is a folder, and {other.name} in it is no file of rows: name the files"
        raise InputUnreadable(path=path, where="", reason=told)
    if not found:
        raise InputUnreadable(path=path, where="", reason="it is a folder without rows")
    for each in found:
        check_readable(each)
    return tuple(found)
