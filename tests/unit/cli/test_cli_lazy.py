"""`crewboard --help` is there at once: it imports what it shows, and nothing that works."""

import subprocess
import sys

import pytest

HEAVY = ["pydantic", "langgraph", "a2a", "torch", "rich", "httpx", "anthropic", "openai", "sqlite3"]
PROGRAM = """
import sys
from crewboard.cli import run
assert run({arguments!r}) == 0
sys.stderr.write(repr(sorted(set({heavy!r}) & set(sys.modules))))
"""


def loaded(arguments: list[str]) -> str:
    program = PROGRAM.format(arguments=arguments, heavy=HEAVY)
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["start", "--help"]])
def test_help_imports_nothing_that_works(arguments: list[str]) -> None:
    assert loaded(arguments) == "[]"


def test_the_package_itself_imports_nothing_at_all() -> None:
    program = "import sys; import crewboard; print([m for m in sys.modules if 'crewboard.' in m])"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert told.stdout.strip() == b"[]"
