"""Rules that answer without asking: no beats yes, caps end them, and every answer names its rule."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.core.books import kinds, move_clock, open_ledger, question, start

from crewboard.coordination.deciding.caps import Caps
from crewboard.coordination.decisions import DENY, Decision, Option
from crewboard.coordination.ledger import Ledger
from crewboard.coordination.policy import Policy, Rulebook
from crewboard.coordination.settings import Settings
from crewboard.coordination.tasks import Task
from crewboard.errors import ConfigInvalid

USD = 1_000_000
RUN = Policy("runs", "spend", "run", max_cost=2 * USD)
RULES = Rulebook("ada", policies=[RUN])


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path)


def ask(
    ledger: Ledger, goal: Task, number: int, rules: Rulebook = RULES, cost: int = USD
) -> Decision:
    options = (Option("run", "it trains", cost),)
    with ledger.write() as tx:
        return rules.ask(tx, question(goal, action=number, options=options))


def answered(ledger: Ledger, goal: Task, rules: Rulebook, count: int = 4, **more: Any) -> int:
    return sum(not ask(ledger, goal, n, rules, **more).waiting for n in range(count))


@pytest.mark.parametrize(
    "policies",
    [
        [RUN, Policy("never", "spend", DENY)],  # whichever stands first
        [Policy("never", "spend", DENY), RUN],
        [RUN, Policy("never", "spend", DENY, max_cost=0, reversible_only=True)],
    ],
)
def test_a_rule_that_denies_beats_all_that_allow(ledger: Ledger, policies: list[Policy]) -> None:
    denied = ask(ledger, start(ledger), 1, replace(RULES, policies=policies))
    assert (denied.state, denied.decided_by) == ("rejected", "policy:never")


def test_an_answer_names_its_rule_and_how_often_that_has_answered(ledger: Ledger) -> None:
    goal = start(ledger)
    notes = [ask(ledger, goal, number).note for number in range(2)]
    assert notes == [f"rule 'runs' of crewboard.toml, answer {n} by it" for n in (1, 2)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (RULES, 4),
        (replace(RULES, policies=[replace(RUN, max_cost=USD - 1)]), 0),  # of one action
        (replace(RULES, policies=[replace(RUN, per_goal_day=3)]), 3),
        (replace(RULES, policies=[replace(RUN, per_crew_day=2)]), 2),
        (replace(RULES, caps=Caps(goal_day=3 * USD)), 3),
        (replace(RULES, caps=Caps(goal_day=3 * USD - 1)), 2),  # never beyond it
        (replace(RULES, caps=Caps(crew_day=USD)), 1),
        (replace(RULES, caps=Caps(crew_day=0)), 0),
    ],
)
def test_a_cap_ends_what_rules_answer_until_the_next_day(
    ledger: Ledger, rules: Rulebook, expected: int
) -> None:
    goal = start(ledger)
    assert answered(ledger, goal, rules) == expected
    move_clock(ledger, days=1)
    assert answered(ledger, goal, rules) == min(4, 2 * expected)


@pytest.mark.parametrize(
    ("rules", "of_other"),
    [
        (replace(RULES, policies=[replace(RUN, per_goal_day=1)]), 1),
        (replace(RULES, policies=[replace(RUN, per_crew_day=1)]), 0),
        (replace(RULES, caps=Caps(goal_day=USD)), 1),
        (replace(RULES, caps=Caps(crew_day=USD)), 0),
    ],
)
def test_a_goal_has_its_own_day_and_the_crew_has_one_for_all(
    ledger: Ledger, rules: Rulebook, of_other: int
) -> None:
    assert answered(ledger, start(ledger), rules) == 1
    assert answered(ledger, start(ledger), rules) == of_other


def test_what_is_capped_says_so_once_and_is_a_humans(ledger: Ledger) -> None:
    goal, rules = start(ledger), replace(RULES, caps=Caps(crew_day=0))
    for _ in range(3):
        held = ask(ledger, goal, 1, rules)
    assert held.remark is not None
    assert (
        held.remark.says
        == "rule 'runs' answers no more today: rules may allow 0.0000 USD a day in all"
    )
    assert kinds(ledger).count("decision.capped") == 1


CONFIG = """
[board]
carries = ["duplicates"]
[caps]
goal_day_usd = 1.5
[[approvers]]
kind = "plan"
who = ["ada", "bob", "cy"]
needs = 2
[[delegations]]
from = "ada"
to = "bob"
kinds = ["plan"]
until = 2027-01-01T00:00:00Z
[[policies]]
name = "d"
kind = "duplicates"
choose = "drop"
per_goal_day = 1
"""


def test_crewboard_toml_says_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "crewboard.toml").write_text(CONFIG)
    rules = Settings.load(tmp_path / "crewboard.toml").rulebook()
    assert rules.carries == ("duplicates",)
    assert rules.caps == Caps(goal_day=1_500_000)
    assert (rules.rights.needed("plan"), rules.rights.needed("spend")) == (2, 1)
    assert rules.delegations[0].until == "2027-01-01T00:00:00.000Z"
    assert rules.policies == (Policy("d", "duplicates", "drop", per_goal_day=1),)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ('[board]\ncarries = ["waiver"]', "no tick answers waiver"),
        ('[[approvers]]\nkind = "plan"\nwho = ["ada"]\nneeds = 2', "needs 2 of 1"),
        ('[[approvers]]\nkind = "plan"\nwho = ["ada", "ada"]\nneeds = 2', "needs 2 of 1"),
        (
            '[[delegations]]\nfrom = "a"\nto = "b"\nkinds = ["*"]\nuntil = 2027-01-01T00:00:00Z',
            "name the kinds",
        ),
        (
            '[[delegations]]\nfrom = "a"\nto = "a"\nkinds = ["x"]\nuntil = 2027-01-01T00:00:00Z',
            "to themselves",
        ),
        (
            '[[delegations]]\nfrom = "a"\nto = "b"\nkinds = ["x"]\nuntil = 2027-01-01T00:00:00',
            "timezone",
        ),
        ('[[delegations]]\nfrom = "a"\nto = "b"\nkinds = ["x"]', "required"),
    ],
)
def test_rules_that_promise_what_they_cannot_hold_stop_the_start(
    tmp_path: Path, config: str, reason: str
) -> None:
    (tmp_path / "crewboard.toml").write_text(config)
    with pytest.raises(ConfigInvalid, match=reason):
        Settings.load(tmp_path / "crewboard.toml")
