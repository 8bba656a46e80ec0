"""A provider's faults, each met by a whole crew: the goal that needs it stops where a person can see why,
another goal of the same crew is reached meanwhile, and the mended one goes on without paying twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from acceptance.aftermath import Aftermath
from acceptance.crew_driver import state_goal
from twins.desk import Manners, answers_from
from twins.faults import Fault, Faults
from twins.provider import ProviderTwin

from crewboard.agents.crew import Crew
from crewboard.agents.office import Office
from crewboard.canonical import sha256_file
from crewboard.clock import Clock, parse_stamp
from crewboard.coordination import budget, decisions, tasks
from crewboard.coordination.decisions import Answer
from crewboard.coordination.tasks import State, Task
from crewboard.coordination.workspace import Workspace

UNDERSTAND, PLAN = "Say in one sentence what is wanted", "Make the plan for the goal"
_SOUND = {UNDERSTAND: {"summary": "clean rows", "pipeline": "data"}, PLAN: {"pipeline": "data"}}
_KEYED = "idempotency = true"
_CONFIG = """
[crew]
name = "demo"
owner = "ada"
[limits]
retries = 1
[models]
base_url = "{url}"
key_variable = ""
price_in = 1.0
price_out = 2.0
deadline_s = 1.0
{models}
[[policies]]
name = "treatment"
kind = "data-treatment"
choose = "drop"
"""
_CEILING = 500_000


@dataclass
class House:
    """A workspace with two goals: `thinking` is planned by the twin's model, `plain` by rules."""

    root: Path
    twin: ProviderTwin
    thinking: str = ""
    plain: str = ""

    @classmethod
    def build(
        cls, folder: Path, twin: ProviderTwin, models: str = _KEYED, url: str = ""
    ) -> "House":
        rows = [{"prompt": f"What is {n} + 1?", "completion": f"It is {n + 1}."} for n in range(30)]
        source = folder / "raw.jsonl"
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
        workspace, _ = Workspace.init(folder / "crew", "ada")
        workspace.config.write_text(_CONFIG.format(url=url or twin.openai_url, models=models))
        house = cls(workspace.root, twin)
        data = {"sources": {str(source): sha256_file(source)}, "pipeline": None}
        ledger = workspace.ledger()
        house.thinking = state_goal(
            ledger, _goal("Clean the chat rows", data | {"model": "openai/planner"})
        )
        house.plain = state_goal(ledger, _goal("Clean the chat data", data | {"model": "rules"}))
        return house

    def work(self, clock: Clock | None = None, enough: Callable[[], bool] = lambda: False) -> None:
        """A new crew, until nothing moves without a human: what `resume` does."""
        workspace = Workspace(self.root)
        office = Office.open(workspace)
        if clock is not None:
            office = replace(office, ledger=workspace.ledger(clock))
        with Crew(office) as crew:
            crew.run(enough)

    def goal(self, goal: str = "") -> Task:
        with Workspace(self.root).ledger().read() as tx:
            return tasks.get(tx, goal or self.thinking)

    def money(self) -> budget.Budget:
        with Workspace(self.root).ledger().read() as tx:
            return budget.get(tx, f"goal:{self.thinking}")

    def asked(self) -> int:
        """How many requests for an answer the provider has seen."""
        return sum(seen.method == "POST" for seen in self.twin.seen)

    def mend(self) -> None:
        self.twin.desk.faults = Faults()
        self.twin.desk.manners = Manners(answers_from(_SOUND))

    def check_reached(self, charges: int) -> None:
        """The goal was reached, and its calls were paid so often, none of them twice."""
        after = Aftermath(self.root, self.twin.charges)
        after.check_life()
        assert self.goal().state is State.COMPLETED, self.goal().reason
        assert len(self.twin.charges) == charges
        assert self.money().reserved == 0


def _goal(text: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "data": data, "budget": _CEILING}


def _twin(folder: Path, *faults: Fault, answers: Any = None) -> ProviderTwin:
    return ProviderTwin(folder / "twin", Manners(answers or answers_from(_SOUND), faults))


@dataclass(frozen=True)
class Stop:
    """A fault that only a person or time can mend, and what is then to be read of the goal."""

    fault: Fault
    state: State
    cause: str
    needed: str
    requests: int
    charges: int = 0


_STOPS = {
    # an unpaid bill: one request, no pause, and not one more until somebody resumes
    "402": Stop(Fault("status", status=402), State.INPUT_REQUIRED, "HTTP 402", "resume", 1),
    "401": Stop(Fault("status", status=401), State.AUTH_REQUIRED, "HTTP 401", "resume", 1),
    # an outage: three tries, a pause, two more, and then the breaker keeps the crew from the sixth
    "500": Stop(Fault("status", status=500), State.INPUT_REQUIRED, "5 calls in a row", "again", 5),
    "529": Stop(Fault("status", status=529), State.INPUT_REQUIRED, "5 calls in a row", "again", 5),
    # answers without an end: charged once, since all tries bear one key
    "endless": Stop(Fault("trickle"), State.INPUT_REQUIRED, "5 calls in a row", "again", 5, 1),
}


@pytest.mark.parametrize("stop", _STOPS.values(), ids=_STOPS.keys())
def test_a_fault_stops_its_goal_with_a_reason_and_no_other(tmp_path: Path, stop: Stop) -> None:
    """F9: 401 and 402 are final, 5xx back off with a cap, and the breaker holds; no money is lost."""
    with _twin(tmp_path, stop.fault) as twin:
        house = House.build(tmp_path, twin)
        house.work()
        goal = house.goal()
        assert (goal.state, goal.waits) == (stop.state, "human")
        assert goal.reason is not None
        assert stop.cause in goal.reason.cause
        assert stop.needed in goal.reason.needed
        assert goal.reason.owner == "human, for openai"
        assert house.asked() == stop.requests
        assert house.money().spent == 0
        assert bool(house.money().reserved) == bool(stop.charges)  # unknown stays set aside
        assert len(twin.charges) == stop.charges
        assert house.goal(house.plain).state is State.COMPLETED

        house.mend()
        house.work()
        house.check_reached(charges=2)


def test_a_closed_port_is_an_outage_and_costs_nothing(tmp_path: Path) -> None:
    """F9: the crew goes on with what needs no provider, and with the rest once there is one."""
    with _twin(tmp_path / "first") as closed:
        port = closed.port
    with ProviderTwin(tmp_path / "never") as idle:
        house = House.build(tmp_path, idle, url=f"http://127.0.0.1:{port}/v1")
        house.work()
    assert house.goal().state is State.INPUT_REQUIRED
    assert house.money() == budget.Budget(f"goal:{house.thinking}", _CEILING, 0, 0)
    assert house.goal(house.plain).state is State.COMPLETED
    with ProviderTwin(tmp_path / "later", Manners(answers_from(_SOUND)), port=port) as opened:
        house.twin = opened
        house.work()
        house.check_reached(charges=2)


_PASSING = {
    # each struck once: the request is repeated or the answer repaired, within the same turn
    "429": (Fault("status", status=429, headers={"Retry-After": "1"}, times=1), 3, 2),
    "500": (Fault("status", status=500, times=1), 3, 2),
    "reset after the charge": (Fault("drop", times=1), 3, 2),
    "malformed": (Fault("malformed", times=1), 3, 3),
    "empty": (Fault("empty", times=1), 3, 3),
}


@pytest.mark.parametrize("kind", ["malformed", "empty", "blank"])
def test_an_answer_of_no_use_is_paid_once_where_no_key_helps(tmp_path: Path, kind: Any) -> None:
    """F9: it is in the journal too; whoever comes to the same question again finds it there."""
    with _twin(tmp_path, Fault(kind, times=1)) as twin:
        house = House.build(tmp_path, twin, models="")
        house.work()
        house.check_reached(charges=3)
        assert house.asked() == 3


@pytest.mark.parametrize(("fault", "requests", "charges"), _PASSING.values(), ids=_PASSING.keys())
def test_a_fault_that_passes_is_got_over_without_anybody(
    tmp_path: Path, fault: Fault, requests: int, charges: int
) -> None:
    """F9: an answer of no use is paid like any other, and counted."""
    with _twin(tmp_path, fault) as twin:
        house = House.build(tmp_path, twin)
        house.work()
        house.check_reached(charges)
        assert house.asked() == requests
        assert house.money().spent > 0


_WRONG_STEPS = {
    "no such tool": {"name": "one", "title": "One", "tool": "wizard"},
    "arguments that do not fit": {"name": "one", "title": "One", "tool": "ingest", "arguments": {"n": 1}},
    "no such step": {"name": "one", "title": "One", "tool": "audit",
                     "arguments": {"data": {"$artifact": "two.rows"}}},
}  # fmt: skip


@pytest.mark.parametrize("step", _WRONG_STEPS.values(), ids=_WRONG_STEPS.keys())
@pytest.mark.parametrize("model", ["stubborn", "docile"])
def test_a_plan_that_cannot_be_carried_out_is_repaired_twice_at_most(
    tmp_path: Path, step: dict[str, Any], model: str
) -> None:
    """F15: a plan is checked before anything runs; F16: what can never be repaired ends."""
    sound, wrong = answers_from(_SOUND), json.dumps({"steps": [step]})

    def answer(prompt: str) -> str:
        told = "cannot be used" in prompt and model == "docile"
        return wrong if PLAN in prompt and not told else sound(prompt)

    with _twin(tmp_path, answers=answer) as twin:
        house = House.build(tmp_path, twin)
        house.work()
        if model == "docile":
            house.check_reached(charges=3)
            return
        goal = house.goal()
        assert goal.state is State.FAILED
        assert goal.reason is not None
        assert "3 times" in goal.reason.cause
        assert len(twin.charges) == 4
        assert house.money().reserved == 0
        assert house.goal(house.plain).state is State.COMPLETED


@pytest.mark.parametrize("kind", ["malformed", "empty", "blank"])
def test_answers_that_never_are_of_use_end_the_goal_and_are_paid_for(
    tmp_path: Path, kind: Any
) -> None:
    """F9, F16, F22: asked three times and no more; what was charged is counted, nothing stays set aside."""
    with _twin(tmp_path, Fault(kind)) as twin:
        house = House.build(tmp_path, twin)
        house.work()
        goal = house.goal()
        assert goal.state is State.FAILED
        assert goal.reason is not None
        assert "3 times" in goal.reason.cause
        assert "another model" in goal.reason.needed
        assert house.asked() == len(twin.charges) == 3
        assert house.money().reserved == 0
        assert house.money().spent > 0
        assert house.goal(house.plain).state is State.COMPLETED


@pytest.mark.parametrize("choice", ["repeat", "skip"])
def test_a_lost_answer_that_nobody_can_ask_after_waits_for_a_human(
    tmp_path: Path, choice: str
) -> None:
    """F9, F22: it is never repeated in silence; until somebody answers, its money stays set aside."""
    with _twin(tmp_path, Fault("drop", times=1)) as twin:
        house = House.build(tmp_path, twin, models="")
        house.work()
        ledger = Workspace(house.root).ledger()
        with ledger.read() as tx:
            (asked,) = decisions.waiting(tx)
        goal = house.goal()
        assert (goal.state, goal.waits) == (State.AUTH_REQUIRED, f"decision:{asked.id}")
        assert house.asked() == len(twin.charges) == 1
        assert house.money().reserved == asked.cost > 0
        assert house.goal(house.plain).state is State.COMPLETED

        office = Office.open(Workspace(house.root))
        with ledger.write() as tx:
            office.rulebook.answer(tx, asked.id, Answer(choice, "human:ada", "cli"))
        house.work()
        assert house.goal().state is State.COMPLETED
        assert house.money().reserved == 0
        assert house.money().spent >= asked.cost  # what nobody knows counts as spent
        assert len(twin.charges) == (3 if choice == "repeat" else 2)


class _Later:
    """The system's clock, some time ahead."""

    def __init__(self, ahead: float) -> None:
        self._ahead = timedelta(seconds=ahead)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def test_a_long_retry_after_is_slept_in_the_ledger_and_not_in_a_thread(tmp_path: Path) -> None:
    """F9: the pause that a provider asks for is kept to the second, through a restart of the crew."""
    slow_down = Fault("status", status=429, headers={"Retry-After": "120"}, times=1)
    with _twin(tmp_path, slow_down) as twin:
        house = House.build(tmp_path, twin)
        house.work(enough=lambda: house.goal(house.plain).ended and house.goal().waits == "retry")
        goal = house.goal()
        assert goal.state is State.WORKING
        assert goal.not_before is not None
        pause = parse_stamp(goal.not_before) - parse_stamp(_moved(house, goal))
        assert pause == timedelta(seconds=120)
        assert house.money().reserved == 0
        house.work(_Later(60), enough=lambda: True)
        assert house.asked() == 1
        house.work(_Later(121))
        house.check_reached(charges=2)


def _moved(house: House, task: Task) -> str:
    events = Aftermath(house.root, ()).events
    return [e.at for e in events if e.task == task.id and e.kind == "task.moved"][-1]
