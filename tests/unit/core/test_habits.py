"""How people answer, and the rule that is proposed where they nearly always answer the same."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import move_clock, open_ledger, question, start

from crewboard.coordination import decisions, tasks
from crewboard.coordination.deciding.habits import Habit, habits
from crewboard.coordination.decisions import DENY, Answer, Option
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.settings import Settings

RULES = Rulebook("ada")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def answer(ledger: Ledger, choices: list[str], minutes: float = 10, **more: Any) -> None:
    goal = start(ledger)
    options = (Option("run", "", 1_500_000), Option("smaller", ""))
    for number, choice in enumerate(choices):
        with ledger.write() as tx:
            asked = decisions.ask(tx, question(goal, action=number, options=options, **more))
        move_clock(ledger, minutes=minutes)
        with ledger.write() as tx:
            decisions.answer(tx, asked.id, Answer(choice, "human:ada", "cli"))


def of(ledger: Ledger, rules: Rulebook = RULES) -> list[Habit]:
    with ledger.read() as tx:
        return habits(decisions.everything(tx), rules)


def test_it_counts_by_kind_how_many_how_fast_and_how_often_yes(ledger: Ledger) -> None:
    answer(ledger, ["run", "smaller", DENY, "run"], minutes=10)
    answer(ledger, ["run"], minutes=60, kind="delete")
    with ledger.write() as tx:
        goal = tasks.goals(tx)[0]
        rules = replace(RULES, policies=[Policy("p", "spend", "run", 9_000_000)])
        rules.ask(tx, question(goal, action="by a rule"))
        RULES.ask(tx, question(goal, action="waits"))
    spend, delete = of(ledger)
    assert (spend.kind, spend.asked, spend.waiting) == ("spend", 6, 1)
    assert (spend.by_humans, spend.by_rules, spend.approved) == (4, 1, 3)
    assert (spend.approval_rate, spend.seconds) == (0.75, 600.0)
    assert (delete.approval_rate, delete.seconds) == (1.0, 3600.0)


@pytest.mark.parametrize(
    ("choices", "more", "proposed"),
    [
        (["run"] * 20, {}, True),
        (["run"] * 19, {}, False),  # too few
        (["run"] * 19 + [DENY], {}, False),  # 95 %, and over it is asked for
        (["run"] * 39 + [DENY, "run"], {}, True),
        (["run"] * 10 + ["smaller"] * 10, {}, False),  # always yes, and not always the same
        ([DENY] * 20, {}, False),
        (["run"] * 20, {"kind": "waiver"}, False),  # no rule may
    ],
)
def test_a_rule_is_proposed_where_people_nearly_always_choose_the_same(
    ledger: Ledger, choices: list[str], more: dict[str, Any], *, proposed: bool
) -> None:
    answer(ledger, choices, **more)
    assert bool(of(ledger)[0].rule) == proposed


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, needs=[("spend", 2)]),
        replace(RULES, policies=[Policy("there already", "spend", "run")]),
    ],
)
def test_no_rule_is_proposed_against_the_rules(ledger: Ledger, rules: Rulebook) -> None:
    answer(ledger, ["run"] * 20)
    assert of(ledger, rules)[0].rule == ""


def test_the_proposal_can_be_pasted_and_goes_no_further_than_people_went(
    ledger: Ledger, tmp_path: Path
) -> None:
    answer(ledger, ["run"] * 20 + ["smaller"], kind='of "kinds"')
    text = of(ledger)[0].rule
    (tmp_path / "crewboard.toml").write_text(text)
    [policy] = Settings.load(tmp_path / "crewboard.toml").rulebook().policies
    assert (policy.kind, policy.choose, policy.max_cost) == ('of "kinds"', "run", 1_500_000)
    assert not policy.reversible_only
    assert tomllib.loads(text)["policies"][0]["per_crew_day"] == 20
    assert text.startswith("# 20 of 21 answers were 'run'")
