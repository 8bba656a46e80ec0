import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from unit.tools.data_rows import chat, made, run, write_rows

from crewboard.canonical import sha256_file
from crewboard.errors import ArgumentsInvalid, InputMissing, InputUnreadable
from crewboard.tools.audit import audit
from crewboard.tools.contract import Produced, publish
from crewboard.tools.report import report
from crewboard.tools.report.evidence import Evaluation, Source
from crewboard.tools.report.page import escaped
from crewboard.tools.report.plot import tuned_interval

EVALUATION = {
    "n": 120,
    "base": {"nll": 4.25},
    "tuned": {"nll": 3.5},
    "delta": -0.75,
    "ci95": [-0.8125, -0.6875],
}


def evidence(folder: Path, **changed: Any) -> dict[str, Any]:
    """A finished run's artifacts in `folder`, as the report's arguments."""
    name = write_rows(folder / "data.jsonl", [chat("a"), chat("a"), chat("b", "")])
    outcome = run(audit, folder, "audit", data=name)
    produced = Produced(audit, {}, {}, seed=7)
    (manifest,) = publish(outcome, produced, folder / "made", folder)
    (folder / "evaluation.json").write_bytes(orjson.dumps(EVALUATION | changed))
    write_rows(folder / "log.jsonl", ({"step": i, "loss": 5.0 - i / 10} for i in range(1, 11)))
    return {
        "title": "A run",
        "audit": manifest.path,
        "training_log": "log.jsonl",
        "evaluation": "evaluation.json",
        "manifests": [f"{manifest.path}.manifest.json"],
    }


def page_of(folder: Path, arguments: dict[str, Any]) -> str:
    return made(run(report, folder, **arguments), "report").read_text()


def test_every_number_stands_with_the_artifact_that_it_comes_from(tmp_path: Path) -> None:
    """F23, F26: n and an interval, and numbers out of artifacts only."""
    text = page_of(tmp_path, evidence(tmp_path))
    assert "| 4.2500 | 3.5000 | -0.7500 | -0.8125 to -0.6875 |" in text
    assert "On 120 held-out rows" in text
    assert "5.0000" not in text
    assert "4.9000 at first, 4.0000 at last" in text
    assert "| duplicate | high | 1 | 33.33% | 0.00% |" in text
    assert "| audit | 3 | 0 | 3 | none |" in text
    for name in ("evaluation.json", "log.jsonl"):
        assert f"{escaped(name)} ({sha256_file(tmp_path / name)[:8]})" in text


def test_the_picture_is_linked_by_the_name_that_publishing_gives_it(tmp_path: Path) -> None:
    outcome = run(report, tmp_path, **evidence(tmp_path))
    publish(outcome, Produced(report, {}, {}, seed=0), tmp_path / "published", tmp_path)
    (page,) = (tmp_path / "published").glob("report.*.md")
    link = re.search(r"!\[[^\]]*\]\(([^)]*)\)", page.read_text())
    assert link is not None
    assert (tmp_path / "published" / link[1]).is_file()


def test_the_same_evidence_gives_the_same_bytes(tmp_path: Path) -> None:
    arguments = evidence(tmp_path)
    one, two = (run(report, tmp_path, out, **arguments) for out in ("one", "two"))
    for name in ("report", "plot"):
        assert made(one, name).read_bytes() == made(two, name).read_bytes()


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        ({"steps_planned": 10}, "10 done of 10 planned, as planned"),
        ({"steps_planned": 500}, "10 done of 500 planned, **not as planned**"),
        ({}, "how many were planned is not stated"),
    ],
)
def test_planned_steps_are_set_against_those_done(
    tmp_path: Path, measured: dict[str, int], told: str
) -> None:
    """F23."""
    arguments = evidence(tmp_path)
    manifest = orjson.loads((tmp_path / arguments["manifests"][0]).read_bytes())
    manifest |= {"kind": "training-log", "measured": measured}
    (tmp_path / "log.manifest.json").write_bytes(orjson.dumps(manifest))
    assert told in page_of(tmp_path, arguments | {"manifests": ["log.manifest.json"]})


def test_an_interval_that_holds_zero_is_called_no_difference(tmp_path: Path) -> None:
    """F23."""
    assert "no difference is shown" in page_of(tmp_path, evidence(tmp_path, ci95=[-0.1, 0.1]))
    assert "no difference is shown" not in page_of(tmp_path, evidence(tmp_path))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_interval_is_drawn_around_the_tuned_value_however_it_was_taken(sign: int) -> None:
    ends = sorted((sign * -0.8, sign * -0.6))
    source = Source("e", "0" * 64)
    found = Evaluation(source, 9, base=4.0, tuned=3.3, delta=sign * -0.7, low=ends[0], high=ends[1])
    assert tuned_interval(found) == pytest.approx((3.2, 3.4))


@pytest.mark.parametrize("missing", [["evaluation"], ["training_log"], ["audit"]])
def test_a_report_without_one_of_its_parts_still_stands(tmp_path: Path, missing: list[str]) -> None:
    arguments = {k: v for k, v in evidence(tmp_path).items() if k not in missing}
    assert page_of(tmp_path, arguments).startswith("# A run\n")


def test_a_report_on_data_alone_draws_its_findings(tmp_path: Path) -> None:
    arguments = evidence(tmp_path)
    outcome = run(report, tmp_path, title="T", audit=arguments["audit"])
    assert made(outcome, "plot").read_bytes().rstrip().endswith(b"</svg>")


def test_text_out_of_artifacts_forges_no_structure(tmp_path: Path) -> None:
    arguments = evidence(tmp_path) | {"title": "x\n# Forged\n![a](http://e) $\\frac{1}{2} | <b>"}
    text = page_of(tmp_path, arguments)
    assert text.count("\n# ") == 0
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert "![a]" not in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evaluation", b'{"n": 3}'),
        ("evaluation", b"not json"),
        ("evaluation", b"[]"),
        ("training_log", b'{"step": 1, "loss": null}\n'),
        ("training_log", b'{"step": 1}\n'),
        ("training_log", b"repr(object)\n"),
        ("audit", b'{"rules": 3}'),
        ("manifests", b"{}"),
    ],
)
def test_evidence_that_does_not_hold_stops_the_report(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """F11: losses that are none, or an object's repr, are no evidence."""
    (tmp_path / "bad").write_bytes(content)
    bad: Any = ["bad"] if name == "manifests" else "bad"
    with pytest.raises(InputUnreadable, match="bad"):
        run(report, tmp_path, title="T", **{name: bad})


def test_evidence_that_is_not_there_stops_the_report(tmp_path: Path) -> None:
    """F4."""
    with pytest.raises(InputMissing):
        run(report, tmp_path, title="T", evaluation="gone.json")
    with pytest.raises(ArgumentsInvalid):
        run(report, tmp_path, title="")
