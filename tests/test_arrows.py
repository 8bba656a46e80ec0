"""Imports point one way: cli -> agents -> pipelines -> coordination -> memory, tools -> the ground."""

from collections.abc import Iterator

import pytest
from source import Module, modules

GROUND = ("crewboard.errors", "crewboard.canonical", "crewboard.clock", "crewboard.redact")
MAY_IMPORT = {
    "crewboard.cli": ("agents", "pipelines", "coordination", "memory", "tools"),
    "crewboard.agents": ("pipelines", "coordination", "memory", "tools"),
    "crewboard.pipelines": ("coordination", "tools.contract"),
    # It knows no tool by name: what a tool is, and how files are read and written, is all it sees.
    "crewboard.coordination": ("memory", "tools.contract", "tools.files"),
    "crewboard.memory": (),
    "crewboard.tools": (),
}
HEAVY = {"torch", "transformers", "trl", "peft", "datasets", "matplotlib", "numpy", "safetensors"}
HEAVY |= {"tokenizers", "accelerate", "anthropic", "openai"}
LOADED_BY_A_PROCESS_OF_ITS_OWN: set[str] = set()
"""Modules that nobody imports: they are started with `python -m` and do nothing else."""


def belongs(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + ".")


def own_imports(module: Module) -> Iterator[tuple[int, str]]:
    return ((line, name) for line, name in module.imports() if belongs(name, "crewboard"))


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_folder_imports_only_what_lies_below_it(layer: str) -> None:
    below = [*GROUND, layer, "crewboard.__version__"]
    below += [f"crewboard.{name}" for name in MAY_IMPORT[layer]]
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        if belongs(module.name, layer)
        for line, name in own_imports(module)
        if not any(belongs(name, each) for each in below)
    ]
    assert wrong == []


def test_the_ground_stands_on_nothing() -> None:
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        if module.name in GROUND
        for line, name in own_imports(module)
        if not any(belongs(name, each) for each in GROUND)
    ]
    assert wrong == []


def test_every_import_is_absolute_and_by_the_package() -> None:
    roots = ("agents", "coordination", "memory", "pipelines", "tools", "src")
    wrong = [
        f"{module.path}:{line} imports {name}"
        for module in modules()
        for line, name in module.imports()
        if name.startswith(".") or name.split(".")[0] in roots
    ]
    assert wrong == []


def test_heavy_libraries_load_where_they_are_used() -> None:
    wrong = [
        f"{module.path}:{node_line} imports {name}"
        for module in modules()
        if module.path not in LOADED_BY_A_PROCESS_OF_ITS_OWN
        for node_line, name in _at_import(module)
        if name.split(".")[0] in HEAVY
    ]
    assert wrong == []


def _at_import(module: Module) -> Iterator[tuple[int, str]]:
    inside = {
        line
        for function in module.functions()
        for line in range(function.lineno, (function.end_lineno or function.lineno) + 1)
    }
    guarded = _type_checking_lines(module)
    return ((n, name) for n, name in module.imports() if n not in inside and n not in guarded)


def _type_checking_lines(module: Module) -> set[int]:
    import ast

    return {
        line
        for node in module.tree.body
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
