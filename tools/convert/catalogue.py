"""The formats by name, and which of them a row is in."""

from crewboard.errors import UnknownName
from crewboard.tools.convert.format import Format
from crewboard.tools.convert.formats.adp import ADP
from crewboard.tools.convert.formats.alpaca import ALPACA
from crewboard.tools.convert.formats.atif import ATIF
from crewboard.tools.convert.formats.axolotl import AXOLOTL
from crewboard.tools.convert.formats.chat import CHAT
from crewboard.tools.convert.formats.chatml import CHATML
from crewboard.tools.convert.formats.generated import GENERATED
from crewboard.tools.convert.formats.openai import (
    FIREWORKS,
    MISTRAL,
    OPENAI,
    OPENAI_DPO,
    TOGETHER,
)
from crewboard.tools.convert.formats.pairs import PAIRS
from crewboard.tools.convert.formats.sharegpt import LLAMA_FACTORY, SHAREGPT
from crewboard.tools.convert.formats.table import PARQUET
from crewboard.tools.convert.formats.trl import TRL, TRL_COMPLETION
from crewboard.tools.convert.model import Row, Unfit

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        CHAT,
        GENERATED,
        PAIRS,
        ADP,
        ATIF,
        SHAREGPT,
        ALPACA,
        CHATML,
        TRL,
        TRL_COMPLETION,
        OPENAI,
        OPENAI_DPO,
        TOGETHER,
        MISTRAL,
        FIREWORKS,
        LLAMA_FACTORY,
        AXOLOTL,
        PARQUET,
    )
}
_TELLING: tuple[tuple[tuple[str, ...], Format], ...] = (
    (("steps", "schema_version"), ATIF),
    (("content", "details"), ADP),
    (("input", "preferred_output"), OPENAI_DPO),
    (("messages",), CHAT),
    (("conversations",), SHAREGPT),
    (("prompt", "chosen"), TRL),
    (("prompt", "completion"), TRL),
    (("instruction", "output"), ALPACA),
    (("instruction", "chosen"), ALPACA),
    (("task", "expected_output"), GENERATED),
    (("question", "answer"), PAIRS),
    (("context", "response"), PAIRS),
)
"""A row is of the first format all of whose telling keys it has."""


def format_named(name: str) -> Format:
    """UnknownName."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownName(kind="format", name=name, known=", ".join(FORMATS)) from None


def format_of(row: Row) -> Format:
    """The format that a row is in, told by its keys alone. Unfit."""
    for keys, found in _TELLING:
        if all(key in row for key in keys):
            return found
    raise Unfit("unknown-shape", "its keys are those of no known format; name one with --from")
