"""The tool: train a byte-level BPE on the text of rows, with Hugging Face `tokenizers`.

Only the counts of words decide, so neither the order of rows and files nor the number of threads leaves a
trace: the same rows give the same `tokenizer.json`, under one version of the library. The training is
one call into that library; a run that is stopped starts again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from crewboard.canonical import sha256_file
from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import Arguments, InputPath, Made, Outcome, RowAccount, ToolContext
from crewboard.tools.contract import tool as contract_tool
from crewboard.tools.files.atomic import whole, write_whole
from crewboard.tools.files.names import named
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import inputs_fit
from crewboard.tools.lineage.errors import PinBroken
from crewboard.tools.tokenizer.corpus import Corpus
from crewboard.tools.tokenizer.load import load_tokenizer, require_tokenizers

_BYTES = 256


class TrainArguments(Arguments):
    files: tuple[InputPath, ...] = Field(min_length=1)
    vocab_size: int = Field(default=32_000, gt=_BYTES, le=1_000_000)
    """Entries, the special tokens and 256 bytes among them. Fewer come out where the text holds no more."""
    min_count: int = Field(default=2, ge=1)
    """How often two pieces must stand together to be joined."""
    special_tokens: tuple[str, ...] = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
    fields: tuple[str, ...] = ()
    """The columns that hold text; by default messages, else `text`."""
    sha256: str | None = None
    """What the tokenizer must hash to, to make a known one again."""


def _preflight(arguments: TrainArguments, context: ToolContext) -> None:
    require_tokenizers()
    inputs_fit(arguments, context)


@contract_tool(
    "tokenizer-train",
    "Train a byte-level BPE tokenizer on the text of rows.",
    produces={"tokenizer": "tokenizer-json", "dropped": "exclusions-jsonl"},
    preflight=_preflight,
)
def train(arguments: TrainArguments, context: ToolContext) -> Outcome:
    """PinBroken when another tokenizer comes out than the pinned one."""
    paths = [context.read(path) for path in arguments.files]
    place, left_out = context.out / "tokenizer.json", context.out / "dropped.jsonl"
    with whole(left_out) as dropped:
        passing = Passing(paths, context.progress, "reading for the tokenizer")
        corpus = Corpus(
            paths, passing, dropped, arguments.fields, names=named(paths, arguments.files)
        )
        trained = _trained(arguments, corpus)
    used = corpus.rows_in - corpus.reasons.total()
    if not used:
        raise SelfCheckFailed(tool="tokenizer-train", reason=f"no row holds text ({corpus.told})")
    write_whole(place, trained.to_str(pretty=True).encode())
    size = load_tokenizer(place).get_vocab_size()
    sha256 = _checked(place, arguments.sha256)
    measured = _measured(arguments, size) | {"sha256": sha256, "rows_used": used}
    account = RowAccount(corpus.rows_in, used, corpus.told)
    made = (Made("tokenizer", place), Made("dropped", left_out, corpus.reasons.total()))
    summary = f"{size:,} entries from {used:,} of {corpus.rows_in:,} rows, sha256 {sha256[:8]}"
    if size < arguments.vocab_size:
        summary += f"; {arguments.vocab_size:,} were asked for, the text holds no more"
    return Outcome(made, summary, account, measured)


def _trained(arguments: TrainArguments, corpus: Corpus) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=arguments.vocab_size,
        min_frequency=arguments.min_count,
        special_tokens=list(arguments.special_tokens),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    faults: list[BaseException] = []
    tokenizer.train_from_iterator(_texts(corpus, faults), trainer)
    if faults:
        raise faults[0]
    return tokenizer


def _texts(corpus: Corpus, faults: list[BaseException]) -> Iterator[str]:
    """The library turns what an iterator raises into an error of its own; here it is kept as it was."""
    try:
        yield from (text for _, _, text in corpus.texts())
    except BaseException as fault:  # noqa: BLE001 - raised again by the caller, whatever it is
        faults.append(fault)


def _checked(place: Path, pinned: str | None) -> str:
    sha256 = sha256_file(place)
    if pinned is not None and sha256 != pinned.lower():
        raise PinBroken(path=place.name, found=sha256, pinned=pinned.lower())
    return sha256


def _measured(arguments: TrainArguments, size: int) -> dict[str, Any]:
    from importlib.metadata import version

    return {
        "vocab_size": size,
        "vocab_asked": arguments.vocab_size,
        "library": f"tokenizers {version('tokenizers')}",
    }
