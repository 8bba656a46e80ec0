"""How long a row may be, and how short."""

from crewboard.tools.audit.rules import OVER_LIMIT, OVER_LONG
from crewboard.tools.filter.arguments import FilterArguments
from crewboard.tools.filter.seen import Seen
from crewboard.tools.mix.length import Ruler

FEW_WORDS, FEW_CHARACTERS, MANY_CHARACTERS = "too-few-words", "too-few-chars", "too-many-chars"
FEW_TURNS, MANY_TURNS = "too-few-turns", "too-many-turns"


class Bounds:
    """The first bound that a row lies beyond: the cheap ones first."""

    def __init__(self, arguments: FilterArguments, ruler: Ruler) -> None:
        self._given, self._ruler = arguments, ruler

    def __call__(self, seen: Seen) -> str | None:
        given = self._given
        sizes = (
            (given.min_turns, given.max_turns, _turns, (FEW_TURNS, MANY_TURNS)),
            (given.min_words, given.max_words, _words, (FEW_WORDS, OVER_LONG)),
            (given.min_chars, given.max_chars, _characters, (FEW_CHARACTERS, MANY_CHARACTERS)),
        )
        for least, most, measure, (few, many) in sizes:
            if least is None and most is None:
                continue
            size = measure(seen)
            if least is not None and size < least:
                return few
            if most is not None and size > most:
                return many
        return OVER_LIMIT if self._ruler.too_long(seen.messages) else None


def _turns(seen: Seen) -> int:
    return sum(message.get("role") != "system" for message in seen.messages)


def _words(seen: Seen) -> int:
    return seen.words


def _characters(seen: Seen) -> int:
    return seen.characters
