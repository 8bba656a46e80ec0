"""A message on its way: who sends it to whom, about which task."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from crewboard.canonical import canonical_json, digest


@dataclass(frozen=True)
class Envelope:
    """What the bus carries. `recipient` is a role; `task` an existing task that the message continues
    (None: it asks for a new one); `parent` the task that the new one belongs to; `data` plain JSON.

    `message_id` is the sender's: the same id twice is the same message.
    """

    sender: str
    recipient: str
    message_id: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    task: str | None = None
    context: str | None = None
    parent: str | None = None

    def body(self) -> str:
        """The canonical JSON of everything: what the inbox keeps, and what a second copy must equal."""
        return canonical_json({**vars(self), "data": dict(self.data)})

    def digest(self) -> str:
        return digest({**vars(self), "data": dict(self.data)})


def message_id(*about: object) -> str:
    """The id of a message that is sent because of `about`: the same cause gives the same id, so that a
    crash between sending and noting that it was sent sends no second message."""
    return str(uuid5(NAMESPACE_URL, "crewboard:" + canonical_json([str(part) for part in about])))
