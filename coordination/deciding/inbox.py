"""What a human is shown of what waits for them: the oldest few, and the same thing once.

Nobody answers a wall of questions with care. What is not shown is counted beneath what is, and takes
its place when that is answered. Questions that ask for exactly the same stand as the first of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from crewboard.coordination.decisions import Decision

MOST_SHOWN = 5


@dataclass(frozen=True)
class Shown:
    """An open decision that has a place on the board: `alike` ask for the same, and `behind` is the
    number of those that wait for one of its owner's places."""

    decision: Decision
    alike: tuple[str, ...] = ()
    behind: int = 0


def shown(waiting: Iterable[Decision], most: int = MOST_SHOWN) -> dict[str, Shown]:
    """Of the open decisions, those with a place, by id. What has a place keeps it: the oldest come first."""
    by_owner: dict[str, list[list[Decision]]] = defaultdict(list)
    groups: dict[tuple[str, ...], list[Decision]] = {}
    for decision in sorted(waiting, key=lambda d: (d.at, d.id)):
        signature = (decision.owner, *signature_of(decision))
        if signature not in groups:
            by_owner[decision.owner].append(groups.setdefault(signature, []))
        groups[signature].append(decision)
    return {each.decision.id: each for own in by_owner.values() for each in _placed(own, most)}


def signature_of(decision: Decision) -> tuple[str, ...]:
    """What makes two questions the same for whoever answers them: kind, exact action and words."""
    return decision.kind, decision.digest, decision.text, *(o.name for o in decision.options)


def _placed(groups: list[list[Decision]], most: int) -> Iterable[Shown]:
    placed = groups[:most]
    behind = sum(map(len, groups[most:]))
    for number, group in enumerate(placed, start=1):
        alike = tuple(each.id for each in group[1:])
        yield Shown(group[0], alike, behind if number == len(placed) else 0)
