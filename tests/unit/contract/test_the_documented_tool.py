"""docs/extending.md shows a tool; it is one that runs."""

import re
from pathlib import Path

from unit.tools.data_rows import chat, dropped, made, read_rows, run, write_rows

from crewboard.tools.contract import Produced, Tool, publish
from crewboard.tools.contract.bench import Bench

DOC = Path(__file__).resolve().parents[3] / "docs" / "extending.md"


def test_the_step_over_rows_in_the_documentation_accounts_for_each(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(blocks[1], names)
    short = names["short"]
    assert isinstance(short, Tool)
    write_rows(tmp_path / "in.jsonl", [chat("a"), chat("b " * 60)])
    outcome = run(short, tmp_path, data="in.jsonl")
    assert read_rows(made(outcome, "rows")) == [chat("a")]
    assert dropped(outcome) == {"too-long": 1}


def test_the_tool_in_the_documentation_runs_and_its_artifact_is_published(tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    assert block is not None
    names: dict[str, object] = {}
    exec(block[1], names)  # the documentation is the project's own
    shout = names["shout"]
    assert isinstance(shout, Tool)
    (tmp_path / "in.txt").write_text("a\nb\n")
    arguments = shout.parse({"data": "in.txt"})
    outcome = shout.run(arguments, Bench(tmp_path, tmp_path / "out"))
    produced = Produced(shout, arguments.model_dump(), {}, seed=1)
    [manifest] = publish(outcome, produced, tmp_path / "data", tmp_path)
    assert (tmp_path / manifest.path).read_text() == "A\nB\n"
