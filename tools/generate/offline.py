"""Rows without a model: a grammar of templates fills in each question. For tests and demos.

A grammar is TOML: `answer` is the value to write, with {rule} wherever a text is to be filled in, and
`rules` names the alternatives. `rule.LABEL` is taken before `rule` in strata that bear the label; labels,
{number} and, where the run was given seed tasks, {seed.FIELD} stand for themselves. A list of one table
{ repeat = 6, each = ... } is that many items.

Every row says `generator: offline`: it is no model's work and must not be taken for it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

import orjson

from crewboard.tools.generate.dialects import Answer
from crewboard.tools.generate.errors import RecipeInvalid
from crewboard.tools.generate.recipe import PLACE, Recipe
from crewboard.tools.generate.requests import Request, draw
from crewboard.tools.providers.prices import Usage

_DEPTH = 12


@dataclass(frozen=True)
class Templates:
    """The source that answers from a recipe's grammar."""

    recipe: Recipe

    async def answer(self, request: Request) -> Answer:
        dice = draw(self.recipe.file.seed, request.mark.cell, request.mark.number)
        facts = {**self._facts(request), **self._seed(request, dice)}
        value = self._value(self._grammar["answer"], facts, dice)
        return Answer(orjson.dumps(value).decode(), "stop", Usage(), request.key[:12], "templates")

    def check(self) -> None:
        """RecipeInvalid unless there is a grammar that can be filled in."""
        rules = self._grammar.get("rules", {})
        if "answer" not in self._grammar or not all(
            isinstance(r, list) and r for r in rules.values()
        ):
            raise self._invalid("it needs `answer`, and lists of texts under `rules`")

    @cached_property
    def _grammar(self) -> Mapping[str, Any]:
        name = self.recipe.file.grammar
        if not name:
            raise self._invalid("the recipe names no grammar, so it needs a --model")
        try:
            return tomllib.loads(self.recipe.beside(name).read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise self._invalid(str(error)) from None

    def _facts(self, request: Request) -> dict[str, str]:
        cell = request.mark.cell
        return {"number": str(request.mark.number), "stratum": cell.name, **cell.labels}

    def _seed(self, request: Request, dice: Random) -> dict[str, str]:
        """One seed task: in order of number, so that each is used before one comes again."""
        rows = self.recipe.examples
        if not rows:
            return {}
        offset = Random(request.mark.cell.name).randrange(len(rows))  # noqa: S311 - no secret
        row = rows[(request.mark.number + offset) % len(rows)]
        return {f"seed.{name}": text for name, text in _flat(row, dice).items()}

    def _value(self, part: Any, facts: Mapping[str, str], dice: Random) -> Any:
        if isinstance(part, str):
            return self._fill(part, facts, dice, 0)
        if isinstance(part, dict):
            return {name: self._value(each, facts, dice) for name, each in part.items()}
        if isinstance(part, list):
            return [self._value(item, facts, dice) for each in part for item in _repeated(each)]
        return part

    def _fill(self, text: str, facts: Mapping[str, str], dice: Random, depth: int) -> str:
        if depth > _DEPTH:
            raise self._invalid("its rules go round in a circle")

        def expanded(place: Any) -> str:
            name = place[1]
            if name in facts:
                return facts[name]
            return self._fill(dice.choice(self._rule(name, facts)), facts, dice, depth + 1)

        return PLACE.sub(expanded, text)

    def _rule(self, name: str, facts: Mapping[str, str]) -> list[str]:
        rules: Mapping[str, list[str]] = self._grammar.get("rules", {})
        for label in facts.values():
            if found := rules.get(f"{name}.{label}"):
                return found
        if name not in rules:
            raise self._invalid(f"there is no rule {{{name}}}")
        return rules[name]

    def _invalid(self, reason: str) -> RecipeInvalid:
        return RecipeInvalid(path=self.recipe.name, where="grammar", reason=reason)


def _repeated(each: Any) -> list[Any]:
    if isinstance(each, dict) and set(each) == {"repeat", "each"}:
        return [each["each"]] * int(each["repeat"])
    return [each]


def _flat(row: Mapping[str, Any], dice: Random) -> dict[str, str]:
    """A seed task's texts: its own, and those of one of its instances (self-instruct's form)."""
    instances = row.get("instances")
    inner = dice.choice(instances) if isinstance(instances, list) and instances else {}
    both = {**row, **(inner if isinstance(inner, dict) else {})}
    return {name: value for name, value in both.items() if isinstance(value, str)}
