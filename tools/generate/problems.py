"""Seeded word problems, out of the templates in `problems.toml`.

Each is a question, and an answer that shows every step and ends in `#### N`: the form of GSM8K
(Cobbe et al. 2021, arXiv 2110.14168).
"""

import operator
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

_OPERATIONS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.floordiv,
}
Numbers = dict[str, int]


@dataclass(frozen=True)
class Problem:
    question: str
    answer: str


@dataclass(frozen=True)
class _Sum:
    """`name = left operator right`; each side is a variable or a whole number."""

    name: str
    left: str
    sign: str
    right: str

    def within(self, numbers: Numbers) -> int | None:
        """Work it out; None where the value is no whole number above zero."""
        left, right = _value(self.left, numbers), _value(self.right, numbers)
        if self.sign == "/" and left % right:
            return None
        value = _OPERATIONS[self.sign](left, right)
        return value if value > 0 else None


@dataclass(frozen=True)
class _Template:
    text: str
    draw: dict[str, tuple[int, int]]
    derive: tuple[_Sum, ...]
    steps: tuple[tuple[_Sum, str], ...]

    def numbers(self, random: Random) -> Numbers:
        """Numbers with which every sum comes out; drawn again until they do."""
        while True:
            numbers = {name: random.randint(*ends) for name, ends in self.draw.items()}
            if self._works_out(numbers):
                return numbers

    def _works_out(self, numbers: Numbers) -> bool:
        for each in (*self.derive, *(step for step, _ in self.steps)):
            value = each.within(numbers)
            if value is None:
                return False
            numbers[each.name] = value
        return True


def problems(seed: int) -> Iterator[Problem]:
    """Yield problems without end, no question twice; the same seed gives the same ones."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    templates, words = _load()
    seen: set[str] = set()
    while True:
        problem = _fill(random.choice(templates), words, random)
        if problem.question not in seen:
            seen.add(problem.question)
            yield problem


def _fill(template: _Template, words: dict[str, list[str]], random: Random) -> Problem:
    numbers = template.numbers(random)
    chosen = {kind: random.choice(known) for kind, known in words.items()}
    chosen["name"], chosen["friend"] = random.sample(words["name"], 2)
    facts = chosen | {name: str(value) for name, value in numbers.items()}
    steps = [sentence.format_map(facts) for _, sentence in template.steps]
    result = facts[template.steps[-1][0].name]
    return Problem(template.text.format_map(facts), "\n".join([*steps, f"#### {result}"]))


@cache
def _load() -> tuple[list[_Template], dict[str, list[str]]]:
    found = tomllib.loads(Path(__file__).with_name("problems.toml").read_text(encoding="utf-8"))
    return [_template(entry) for entry in found["problem"]], found["words"]


def _template(entry: dict[str, Any]) -> _Template:
    return _Template(
        text=entry["text"],
        draw={name: (low, high) for name, (low, high) in entry["draw"].items()},
        derive=tuple(_sum(text) for text in entry.get("derive", ())),
        steps=tuple((_sum(text), sentence) for text, sentence in entry["steps"]),
    )


def _sum(text: str) -> _Sum:
    name, _, left, sign, right = text.split()
    return _Sum(name, left, sign, right)


def _value(term: str, numbers: Numbers) -> int:
    return numbers[term] if term[0] in string.ascii_lowercase else int(term)
