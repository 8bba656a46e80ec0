"""Keys that rows are compared by, 64 bits each, and the file that they wait in until the end.

Three name what counts as a copy:
    messages   the whole of `messages`, whatever the spacing and key order of the file
    stripped   the same without (ASCII) white space around each content
    answer     the assistant's texts alone, stripped, from `SHORTEST_ANSWER` bytes on
and two find cross-agent reuse: `rest` is the stripped conversation without its opening system turn,
`agent` the system turn and the row's agent. A reuse group is all rows of one `rest` that have at
least two different `agent`s. `question` is the first user turn up to ASCII case and spacing; it is
taken only where rows are held against a training set.

64 bits confuse two of ten million different rows once in 370,000 such datasets. The keys are not
cryptographic: whoever forges rows can make them collide, which adds a finding and hides none.
"""

from array import array
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, BinaryIO

import orjson

from crewboard.tools.audit.sight import Sight

SHORTEST_ANSWER = 20
COLUMNS = ("messages", "stripped", "answer", "rest", "agent", "question", "line", "offset")
_FLUSH = len(COLUMNS) << 13
_MASK = (1 << 64) - 1
_BIND = 0x9E3779B97F4A7C15  # odd, so that binding two hashes loses nothing of either

Hash = Callable[[bytes], int]


def hash64() -> Hash:
    """XXH3 where it is installed, else BLAKE2b."""
    if find_spec("xxhash"):
        import xxhash

        return xxhash.xxh3_64_intdigest
    import hashlib

    return lambda data: int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


Keys = tuple[int, int, int, int, int, int]


class Keyring:
    """Makes the keys of rows."""

    def __init__(self, questions: bool = False) -> None:  # noqa: FBT001, FBT002 - one fact
        self.hash = hash64()
        self._questions = questions
        self._seeds: dict[tuple[Any, ...], int] = {}

    def keys_of(self, sight: Sight, agent: Any) -> Keys:
        """The keys of a row, in the order of `COLUMNS`."""
        stripped = sight.stripped
        as_is = stripped == sight.parts
        begin = 1 if sight.roles[0] == "system" else 0
        opening = self.hash(stripped[0]) if begin else 0
        rest = self._rest(sight, sight.parts if as_is else stripped, begin)
        bare = (rest * _BIND + opening) & _MASK
        if not sight.plain:
            whole = self.hash(orjson.dumps(sight.messages, option=orjson.OPT_SORT_KEYS))
        else:
            whole = (
                bare if as_is else (self.hash(sight.data) * _BIND + self._seed(sight.roles)) & _MASK
            )
        said = self._said(sight.roles, stripped)
        who = (opening * _BIND + self._agent(agent)) & _MASK
        return whole, bare, said, rest, who, self._question(sight) if self._questions else 0

    def _question(self, sight: Sight) -> int:
        asked = next((p for r, p in zip(sight.roles, sight.parts, strict=True) if r == "user"), b"")
        text = b" ".join(asked.split()).lower()
        return self.hash(text) if text else 0

    def _said(self, roles: tuple[Any, ...], stripped: list[bytes]) -> int:
        if roles[-1] == "assistant" and roles.count("assistant") == 1:
            text = stripped[-1]
        else:
            pairs = zip(roles, stripped, strict=True)
            text = b"\0".join(part for role, part in pairs if role == "assistant")
        return self.hash(text) if len(text) >= SHORTEST_ANSWER else 0

    def _rest(self, sight: Sight, parts: list[bytes], begin: int) -> int:
        if sight.plain:
            is_all = begin == 0 and parts is sight.parts
            text = sight.data if is_all else b"\0".join(parts[begin:])
            return (self.hash(text) * _BIND + self._seed(sight.roles[begin:])) & _MASK
        bare = [
            message | {"content": part.decode()}
            if isinstance(message.get("content"), str)
            else message
            for message, part in zip(sight.messages, parts, strict=True)
        ]
        return self.hash(orjson.dumps(bare[begin:], option=orjson.OPT_SORT_KEYS))

    def _agent(self, agent: Any) -> int:
        return 0 if agent is None else self.hash(str(agent).encode())

    def _seed(self, roles: tuple[Any, ...]) -> int:
        seed = self._seeds.get(roles)
        if seed is None:
            seed = self.hash(repr(roles).encode())
            if len(self._seeds) < 1 << 12:
                self._seeds[roles] = seed
        return seed


class KeyFile:
    """The keys of all rows on disk, 64 bytes each, so that memory does not grow with the rows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting = array("Q")
        self.rows = 0

    def add(self, keys: Keys, number: int, offset: int) -> None:
        self._waiting.extend((*keys, number, offset))
        self.rows += 1
        if len(self._waiting) >= _FLUSH:
            self.flush()

    def flush(self) -> None:
        self._file.write(self._waiting.tobytes())
        self._file.flush()
        self._waiting = array("Q")
