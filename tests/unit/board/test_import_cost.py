"""Looking at the board must not load the framework."""

import subprocess
import sys

HEAVY = ("pydantic", "rich", "langgraph", "httpx", "sqlite3", "asyncio", "ctypes", "orjson")
ASK = "import sys, crewboard.coordination.board, crewboard.memory.notes; print(*sys.modules)"


def test_the_board_loads_only_the_standard_library_and_little_of_it() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint(HEAVY)
