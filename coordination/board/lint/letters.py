"""B6: what is wrong with the text itself: encoding, secrets, conflict markers, characters that hide."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from crewboard.coordination.board.lint.rule import Page, Rule, Severity, Spot
from crewboard.memory.markdown import Kind
from crewboard.redact import MASK, redact

_OPENS, _PARTS, _CLOSES = (re.compile(rf"{each}{{7}}(?: |\Z)") for each in "<=>")
_OPTION = re.compile(r"[ \t]+(?:[-*+]|\d{1,9}[.)])[ \t]+\[.\] ")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDING = frozenset(
    "\u00ad\u115f\u1160\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)
_JOINER, _NON_JOINER = "\u200d", "\u200c"
_TAGS = ("\U000e0000", "\U000e007f")
_BLACK_FLAG = "\U0001f3f4"
_SHOWN = 24


def misread_text(page: Page) -> Iterator[Spot]:
    """One finding for the file, at its first place: what was misread was misread as a whole."""
    found = page.misread
    if found:
        place, count = found.places[0], len(found.places)
        before = page.case.data.decode("utf-8", "surrogateescape")[: place.start]
        at = len(re.findall(r"\r\n|\n|\r", before))
        says = (
            f"«{place.was}» is «{place.now}», UTF-8 that was read as {found.encoding} "
            f"(at {count} place{'s'[: count > 1]})"
        )
        yield Spot(at, says)


def not_utf8(page: Page) -> Iterator[Spot]:
    for at, text in enumerate(page.lines):
        if any("\ud800" <= each <= "\udfff" for each in text):
            yield Spot(at, "bytes that are not UTF-8 text")
            return


def secrets(page: Page) -> Iterator[Spot]:
    """In code and comments too. What was found is not repeated here."""
    whole = "\n".join(page.lines)
    if redact(whole) == whole:
        return
    for at, text in enumerate(page.lines):
        if redact(text).count(MASK) > text.count(MASK):
            yield Spot(at, "this line holds what looks like a key or a token")


def conflict_markers(page: Page) -> Iterator[Spot]:
    for at in conflicts(page.lines):
        yield Spot(at, "a merge conflict begins here and was never resolved")


def conflicts(lines: Sequence[str]) -> list[int]:
    """Where conflicts begin that end as well: a lone marker is somebody's text."""
    begun = [at for at, text in enumerate(lines) if _OPENS.match(text)]
    ended = any(map(_CLOSES.match, lines))
    return begun if ended and any(map(_PARTS.match, lines)) else []


def hidden_characters(page: Page) -> Iterator[Spot]:
    """In headings, card titles and options: what a person reads there is what they agree to."""
    starts = {item.start for item in page.items}
    for at, line in enumerate(page.outline.document.lines):
        if line.text.isascii():
            continue
        named = line.kind is Kind.HEADING or at in starts or _OPTION.match(line.text)
        if named and (found := hidden(line.text)):
            names = ", ".join(dict.fromkeys(map(_name, found)))
            yield Spot(at, f"characters that are not seen, or turn the text around: {names}")


def hidden(text: str) -> list[str]:
    """The characters of a line that hide or turn the reading direction.

    Joiners count only where no script needs them: between emoji, and in Arabic, Persian or Indic words,
    they are part of the text.
    """
    return [each for at, each in enumerate(text) if _hides(text, at)]


def _hides(text: str, at: int) -> bool:
    each = text[at]
    if each in _TURNING or each in _HIDING:
        return True
    if _TAGS[0] <= each <= _TAGS[1]:
        return _BLACK_FLAG not in text[max(0, at - 8) : at]
    if each not in (_JOINER, _NON_JOINER):
        return False
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return not (_joins(before, each) and _joins(after, each))


def _joins(neighbour: str, joiner: str) -> bool:
    if not neighbour or neighbour.isascii():
        return False
    kind = unicodedata.category(neighbour)
    if joiner == _JOINER and kind in {"So", "Sk", "Mn", "Sm"}:
        return True
    return (
        kind[0] in "LM"
        and unicodedata.bidirectional(neighbour) in {"AL", "R", "L", "NSM"}
        and (not unicodedata.name(neighbour, "").startswith(("LATIN", "CYRILLIC", "GREEK")))
    )


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()[: _SHOWN * 2]


RULES = (
    Rule(
        "B601",
        Severity.WARNING,
        "text that was read in a wrong encoding",
        "`crewboard board lint --fix-encoding` mends it, after it has proved the way back.",
        misread_text,
    ),
    Rule(
        "B602",
        Severity.WARNING,
        "bytes that are not UTF-8",
        "Save the file as UTF-8 in an editor that knows what it is; the crew leaves such bytes alone.",
        not_utf8,
    ),
    Rule(
        "B603",
        Severity.ERROR,
        "a secret stands on the board",
        "Revoke it: who read the file has it. Then take it out, here and in the repository's history.",
        secrets,
    ),
    Rule(
        "B604",
        Severity.ERROR,
        "an unresolved merge conflict",
        "`crewboard board resolve FILE` merges the two sides card by card; both stay.",
        conflict_markers,
        "both sides are merged card by card, as `crewboard board resolve` does; neither is lost",
    ),
    Rule(
        "B605",
        Severity.ERROR,
        "hidden characters in a title or an option",
        "Type the line anew: what is not seen may change what is agreed to.",
        hidden_characters,
    ),
)
