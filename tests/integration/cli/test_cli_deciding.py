"""The verbs of whoever decides: several approvals, always, alike, revoking, and how they answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crewboard.cli import deciding
from crewboard.coordination import decisions, tasks
from crewboard.coordination.decisions import Answer, Decision, Option, Question
from crewboard.coordination.tasks import NewTask
from crewboard.coordination.workspace import Workspace, human
from crewboard.errors import ApproverNotAllowed, DecisionUnanswerable, OptionInvalid

OPTIONS = (Option("drop", "they go"), Option("keep", "they stay"))
VERBS: dict[str, Any] = {
    "decisions": deciding.show,
    "approve": deciding.approve,
    "revoke": deciding.revoke,
}


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace.init(tmp_path / "w", "ada")[0]


def configure(place: Workspace, more: str) -> None:
    place.config.write_text(place.config.read_text() + more)


def ask(place: Workspace, action: Any = "rows", needs: int = 1, **more: Any) -> Decision:
    ledger = place.ledger()
    with ledger.write() as tx:
        goal = tasks.create(tx, NewTask("goal", "lead", "human:ada", "Clean", {"text": "Clean"}))
        asked = decisions.ask(tx, Question(
            "duplicates", goal.id, goal.id, "Drop them?", OPTIONS, action, "lead", "ada",
            needs=needs, **more,
        ))  # fmt: skip
    ledger.close()
    return asked


def run(place: Workspace, verb: str, *given: str) -> Result:
    """The verb as it is called; what it raises comes up."""
    found = CliRunner().invoke(
        VERBS[verb], [*given, "-C", str(place.root)], catch_exceptions=False, standalone_mode=False
    )
    assert found.exit_code == 0, found.output
    return found


def read(place: Workspace, *given: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(place, "decisions", *given, "--json").stdout)
    return told


def test_an_approval_of_several_is_counted_and_shown(place: Workspace) -> None:
    asked = ask(place, needs=2)
    told = run(place, "approve", asked.id, "--choose", "drop").stdout
    assert f"{human()} approves drop, 1 of 2: it waits for another" in told
    [waiting] = read(place)["decisions"]
    assert waiting["approvals"] == [
        {"by": human(), "on_behalf": None, "choice": "drop", "note": ""}
    ]
    assert "needs 2 approvals, has 1" in run(place, "decisions").stdout
    assert "your approval is withdrawn" in run(place, "revoke", asked.id, "--note", "no").stdout


def test_always_is_listed_used_and_taken_back(place: Workspace) -> None:
    asked = ask(place)
    always = ("--choose", "drop", "--always", "--until", "30d")
    run(place, "approve", asked.id, *always)
    [kept] = read(place, "--standing")["standing"]
    assert (kept["decision"], kept["choice"], kept["given_by"]) == (asked.id, "drop", human())
    assert (kept["alive"], kept["used"]) == (True, 0)
    assert human() in run(place, "decisions", "--standing").stdout
    told = run(place, "revoke", asked.id, "--standing", "--note", "enough").stdout
    assert "no longer answered for always" in told
    assert not read(place, "--standing")["standing"][0]["alive"]
    assert read(place, "--all")["decisions"][0]["choice"] == "drop"


@pytest.mark.parametrize(
    "given",
    [
        ("--always",),
        ("--until", "30d"),
        ("--always", "--until", "soon"),
        ("--always", "--until", "99999999999d"),
    ],
)
def test_always_needs_a_day_that_can_be_read(place: Workspace, given: tuple[str, ...]) -> None:
    asked = ask(place)
    with pytest.raises(OptionInvalid, match="--until"):
        run(place, "approve", asked.id, "--choose", "drop", *given)
    assert read(place)["decisions"][0]["state"] == "open"


def test_a_day_that_has_passed_answers_nothing_at_all(place: Workspace) -> None:
    asked = ask(place)
    with pytest.raises(DecisionUnanswerable, match="has passed"):
        run(place, "approve", asked.id, "--choose", "drop", "--always", "--until", "2020-01-01")
    assert read(place)["decisions"][0]["state"] == "open"


def test_what_asks_for_the_same_is_answered_at_once(place: Workspace) -> None:
    first, same, other = ask(place), ask(place), ask(place, "other rows")
    told = run(place, "approve", first.id, "--choose", "drop", "--alike").stdout
    assert (first.id in told, same.id in told, other.id in told) == (True, True, False)
    assert [each["id"] for each in read(place)["decisions"]] == [other.id]


def test_a_revoked_answer_is_asked_anew_and_stays_in_the_list(place: Workspace) -> None:
    asked = ask(place)
    run(place, "approve", asked.id, "--choose", "drop", "--note", "copies")
    told = run(place, "revoke", asked.id, "--note", "not yet").stdout
    assert f"{asked.id}: the answer drop is revoked" in told
    [again] = read(place)["decisions"]
    assert again["id"] in told
    everything = {each["id"]: each for each in read(place, "--all")["decisions"]}
    assert everything[asked.id]["revoked"]["note"] == "not yet"
    shown = run(place, "decisions", "--all").stdout
    assert f"revoked    {asked.id}" in shown
    assert "drop (copies)" in shown


@pytest.mark.parametrize("verb", ["approve", "revoke"])
def test_an_agents_job_answers_and_revokes_nothing(
    place: Workspace, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F18."""
    asked = ask(place)
    if verb == "revoke":
        run(place, "approve", asked.id, "--choose", "drop")
    monkeypatch.setenv("CREWBOARD_AGENT", "executor")
    given = ("--choose", "drop") if verb == "approve" else ("--note", "why")
    with pytest.raises(ApproverNotAllowed, match="agent"):
        run(place, verb, asked.id, *given)
    [now] = read(place, "--all")["decisions"]
    assert (now["state"], now["revoked"]) == ("open" if verb == "approve" else "answered", None)


def test_the_rules_bind_whoever_is_logged_in(place: Workspace) -> None:
    configure(place, '\n[[approvers]]\nkind = "duplicates"\nwho = ["somebody-else"]\n')
    asked = ask(place)
    with pytest.raises(ApproverNotAllowed):
        run(place, "approve", asked.id, "--choose", "drop")


def test_how_people_answer_becomes_a_rule_that_they_may_paste(place: Workspace) -> None:
    assert "Nothing was asked yet" in run(place, "decisions", "--stats").stdout
    for number in range(20):
        asked, ledger = ask(place, number), place.ledger()
        with ledger.write() as tx:
            decisions.answer(tx, asked.id, Answer("drop", "human:ada", "cli"))
        ledger.close()
    told = run(place, "decisions", "--stats").stdout
    assert "100%" in told
    assert 'choose = "drop"' in told
    [stats] = read(place, "--stats")["stats"]
    assert (stats["by_humans"], stats["approval_rate"]) == (20, 1.0)
    configure(place, "\n" + stats["rule"])
    assert read(place, "--stats")["stats"][0]["rule"] == ""


def test_a_terminal_is_steered_by_nobodys_words(place: Workspace) -> None:
    hostile = "\x1b]0;owned\x07 x"
    asked = ask(place, decides=hostile)
    run(place, "approve", asked.id, "--choose", "drop", "--note", hostile)
    run(place, "revoke", asked.id, "--note", hostile)
    for more in ("--all", "--stats", "--standing"):
        assert "\x1b" not in run(place, "decisions", more).stdout
