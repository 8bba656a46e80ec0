"""The folder of a run: what a killed run left goes, what a living one holds stays."""

from pathlib import Path

from crewboard.cli.data.staged import staged


def test_a_folder_that_a_killed_run_left_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / ".mix-abc.running" / "deep").mkdir(parents=True)
    (tmp_path / ".mix-abc").mkdir()
    (tmp_path / ".mixed-abc.running").mkdir()
    with staged("mix", tmp_path) as folder:
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {folder.name, ".mix-abc", ".mixed-abc.running"}
    assert not folder.exists()


def test_two_runs_side_by_side_keep_their_folders(tmp_path: Path) -> None:
    with staged("mix", tmp_path) as first, staged("mix", tmp_path) as second:
        assert first != second
        assert first.is_dir()
        assert second.is_dir()
    assert list(tmp_path.iterdir()) == []
