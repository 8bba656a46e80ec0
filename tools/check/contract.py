"""A contract: what one provider or trainer takes. Each is a TOML file beside this module, or one's own."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from crewboard.errors import ConfigInvalid, UnknownName
from crewboard.tools.check.rules import RULES, Rule
from crewboard.tools.check.shape import Breach, Check, compiled
from crewboard.tools.files.document import read_document

_FOLDER = Path(__file__).with_name("contracts")
_KEYS = {"title", "source", "read", "convert_to", "warning", "root", "rules"}
_KEYS |= {"file", "shapes", "like", "same_in_all"}
_LIMITS = {"min_rows", "max_rows", "max_bytes", "max_row_bytes", "suffixes"}


@dataclass(frozen=True)
class Limits:
    """What a whole file may be; None for no limit. Bytes are those of the file as it lies."""

    min_rows: int = 1
    max_rows: int | None = None
    max_bytes: int | None = None
    max_row_bytes: int | None = None
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


def _table(path: Path) -> dict[str, Any]:
    """The file over the one that it is `like`: its tables win key by key, its lists as a whole."""
    try:
        table = tomllib.loads(read_document(path).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid(path=path, where="the file", reason=error) from error
    if "like" not in table:
        return table
    base = _table(_FOLDER / f"{table['like']}.toml")
    for key in ("file", "shapes"):
        table[key] = {**base.get(key, {}), **table.get(key, {})}
    return {**base, **table}


def _rule(name: str, path: Path) -> Rule:
    if name not in RULES:
        raise ConfigInvalid(path=path, where=name, reason=f"rules are {', '.join(RULES)}")
    return RULES[name]
