"""A plan: steps that form a DAG, each one tool call or one question, with what its result must show.

Arguments may refer to what is not there yet:

    {"$artifact": "audit.report"}                     the path of what step `audit` made
    {"$manifest": "train.adapter"}                    the path of its manifest
    {"$choice": "decide", "of": {"drop": ..., ...}}   a value by the answer of step `decide`
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crewboard.errors import PlanInvalid

Reference = Mapping[str, Any]
Thresholds = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""artifact -> measure -> {"min": x, "max": y}; a bound may be a `$choice`."""


@dataclass(frozen=True)
class Gate:
    """What must be settled before a step starts: the verdicts and decisions of these steps."""

    verdicts: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """`tool` does it, or `ask` asks it (a question with options; its texts may name the counts of the
    artifact that it `cites`), or a role that thinks for itself follows the `instruction`. `accept` was
    declared before the run; QA measures against it."""

    name: str
    title: str
    tool: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    role: str = "executor"
    accept: Thresholds = field(default_factory=dict)
    gate: Gate = Gate()
    ask: Mapping[str, Any] | None = None
    instruction: str | None = None

    def out(self, artifact: str) -> Reference:
        return {"$artifact": f"{self.name}.{artifact}"}

    def manifest(self, artifact: str) -> Reference:
        return {"$manifest": f"{self.name}.{artifact}"}

    def choose(self, **values: Any) -> Reference:
        """A value for each option that this step may be answered with."""
        return {"$choice": self.name, "of": values}

    def spec(self) -> dict[str, Any]:
        """What the ledger keeps of it, as plain JSON."""
        return {**asdict(self), "needs": list(self.needs), "gate": asdict(self.gate)}


@dataclass(frozen=True)
class Plan:
    """`summary` is one line for people."""

    summary: str
    steps: tuple[Step, ...]

    def check(self) -> "Plan":
        """The plan itself; PlanInvalid when it is empty, names a step twice, needs or refers to one
        that it does not hold, or goes in a circle."""
        names = [each.name for each in self.steps]
        if not names:
            raise PlanInvalid(reason="it has no steps")
        if len(set(names)) != len(names):
            raise PlanInvalid(reason="two steps bear one name")
        done: set[str] = set()
        for _ in names:
            done |= {s.name for s in self.steps if set(s.needs) <= done}
        for each in self.steps:
            if missing := set(each.needs) - set(names):
                raise PlanInvalid(reason=f"{each.name} needs {', '.join(sorted(missing))}")
            if each.name not in done:
                raise PlanInvalid(reason=f"{each.name} waits for itself")
            if [each.tool, each.ask, each.instruction].count(None) != 2:  # noqa: PLR2004
                raise PlanInvalid(
                    reason=f"{each.name} is not one tool call, question or instruction"
                )
        return self


def step(name: str, title: str, tool: str, /, **more: Any) -> Step:
    """A step that calls a tool. `arguments`, `accept`, `gate` and `role` as in `Step`; what it needs
    is what its arguments, thresholds and gate refer to, and whatever `needs` adds."""
    gate = more.get("gate", Gate())
    referred = {
        name
        for part in (more.get("arguments", {}), more.get("accept", {}))
        for name in references(part)
    }
    needs = tuple(
        sorted(referred | set(gate.verdicts) | set(gate.decisions) | set(more.pop("needs", ())))
    )
    return Step(name, title, tool, needs=needs, **more)


def question(name: str, title: str, cites: Reference, **ask: Any) -> Step:
    """A step that asks a human; `ask` holds `kind`, `text`, `options` and what a Question takes."""
    needs = tuple(sorted(references(cites)))
    return Step(name, title, needs=needs, role="lead", ask={**ask, "cites": cites})


def references(value: Any) -> Iterator[str]:
    """The steps that a value refers to."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in {"$artifact", "$manifest"}:
                yield str(part).partition(".")[0]
            elif key == "$choice":
                yield str(part)
            else:
                yield from references(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from references(part)
