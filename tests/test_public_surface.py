"""What others may build on is a list, and a change to it is a decision."""

import os
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest
from source import ROOT, modules

SURFACE = {
    "crewboard.coordination.ledger": ["Event", "Ledger", "Transaction", "verify"],
    "crewboard.tools.contract": [
        "PURE",
        "Arguments",
        "Effect",
        "EffectCall",
        "EffectKind",
        "InputPath",
        "Made",
        "Manifest",
        "OnUnknown",
        "Outcome",
        "Produced",
        "Registry",
        "RowAccount",
        "Tool",
        "ToolContext",
        "input_paths",
        "installed_tools",
        "publish",
        "tool",
    ],
}
EXTRAS = [
    "a2a",
    "anthropic",
    "langgraph",
    "matplotlib",
    "numpy",
    "openai",
    "torch",
    "transformers",
    "uvicorn",
]


@pytest.mark.parametrize("name", SURFACE)
def test_what_a_package_offers_is_pinned(name: str) -> None:
    assert import_module(name).__all__ == SURFACE[name]


def test_the_package_itself_offers_its_version_and_its_parts() -> None:
    package = import_module("crewboard")
    own = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert own == set()
    assert isinstance(package.__version__, str)


@pytest.mark.parametrize(
    "name",
    sorted(
        module.name
        for module in modules()
        if module.path.endswith("__init__.py") and f"from {module.name}." in module.text
    ),
)
def test_a_package_that_gathers_names_lists_them(name: str) -> None:
    package = import_module(name)
    assert all(hasattr(package, each) for each in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)


def test_the_core_opens_without_any_heavy_library() -> None:
    """Whoever only writes a tool, or reads a ledger, waits for neither torch nor a provider's SDK."""
    program = (
        "import sys\n"
        "import crewboard, crewboard.tools.contract, crewboard.coordination.effects\n"
        "import crewboard.coordination.verdicts, crewboard.coordination.bus.ingress\n"
        f"print([name for name in {EXTRAS} if name in sys.modules])"
    )
    same_code = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, check=True, capture_output=True, env=same_code)
    assert told.stdout.strip() == b"[]"
