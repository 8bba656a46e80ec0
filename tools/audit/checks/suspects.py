"""Personal data, gaps and refusals: a fast look at the whole line, and care where it is suspected."""

import re
from collections import Counter
from typing import Any

import orjson

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.checks.contract import Silent
from crewboard.tools.audit.keys import hash64
from crewboard.tools.audit.rules import BOILERPLATE, PLACEHOLDER
from crewboard.tools.audit.sight import Sight
from crewboard.tools.audit.sizes import exact_words
from crewboard.tools.pii import Screen, pii_in
from crewboard.tools.pii.find import RECOGNISERS
from crewboard.tools.pii.screen import PATTERNS

_APOSTROPHE = "(?:'|\u2019|\\\\u2019)".encode()
_PLACEHOLDER = re.compile(
    r"\{\{[^{}\n]{1,60}\}\}|<\|[^|\n]{1,40}\|>|\b(?:TODO|TBD)\b|\[/?INST\]|\[INSERT\b"
    r"|\[(?:[Yy]our|YOUR|[Ii]nsert) [^\]\n]{1,60}\](?!\()|(?i:\blorem ipsum\b)"  # no Markdown link
)
_REFUSALS = (
    *("as an ai", "as a language model", "i'm just an ai", "i am just an ai"),
    *("i don't have personal", "i do not have personal", "i cannot provide", "i can't provide"),
    *("i'm sorry, but i can", "i am sorry, but i can"),
    *(f"i {can} {do} with" for can in ("cannot", "can't") for do in ("help", "assist")),
    *(f"i{am} not able to {do} with" for am in (" am", "'m") for do in ("help", "assist")),
)
_REFUSAL = re.compile(r"\b(?:" + "|".join(map(re.escape, _REFUSALS)) + r")(?:not|'t)?\b")
_CONTROL = "control"
_SCREENED = {
    **PATTERNS,
    _CONTROL: rb"\\u00[01]|\\b",  # as JSON writes what is no white space
    PLACEHOLDER: rb"\{\{|<\||TODO|TBD|\[/?INST\]|\[INSERT\b|\[(?:[Yy]our|YOUR|[Ii]nsert) |(?i:lorem ipsum)",
    BOILERPLATE: b"(?i:%s)"
    % b"|".join(each.replace("'", "#").encode() for each in _REFUSALS).replace(b"#", _APOSTROPHE),
}


class Suspects(Silent):
    """A row of personal data is counted once for each kind, and its source once however many copies
    were made of it: F20 counted 2,868 hits that were a few source rows in fifteen copies each."""

    name = "suspects"

    def __init__(self) -> None:
        self.screen = Screen(_SCREENED)
        self._hash = hash64()

    def look(self, sight: Sight, book: Book) -> None:
        suspected = self.screen.suspects(sight.raw, sight.data)
        if not suspected:
            return
        if _CONTROL in suspected:
            sight.words = exact_words(sight)
        if PLACEHOLDER in suspected and any(_PLACEHOLDER.search(text) for text in sight.texts):
            book.note(PLACEHOLDER, sight.number, sight.offset)
        if BOILERPLATE in suspected and any(map(_is_refusal, sight.answers())):
            book.note(BOILERPLATE, sight.number, sight.offset)
        recognisers = [name for name in suspected if name in RECOGNISERS]
        if recognisers:
            self._search(sight, recognisers, book)

    def _search(self, sight: Sight, recognisers: list[str], book: Book) -> None:
        found = Counter(hit.kind for text in _searched(sight) for hit in pii_in(text, recognisers))
        for kind, times in found.items():
            entry = book.note(kind, sight.number, sight.offset, f"{times} in the row")
            entry.sources.add(self._source_of(sight))

    def _source_of(self, sight: Sight) -> int:
        """The row that this one came from: what it says, else its own messages."""
        source = sight.row.get("source")
        if isinstance(source, dict) and isinstance(source.get("file"), str) and "line" in source:
            return self._hash(orjson.dumps([source["file"], source["line"]]))
        return self._hash(orjson.dumps(sight.messages, option=orjson.OPT_SORT_KEYS))


def _searched(sight: Sight) -> list[str]:
    """The contents, and what tools are called with."""
    if sight.plain:
        return sight.texts
    calls = [
        message[key]
        for message in sight.messages
        for key in ("tool_calls", "function_call")
        if key in message
    ]
    return [*sight.texts, *(_strings(calls))]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for each in value for text in _strings(each)] if isinstance(value, list) else []


def _is_refusal(answer: str) -> bool:
    return _REFUSAL.search(answer.replace("\u2019", "'").lower()) is not None
