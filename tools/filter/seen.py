"""A row as every condition sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crewboard.tools.audit import sight
from crewboard.tools.files.chat import Message, messages_of, text_of, words_in
from crewboard.tools.files.fields import Field
from crewboard.tools.files.jsonl import Line


@dataclass(frozen=True)
class Seen:
    """`messages` are the row's own, or one of the assistant's with the text of its fields."""

    line: Line
    messages: list[Message]

    @cached_property
    def words(self) -> int:
        return words_in(self.messages)

    @cached_property
    def sight(self) -> sight.Sight | None:
        """The row as the audit's checks see it; None where its messages are none."""
        line = self.line
        given = Line(line.number, line.offset, line.raw, {"messages": self.messages})
        seen = sight.see(given)
        if seen is not None:
            seen.row = line.row
        return seen

    @cached_property
    def characters(self) -> int:
        return sum(len(text_of(message)) for message in self.messages)


def see(line: Line, fields: Sequence[Field]) -> Seen | None:
    """None where a row has no messages, or no text in any of the fields that were named."""
    if not fields:
        messages = messages_of(line.row)
        return None if messages is None else Seen(line, messages)
    texts = [text for each in fields for text in each.values(line.row) if isinstance(text, str)]
    said = "\n".join(texts)
    return Seen(line, [{"role": "assistant", "content": said}]) if texts else None
