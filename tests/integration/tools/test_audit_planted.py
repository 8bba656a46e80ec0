"""The benchmark's corpus, small: all that was planted is found, where it was planted, and no more."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from small_corpus import corpus_of

from crewboard.tools.audit import parallel, read
from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.work import Wanted, audit_files

pytest.importorskip("numpy")
pytest.importorskip("pycld2")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    return corpus_of(tmp_path_factory.mktemp("planted"), 12_000_000, seed=3)


def audited(path: Path, folder: Path, processes: int = 1) -> tuple[dict[str, Any], list[Any]]:
    config = AuditConfig(max_words=3000)
    with (folder / "found.jsonl").open("wb") as sink:
        report = audit_files(Wanted((path,), config, near=True, processes=processes), sink=sink)
    return report, [
        orjson.loads(line) for line in (folder / "found.jsonl").read_bytes().splitlines()
    ]


def test_every_planted_fault_is_found_and_nothing_else(
    corpus: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """F19, F20: recall and precision are measured, class by class."""
    path, manifest = corpus
    report, findings = audited(path, tmp_path)
    found: dict[str, set[int]] = {}
    for each in findings[:-1]:
        found.setdefault(each["rule"], set()).add(each["line"])
    planted = {rule: set(lines) for rule, lines in manifest["planted"].items()}
    planted["tool-unanswered"] = planted.get("tool-unanswered", set()) | planted.get(
        "tool-stray-answer", set()
    )
    pairs = manifest["near"]
    near = found.pop("near-duplicate")
    assert found == {k: v for k, v in planted.items() if v and not k.startswith("decoy")}
    assert {second for _, second, share in pairs if share >= 0.7} <= near
    copies = planted["cross-agent-reuse"] | planted.get("duplicate-stripped", set())
    assert near - copies - planted.get("duplicate-answer", set()) <= {b for _, b, _ in pairs}
    assert not near & {second for _, second, share in pairs if share < 0.7}
    assert report["data"]["rows"] == manifest["rows"]
    assert report["data"]["sha256"] == manifest["sha256"]


def test_every_finding_leads_to_its_line_in_the_file(
    corpus: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, _ = corpus
    data = path.read_bytes()
    _, findings = audited(path, tmp_path)
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    assert all(starts[each["line"] - 1] == each["offset"] for each in findings[:-1])


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_give_the_same_report(
    corpus: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    processes: int,
) -> None:
    path, _ = corpus
    (tmp_path / "one").mkdir()
    (tmp_path / "more").mkdir()
    alone, found = audited(path, tmp_path / "one")
    begun = []
    begin = parallel.Workers.begin
    monkeypatch.setattr(read, "WORTH_IT", 1_000_000)

    def noted(workers: parallel.Workers, span: Any) -> None:
        begun.append(span)
        begin(workers, span)

    monkeypatch.setattr(parallel.Workers, "begin", noted)
    together, more = audited(path, tmp_path / "more", processes)
    assert len(begun) == processes
    assert together == alone
    assert sorted(map(orjson.dumps, more)) == sorted(map(orjson.dumps, found))


def test_a_part_that_is_killed_fails_the_audit_and_leaves_nothing(
    corpus: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = corpus
    monkeypatch.setattr(read, "WORTH_IT", 1_000_000)
    begin = parallel.Workers.begin

    def begin_and_kill(workers: parallel.Workers, span: Any) -> None:
        begin(workers, span)
        workers._children[-1][1].kill()

    monkeypatch.setattr(parallel.Workers, "begin", begin_and_kill)
    from crewboard.errors import SelfCheckFailed

    with pytest.raises(SelfCheckFailed, match="ended with code -9"):
        audit_files(Wanted((path,), AuditConfig(), folder=tmp_path, processes=2))
    assert list(tmp_path.iterdir()) == []
