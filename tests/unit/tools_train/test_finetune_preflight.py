import json
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from crewboard.errors import (
    ExtraMissing,
    InputMissing,
    MemoryShort,
    NeedsHuman,
    NothingToTrain,
    PathOutside,
)
from crewboard.tools.contract.bench import Bench
from crewboard.tools.finetune import preflight
from crewboard.tools.finetune.plan import Plan
from crewboard.tools.finetune.tool import FinetuneArguments, finetune


def rows(path: Path, n: int) -> Path:
    row = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    path.write_text((json.dumps(row) + "\n") * n)
    return path


def plan(tmp_path: Path, n: int = 8, **settings: object) -> Plan:
    data = rows(tmp_path / "train.jsonl", n)
    return Plan(str(data), str(tmp_path), **settings)  # type: ignore[arg-type]


def test_a_missing_extra_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None if name in {"torch", "trl"} else ModuleSpec(name, None)

    monkeypatch.setattr(preflight, "find_spec", find)
    with pytest.raises(ExtraMissing, match=r'torch, trl.*pip install "crewboard\[train\]"') as e:
        preflight.require_extra("finetune")
    assert isinstance(e.value, NeedsHuman)  # installed, the task goes on


def test_enough_rows_pass(tmp_path: Path) -> None:
    preflight.check_training(plan(tmp_path))


def test_rows_must_fill_a_batch(tmp_path: Path) -> None:
    with pytest.raises(NothingToTrain, match="7 can be trained on, and 8 are needed"):
        preflight.check_training(plan(tmp_path, 7))


def test_a_base_that_does_not_fit_into_memory_is_a_humans_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F28."""
    monkeypatch.setattr(preflight, "_has_gpu", bool)
    monkeypatch.setattr(preflight, "_free_memory", lambda: 2_000_000)
    base = tmp_path / "base"
    base.mkdir()
    (base / "model.safetensors").write_bytes(bytes(1_000_000))
    with pytest.raises(MemoryShort, match="needs about 2 MB") as e:
        preflight.check_training(plan(tmp_path, base=str(base)))
    assert isinstance(e.value, NeedsHuman)


@pytest.mark.parametrize(
    ("base", "error"),
    [
        ("/etc", PathOutside),
        ("../elsewhere", PathOutside),
        ("no-such-folder", InputMissing),  # neither a folder nor shaped like a hub id
    ],
)
def test_a_base_is_a_folder_of_the_workspace_or_a_hub_id(
    tmp_path: Path, base: str, error: type[Exception]
) -> None:
    rows(tmp_path / "train.jsonl", 8)
    arguments = FinetuneArguments(train="train.jsonl", base=base)
    with pytest.raises(error):
        finetune.run(arguments, Bench(tmp_path, tmp_path / "out"))
