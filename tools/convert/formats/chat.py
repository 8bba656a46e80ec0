"""`chat`: crewboard's own rows. `messages` with all that the hub holds; further columns are details.

The one shape that loses nothing by itself, and what every data step here reads and writes.
"""

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import Format
from crewboard.tools.convert.model import Conversation, Row, Turn
from crewboard.tools.convert.spoken import Manner, hear, say
from crewboard.tools.convert.toolbox import boxes, unboxed

_COLUMNS = frozenset({"messages", "tools", "chosen", "rejected"})
_MANNER = Manner()


def read(row: Row) -> Conversation:
    return Conversation(
        turns=hear(row.get("messages")),
        tools=unboxed(row.get("tools"), "tools"),
        chosen=side(row, "chosen"),
        rejected=side(row, "rejected"),
        **noted(row, _COLUMNS),
    )


def write(conversation: Conversation) -> Row:
    row: Row = {"messages": say(conversation.turns, _MANNER)}
    if conversation.tools:
        row["tools"] = boxes(conversation.tools)
    if conversation.chosen:
        row["chosen"] = say(conversation.chosen, _MANNER)
    if conversation.rejected:
        row["rejected"] = say(conversation.rejected, _MANNER)
    return row


def side(row: Row, key: str) -> tuple[Turn, ...]:
    """One way to go on of a preference row, as messages; () where there is none."""
    return hear(row[key], key) if row.get(key) else ()


CHAT = Format(
    name="chat",
    summary="crewboard's own rows: messages with everything else beside them",
    spec="crewboard.tools.convert.formats.chat",
    read=read,
    write=write,
)
