import asyncio

import pytest

from crewboard.tools.generate.admission import Admission, Pace


class _Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def _gate(most: int = 32, start: int = 8) -> tuple[Admission, _Clock]:
    clock = _Clock()
    return Admission(
        Pace(most, start, base_s=1.0, cap_s=60.0, jitter=lambda top: top), clock
    ), clock


def test_answers_add_one_call_a_round_and_a_refusal_halves() -> None:
    """F23: concurrency is found out, per provider, and never passes its bound."""
    gate, _ = _gate(most=10, start=4)
    for _ in range(4):
        gate.went_well()
    assert 4.9 < gate.limit < 5.01
    gate.halve(0)
    assert 2.4 < gate.limit < 2.6
    for _ in range(200):
        gate.went_well()
    assert gate.limit == 10


def test_a_burst_of_refusals_counts_once() -> None:
    gate, _ = _gate(start=16, most=16)
    for _ in range(10):
        gate.slow_down(0, None)  # all of them were admitted before the first
    assert gate.limit == 8
    gate.slow_down(1, None)
    assert gate.limit == 4


def test_the_limit_never_falls_below_one_call() -> None:
    gate, _ = _gate(start=1)
    for number in range(5):
        gate.halve(number)
    assert gate.limit == 1


@pytest.mark.parametrize(
    ("asked", "paused"),
    [
        (None, 1.0),  # the growing pause of our own
        (7.0, 7.0),  # what was asked for, where that is longer
        (0.2, 1.0),  # never shorter than our own
        (900.0, 60.0),  # up to the cap
    ],
)
def test_a_pause_is_the_longer_of_what_was_asked_and_what_grows(
    asked: float | None, paused: float
) -> None:
    gate, _ = _gate()
    assert gate.pause(asked) == paused


def test_nobody_is_admitted_while_the_gate_is_closed_nor_beyond_its_limit() -> None:
    async def scene() -> list[str]:
        gate, clock = _gate(start=2, most=2)
        told: list[str] = []

        async def call(name: str) -> None:
            async with gate.slot():
                told.append(name)
                await asyncio.sleep(0)

        async with gate.slot(), gate.slot():
            late = asyncio.create_task(call("third"))
            for _ in range(5):
                await asyncio.sleep(0)
            assert told == []
        await late
        gate.slow_down(0, 0.01)
        closed = asyncio.create_task(call("after the pause"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert told == ["third"]
        clock.at = 100.0
        await closed
        assert gate.peak == 2
        return told

    assert asyncio.run(scene()) == ["third", "after the pause"]
