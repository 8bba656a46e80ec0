"""Every verb of `crewboard data` that reads files: how it is called, and where a bad file may stand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

HERE = "{bad}"
"""Stands for the one file that is not what it should be."""


@dataclass(frozen=True)
class Slot:
    """A call in which one file stands for `HERE`. `rows` says that the verb reads it row by row; a file
    of anything else is a document: a recipe, a tokenizer, a report."""

    name: str
    words: str
    rows: bool = True
    suffix: str = ".jsonl"
    out: str = "--out out"
    takes: frozenset[str] = frozenset()
    """What is a sound file here: blank lines declare nothing, and any file has a lineage."""

    @property
    def verb(self) -> str:
        return " ".join(self.name.split(":")[0].split())

    def call(self, bad: Path) -> list[str]:
        words = f"data {self.verb} {self.words} {self.out}".split()
        return [word.replace(HERE, str(bad)) for word in words]


_AUDIT = "--report out/report.json --findings out/findings.jsonl --html out/report.html"
_ANY_FILE = frozenset({"regular", "folder"})
_BLANK = frozenset({"blank"})
_TEXTS = frozenset({"prose", "numbers", "no.parquet", "short.parquet"})
_TARGET = "category=a:0.5,b:0.5"
_FIX, _RULE = "empty-content=drop", "weight-range"
NOT_FILES = {"recipes": "its argument names a recipe that comes with crewboard"}
SLOTS = [
    Slot("audit", HERE, out=_AUDIT),
    Slot("audit:parts", f"{HERE} --processes 2", out=_AUDIT),
    Slot("audit:against", f"good.jsonl --against {HERE}", out=_AUDIT),
    Slot("audit:config", f"good.jsonl --config {HERE}", False, ".toml", _AUDIT, _BLANK),
    Slot("audit:tokenizer", f"good.jsonl --tokenizer {HERE}", False, ".json", _AUDIT),
    Slot("recommend", HERE, rows=False, suffix=".json", out=""),
    Slot("drop", f"{HERE} --findings findings.jsonl --rule duplicate"),
    Slot("drop:findings", f"good.jsonl --findings {HERE} --rule duplicate"),
    Slot("dedup", HERE),
    Slot("dedup:near", f"{HERE} --near --policy mark"),
    Slot("filter", f"{HERE} --min-words 1"),
    Slot(
        "filter:config", f"good.jsonl --rule {_RULE} --config {HERE}", False, ".toml", takes=_BLANK
    ),
    Slot("filter:tokenizer", f"good.jsonl --max-tokens 9999 --tokenizer {HERE}", False, ".json"),
    Slot("repair", f"{HERE} --fix empty-content=drop"),
    Slot("repair:plan", f"good.jsonl --plan {HERE}", False, ".toml", takes=_BLANK),
    Slot("repair:config", f"good.jsonl --fix {_FIX} --config {HERE}", False, ".toml", takes=_BLANK),
    Slot("repair:findings", f"good.jsonl --fix duplicate=drop --findings {HERE}"),
    Slot("rebalance", f"{HERE} --target {_TARGET}"),
    Slot("rebalance:plan", f"good.jsonl --plan {HERE}", False, ".toml", takes=_BLANK),
    Slot("scrub", HERE),
    Slot("scrub:names", f"good.jsonl --names {HERE}", False, ".txt", takes=_TEXTS),
    Slot("convert", f"{HERE} --to openai"),
    Slot("convert:second", f"good.jsonl {HERE} --to sharegpt"),
    Slot("check", f"{HERE} --for trl", out=""),
    Slot("check:contract", f"good.jsonl --contract {HERE}", False, ".toml", ""),
    Slot("expand", f"a=good.jsonl b={HERE} --rows 20 --matrix matrix.csv"),
    Slot("expand:matrix", f"a=good.jsonl b=good.jsonl --rows 20 --matrix {HERE}", False, ".csv"),
    Slot("mix", f"a=good.jsonl:0.5 b={HERE}:0.5"),
    Slot("mix:recipe", HERE, rows=False, suffix=".toml"),
    Slot("lineage", HERE, rows=False, out="", takes=_ANY_FILE),
    Slot("tokenizer train", f"{HERE} --vocab-size 300"),
    Slot("tokenizer report", f"tokenizer.json {HERE}"),
    Slot("tokenizer report:tokenizer", f"{HERE} good.jsonl", rows=False, suffix=".json"),
    Slot("tokenizer guard", f"tokenizer.json {HERE} --baseline tokenizer.json"),
    Slot(
        "tokenizer guard:baseline", f"tokenizer.json good.jsonl --baseline {HERE}", False, ".json"
    ),
    Slot("shard", f"{HERE} --tokenizer tokenizer.json --end <|im_end|> --sequence 8"),
    Slot("shard:tokenizer", f"good.jsonl --tokenizer {HERE}", rows=False, suffix=".json"),
    Slot("validate-mixture", f"good.jsonl {HERE}"),
    Slot("generate", HERE, rows=False, suffix=".toml"),
    Slot("generate:examples", f"support-desk --rows 4 --examples {HERE}"),
    Slot("generate:existing", f"support-desk --rows 4 --existing {HERE}"),
]


@cache
def verbs_of_files() -> frozenset[str]:
    """The verbs that take an argument, from the command line itself; all of them name files."""
    from crewboard.cli.data import data

    return frozenset(_leaves(data, click.Context(data), "")) - set(NOT_FILES)


def _leaves(group: click.Group, context: click.Context, before: str) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, context, f"{before}{name} ")
        elif command and any(isinstance(each, click.Argument) for each in command.params):
            yield before + name


def chat(number: int) -> bytes:
    turns = [("user", f"What is {number} and 1?"), ("assistant", f"It is {number + 1}, of course.")]
    messages = [{"role": role, "content": content} for role, content in turns]
    row = {"messages": messages, "category": "ab"[number % 2]}
    return json.dumps(row).encode() + b"\n"


def furnish(folder: Path) -> None:
    """What the calls name beside the bad file."""
    from crewboard.cli import run

    (folder / "good.jsonl").write_bytes(b"".join(map(chat, range(40))))
    (folder / "matrix.csv").write_text(",a,b\na,1,.5\nb,.5,1\n")
    made = [
        "data audit good.jsonl --findings findings.jsonl",
        "data tokenizer train good.jsonl --vocab-size 300 --out made",
    ]
    for line in made:
        assert run(line.split()) == 0
    (found,) = (p for p in folder.glob("made/tokenizer.*") if "manifest" not in p.name)
    found.rename(folder / "tokenizer.json")
