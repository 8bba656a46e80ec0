"""The root of the tree, and how an error tells its message."""

from inspect import cleandoc
from typing import ClassVar


class CrewboardError(Exception):
    """Crewboard stopped: {detail}"""

    exit_code: ClassVar[int] = 5
    answer_lost: ClassVar[bool] = False

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    @property
    def outcome_unknown(self) -> bool:
        """Whether what was asked for may have been done all the same: then it is not just done again.
        A harmless error says so too, in its facts, when an answer was lost before it."""
        return self.answer_lost or "outcome_unknown" in self.facts

    def __str__(self) -> str:
        return " ".join(cleandoc(type(self).__doc__ or "").split()).format_map(_Facts(self.facts))


class _Facts(dict[str, object]):
    """A missing fact shows as itself: an error must never fail while it is being told."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"
