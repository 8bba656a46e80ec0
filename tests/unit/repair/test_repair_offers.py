"""What is offered for each rule, and what may be chosen."""

import pytest

from crewboard.errors import ArgumentsInvalid
from crewboard.tools.audit.rules import RULES
from crewboard.tools.repair import offers, repair
from crewboard.tools.repair.mender import ORDER
from crewboard.tools.repair.offers import UNREADABLE, Action, fix_of


def test_there_is_an_offer_for_every_rule_of_the_audit() -> None:
    assert set(offers()) == set(RULES)
    assert all(Action.DROP in offer.actions for offer in offers().values())


def test_what_can_be_reconstructed_is_mended_in_a_line_or_in_its_turn() -> None:
    mended = {rule for rule, offer in offers().items() if offer.reconstruct}
    assert mended - UNREADABLE == set(ORDER)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_action_that_is_offered_can_be_chosen(rule: str) -> None:
    for action in offers()[rule].actions:
        assert fix_of(rule, action).rule == rule


REFUSED = [
    ("no-such-rule", "drop"),
    ("email", "reconstruct"),  # a person's data is not made up
    ("duplicate-key", "reconstruct"),  # which value has to be said
    ("duplicate-key", "reconstruct:first+last"),
    ("bad-utf8", "reconstruct:ebcdic"),
    ("bad-utf8", "leave"),  # a line that is no row is never kept
    ("unknown-role", "drop:quietly"),
    ("unknown-role", "mend"),
    ("duplicate", "drop"),  # only a whole audit sees it: its findings are needed
]


@pytest.mark.parametrize(("rule", "action"), REFUSED)
def test_what_is_not_offered_is_refused(rule: str, action: str) -> None:
    with pytest.raises(ArgumentsInvalid):
        repair.parse({"data": "a.jsonl", "fixes": {rule: action}})


def test_a_repair_of_nothing_is_refused() -> None:
    with pytest.raises(ArgumentsInvalid):
        repair.parse({"data": "a.jsonl", "fixes": {}})


def test_an_alias_leads_to_a_role() -> None:
    with pytest.raises(ArgumentsInvalid, match="boss is no role"):
        repair.parse(
            {"data": "a", "fixes": {"unknown-role": "reconstruct"}, "aliases": {"x": "boss"}}
        )
