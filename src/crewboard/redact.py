"""Secrets never leave: what every sink (ledger, notes, logs, messages) passes its text through.

Two nets: the exact values of the environment's secret-looking variables, and the shapes of well-known
keys. Known values are found in hex, base64 and percent-encoding too. It is no proof: what is neither
known nor of a known shape passes, and so does a known value that was cut up or turned round.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)", re.IGNORECASE)
_SECRET_SHAPE = re.compile(
    r"sk-[A-Za-z0-9_\-]{16,}"  # Anthropic, OpenAI, OpenRouter
    r"|hf_[A-Za-z0-9]{20,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}"
    r"|AKIA[0-9A-Z]{16}"
    r"|(?<=Bearer )[A-Za-z0-9._~+/\-]{16,}=*"
)
_SHORTEST = 8
MASK = "[redacted]"
_URL_SAFE = str.maketrans("+/", "-_")


def redact(text: str) -> str:
    """`text` with every known secret replaced by `[redacted]`."""
    return _masked(text, _known(_environment()))


def redact_json(value: Any) -> Any:
    """`value` with every string in it redacted, keys left alone."""
    return _walk(value, _known(_environment()))


def _walk(value: Any, known: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return _masked(value, known)
    if isinstance(value, dict):
        return {key: _walk(part, known) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(part, known) for part in value]
    return value


def _masked(text: str, known: tuple[str, ...]) -> str:
    if len(text) < _SHORTEST:
        return text
    for value in known:
        text = text.replace(value, MASK)
    return _SECRET_SHAPE.sub(MASK, text)


def _environment() -> frozenset[str]:
    """The values of now: a key may have been set since the last text. Read at every text, so cheap."""
    values = (os.environ[name] for name in os.environ if _names_secret(name))
    return frozenset(value for value in values if len(value) >= _SHORTEST)


@lru_cache(maxsize=1024)
def _names_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


@lru_cache(maxsize=4)
def _known(values: frozenset[str]) -> tuple[str, ...]:
    """Each value and its spellings. Longest first, so that what contains another is masked whole."""
    spelt = {spelling for value in values for spelling in (value, *_spellings(value))}
    return tuple(sorted(spelt, key=len, reverse=True))


def _spellings(value: str) -> Iterator[str]:
    """`value` in hex, percent-encoded, and in base64 at each of the three places where it may begin
    in a longer text; there without the letters that its neighbours share."""
    raw = value.encode("utf-8", "surrogateescape")
    yield from (raw.hex(), raw.hex().upper(), quote(value, safe="", errors="surrogateescape"))
    for lead in range(3):
        whole = b64encode(b"\0" * lead + raw).decode()
        cut = whole[(8 * lead + 5) // 6 : (8 * (lead + len(raw))) // 6]
        yield from (cut, cut.translate(_URL_SAFE))
