"""How people answer: by kind of decision how many, how fast, how often yes. And what follows from it.

Where people nearly always choose the same, asking them again proves nothing: a rule is proposed, in
their own terms, and it is theirs to write into crewboard.toml.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from crewboard.clock import parse_stamp
from crewboard.coordination.budget import MICRO
from crewboard.coordination.decisions import DENY, HUMANS_ONLY, Decision
from crewboard.coordination.policy import Rulebook

ENOUGH, NEARLY_ALWAYS = 20, 0.95


@dataclass(frozen=True)
class Habit:
    """How one kind of decision was answered. `seconds` is the median time that humans took, None where
    none has answered; `rule` is the proposal, empty without one."""

    kind: str
    asked: int
    waiting: int
    by_humans: int
    by_rules: int
    approved: int
    seconds: float | None
    rule: str

    @property
    def approval_rate(self) -> float | None:
        """Of what humans answered, the part that they did not deny."""
        return self.approved / self.by_humans if self.by_humans else None


def habits(decisions: Iterable[Decision], rulebook: Rulebook) -> list[Habit]:
    """One for each kind, those with the most answers of humans first."""
    kinds: dict[str, list[Decision]] = {}
    for each in decisions:
        kinds.setdefault(each.kind, []).append(each)
    found = [_habit(kind, own, rulebook) for kind, own in kinds.items()]
    return sorted(found, key=lambda habit: (-habit.by_humans, habit.kind))


def _habit(kind: str, own: Sequence[Decision], rulebook: Rulebook) -> Habit:
    answered = [each for each in own if each.choice and each.revoked is None]
    human = [each for each in answered if (each.decided_by or "").startswith("human:")]
    return Habit(
        kind=kind,
        asked=len(own),
        waiting=sum(each.waiting for each in own),
        by_humans=len(human),
        by_rules=len(answered) - len(human),
        approved=sum(each.choice != DENY for each in human),
        seconds=median(map(_seconds, human)) if human else None,
        rule=_proposal(kind, human, rulebook),
    )


def _seconds(decision: Decision) -> float:
    took = parse_stamp(str(decision.decided)) - parse_stamp(decision.asked)
    return max(0.0, took.total_seconds())


def _proposal(kind: str, human: Sequence[Decision], rulebook: Rulebook) -> str:
    """A rule that would have answered as people did, and not beyond what they allowed."""
    if len(human) < ENOUGH or kind in HUMANS_ONLY or rulebook.rights.needed(kind) > 1:
        return ""
    choice, times = Counter(each.choice for each in human).most_common(1)[0]
    known = any(each.kind == kind and each.choose == choice for each in rulebook.policies)
    if times <= NEARLY_ALWAYS * len(human) or choice == DENY or known:
        return ""
    same = [each for each in human if each.choice == choice]
    dearest = max(each.cost for each in same)
    return "\n".join([
        f"# {times} of {len(human)} answers were {choice!r}",
        "[[policies]]",
        f"name = {json.dumps(f'usual-{kind}')}",
        f"kind = {json.dumps(kind)}",
        f"choose = {json.dumps(choice)}",
        f"max_usd = {dearest / MICRO:.6f}",
        f"reversible_only = {json.dumps(all(each.reversible for each in same))}",
        f"per_crew_day = {max(ENOUGH, len(same) // 10)}",
    ])  # fmt: skip
