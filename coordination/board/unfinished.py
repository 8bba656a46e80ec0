"""Whether a save has come to its end, as far as its bytes tell.

Nobody can tell a file that was truncated from a person who deleted half of the board. So what looks
unfinished must rest before it is believed, the longer the worse it looks:

    shorter by a tenth, or without the final newline that there was        1 s
    stops in the middle of a line, far from the end                       10 s, then its end is put back
    lacks more than half, in whole lines                                  60 s, then it was meant
    empty, or stops in the middle of no known line                        60 s, then it is kept aside

All this is measured on the version that the save was made on: a stale text of a board that has doubled
since is whole.
"""

EMPTY = "it is empty"
TORN = "it ends in the middle of a line"
HALF_MISSING = "more than half of it is missing"
REST_S, MENDED_S, MEANT_S = 1.0, 10.0, 60.0
_SHRUNK = 0.9
_HALF = 0.5
_ONE_WRITE = 4096  # bytes: a shorter file is saved by one call, so half of one is never seen


def rest(found: bytes, base: bytes, newest: int) -> float:
    """Seconds for which a save must lie there before it is believed. `newest`: the length of the
    newest version."""
    if why := cut_short(found, base, newest):
        return MENDED_S if why == TORN and mended(found, base) != found else MEANT_S
    return REST_S if len(found) < _SHRUNK * len(base) or _torn(found, base) else 0.0


def never_meant(found: bytes, base: bytes) -> bool:
    """Whether it is kept aside even when it has rested."""
    why = cut_short(found, base, 0)
    return why == EMPTY or (why == TORN and mended(found, base) == found)


def cut_short(found: bytes, base: bytes, newest: int) -> str:
    """Why a save does not look like one that was finished; "" for one that does."""
    if base.strip() and not found.strip():
        return EMPTY
    if _torn(found, base) and len(found) < _SHRUNK * max(len(base), newest):
        return TORN
    if len(base) > _ONE_WRITE and len(found) < _HALF * len(base):
        return HALF_MISSING
    return ""


def mended(found: bytes, base: bytes) -> bytes:
    """With the end that was cut off: where a text stops within a line of `base`, and nothing that came
    after that line is in it, the rest of `base` is put back.

    git makes such texts: it looks how long a file is, then reads so much of what lies there by now.
    """
    head, _, last = found.rpartition(b"\n")
    at = base.rfind(b"\n" + last) + 1 if last and _torn(found, base) else 0
    line = base[at : base.find(b"\n", at)]
    rest = base[at + len(last) :]
    moved = set(rest.splitlines()[1:]) & set(head.splitlines()) - {b""}
    if not at or line.rstrip(b"\r") == last or moved:
        return found
    return found + rest


def _torn(found: bytes, base: bytes) -> bool:
    return _ended(base) and not _ended(found)


def _ended(data: bytes) -> bool:
    return data.endswith((b"\n", b"\r"))
