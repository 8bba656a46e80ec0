"""`chatml`: a conversation as the one text that a model of the ChatML family sees.

Source: the ChatML template of Qwen and OpenHermes. It is for looking and for trainers that take bare
text; nothing should be stored as this. Reading back finds text that holds a control token: such a row
is refused, for to a model it would be other turns than it is.
"""

import re

from crewboard.tools.convert.format import Format
from crewboard.tools.convert.model import Conversation, Row, Turn, Unfit, text_of

_START, _END = "<|im_start|>", "<|im_end|>"
_TURN = re.compile(r"<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>\n?", re.DOTALL)


def read(row: Row) -> Conversation:
    text = row.get("text")
    if not isinstance(text, str):
        raise Unfit("wrong-type", "text is no text; ChatML is one")
    turns, place = [], 0
    while place < len(text):
        found = _TURN.match(text, place)
        if found is None:
            raise Unfit("malformed-chatml", f"character {place + 1} begins no turn; see --from")
        turns.append(Turn(found[1], found[2]))
        place = found.end()
    if not turns:
        raise Unfit("no-messages", "the text holds no turn")
    return Conversation(
        tuple(turns), details={key: value for key, value in row.items() if key != "text"}
    )


def write(conversation: Conversation) -> Row:
    if conversation.is_preference or any(turn.calls for turn in conversation.turns):
        raise Unfit(
            "cannot-hold", "ChatML has one agreed form for text alone, none for calls or pairs"
        )
    turns = [(turn.role, text_of(turn.content)) for turn in conversation.turns]
    return {"text": "".join(f"{_START}{role}\n{text}{_END}\n" for role, text in turns)}


CHATML = Format(
    name="chatml",
    summary="rendered text with <|im_start|> marks, to look at",
    spec="https://huggingface.co/docs/transformers/chat_templating",
    read=read,
    write=write,
    slot=None,
)
