"""In which language rows answer."""

from typing import Any

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.rules import LANGUAGE
from crewboard.tools.audit.sight import Sight
from crewboard.tools.language import UNKNOWN, Detector, plainly_english


class Languages:
    """The language of a row is that of its answers' beginning. Where English is among the declared
    ones, a glance passes what plainly is English; the detector judges the rest."""

    name = "languages"

    def __init__(self, declared: tuple[str, ...]) -> None:
        self._declared = frozenset(declared)
        self._glance = "en" in self._declared
        self.detector = Detector()
        self._counted: dict[str, int] = {}

    def look(self, sight: Sight, book: Book) -> None:
        ends = sight.roles[-1] == "assistant"
        part = sight.parts[-1]
        if self._glance and ends and (part[:300].count(b" the ") > 1 or plainly_english(part)):
            language = "en"
        else:
            text = sight.texts[-1] if ends else "\n".join(sight.answers())
            language = self.detector.language(text)
            if language not in self._declared and language != UNKNOWN:
                book.note(LANGUAGE, sight.number, sight.offset, language)
        self._counted[language] = self._counted.get(language, 0) + 1

    def state(self) -> Any:
        return self._counted

    def absorb(self, state: Any) -> None:
        for language, rows in state.items():
            self._counted[language] = self._counted.get(language, 0) + rows

    def told(self) -> dict[str, Any]:
        """Rows by language; `und` could not be told, or has too few letters to tell."""
        return {"languages": dict(sorted(self._counted.items()))}
