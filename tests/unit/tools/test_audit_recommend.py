"""What is recommended: ranked, costed, and typed as it can be run."""

import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from unit.tools.data_rows import Row, chat, write_rows

from crewboard.cli.data import data
from crewboard.tools.audit.config import AuditConfig, Balance
from crewboard.tools.audit.recommend import Action, recommend
from crewboard.tools.audit.rules import LEAK_EXACT, RULES, Severity
from crewboard.tools.audit.work import Wanted, audit_files

PLAN = {"easy": 0.3, "medium": 0.45, "hard": 0.25}


def report_on(folder: Path, rows: list[Row], **declared: Any) -> dict[str, Any]:
    write_rows(folder / "data.jsonl", rows)
    return audit_files(Wanted((folder / "data.jsonl",), AuditConfig(**declared)))


def off_plan(folder: Path, counts: dict[str, int], **more: Any) -> dict[str, Any]:
    rows = [
        chat(f"{level} {n}?", difficulty=level)
        for level, most in counts.items()
        for n in range(most)
    ]
    balance = Balance(plan=PLAN, tolerance=0.01)
    return report_on(folder, rows, balance={"difficulty": balance}, **more)


def parsed(action: Action) -> click.Context:
    """The context that the real command makes of it; a wrong option or value raises."""
    words = shlex.split(action.command)
    assert words[:2] == ["crewboard", "data"]
    verb = data.get_command(click.Context(data), words[2])
    assert verb is not None
    return verb.make_context(words[2], words[3:])


def everything_over(report: dict[str, Any]) -> dict[str, Any]:
    """The report as if every rule were broken twice, and more than tolerated."""
    rules = [{**rule, "count": 2, "over": True} for rule in report["rules"]]
    return {**report, "rules": rules}


def test_actions_are_ranked_costed_and_commands(tmp_path: Path) -> None:
    """F20: contacts are acted on at their sources."""
    source = {"file": "seed.jsonl", "line": 3}
    rows = [chat(f"{n} ann@quay-post.net", source=source) for n in range(3)]
    rows += [chat("a", ""), chat("b"), chat("b"), chat("TODO: c")]
    actions = recommend(report_on(tmp_path, rows))
    assert [action.command for action in actions] == [
        "crewboard data scrub data.jsonl --kind email --out scrubbed",
        "crewboard data dedup data.jsonl --key messages --policy drop --out deduped",
        "crewboard data repair data.jsonl --fix empty-content=reconstruct --out repaired",
        "crewboard data filter data.jsonl --keep-faulty --rule placeholder-text --out filtered",
    ]
    assert "(1 source rows)" in actions[0].why
    assert [(a.rows, a.mended) for a in actions] == [(0, 3), (1, 0), (0, 1), (1, 0)]
    assert recommend(report_on(tmp_path, [chat("a")])) == []


def test_every_recommended_command_is_one_that_the_command_line_takes(tmp_path: Path) -> None:
    report = everything_over(off_plan(tmp_path, {"easy": 9, "medium": 3, "hard": 1}))
    actions = recommend(report)
    told = {rule for action in actions for rule in action.rules}
    assert told == {*RULES, "balance.difficulty"}
    for action in actions:
        assert parsed(action).params["out"] is not None
    verbs = {shlex.split(action.command)[2] for action in actions}
    assert verbs == {"repair", "scrub", "dedup", "filter", "drop", "rebalance"}


def test_what_was_recommended_for_repair_is_offered(tmp_path: Path) -> None:
    from crewboard.tools.repair.offers import fix_of

    (action,) = [a for a in recommend(everything_over(off_plan(tmp_path, {"easy": 1, "hard": 1})))
                 if " repair " in a.command]  # fmt: skip
    for text in parsed(action).params["fixes"]:
        rule, _, fix = text.partition("=")
        fix_of(rule, fix)


def test_grave_rules_come_first_and_then_the_gain(tmp_path: Path) -> None:
    report = everything_over(off_plan(tmp_path, {"easy": 1, "hard": 1}))
    severities = {rule["id"]: rule["severity"] for rule in report["rules"]}
    order = [
        max((severities.get(rule, Severity.MEDIUM) for rule in a.rules), key=_weight)
        for a in recommend(report)
    ]
    assert order == sorted(order, key=_weight, reverse=True)
    one, *_ = recommend(report)
    assert one.mended + one.rows == max(a.mended + a.rows for a in recommend(report))


def _weight(severity: str) -> int:
    return ["low", "medium", "high"].index(severity)


def test_rows_of_a_leak_come_from_the_findings(tmp_path: Path) -> None:
    report = everything_over(off_plan(tmp_path, {"easy": 1, "hard": 1}))
    report["findings"] = "found it.jsonl"
    (action,) = [action for action in recommend(report) if action.rules == (LEAK_EXACT,)]
    assert parsed(action).params["findings"] == "found it.jsonl"


def test_a_balance_that_is_off_is_sampled_or_filled(tmp_path: Path) -> None:
    """F21: 60/30/10 instead of 30/45/25, and the cost of either way."""
    report = off_plan(tmp_path, {"easy": 60, "medium": 30, "hard": 10})
    sample, fill = sorted(recommend(report), key=lambda action: action.made)
    assert "hard 10.0% of 25.0%" in sample.why
    assert sample.rows == 100 - 40  # of 41 no whole number is 44 to 46 %
    assert shlex.split(sample.command)[2:4] == ["rebalance", "data.jsonl"]
    assert parsed(fill).params["by"] == "generating"
    assert fill.made == 94  # 60 rows of easy are 31 % of 194
    assert fill.usd is None


def test_a_label_without_any_row_can_only_be_made(tmp_path: Path) -> None:
    """F21: 798 easy, 535 medium, 0 hard."""
    (fill,) = recommend(off_plan(tmp_path, {"easy": 80, "medium": 53}))
    assert (fill.rows, fill.made > 0) == (0, True)


def test_rows_to_be_made_have_the_price_of_a_named_model(tmp_path: Path) -> None:
    report = off_plan(tmp_path, {"easy": 80, "medium": 53})
    (fill,) = recommend(report, "anthropic/claude-haiku-4-5")
    assert fill.usd is not None
    assert "anthropic/claude-haiku-4-5" in fill.why


@pytest.mark.parametrize("label", ["a,b", " a"])
def test_a_plan_that_no_option_can_say_gives_no_command(tmp_path: Path, label: str) -> None:
    rows = [chat(f"{n}", difficulty=label if n else "easy") for n in range(9)]
    plan = Balance(plan={label: 0.5, "easy": 0.5})
    actions = recommend(report_on(tmp_path, rows, balance={"difficulty": plan}))
    assert {action.command for action in actions} == {""}


def test_a_name_that_looks_like_an_option_stays_a_name(tmp_path: Path) -> None:
    write_rows(tmp_path / "--help.jsonl", [chat("a"), chat("a")])
    (action,) = recommend(audit_files(Wanted((tmp_path / "--help.jsonl",), AuditConfig())))
    assert parsed(action).params["files"] == ("./--help.jsonl",)


def test_of_several_files_only_what_takes_several_is_a_command(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_rows(tmp_path / f"{name}.jsonl", [chat("same"), chat(name, "")])
    report = audit_files(Wanted((tmp_path / "a.jsonl", tmp_path / "b.jsonl"), AuditConfig()))
    commands = {action.rules[0]: action.command for action in recommend(report)}
    assert commands["empty-content"] == ""
    assert commands["duplicate"].startswith("crewboard data dedup a.jsonl b.jsonl ")
