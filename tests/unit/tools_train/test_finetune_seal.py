import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crewboard.errors import InputsChanged
from crewboard.tools.finetune.seal import MANIFEST, Checkpoints, Seal, opened, seal

INPUTS = {"data": "d1", "base": "b1"}


def written(folder: Path, text: str = "weights") -> Path:
    (folder / "inner").mkdir(parents=True)
    (folder / "weights").write_text(text)
    (folder / "inner" / "state").write_text("state")
    return folder


def checkpoints(folder: Path, *steps: int) -> Checkpoints:
    kept = Checkpoints(folder, INPUTS, keep=9)
    for step in steps:
        kept.add(written(kept.staging(step) / "new", str(step)), step)
    return kept


def test_a_sealed_folder_opens_with_its_step_and_inputs(tmp_path: Path) -> None:
    seal(written(tmp_path / "staged"), tmp_path / "final", 7, INPUTS)
    found = opened(tmp_path / "final")
    assert isinstance(found, Seal)
    assert (found.step, found.inputs, set(found.files)) == (7, INPUTS, {"weights", "inner/state"})
    assert not (tmp_path / "staged").exists()


def test_files_that_only_their_owner_could_read_become_readable(tmp_path: Path) -> None:
    (written(tmp_path / "staged") / "weights").chmod(0o600)
    seal(tmp_path / "staged", tmp_path / "final", 1, {})
    assert (tmp_path / "final" / "weights").stat().st_mode & 0o777 == 0o644


def flip(folder: Path) -> None:
    (folder / "weights").write_text("weightz")


def truncate(folder: Path) -> None:
    (folder / "weights").write_text("weight")


def remove(folder: Path) -> None:
    (folder / "inner" / "state").unlink()


def add(folder: Path) -> None:
    (folder / "stranger").touch()


def unseal(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def tear_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text()[:-9])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (flip, "not what was written"),  # same size, other bits
        (truncate, "not what was written"),
        (remove, "missing or were added"),
        (add, "missing or were added"),
        (unseal, "never sealed"),  # as a crash before the manifest leaves it
        (tear_manifest, "damaged"),
    ],
)
def test_damage_is_found_and_told(
    tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    seal(written(tmp_path / "staged"), tmp_path / "final", 7, INPUTS)
    damage(tmp_path / "final")
    found = opened(tmp_path / "final")
    assert isinstance(found, str)
    assert told in found


def test_the_newest_checkpoint_is_the_one_of_the_highest_step(tmp_path: Path) -> None:
    assert checkpoints(tmp_path, 90, 100, 9).newest() == tmp_path / "checkpoint-100"


def test_a_damaged_checkpoint_is_kept_aside_and_the_one_before_it_used(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path, 10, 20, 30)
    flip(tmp_path / "checkpoint-30")
    unseal(tmp_path / "checkpoint-20")
    assert kept.newest() == tmp_path / "checkpoint-10"
    assert kept.bad() == ["bad-checkpoint-20", "bad-checkpoint-30"]


def test_without_a_sound_checkpoint_there_is_none(tmp_path: Path) -> None:
    assert checkpoints(tmp_path / "new").newest() is None


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"data": "d2", "base": "b1"}, "data"),
        ({"data": "d1", "base": "b2"}, "base"),
        ({"data": "d1", "base": "b1", "settings": "s"}, "settings"),
    ],
)
def test_a_checkpoint_of_other_inputs_is_refused_not_set_aside(
    tmp_path: Path, inputs: dict[str, str], told: str
) -> None:
    """F25."""
    checkpoints(tmp_path, 10)
    with pytest.raises(InputsChanged, match=f"The {told} changed"):
        Checkpoints(tmp_path, inputs).newest()
    assert (tmp_path / "checkpoint-10").exists()


def test_only_the_newest_few_are_kept(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, INPUTS, keep=2)
    for step in (10, 20, 30):
        kept.add(written(kept.staging(step) / "new"), step)
    assert sorted(path.name for path in tmp_path.glob("checkpoint-*")) == [
        "checkpoint-20",
        "checkpoint-30",
    ]


def test_what_a_crash_left_half_written_is_cleared(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path / "all", 10)
    written(kept.staging(20) / "checkpoint-20")
    assert kept.newest() == tmp_path / "all" / "checkpoint-10"
    assert not list((tmp_path / "all").glob(".staging-*"))


def test_a_manifest_holds_no_time_and_no_place(tmp_path: Path) -> None:
    for name in ("one", "two"):
        seal(written(tmp_path / f"{name}-staged"), tmp_path / name, 3, INPUTS)
    one, two = (json.loads((tmp_path / name / MANIFEST).read_text()) for name in ("one", "two"))
    assert one == two
