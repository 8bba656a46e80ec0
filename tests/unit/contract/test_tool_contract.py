"""What a tool is: typed arguments, a declared effect, and rows that add up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from crewboard.errors import ArgumentsInvalid, ConfigInvalid, RowsUnaccounted, UnknownName
from crewboard.tools.contract import (
    PURE,
    Arguments,
    Effect,
    EffectCall,
    EffectKind,
    InputPath,
    OnUnknown,
    Outcome,
    Registry,
    RowAccount,
    Tool,
    ToolContext,
    input_paths,
    installed_tools,
    tool,
)
from crewboard.tools.contract.bench import Bench
from crewboard.tools.contract.context import Performed


class ShoutArguments(Arguments):
    data: InputPath
    more: tuple[InputPath, ...] = ()
    other: InputPath | None = None
    others: list[InputPath] | None = None
    loud: int = Field(1, ge=1, le=3)
    name: str = "data/not-an-input.jsonl"
    names: tuple[str, ...] = ()


def shout(arguments: ShoutArguments, context: ToolContext) -> Outcome:
    return Outcome((), "nothing")


SHOUT = tool("shout", "Write in capitals.", produces={"rows": "rows-jsonl"})(shout)
PAID = Effect(EffectKind.KEYED, OnUnknown.RETRY, spends=True)


def test_the_decorator_makes_a_tool_of_a_function() -> None:
    assert isinstance(SHOUT, Tool)
    assert (SHOUT.name, SHOUT.arguments, SHOUT.effect) == ("shout", ShoutArguments, PURE)
    assert SHOUT.run is shout


def test_a_function_that_defers_its_annotations_is_a_tool_too() -> None:
    def late(arguments: "ShoutArguments", context: "ToolContext") -> "Outcome":
        return Outcome((), "nothing")

    assert tool("late", "", produces={})(late).arguments is ShoutArguments


def test_a_function_without_typed_arguments_is_no_tool() -> None:
    def untyped(arguments: Any, context: ToolContext) -> Outcome:
        return Outcome((), "nothing")

    with pytest.raises(TypeError, match="must be annotated"):
        tool("untyped", "", produces={})(untyped)


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        ({}, ["data: Field required"]),
        ({"data": "a", "loud": 9}, ["loud: Input should be less than or equal to 3"]),
        ({"data": "a", "volume": 1}, ["volume: Extra inputs are not permitted"]),
        ({"data": "a", "more": ["b", 3]}, ["more.1: Input should be a valid string"]),
        ({"loud": "x"}, ["data: Field required", "loud: Input should be a valid integer"]),
    ],
)
def test_each_fault_of_the_arguments_is_told_by_its_field(
    arguments: Mapping[str, Any], faults: list[str]
) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        SHOUT.parse(arguments)
    for fault in faults:
        assert fault in str(caught.value)


def test_arguments_are_frozen() -> None:
    parsed = SHOUT.parse({"data": "a"})
    with pytest.raises(ValueError, match="frozen"):
        parsed.data = "b"  # type: ignore[attr-defined]


def test_every_input_is_found_wherever_it_stands() -> None:
    parsed = SHOUT.parse(
        {"data": "a", "more": ["b", "c"], "other": "d", "others": ["e"], "names": ["no"]}
    )
    assert input_paths(parsed) == {
        "data": "a",
        "more.0": "b",
        "more.1": "c",
        "other": "d",
        "others.0": "e",
    }
    assert input_paths(SHOUT.parse({"data": "a"})) == {"data": "a"}


def test_a_paid_tool_that_nobody_can_estimate_is_refused() -> None:
    """F22: what may cost money says how much before it runs."""
    with pytest.raises(ValueError, match="shout spends, so it must estimate"):
        tool("shout", "", produces={}, effect=PAID)(shout)
    with pytest.raises(ValueError, match="must estimate"):
        Tool("shout", "", ShoutArguments, shout, {}, effect=PAID)
    assert tool("shout", "", produces={}, effect=PAID, estimate=lambda _: 5)(shout).effect is PAID


ALLOWED = {
    ("pure", "retry"),
    ("idempotent", "retry"),
    ("idempotent", "ask_human"),
    ("keyed", "retry"),
    ("keyed", "ask_human"),
    ("lookup", "lookup"),
    ("lookup", "ask_human"),
    ("at_most_once", "ask_human"),
}


@pytest.mark.parametrize("kind", EffectKind)
@pytest.mark.parametrize("policy", OnUnknown)
def test_an_effect_declares_only_what_its_kind_can_hold(
    kind: EffectKind, policy: OnUnknown
) -> None:
    if (kind, policy) in ALLOWED:
        assert Effect(kind, policy).on_unknown is policy
    else:
        with pytest.raises(ValueError, match=f"{kind} effects cannot {policy}"):
            Effect(kind, policy)


@pytest.mark.parametrize("harm", [{"spends": True}, {"deletes": True}])
def test_a_pure_effect_neither_spends_nor_deletes(harm: dict[str, bool]) -> None:
    with pytest.raises(ValueError, match="a pure effect"):
        Effect(EffectKind.PURE, OnUnknown.RETRY, **harm)


@pytest.mark.parametrize(
    ("account", "missing"),
    [
        (RowAccount(10, 10), 0),
        (RowAccount(43_170, 42_944, {"no-assistant": 226}), 0),
        (RowAccount(10, 12, {"long": 1}, made=3), 0),
        (RowAccount(43_170, 42_944), 226),
        (RowAccount(10, 11), -1),  # rows out of nowhere
        (RowAccount(10, 10, {"long": 1}), -1),
    ],
)
def test_every_row_is_accounted_for(account: RowAccount, missing: int) -> None:
    """F13: rows that were skipped in silence fail the tool."""
    if not missing:
        account.check("mix")
        return
    with pytest.raises(RowsUnaccounted, match=f"{missing} are unaccounted for"):
        account.check("mix")


def test_a_registry_knows_its_tools_by_name_and_refuses_two_of_one() -> None:
    registry = Registry([SHOUT])
    assert registry["shout"] is SHOUT
    assert (list(registry), len(registry), "shout" in registry) == (["shout"], 1, True)
    with pytest.raises(UnknownName, match=r"no tool named 'whisper'\. There are: shout"):
        registry["whisper"]
    with pytest.raises(ConfigInvalid, match="two tools bear this name"):
        Registry([SHOUT, SHOUT])


@pytest.mark.parametrize(
    "target", ["no.such.module:tool", "json:nothing", "json", "json:dumps", ":x", ""]
)
def test_a_tool_that_the_workspace_names_wrongly_is_a_fault_of_its_configuration(
    target: str,
) -> None:
    with pytest.raises(ConfigInvalid, match=r"crewboard\.toml is not valid"):
        installed_tools([target])


def test_the_workbench_journals_as_a_crew_does(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path / "out")
    calls: list[str] = []

    def act(key: str) -> Performed:
        calls.append(key)
        return Performed(len(calls))

    for step, value in (("a", 1), ("a", 1), ("b", 2)):
        assert bench.perform(EffectCall(step, "shout", PURE, {}), act) == value
    assert len(set(calls)) == len(calls) == 2
