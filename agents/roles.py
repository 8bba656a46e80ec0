"""Roles: what an agent may do. Three are built in; a workspace or a plugin adds its own.

A plugin adds a role with one line in the entry-point group `crewboard.roles`: its name, and a `Role`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from crewboard.coordination.settings import RoleTable, Settings, micro
from crewboard.errors import ConfigInvalid, NotPermitted, UnknownName
from crewboard.tools.contract import Registry
from crewboard.tools.files.beneath import Beneath

GROUP = "crewboard.roles"


@dataclass(frozen=True)
class Role:
    """`graph` is how it works: `lead`, `qa` or `executor` (also for roles of a user's own). `tools`
    None means all; `cap` bounds what its thinking may cost per goal, in millionths of a US dollar."""

    name: str
    summary: str
    graph: str = "executor"
    prompt: str = ""
    tools: frozenset[str] | None = frozenset()
    cap: int | None = None
    may_sign: bool = False


BUILT_IN = (
    Role("lead", "understands a goal, plans it, hands out tasks, reviews and reports", "lead"),
    Role("executor", "runs tools on the tasks of a plan and submits what they made", tools=None),
    Role("qa", "measures artifacts by their hash and signs verdicts", "qa", may_sign=True),
)


def load_roles(settings: Settings, root: Path, registry: Registry) -> Mapping[str, Role]:
    """All roles by name. ConfigInvalid for a role that names unknown tools or a missing prompt, or
    that takes the name of one that is built in."""
    found = {role.name: role for role in BUILT_IN}
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        _add(found, entry.load(), f"entry point {entry.value}")
    for name, table in settings.roles.items():
        _add(found, _from_table(name, table, root), f"roles.{name}")
    for role in found.values():
        if unknown := sorted((role.tools or frozenset()) - set(registry)):
            raise ConfigInvalid(
                path="crewboard.toml",
                where=f"roles.{role.name}.tools",
                reason=f"there is no tool {', '.join(unknown)}",
            )
    return found


def permit(role: Role, tool: str) -> None:
    """The first defence: a role calls its own tools only. NotPermitted."""
    if role.tools is not None and tool not in role.tools:
        raise NotPermitted(
            agent=role.name, what=f"call {tool}", reason="its role does not hold that tool"
        )


def find_role(roles: Mapping[str, Role], name: str) -> Role:
    if name not in roles:
        raise UnknownName(kind="role", name=name, known=", ".join(sorted(roles)))
    return roles[name]


def _add(found: dict[str, Role], role: Role, where: str) -> None:
    if role.name in found:
        raise ConfigInvalid(path="crewboard.toml", where=where, reason="two roles bear this name")
    found[role.name] = role


def _from_table(name: str, table: RoleTable, root: Path) -> Role:
    prompt = ""
    if table.prompt is not None:
        prompt = Beneath(root).existing(table.prompt).read_text("utf-8")
    return Role(
        name,
        table.summary,
        prompt=prompt,
        tools=frozenset(table.tools),
        cap=micro(table.spending_cap_usd),
        may_sign=table.may_sign,
    )
