"""A recipe like another one, with the strata of a gap: its TOML, and the files that it names beside it."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crewboard.tools.files.atomic import write_whole
from crewboard.tools.generate.errors import RecipeInvalid
from crewboard.tools.generate.recipe import Recipe

RECIPES = "recipes"
_TEXTS = ("prompt", "schema_", "system", "examples", "grammar")
_DELETE = "\x7f"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_recipe(
    base: Recipe, named: Path, strata: Mapping[str, Mapping[str, int]], where: tuple[Path, str]
) -> Path:
    """The recipe's path. `where` is the folder and what the name ends in. RecipeInvalid where `base` does
    not ask for a field or a label of `strata`."""
    _check(base, named, strata)
    folder, suffix = where
    rest = {axis: weights for axis, weights in base.file.strata.items() if axis not in strata}
    first = {axis: dict(weights) for axis, weights in strata.items()}
    changes = {
        "name": f"{base.name}-rest{suffix}",
        "rows": sum(list(strata.values())[-1].values()),
        "first": base.beyond,
        "strata": first | rest,
        "about": _about(base, strata),
    }
    told = base.file.model_dump(mode="json", by_alias=True, exclude_none=True) | changes
    _copy_files(base, folder)
    place = folder / f"{changes['name']}.toml"
    write_whole(place, _toml(told).encode())
    return place


def _check(base: Recipe, named: Path, strata: Mapping[str, Mapping[str, int]]) -> None:
    for axis, weights in strata.items():
        known = base.file.strata.get(axis)
        if known is None:
            reason = f"it has no such axis; there are {', '.join(base.file.strata) or 'none'}"
            raise RecipeInvalid(path=named, where=f"strata.{axis}", reason=reason)
        unknown = sorted(set(weights) - set(known))
        if unknown:
            reason = f"it asks for no {unknown[0]}; there are {', '.join(known)}"
            raise RecipeInvalid(path=named, where=f"strata.{axis}", reason=reason)


def _about(base: Recipe, strata: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, str]]:
    return {
        axis: {label: text for label, text in told.items() if label in strata.get(axis, told)}
        for axis, told in base.file.about.items()
    }


def _copy_files(base: Recipe, folder: Path) -> None:
    named = [str(getattr(base.file, field)) for field in _TEXTS]
    for name in (*filter(None, named), *base.file.existing):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            shutil.copyfile(base.beside(name), place)


def _toml(told: Mapping[str, Any]) -> str:
    """Plain values first, then one table for each mapping, and one for each mapping in it."""
    lines = ["# Written by `crewboard data rebalance`: the strata are what was missing."]
    lines += [f"{key} = {_value(v)}" for key, v in told.items() if not isinstance(v, Mapping)]
    for key, table in told.items():
        if not isinstance(table, Mapping):
            continue
        inner = {name: v for name, v in table.items() if isinstance(v, Mapping)}
        plain = {name: v for name, v in table.items() if name not in inner}
        lines += _table(key, plain) if plain else []
        for name, values in inner.items():
            lines += _table(f"{key}.{_key(name)}", values)
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{_key(key)} = {_value(v)}" for key, v in values.items())]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    """A basic string of TOML, which is one of JSON but for one character."""
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")
