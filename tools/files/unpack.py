"""Bytes of a file as they were before it was packed: gzip and Zstandard, told by their first bytes.

Nothing is held but a piece of at most some megabytes, however far it expands. A file that is cut off
is an error and not a short file: the decompressor must have seen the end of its last frame.
"""

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from crewboard.errors import ExtraMissing, InputUnreadable
from crewboard.tools.files.errors import InputExpands

MOST_TIMES = 200
"""How far a sound file expands: text packs 3 to 20 times, text in fifteen copies under 100."""
FREE_MB = 64
"""Below this many unpacked megabytes the expansion is not looked at."""
_MB = 1_000_000
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 20
_GZIP_FORMAT = 31  # zlib's number for a gzip header
_WINDOW = 1 << 27


class Packing(StrEnum):
    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


class _Frame(Protocol):
    """One packed frame: what unpacks it, and how much of it to take at a time."""

    sip: int
    error: type[Exception]

    @property
    def ended(self) -> bool: ...
    @property
    def after(self) -> bytes:
        """What was handed in beyond the frame's end."""
        ...

    def unpack(self, data: bytes) -> tuple[bytes, bytes]:
        """What `data` unpacks to, and what of it has not been looked at yet."""
        ...


def packing_of(path: Path) -> Packing:
    """How `path` is packed, by its first bytes and not by its name."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_GZIP):
        return Packing.GZIP
    return Packing.ZSTD if head == _ZSTD else Packing.NONE


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where they are packed.

    Reading raises OSError as files do; InputUnreadable where the packed data is damaged or cut off;
    InputExpands for a decompression bomb. ExtraMissing for Zstandard without its library.
    """
    packing = packing_of(path)
    with path.open("rb", buffering=_PIECE) as file:  # larger reads take a third of the time
        if packing is Packing.NONE:
            yield file
            return
        raw = _Unpacked(path, file, _frames(packing))
        with io.BufferedReader(cast("io.RawIOBase", raw), _PIECE) as unpacked:
            yield cast("BinaryIO", unpacked)


class _Unpacked(io.RawIOBase):
    """A raw stream over packed frames, one after the other."""

    def __init__(self, path: Path, file: BinaryIO, frame: Callable[[], _Frame]) -> None:
        self._path, self._file, self._frame = path, file, frame
        self._pieces = self._unpack()
        self._left = memoryview(b"")
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _unpack(self) -> Iterator[bytes]:
        """Pieces of all frames; zeros may follow the last one, as tapes pad."""
        frame = self._frame()
        rest = self._file.read(frame.sip)
        while rest:
            while not frame.ended:
                if not rest and not (rest := self._file.read(frame.sip)):
                    raise self._damaged("its packed data is cut off")
                try:
                    piece, rest = frame.unpack(rest)
                except frame.error as error:
                    raise self._damaged(f"its packed data is damaged ({error})") from error
                self._weigh(len(piece))
                yield piece
            rest = frame.after or self._file.read(frame.sip)
            while rest and not rest.strip(b"\0"):
                rest = self._file.read(frame.sip)
            frame = self._frame()

    def _weigh(self, more: int) -> None:
        self._given += more
        if self._given > max(FREE_MB * _MB, MOST_TIMES * self._file.tell()):
            raise InputExpands(path=self._path, times=MOST_TIMES, mb=self._given // _MB)

    def _damaged(self, reason: str) -> InputUnreadable:
        return InputUnreadable(path=self._path, where="", reason=reason)


class _Gzip:
    """A gzip member (RFC 1952). zlib hands out no more than asked for, however far it expands."""

    sip = 1 << 16
    error: type[Exception] = zlib.error

    def __init__(self) -> None:
        self._step = zlib.decompressobj(_GZIP_FORMAT)

    @property
    def ended(self) -> bool:
        return self._step.eof

    @property
    def after(self) -> bytes:
        return self._step.unused_data

    def unpack(self, data: bytes) -> tuple[bytes, bytes]:
        return self._step.decompress(data, _PIECE), self._step.unconsumed_tail


class _Zstd:
    """A Zstandard frame (RFC 8878). What a sip expands to is handed out as a whole, so it is small:
    a block of 4 bytes stands for 128 KiB at most, and 1 KiB for 32 MiB."""

    sip = 1 << 10

    def __init__(self) -> None:
        import zstandard

        self.error: type[Exception] = zstandard.ZstdError
        self._step = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()

    @property
    def ended(self) -> bool:
        return self._step.eof

    @property
    def after(self) -> bytes:
        return self._step.unused_data

    def unpack(self, data: bytes) -> tuple[bytes, bytes]:
        return self._step.decompress(data), b""


def _frames(packing: Packing) -> Callable[[], _Frame]:
    if packing is Packing.GZIP:
        return _Gzip
    if find_spec("zstandard") is None:
        raise ExtraMissing(what="a file packed by zstd", package="zstandard", extra="data")
    return _Zstd
