"""Looking at the board loads no framework, and its help loads nothing that works."""

import subprocess
import sys
from pathlib import Path

import pytest

from crewboard.coordination.workspace import Workspace

HEAVY = [
    "pydantic", "langgraph", "a2a", "torch", "transformers", "matplotlib", "numpy", "rich", "httpx",
    "anthropic", "openai",
]  # fmt: skip
PROGRAM = """
import sys
from crewboard.cli import run
assert run({arguments!r}) == 0
sys.stderr.write(repr(sorted(set({heavy!r}) & set(sys.modules))))
"""


def loaded(arguments: list[str], heavy: list[str]) -> str:
    program = PROGRAM.format(arguments=arguments, heavy=heavy)
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stderr


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Workspace.init(tmp_path_factory.mktemp("lazy"), "ada")[0].root


@pytest.mark.parametrize(
    "verb", [[], ["show"], ["find", "x"], ["log"], ["merge", "--help"], ["stats"]],
    ids=" ".join,
)  # fmt: skip
def test_a_verb_of_the_board_loads_no_framework(verb: list[str], here: Path) -> None:
    assert loaded(["-C", str(here), "board", *verb], HEAVY) == "[]"


def test_the_help_of_the_board_loads_nothing_that_works() -> None:
    assert loaded(["board", "--help"], [*HEAVY, "sqlite3", "subprocess", "tomllib"]) == "[]"
