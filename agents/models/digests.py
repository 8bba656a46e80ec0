"""The identity of a request: what makes two calls the same question."""

from crewboard.agents.models.contract import ModelRequest
from crewboard.canonical import digest


def request_digest(request: ModelRequest) -> str:
    """SHA-256, in hex, over everything that the request says."""
    return digest({**vars(request), "turns": [vars(turn) for turn in request.turns]})
