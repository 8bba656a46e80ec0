"""A tokenizer off the disk: the `tokenizer.json` of Hugging Face `tokenizers`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crewboard.errors import ExtraMissing, InputUnreadable
from crewboard.tools.files.jsonl import check_readable


def require_tokenizers() -> None:
    """ExtraMissing without the library."""
    if find_spec("tokenizers") is None:
        raise ExtraMissing(what="a tokenizer", package="tokenizers", extra="train")


def load_tokenizer(path: Path) -> Any:
    """A `tokenizers.Tokenizer` that neither cuts nor pads, and to which `<|im_start|>` in a row is text as
    any other. InputMissing, InputEmpty, InputUnreadable."""
    require_tokenizers()
    from tokenizers import Tokenizer

    check_readable(path)
    try:
        loaded = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise InputUnreadable(
            path=path, where="", reason=f"it is no tokenizer ({error})"
        ) from error
    loaded.no_truncation()
    loaded.no_padding()
    loaded.encode_special_tokens = True
    return loaded
