from pathlib import Path

import orjson
import pytest
from unit.tools.data_rows import chat, made, run, turns, write_rows

from crewboard.errors import InputMissing
from crewboard.tools.audit import audit
from crewboard.tools.measure import KINDS, measure


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_chat_file_is_measured_from_its_bytes(tmp_path: Path) -> None:
    """F18, F19: what QA judges by is measured, whatever a manifest says."""
    rows = [
        chat("a b", "c"),
        chat("a b", "c"),
        chat("x", ""),
        turns("user"),
        turns("user", "user", "assistant"),
        chat("ann@quay-post.net"),
        chat("ann@example.com"),
    ]
    write_rows(tmp_path / "d", rows)
    with (tmp_path / "d").open("ab") as file:
        file.write(b"{cut\n")
    assert measure("chat-jsonl", tmp_path / "d") == {
        "rows": 8,
        "parse_errors": 1,
        "duplicates": 0.125,
        "empty_content": 1,
        "role_faults": 1,
        "missing_assistant": 1,
        "words_max": 6,
        "pii_rows": 1,
    }


def test_an_audit_report_is_opened_and_its_findings_added_up(tmp_path: Path) -> None:
    name = write_rows(tmp_path / "d", [chat("a"), chat("a"), chat("b", "")])
    found = measure("audit-report", made(run(audit, tmp_path, data=name), "report"))
    assert (found["findings"], found["opens"]) == (2, 1)
    assert found["rules"] > 15
    assert measure("audit-report", written(tmp_path / "bad", b"{}"))["opens"] == 0


@pytest.mark.parametrize(
    ("log", "finite"),
    [
        (b'{"step":1,"loss":3.5}\n{"step":2,"loss":2.5}\n{"note":"end"}\n', 1.0),
        (b'{"step":1,"loss":NaN}\n', 0.0),
        (b'{"step":1,"loss":3.5}\n{"step":2,"loss":NaN}\n', 0.0),
        (b'{"step":1,"loss":null}\n', 0.0),
        (b'{"step":1}\n', 0.0),
        (b"<Output object at 0x7f>\n", 0.0),
        (b"", 0.0),
    ],
)
def test_losses_are_finite_only_where_there_are_some(
    tmp_path: Path, log: bytes, finite: float
) -> None:
    """F11."""
    found = measure("training-log", written(tmp_path / "log", log))
    assert found["losses_finite"] == finite
    if finite:
        assert (found["steps"], found["first_loss"], found["last_loss"]) == (2, 3.5, 2.5)


def test_an_evaluation_tells_n_and_its_interval(tmp_path: Path) -> None:
    """F23."""
    told = {
        "n": 9,
        "base": {"nll": 3.0},
        "tuned": {"nll": 2.0},
        "delta": -1.0,
        "ci95": [-1.5, -0.5],
    }
    assert measure("evaluation", written(tmp_path / "e", orjson.dumps(told))) == {
        "n": 9,
        "base_nll": 3,
        "tuned_nll": 2,
        "delta": -1,
        "ci_low": -1.5,
        "ci_high": -0.5,
        "opens": 1,
    }
    for broken in (b"{}", b"x", orjson.dumps(told | {"n": None}), orjson.dumps(told | {"ci95": 1})):
        assert measure("evaluation", written(tmp_path / "e", broken)) == {"opens": 0}


def test_weights_are_opened_and_every_number_looked_at(tmp_path: Path) -> None:
    """F11: an adapter without weights is none."""
    torch = pytest.importorskip("torch")
    save_file = pytest.importorskip("safetensors.torch").save_file
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "config.json").write_bytes(b"{}")
    assert measure("adapter", tmp_path / "a")["tensors_finite"] == 0
    assert measure("base-model", tmp_path / "a")["tensors_finite"] == 1  # it names a model only
    save_file({"w": torch.ones(2, 2)}, tmp_path / "a" / "adapter.safetensors")
    found = measure("adapter", tmp_path / "a")
    assert (found["files"], found["tensors"], found["tensors_finite"]) == (2, 1, 1)
    save_file({"w": torch.tensor([1.0, float("nan")])}, tmp_path / "a" / "more.safetensors")
    assert measure("adapter", tmp_path / "a")["tensors_finite"] == 0
    (tmp_path / "a" / "more.safetensors").write_bytes(b"torn")
    assert measure("adapter", tmp_path / "a")["tensors_finite"] == 0


def test_an_empty_list_of_exclusions_has_zero_rows(tmp_path: Path) -> None:
    assert measure("exclusions-jsonl", written(tmp_path / "x", b"")) == {"rows": 0}
    assert measure("exclusions-jsonl", written(tmp_path / "x", b"{}\n{}\n")) == {"rows": 2}


@pytest.mark.parametrize(
    ("kind", "data", "opens"),
    [
        ("report", b"# Title\n", 1),
        ("report", b" \n", 0),
        ("report", b"\xff", 0),
        ("plot", b"<?xml?><svg></svg>\n", 1),
        ("plot", b"<svg>torn", 0),
        ("plot", b"PNG", 0),
    ],
)
def test_a_page_and_a_picture_open_or_do_not(
    tmp_path: Path, kind: str, data: bytes, opens: float
) -> None:
    found = measure(kind, written(tmp_path / "x", data))
    assert found == {"bytes": len(data), "opens": opens}


def test_an_unknown_kind_has_a_size_and_a_missing_artifact_is_an_error(tmp_path: Path) -> None:
    """F4."""
    assert measure("poem", written(tmp_path / "x", b"12345")) == {"bytes": 5}
    for kind in [*KINDS, "poem"]:
        with pytest.raises(InputMissing):
            measure(kind, tmp_path / "gone")
