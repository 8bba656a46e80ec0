"""What a check is."""

from typing import Any, Protocol

from crewboard.tools.audit.book import Book
from crewboard.tools.audit.sight import Sight


class Check(Protocol):
    """Looks at rows one by one. What it counts beside findings goes through `state` and `absorb`
    from the process that read a part of the file to the one that adds the parts up: plain JSON."""

    name: str

    def look(self, sight: Sight, book: Book) -> None:
        """Note what is wrong with a row."""
        ...

    def state(self) -> Any: ...
    def absorb(self, state: Any) -> None: ...

    def told(self) -> dict[str, Any]:
        """Sections for the report, by name."""
        ...


class Silent:
    """A check that only notes findings."""

    name = ""

    def state(self) -> Any:
        return None

    def absorb(self, state: Any) -> None:
        del state

    def told(self) -> dict[str, Any]:
        return {}
