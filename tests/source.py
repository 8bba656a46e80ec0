"""The project's own source as syntax trees, for the tests that hold its shape."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("agents", "coordination", "memory", "pipelines", "tools")


@dataclass(frozen=True)
class Module:
    """One file: its dotted name in the package, its path from the root, its text and its tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything that it imports, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, by the folder that it really lies in."""
    own = ROOT / "src" / "crewboard"
    found = [*own.glob("*.py"), *(own / "cli").rglob("*.py"), *(own / "errors").rglob("*.py")]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*.py")
    return tuple(_module(path) for path in sorted(found))


def _module(path: Path) -> Module:
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else ("crewboard", *parts)
    name = ".".join(parts).removesuffix(".__init__")
    text = path.read_text(encoding="utf-8")
    return Module(name, relative.as_posix(), text, ast.parse(text))
