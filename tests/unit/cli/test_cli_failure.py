"""What a machine runs out of is told as that, and telling never fails itself."""

import errno
import tempfile
from pathlib import Path

import pytest

from crewboard.cli import exits, failure

LACKING: list[tuple[BaseException, str]] = [
    (OSError(errno.ENOSPC, "No space left on device", "rows.jsonl"), "for rows.jsonl"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "no space is left"),
    (MemoryError(), "not enough memory"),
]


@pytest.mark.parametrize(("error", "told"), LACKING)
def test_a_machine_that_ran_out_blocks(
    error: BaseException, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    failure.tell(error, ["data", "audit"])
    assert told in capsys.readouterr().err
    assert failure.code_of(error) == exits.BLOCKED


def test_a_trace_that_cannot_be_written_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    failure.tell(ZeroDivisionError(), [])
    assert "could not be written" in capsys.readouterr().err
    assert failure.code_of(ZeroDivisionError()) == exits.FAILED
