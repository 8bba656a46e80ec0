"""The vectors that a model of meaning gave the passages, kept in the index by the passage's words."""

import sqlite3
from typing import TYPE_CHECKING

from crewboard.memory.index import sql

if TYPE_CHECKING:
    from crewboard.memory.recall import Embedder

_BATCH = 32


def learn(index: sqlite3.Connection, embedder: "Embedder", most: int) -> int:
    """Read at most `most` passages that the model has not read, the newest first; how many. Nothing is
    locked while the model works."""
    import numpy as np

    rows = index.execute(sql("without_vector"), (embedder.name, most)).fetchall()
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        vectors = np.asarray(embedder.embed([text for _, text in batch]), np.float16)
        with index:
            index.executemany(
                sql("learn_vector"),
                [(embedder.name, digest, vector.tobytes())
                 for (digest, _), vector in zip(batch, vectors, strict=True)],
            )  # fmt: skip
    return len(rows)


def nearest(index: sqlite3.Connection, embedder: "Embedder", query: str) -> dict[str, float]:
    """The cosine of `query` with every passage that was read, by the digest of its words."""
    import numpy as np

    rows = index.execute(sql("vectors"), (embedder.name,)).fetchall()
    if not rows:
        return {}
    known = np.frombuffer(b"".join(value for _, value in rows), np.float16).reshape(len(rows), -1)
    cosines = known.astype(np.float32) @ np.asarray(embedder.embed([query]), np.float32)[0]
    return {digest: float(each) for (digest, _), each in zip(rows, cosines, strict=True)}
