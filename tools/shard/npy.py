"""NumPy's own file format (NEP 1, version 1.0), written as it grows and without NumPy.

The header is kept free, 128 bytes, and filled in when the number of rows is known.
"""

import sys
from array import array
from pathlib import Path
from typing import BinaryIO

HEADER = 128
_MAGIC = b"\x93NUMPY\x01\x00"
_PREFIX = len(_MAGIC) + 2
SIZES = {"<u2": 2, "<u4": 4, "<i8": 8}
_CODES = {"<u2": "H", "<u4": "I", "<i8": "q"}


def header(dtype: str, rows: int, columns: int | None = None) -> bytes:
    """The first 128 bytes of a file of `rows` (by `columns`) numbers of `dtype`."""
    shape = f"({rows},)" if columns is None else f"({rows}, {columns})"
    told = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    padded = told.ljust(HEADER - _PREFIX - 1) + b"\n"
    return _MAGIC + len(padded).to_bytes(2, "little") + padded


def begin(file: BinaryIO) -> None:
    file.write(bytes(HEADER))


def packed(dtype: str, numbers: list[int]) -> bytes:
    """Little-endian, whatever the machine."""
    values = array(_CODES[dtype], numbers)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def seal(path: Path, dtype: str, columns: int | None = None) -> int:
    """Write the header of a file that has grown to its end; how many rows it has."""
    width = SIZES[dtype] * (columns or 1)
    rows = (path.stat().st_size - HEADER) // width
    with path.open("r+b") as file:
        file.write(header(dtype, rows, columns))
    return rows
