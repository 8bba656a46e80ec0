"""`crewboard models`, `tools`, `roles`, `pipelines`: what there is to work with."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.options import find_workspace, reading

if TYPE_CHECKING:
    from crewboard.coordination.settings import Settings


@click.command
@reading
def models(workspace: Path | None, *, as_json: bool) -> None:
    """Who can think for a crew: --model PROVIDER/MODEL."""
    from crewboard.agents.models.prices import price_table
    from crewboard.agents.models.registry import providers
    from crewboard.cli.terminal import document, out, table

    settings, _ = _settings(workspace)
    prices = price_table()
    told = [
        {"name": p.name, "summary": p.summary, "priced": sorted(prices.get(p.name, {}))}
        for p in providers().values()
    ]
    if as_json:
        version = prices["version"]
        document({"models": told, "chosen": settings.crew.model, "price_table": version})
        return
    table((each["name"], each["summary"], ", ".join(each["priced"])) for each in told)
    out(f"this workspace thinks with {settings.crew.model}")


@click.command
@click.argument("name", required=False)
@reading
def tools(name: str | None, workspace: Path | None, *, as_json: bool) -> None:
    """What does the work. With a NAME: its arguments."""
    from crewboard.cli.terminal import document, table
    from crewboard.tools.contract import installed_tools

    settings, _ = _settings(workspace)
    registry = installed_tools(settings.plugins.tools)
    found = [registry[name]] if name else list(registry.values())
    told = [
        {
            "name": t.name,
            "summary": t.summary,
            "version": t.version,
            "produces": dict(t.produces),
            "effect": str(t.effect.kind),
            "spends": t.effect.spends,
            "deletes": t.effect.deletes,
            "arguments": _arguments(t.arguments.model_json_schema()),
        }
        for t in found
    ]
    if as_json:
        document({"tools": told})
    elif name:
        _tell_one(told[0])
    else:
        table((each["name"], each["summary"]) for each in told)


@click.command
@reading
def roles(workspace: Path | None, *, as_json: bool) -> None:
    """Who there is, and what each may call and sign."""
    from crewboard.agents.roles import load_roles
    from crewboard.cli.terminal import document, table
    from crewboard.tools.contract import installed_tools

    settings, root = _settings(workspace)
    found = load_roles(settings, root, installed_tools(settings.plugins.tools)).values()
    told: list[dict[str, Any]] = [
        {
            "name": role.name,
            "summary": role.summary,
            "works_as": role.graph,
            "tools": "all" if role.tools is None else sorted(role.tools),
            "cap_micro_usd": role.cap,
            "may_sign": role.may_sign,
        }
        for role in found
    ]
    if as_json:
        document({"roles": told})
        return
    table((each["name"], _rights(each), each["summary"]) for each in told)


@click.command
@click.argument("name", required=False)
@reading
def pipelines(name: str | None, workspace: Path | None, *, as_json: bool) -> None:
    """What a goal can become. With a NAME: what --set takes."""
    from crewboard.cli.terminal import document, table
    from crewboard.pipelines import PIPELINES, find

    del workspace  # the same everywhere
    found = [find(name)] if name else list(PIPELINES.values())
    told = [
        {
            "name": p.name,
            "summary": p.summary,
            "words": sorted(p.words),
            "arguments": _arguments(p.parameters.model_json_schema()),
        }
        for p in found
    ]
    if as_json:
        document({"pipelines": told})
    elif name:
        _tell_one(told[0])
    else:
        table((each["name"], each["summary"]) for each in told)


def _settings(workspace: Path | None) -> "tuple[Settings, Path]":
    """The workspace's settings and root; the defaults where there is no workspace and none was named."""
    from crewboard.coordination.settings import Settings
    from crewboard.errors import WorkspaceMissing

    try:
        place = find_workspace(workspace)
    except WorkspaceMissing:
        if workspace is not None:
            raise
        return Settings(), Path.cwd()
    return Settings.load(place.config), place.root


def _arguments(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "type": _kind(field),
            "required": name in needed,
            "default": field.get("default"),
            "limits": {k: field[k] for k in _LIMITS if k in field},
        }
        for name, field in schema.get("properties", {}).items()
    ]


_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength")


def _kind(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(part) for part in field["anyOf"])
    if "enum" in field:
        return " or ".join(repr(value) for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    return str(field.get("type") or field.get("$ref", "value").rpartition("/")[2])


def _tell_one(told: dict[str, Any]) -> None:
    from crewboard.cli.terminal import line, out, table

    out(f"{told['name']}: {line(told['summary'])}")
    for name, kind in told.get("produces", {}).items():
        out(f"makes {name} ({kind})")
    if "effect" in told:
        out(f"effect: {told['effect']}{', spends' if told['spends'] else ''}")
    rows = [
        (
            argument["name"],
            argument["type"],
            "required" if argument["required"] else f"default {argument['default']}",
            ", ".join(f"{name} {value}" for name, value in argument["limits"].items()),
        )
        for argument in told["arguments"]
    ]
    if rows:
        table(rows, ("argument", "type", "", "limits"))


def _rights(role: dict[str, Any]) -> str:
    held = role["tools"]
    calls = "all tools" if held == "all" else ", ".join(held) or "no tools"
    return f"{calls}; {'signs' if role['may_sign'] else 'signs nothing'}"
