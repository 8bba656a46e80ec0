"""A contract: what one provider or trainer takes. Each is a TOML file beside this module, or one's own."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crewboard.errors import ConfigInvalid, UnknownName
from crewboard.tools.check.rules import RULES, Rule
from crewboard.tools.check.shape import Breach, Check, compiled
from crewboard.tools.files.document import read_document

_FOLDER = Path(__file__).with_name("contracts")
_KEYS = {"title", "source", "read", "convert_to", "warning", "root", "rules"}
_KEYS |= {"file", "shapes", "like", "same_in_all"}
_LIMITS = {"min_rows", "max_rows", "max_bytes", "max_row_bytes", "max_row_images", "suffixes"}


@dataclass(frozen=True)
class Limits:
    """What a file and a row of it may hold; None for no limit. Bytes are those of the file as it lies."""

    min_rows: int = 1
    max_rows: int | None = None
    max_bytes: int | None = None
    max_row_bytes: int | None = None
    max_row_images: int | None = None
    suffixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """`source` says where the rules were read, and `read` when; `convert_to` names the format of
    `data convert` that satisfies it; `warning` is for people who are about to use the provider."""

    name: str
    title: str
    source: str
    read: str
    convert_to: str
    limits: Limits
    shape: Check
    rules: tuple[Rule, ...]
    warning: str = ""
    same_in_all: tuple[str, ...] = ()
    """Keys that stand in every row or in none."""

    def breaches(self, row: Mapping[str, Any]) -> Iterator[Breach]:
        """Every place where the row breaks the contract, shape first."""
        yield from self.shape(row, "")
        for rule in self.rules:
            yield from rule(row)


def contracts() -> tuple[str, ...]:
    """The names of the contracts that come with the package."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def contract_named(name: str) -> Contract:
    """A contract of the package. UnknownName."""
    if name not in contracts():
        raise UnknownName(kind="contract", name=name, known=", ".join(contracts()))
    return load(_FOLDER / f"{name}.toml")


def load(path: Path) -> Contract:
    """The contract that a file holds. ConfigInvalid names the place that is wrong."""
    table = _table(path)
    unknown = sorted(set(table) - _KEYS) + sorted(set(table.get("file", {})) - _LIMITS)
    if unknown:
        raise ConfigInvalid(path=path, where=unknown[0], reason="there is no such setting")
    missing = [key for key in ("title", "source", "read", "root", "shapes") if key not in table]
    if missing:
        raise ConfigInvalid(path=path, where=missing[0], reason="it is missing")
    _check_types(table, path)
    limits = dict(table.get("file", {}))
    limits["suffixes"] = tuple(limits.get("suffixes", ()))
    return Contract(
        name=path.stem,
        title=table["title"],
        source=table["source"],
        read=table["read"],
        convert_to=table.get("convert_to", ""),
        limits=Limits(**limits),
        shape=compiled(table["shapes"], table["root"], str(path)),
        rules=tuple(_rule(rule, path) for rule in table.get("rules", ())),
        warning=table.get("warning", ""),
        same_in_all=tuple(table.get("same_in_all", ())),
    )


class _Types(BaseModel):
    """What the values of a contract are; which keys there are is told before."""

    model_config = ConfigDict(strict=True)
    title: str
    source: str
    read: str
    root: str
    convert_to: str = ""
    warning: str = ""
    rules: list[str] = Field(default_factory=list)
    same_in_all: list[str] = Field(default_factory=list)
    file: dict[str, int | list[str]] = Field(default_factory=dict)
    shapes: dict[str, dict[str, str | bool]]


def _check_types(table: dict[str, Any], path: Path) -> None:
    try:
        shapes = _Types.model_validate(table).shapes
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigInvalid(
            path=path, where=".".join(map(str, first["loc"])), reason=first["msg"]
        ) from None
    for name, shape in shapes.items():
        for key, value in shape.items():
            if isinstance(value, bool) != (key == "open"):
                reason = "only `open` is true or false" if key != "open" else "it is true or false"
                raise ConfigInvalid(path=path, where=f"shapes.{name}.{key}", reason=reason)
    for key, value in table.get("file", {}).items():
        if isinstance(value, list) != (key == "suffixes"):
            reason = "`suffixes` is a list, and the others are numbers"
            raise ConfigInvalid(path=path, where=f"file.{key}", reason=reason)


def _table(path: Path) -> dict[str, Any]:
    """The file over the one that it is `like`: its tables win key by key, its lists as a whole. A warning
    and a number of images are one provider's, and not inherited."""
    try:
        table = tomllib.loads(read_document(path).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid(path=path, where="the file", reason=error) from error
    for key in ("file", "shapes"):
        if not isinstance(table.get(key, {}), dict):
            raise ConfigInvalid(path=path, where=key, reason="it is no table")
    if "like" not in table:
        return table
    if table["like"] not in contracts():
        raise ConfigInvalid(path=path, where="like", reason=f"there are {', '.join(contracts())}")
    base = _table(_FOLDER / f"{table['like']}.toml") | {"warning": ""}
    base["file"] = {k: v for k, v in base.get("file", {}).items() if k != "max_row_images"}
    for key in ("file", "shapes"):
        table[key] = {**base.get(key, {}), **table.get(key, {})}
    return {**base, **table}


def _rule(name: str, path: Path) -> Rule:
    if name not in RULES:
        raise ConfigInvalid(path=path, where=name, reason=f"rules are {', '.join(RULES)}")
    return RULES[name]
