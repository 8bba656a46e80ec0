"""A seeded chat corpus with planted faults, and a manifest of what was planted where.

    python benchmarks/corpus.py OUT.jsonl [--mb 450] [--seed 7]

Beside OUT.jsonl stands OUT.jsonl.manifest.json: {"planted": {class: [line, ...]}, "near": [[line,
line, jaccard], ...], "decoys": {...}, "sha256", "rows", "bytes"}; lines count from 1. Numbers of
planted rows grow with the size (the comment at `SHARES` gives them for 450 MB). The text is that of
Python's own documentation, cut into paragraphs and shuffled, mixed with invented sentences of the
same words: the same Python minor and seed give the same bytes.
"""

import argparse
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import orjson
from planted import FAULTS, Faulty, edited, jaccard

Row = dict[str, Any]
MB = 1_000_000
AGENTS = ("writer", "coder", "tutor", "critic", "planner")
CATEGORIES = ("debugging", "explaining", "planning", "rewriting")
PLAN = (("easy", 0.30), ("medium", 0.45), ("hard", 0.25))
SHARES = {
    "duplicate": 3000,  # a third of them serialised anew
    "duplicate-stripped": 300,
    "duplicate-answer": 300,
    "cross-agent-reuse": 2000,  # the second and third row of 1,000 groups
    "near-duplicate": 3150,
}
"""Copies by class for each 450 MB; the other classes are in `planted.FAULTS`."""


@dataclass
class Words:
    """Where text comes from."""

    rng: random.Random
    paragraphs: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        unwanted = ("{{", "}}", "<|", "@", "TODO", "[INST", "\x1b")
        for name in sorted(topics):
            for each in topics[name].split("\n\n"):
                text = each.strip("\n")
                if len(text) > 40 and not any(mark in text for mark in unwanted):
                    self.paragraphs.append(text)
                    self.tokens += text.split()

    def sentence(self) -> str:
        text = " ".join(self.rng.choices(self.tokens, k=self.rng.randint(8, 28)))
        return text[0].upper() + text[1:].rstrip(".,:;") + "."

    def passage(self, characters: int) -> str:
        """About so many characters, a third of them as the documentation has them."""
        parts: list[str] = []
        size = 0
        while size < characters:
            real = self.rng.random() < 0.18
            part = self.rng.choice(self.paragraphs)[:600] if real else self.sentence()
            parts.append(part)
            size += len(part) + 1
        return "\n".join(parts).rstrip() + "."


@dataclass
class Corpus:
    seed: int
    planted: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    near: list[tuple[int, int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.words = Words(self.rng)
        self.line = 0
        self.kept: list[tuple[int, Row]] = []

    def row(self) -> Row:
        rng = self.rng
        agent = rng.choice(AGENTS)
        turns = [("user", rng.randint(80, 700)), ("assistant", rng.randint(400, 5200))]
        if rng.random() < 0.25:
            turns += [("user", rng.randint(40, 300)), ("assistant", rng.randint(300, 3600))]
        messages = [{"role": role, "content": self.words.passage(size)} for role, size in turns]
        if rng.random() < 0.3:
            messages.insert(0, {"role": "system", "content": f"You are the {agent} of the crew."})
        return {
            "id": f"r{self.line + 1}",
            "agent": agent,
            "category": rng.choice(CATEGORIES),
            "difficulty": rng.choices([n for n, _ in PLAN], [p for _, p in PLAN])[0],
            "weight": round(rng.uniform(0.2, 1.0), 3),
            "messages": messages,
        }

    def write(self, file: Any, size: int) -> None:
        """Sound rows, and after each draw perhaps a copy or a faulty one, until `size` bytes."""
        odds = self._odds()
        written = 0
        while written < size:
            made = self.rng.choices(list(odds), list(odds.values()))[0]
            for data in self._made(made):
                self.line += 1
                written += file.write(data + b"\n")

    def _odds(self) -> dict[str, float]:
        wanted = SHARES | {name: fault.rows for name, fault in FAULTS.items()}
        copies = {
            name: count / 2 if name == "cross-agent-reuse" else count
            for name, count in wanted.items()
        }
        return {"sound": 112_000 - sum(copies.values()), **copies}

    def _made(self, name: str) -> Iterator[bytes]:
        maker: Callable[[], Iterator[bytes]] | None = getattr(
            self, "_" + name.replace("-", "_"), None
        )
        if maker is not None and (self.kept or name == "cross-agent-reuse"):
            yield from maker()
        elif name in FAULTS:
            self.planted[name].append(self.line + 1)
            yield FAULTS[name].make(Faulty(self.rng, self.row(), self.words))
        else:
            row = self.row()
            if len(self.kept) < 40_000:
                self.kept.append((self.line + 1, row))
            yield self._dump(row)

    def _dump(self, row: Row) -> bytes:
        return json.dumps(row).encode() if self.rng.random() < 0.2 else orjson.dumps(row)

    def _original(self) -> tuple[int, Row]:
        """A sound row that was written, each at most once."""
        at = self.rng.randrange(len(self.kept))
        self.kept[at], self.kept[-1] = self.kept[-1], self.kept[at]
        return self.kept.pop()

    def _duplicate(self) -> Iterator[bytes]:
        _, row = self._original()
        self.planted["duplicate"].append(self.line + 1)
        if self.rng.random() < 1 / 3:
            turned = [dict(reversed(message.items())) for message in row["messages"]]
            yield json.dumps({**row, "messages": turned}, indent=None).encode()
        else:
            yield orjson.dumps(row)

    def _duplicate_stripped(self) -> Iterator[bytes]:
        _, row = self._original()
        self.planted["duplicate-stripped"].append(self.line + 1)
        spaced = [m | {"content": f"\n {m['content']} "} for m in row["messages"]]
        yield orjson.dumps({**row, "messages": spaced})

    def _duplicate_answer(self) -> Iterator[bytes]:
        _, row = self._original()
        self.planted["duplicate-answer"].append(self.line + 1)
        asked = [
            m | {"content": self.words.passage(2500)} if m["role"] == "user" else m
            for m in row["messages"]
        ]
        yield orjson.dumps({**row, "messages": asked})

    def _cross_agent_reuse(self) -> Iterator[bytes]:
        row = self.row()
        rest = [m for m in row["messages"] if m["role"] != "system"]
        for n, agent in enumerate(self.rng.sample(AGENTS, 3)):
            if n:
                self.planted["cross-agent-reuse"].append(self.line + 1)
            system = {"role": "system", "content": f"You are the {agent} of the crew."}
            yield orjson.dumps({**row, "agent": agent, "messages": [system, *rest]})

    def _near_duplicate(self) -> Iterator[bytes]:
        line, row = self._original()
        messages = edited(self.rng, row["messages"], self.words.tokens)
        truth = jaccard(row["messages"], messages)
        self.near.append((line, self.line + 1, round(truth, 6)))
        yield self._dump({**row, "messages": messages})


def make(path: Path, size: int, seed: int) -> dict[str, Any]:
    """Write corpus and manifest; the manifest as an object."""
    corpus = Corpus(seed)
    with path.open("wb") as file:
        corpus.write(file, size)
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(MB):
            hasher.update(chunk)
    manifest = {
        "seed": seed,
        "rows": corpus.line,
        "bytes": path.stat().st_size,
        "sha256": hasher.hexdigest(),
        "planted": dict(corpus.planted),
        "near": corpus.near,
    }
    path.with_name(path.name + ".manifest.json").write_bytes(orjson.dumps(manifest))
    return manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--mb", type=float, default=450)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    manifest = make(given.out, int(given.mb * MB), given.seed)
    counts = {name: len(lines) for name, lines in sorted(manifest["planted"].items())}
    print(json.dumps({**manifest, "planted": counts, "near": len(manifest["near"])}, indent=1))


if __name__ == "__main__":
    main()
