"""One byte form for each JSON value, and the digests made of it.

Keys are sorted, separators carry no spaces, text stays UTF-8, NaN is refused: the subset of RFC 8785
that integers, strings and ordinary floats need. Floats are written as Python's `repr` writes them.
Half of a surrogate pair, which a model's JSON can hold and UTF-8 cannot, stays the escape it came as.
"""

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_CHUNK = 1 << 20


def canonical_json(value: Any) -> str:
    """`value` as its one canonical JSON text; ValueError on NaN and infinities."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def digest(value: Any) -> str:
    """SHA-256, in hex, of the canonical JSON of `value`."""
    return sha256_text(canonical_json(value))


def sha256_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256, in hex, of a file's bytes, read in 1 MiB pieces."""
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def short_id(prefix: str) -> str:
    """A random id that reads well on the board: `prefix` and 5 characters of Crockford base32.

    2**25 values: whoever stores it must check that it is new.
    """
    return prefix + "".join(secrets.choice(_CROCKFORD) for _ in range(5))
