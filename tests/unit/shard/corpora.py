"""Small corpora and a tokenizer that the tests of shards are made of."""

from pathlib import Path
from typing import Any

from unit.tools.data_rows import Row, made, run, write_rows

from crewboard.tools.contract import Outcome
from crewboard.tools.shard import Shards, shard
from crewboard.tools.tokenizer import load_tokenizer

END = "<|endoftext|>"


def byte_tokenizer(folder: Path) -> str:
    """One token a byte, and two special ones: counts can be told by hand."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([END, "<pad>"])
    tokenizer.save(str(folder / "tokenizer.json"))
    return "tokenizer.json"


def texts(name: str, count: int, size: int = 9) -> list[Row]:
    """Rows of `size` bytes, so of `size` tokens, and one more with an end."""
    return [{"text": f"{name}{i}".ljust(size, ".")} for i in range(count)]


def sharded(folder: Path, out: str = "out", **more: Any) -> tuple[Outcome, Shards]:
    """Of a (30 documents of 10 tokens) and b (13 of 10)."""
    for name, count in (("a", 30), ("b", 13)):
        if not (folder / f"{name}.jsonl").exists():
            write_rows(folder / f"{name}.jsonl", texts(name, count))
    arguments = {
        "sources": ["a.jsonl", "b.jsonl"], "tokenizer": byte_tokenizer(folder),
        "sequence": 32, "shard_sequences": 3, **more,
    }  # fmt: skip
    outcome = run(shard, folder, out, **arguments)
    return outcome, Shards(made(outcome, "shards"))


def read_back(folder: Path, ids: Any) -> str:
    return str(load_tokenizer(folder / "tokenizer.json").decode(ids.tolist()))
