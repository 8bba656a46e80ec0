"""`pairs`: a question and its answer, under the names that data sets use for them.

Source: GSM8K (question, answer), ProsocialDialog (context, response). Other columns are details.
"""

from crewboard.tools.convert.columns import noted
from crewboard.tools.convert.format import CANNOT_HOLD, Format
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit, text_of

NAMES = (("question", "answer"), ("context", "response"))
_SIDES = ["user", "assistant"]


def read(row: Row) -> Conversation:
    names = next((pair for pair in NAMES if all(key in row for key in pair)), None)
    if names is None:
        raise Unfit("unknown-shape", "there is no question and answer; see --from")
    said = [row[key] for key in names]
    if not all(text is None or isinstance(text, str) for text in said):
        raise Unfit("wrong-type", f"{names[0]} or {names[1]} is no text; make both so")
    turns = tuple(Turn(role, text) for role, text in zip(_SIDES, said, strict=True))
    return Conversation(turns, **noted(row, frozenset(names)))


def write(conversation: Conversation) -> Row:
    if [turn.role for turn in conversation.turns] != _SIDES or conversation.is_preference:
        raise Unfit(CANNOT_HOLD, "a pair is one question and one answer, nothing before or after")
    asked, answered = (text_of(turn.content) for turn in conversation.turns)
    return {"question": asked, "answer": answered}


PAIRS = Format(
    name="pairs",
    summary="question and answer, or context and response",
    spec="https://github.com/openai/grade-school-math",
    read=read,
    write=write,
)
