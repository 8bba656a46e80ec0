"""From a recipe to requests: each stratum's questions by number, each named by its own content.

The digest of provider, model and body is the request's key everywhere: in the record of what was paid,
as the Idempotency-Key, as the custom id in a batch, in the provenance of the row.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from random import Random
from typing import Any

from crewboard.canonical import canonical_json, digest, sha256_text
from crewboard.tools.generate.dialects import Dialect, Question, Turn
from crewboard.tools.generate.recipe import PLACE, Recipe
from crewboard.tools.generate.strata import Cell
from crewboard.tools.providers.endpoint import Endpoint
from crewboard.tools.providers.prices import Price


@dataclass(frozen=True, slots=True)
class Mark:
    """Which question: its stratum, its number there from 1, 1 for the second try at the same row, and
    the digest that names it."""

    cell: Cell
    number: int
    repair: int
    key: str


@dataclass(frozen=True)
class Request:
    """One question of one stratum. `most` is the most that it may cost, in millionths of a US dollar."""

    mark: Mark
    question: Question
    body: dict[str, Any]
    most: int

    @property
    def key(self) -> str:
        return self.mark.key

    def sent(self) -> dict[str, Any]:
        """The record's entry that it is about to leave."""
        mark = self.mark
        named = {"cell": mark.cell.name, "number": mark.number, "repair": mark.repair}
        return {"kind": "sent", "request": mark.key, **named, "most": self.most}


@dataclass(frozen=True)
class Target:
    """Who is asked, and at what price."""

    dialect: Dialect
    model: str
    endpoint: Endpoint
    price: Price

    @property
    def name(self) -> str:
        return f"{self.endpoint.provider}/{self.model}"


@dataclass(frozen=True)
class Writer:
    """Writes the requests of one recipe for one target. The same number gives the same request."""

    recipe: Recipe
    target: Target

    def first(self, cell: Cell, number: int) -> Request:
        return self._request(cell, number, 0, (Turn("user", self._fill("prompt", cell, number)),))

    def repair(self, failed: Request, answer: str, reason: str) -> Request:
        """The same question again, with the answer that was of no use and what is wrong with it."""
        told = Turn("user", _repair_text().replace("{reason}", reason))
        turns = (*failed.question.turns, Turn("assistant", answer), told)
        return self._request(failed.mark.cell, failed.mark.number, 1, turns)

    def _request(self, cell: Cell, number: int, repair: int, turns: tuple[Turn, ...]) -> Request:
        file = self.recipe.file
        system = self._fill("system", cell, number)
        question = Question(system, turns, self.recipe.schema, file.max_tokens, file.temperature)
        target = self.target
        body = target.dialect.body(question, target.model, target.endpoint)
        key = request_key(target.endpoint.provider, target.model, body)
        return Request(Mark(cell, number, repair, key), question, body, target.price.most(question))

    def _fill(self, name: str, cell: Cell, number: int) -> str:
        text = self.recipe.prompt if name == "prompt" else self.recipe.system
        facts: dict[str, str] = {"number": str(number), **cell.labels}
        for axis, told in self.recipe.file.about.items():
            facts[f"about.{axis}"] = told[cell.labels[axis]]
        if "{examples}" in text:
            facts["examples"] = "\n".join(map(canonical_json, self._examples(cell, number)))
        return PLACE.sub(lambda place: facts[place[1]], text)

    def _examples(self, cell: Cell, number: int) -> list[Any]:
        rows, shown = self.recipe.examples, self.recipe.file.shown
        return draw(self.recipe.file.seed, cell, number).sample(rows, min(shown, len(rows)))

    @cached_property
    def sha256(self) -> str:
        return self.recipe.sha256


def request_key(provider: str, model: str, body: dict[str, Any]) -> str:
    """SHA-256, in hex, of what is asked and of whom."""
    return digest({"provider": provider, "model": model, "body": body})


def draw(seed: int, cell: Cell, number: int) -> Random:
    """The dice of one question: they fall the same way in every run."""
    return Random(sha256_text(f"{seed}/{cell.name}/{number}"))  # noqa: S311 - reproducible, not secret


def _repair_text() -> str:
    return (
        files("crewboard.tools.generate").joinpath("prompts/repair.md").read_text("utf-8").strip()
    )
