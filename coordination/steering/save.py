"""One save of the board by somebody who is not the crew."""

from dataclasses import dataclass

from crewboard.coordination.board.outline import Outline


@dataclass(frozen=True)
class Save:
    """`by` is who made it, as far as a file can tell. `at_work` are tasks whose tools worked at that
    time: then an answer in it is not believed, because a tool can write a file as well as a human."""

    version: str
    by: str
    at_work: tuple[str, ...]
    outline: Outline

    @property
    def facts(self) -> dict[str, object]:
        """What every event of this save bears."""
        told: dict[str, object] = {"version": self.version[:12]}
        return told | {"unverified": list(self.at_work)} if self.at_work else told

    def line(self, number: int) -> str:
        """The text of a line, counted from 1."""
        lines = self.outline.document.lines
        return lines[number - 1].text if 0 < number <= len(lines) else ""
