"""A recipe: what to generate, in which shares, and what is accepted. A TOML file and the texts beside it.

    name = "support-desk"
    rows = 6665
    prompt = "support-desk.md"            # {agent}, {difficulty}, {number}, {examples} are filled in
    schema = "support-desk.schema.json"   # what one answer is

    [strata.agent]                        # axes in their order, labels by weight
    qa = 1
    [strata.difficulty]
    easy = 30

Everything that an answer depends on stands in the files, so a request is made of them alone: the same
recipe asks the same questions, and what was answered once is not asked again. No quota enters a request,
so a recipe for more rows asks for the difference only.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crewboard.canonical import digest, sha256_file
from crewboard.errors import InputUnreadable
from crewboard.tools.files.beneath import Beneath
from crewboard.tools.files.document import read_document
from crewboard.tools.files.jsonl import Line, read_jsonl
from crewboard.tools.generate.errors import RecipeInvalid
from crewboard.tools.generate.schema import unknown_keywords
from crewboard.tools.generate.strata import Axis, Cell, cells

SPARE_QUESTIONS = 10
"""Of each stratum, beyond the recipe's `attempts`, so that a quota of one has a fair chance."""
PLACE = re.compile(r"\{([a-z_]\w*(?:\.\w+)?)\}")


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Diversity(_Table):
    """Rows whose `fields`, taken together, are nearly the same text are dropped. `near` is the share of
    word trigrams in common (Jaccard) from which two texts count as one; 1 means exact copies only."""

    fields: tuple[str, ...] = ()
    near: float = Field(default=0.8, gt=0, le=1)


class RecipeFile(_Table):
    """The TOML file, as it stands. Texts are named by their path beside it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    rows: int = Field(ge=1, le=10_000_000)
    prompt: str
    schema_: str = Field(alias="schema")
    system: str = ""
    seed: int = 42
    max_tokens: int = Field(default=1024, ge=1)
    likely_tokens: int | None = Field(default=None, ge=1)
    """What an answer usually takes, for the estimate; max_tokens when absent."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    attempts: int = Field(default=3, ge=1)
    """Questions per row at most, over a stratum."""
    first: int = Field(default=1, ge=1)
    """The number of each stratum's first question: beyond those that a recipe like it has asked."""
    form: Literal["fields", "chat"] = "fields"
    """`chat`: the answer is {"messages": [...]}, and those are checked as a conversation."""
    turns: int | None = Field(default=None, ge=2)
    """The exact number of messages of a chat."""
    strata: dict[str, dict[str, float]] = Field(default_factory=dict)
    about: dict[str, dict[str, str]] = Field(default_factory=dict)
    """What {about.AXIS} says of each label."""
    examples: str = ""
    """JSONL of seed examples, of which `shown` stand in each prompt as {examples}."""
    shown: int = Field(default=2, ge=0, le=20)
    existing: tuple[str, ...] = ()
    """JSONL files whose rows new ones must not repeat."""
    diversity: Diversity = Diversity()
    grammar: str = ""
    """TOML that the offline generator fills in."""


@dataclass(frozen=True)
class Recipe:
    """A recipe with its texts. `sha256` covers all that a request is made of."""

    file: RecipeFile
    folder: Path
    prompt: str
    system: str
    schema: Mapping[str, Any]
    examples: tuple[Mapping[str, Any], ...]
    sha256: str

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(
            (name, {label: Fraction(str(weight)) for label, weight in labels.items()})
            for name, labels in self.file.strata.items()
        )

    @property
    def beyond(self) -> int:
        """A number that no question of this recipe reaches."""
        most = max((cell.quota for cell in self.cells()), default=0)
        return self.file.first + self.file.attempts * most + SPARE_QUESTIONS

    def cells(self) -> tuple[Cell, ...]:
        return cells(self.file.rows, self.axes)

    def beside(self, name: str) -> Path:
        return _beside(self.folder, name)

    def with_rows(self, rows: int) -> "Recipe":
        """The same questions, more or fewer of them."""
        return replace(self, file=self.file.model_copy(update={"rows": rows}))


def load_recipe(path: Path, examples: Path | None = None) -> Recipe:
    """The recipe at `path`; `examples` stands in for the file of seed examples that it names.

    RecipeInvalid tells the place; InputMissing and InputUnreadable tell what cannot be read.
    """
    file = _read_toml(path)
    folder = path.resolve().parent
    schema = _schema(path, _beside(folder, file.schema_))
    source = examples or (_beside(folder, file.examples) if file.examples else None)
    rows = _examples(source) if source else ()
    texts = [
        _beside(folder, name).read_text("utf-8") if name else ""
        for name in (file.prompt, file.system)
    ]
    recipe = Recipe(file, folder, texts[0].strip(), texts[1].strip(), schema, rows, "")
    _check(path, recipe)
    content = [texts, schema, sha256_file(source) if source else "", _asked(file)]
    return replace(recipe, sha256=digest(content))


def _asked(file: RecipeFile) -> dict[str, Any]:
    """What of the file enters a request, or decides what is made of its answer."""
    return file.model_dump(
        mode="json", exclude={"rows", "attempts", "first", "likely_tokens", "existing"}
    )


def _read_toml(path: Path) -> RecipeFile:
    try:
        found = tomllib.loads(read_document(path).decode())
        return RecipeFile.model_validate(found)
    except tomllib.TOMLDecodeError as error:
        raise RecipeInvalid(path=path, where="its TOML", reason=error) from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the file"
        raise RecipeInvalid(path=path, where=where, reason=fault["msg"]) from None
    except UnicodeDecodeError as error:
        raise InputUnreadable(path=path, where="", reason=error) from None


def _beside(folder: Path, name: str) -> Path:
    """A file that a recipe names: it may not reach out of the recipe's folder."""
    return Beneath(folder).existing(name)


def _schema(path: Path, source: Path) -> Mapping[str, Any]:
    try:
        schema = orjson.loads(source.read_bytes())
    except orjson.JSONDecodeError as error:
        raise RecipeInvalid(path=path, where="schema", reason=f"it is no JSON: {error}") from None
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise RecipeInvalid(path=path, where="schema", reason='its type must be "object"')
    if unchecked := list(unknown_keywords(schema)):
        raise RecipeInvalid(path=path, where=unchecked[0], reason="this keyword is not known here")
    return schema


def _examples(source: Path) -> tuple[Mapping[str, Any], ...]:
    return tuple(item.row for item in read_jsonl(source) if isinstance(item, Line))


def _check(path: Path, recipe: Recipe) -> None:
    file = recipe.file
    for axis, labels in file.strata.items():
        if not labels or min(labels.values()) < 0 or not sum(labels.values()) > 0:
            raise RecipeInvalid(
                path=path, where=f"strata.{axis}", reason="weights are 0 or more, and one above 0"
            )
        if any("/" in label for label in labels):
            raise RecipeInvalid(path=path, where=f"strata.{axis}", reason="a label holds no /")
        missing = sorted(set(labels) - set(file.about.get(axis, labels)))
        if missing:
            raise RecipeInvalid(
                path=path, where=f"about.{axis}", reason=f"it says nothing of {missing[0]}"
            )
    if file.turns is not None and file.form != "chat":
        raise RecipeInvalid(path=path, where="turns", reason='it needs form = "chat"')
    fields = set(recipe.schema.get("properties", {}))
    if unknown := sorted(set(file.diversity.fields) - fields):
        raise RecipeInvalid(
            path=path, where="diversity.fields", reason=f"the schema has no {unknown[0]}"
        )
    if taken := sorted(fields & (set(file.strata) | {"provenance"})):
        raise RecipeInvalid(
            path=path, where="schema", reason=f"{taken[0]} is also a label of the row"
        )
    known = {"number", "examples", *file.strata, *(f"about.{axis}" for axis in file.about)}
    for name, text in (("prompt", recipe.prompt), ("system", recipe.system)):
        if strange := sorted(set(PLACE.findall(text)) - known):
            told = f"there is no {{{strange[0]}}}; there are {', '.join(sorted(known))}"
            raise RecipeInvalid(path=path, where=name, reason=told)
