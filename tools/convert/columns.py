"""The columns of a row beside its conversation: an id, a weight, and whatever else its source has."""

from typing import Any

from crewboard.tools.convert.model import Conversation, Row


def noted(row: Row, known: frozenset[str]) -> dict[str, Any]:
    """`id`, `weight` and `details` of a Conversation, from the columns that are not `known`.

    An id that is no text and a weight that is no number are details like any other.
    """
    details = {key: value for key, value in row.items() if key not in known}
    told: dict[str, Any] = {"details": details}
    if isinstance(details.get("id"), str):
        told["id"] = details.pop("id")
    if isinstance(details.get("weight"), int | float) and not isinstance(details["weight"], bool):
        told["weight"] = details.pop("weight")
    return told


def columns(conversation: Conversation) -> Row:
    row: Row = dict(conversation.details)
    if conversation.id is not None:
        row["id"] = conversation.id
    if conversation.weight is not None:
        row["weight"] = conversation.weight
    return row
