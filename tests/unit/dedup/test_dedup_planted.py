"""The benchmark's corpus, small: what was planted goes, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from small_corpus import corpus_of
from unit.tools.data_rows import made, read_rows, run

from crewboard.tools.audit.config import AuditConfig
from crewboard.tools.audit.work import Wanted, audit_files
from crewboard.tools.dedup import dedup

pytest.importorskip("numpy")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    return corpus_of(tmp_path_factory.mktemp("planted"), 8_000_000, seed=11)


def gone(folder: Path, out: str, **arguments: Any) -> dict[str, set[int]]:
    """The lines of copies that were dropped, by reason."""
    found: dict[str, set[int]] = {"duplicate": set(), "near-duplicate": set()}
    outcome = run(dedup, folder, out, data="corpus.jsonl", **arguments)
    for row in read_rows(made(outcome, "dropped")):
        if row["reason"] in found:
            found[row["reason"]].add(row["line"])
    return found


def test_planted_copies_go_and_no_other_row(planted: tuple[Path, dict[str, Any]]) -> None:
    """F19: recall and precision are measured on rows that are known."""
    path, manifest = planted
    exact, stripped = (set(manifest["planted"][n]) for n in ("duplicate", "duplicate-stripped"))
    reused = set(manifest["planted"]["cross-agent-reuse"])
    near = {copy for _, copy, jaccard in manifest["near"] if jaccard >= 0.7}
    assert min(map(len, (exact, stripped, reused, near))) > 1
    assert gone(path.parent, "exact")["duplicate"] == exact
    found = gone(path.parent, "near", key=["stripped"], near=0.7)
    assert found["duplicate"] == exact | stripped
    assert found["near-duplicate"] == near | reused  # the same turns under another system turn


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        ("messages", ["duplicate"]),
        ("stripped", ["duplicate", "duplicate-stripped"]),
    ],
)
def test_a_key_counts_what_the_audit_counts(
    planted: tuple[Path, dict[str, Any]], key: str, rules: list[str]
) -> None:
    path, _ = planted
    report = audit_files(Wanted((path,), AuditConfig()))
    counts = {rule["id"]: rule["count"] for rule in report["rules"]}
    found = gone(path.parent, f"as-{key}", key=[key])["duplicate"]
    assert len(found) == sum(counts[rule] for rule in rules)
