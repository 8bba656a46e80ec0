"""Figures of flow, computed by hand and from a ledger's real events."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from unit.views.scenes import UNPAID, Scene

from crewboard.clock import stamp
from crewboard.coordination.board.chart import svg
from crewboard.coordination.board.flow import Spread, Stage, Track, days, flow, tracks
from crewboard.coordination.ledger import Event
from crewboard.coordination.tasks import State

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday


def hours(count: float) -> datetime:
    return START + timedelta(hours=count)


def event(kind: str, at: float, task: str, /, **data: object) -> Event:
    return Event(1, stamp(hours(at)), kind, "lead", "g1", task, data, "", "")


def way(task: str, *moves: tuple[float, str], kind: str = "work") -> list[Event]:
    """A card's events: created with the first, moved by the others; `FAILED` and such by name."""
    (born, _), *rest = moves
    created = event("task.created", born, task, kind=kind, title=f"Do {task}", role="executor")
    return [created, *(event("task.moved", at, task, state=s, waits=None) for at, s in rest)]


def board(*ways: Iterable[Event]) -> list[Track]:
    return tracks(sorted((e for each in ways for e in each), key=lambda e: e.at))


QUICK = way("t1", (0, ""), (1, "WORKING"), (3, "COMPLETED"))
SLOW = way("t2", (0, ""), (10, "WORKING"), (20, "FAILED"), (44, "WORKING"), (50, "COMPLETED"))
OPEN = way("t3", (2, ""), (40, "WORKING"))
GONE = way("t4", (2, ""), (5, "CANCELED"))
GOAL = way("g1", (0, ""), (1, "WORKING"), kind="goal")


def test_times_are_what_the_events_say() -> None:
    found = flow(board(QUICK, SLOW, OPEN, GONE, GOAL), START, hours(60))
    assert found.cycle == Spread(2, 21.0, 40.0), "2 h and 40 h"
    assert found.lead == Spread(2, 26.5, 50.0), "3 h and 50 h"
    assert found.blocked == Spread(1, 24.0, 24.0)
    assert found.done == 2
    assert found.wip == 1
    assert found.wip_average == pytest.approx((2 + 10 + 6 + 20) / 60)
    (aging,) = found.aging
    assert (aging.id, aging.stage, aging.age, aging.blocked) == ("t3", Stage.IN_PROGRESS, 58.0, 0.0)


def test_a_window_cuts_what_lies_before_it() -> None:
    found = flow(board(QUICK, SLOW, OPEN), hours(30), hours(60))
    assert found.done == 1
    assert found.cycle == Spread(1, 40.0, 40.0), "whole, though it began before"
    assert found.blocked.median == 14.0, "of the 24 h, those within"
    assert found.wip_average == pytest.approx((6 + 20) / 30)


def test_waiting_on_a_person_outside_is_blocked_and_a_decision_is_not() -> None:
    """AUTH_REQUIRED waits for an answer: it stands in progress, in the inbox."""
    held = [
        *way("t1", (0, ""), (1, "WORKING")),
        event("task.moved", 2, "t1", state="AUTH_REQUIRED", waits="decision:d1"),
        event("task.moved", 5, "t1", state="INPUT_REQUIRED", waits="human"),
        event("task.moved", 9, "t1", state="WORKING", waits=None),
    ]
    (track,) = board(held)
    assert [stage for _, stage in track.moves] == [
        Stage.BACKLOG, Stage.IN_PROGRESS, Stage.BLOCKED, Stage.IN_PROGRESS,
    ]  # fmt: skip
    assert track.time_in(Stage.BLOCKED, START, hours(20)) == timedelta(hours=4)


def test_throughput_is_counted_back_from_now() -> None:
    ended = [way(f"t{n}", (0, ""), (1, "WORKING"), (24 * n, "COMPLETED")) for n in (1, 2, 8, 9, 13)]
    found = flow(board(*ended), START, hours(24 * 14))
    assert found.per_week == (2, 3)
    assert flow(board(*ended), START, hours(24 * 15)).per_week == (1, 2, 2)


SPREADS = [
    ([], Spread(0, None, None)),
    ([4.0], Spread(1, 4.0, 4.0)),
    ([1.0, 3.0], Spread(2, 2.0, 3.0)),
    (list(map(float, range(100, 0, -1))), Spread(100, 50.5, 85.0)),  # of 100 the 85th smallest
]


@pytest.mark.parametrize(("values", "expected"), SPREADS)
def test_the_middle_and_the_85th_of_a_hundred(values: list[float], expected: Spread) -> None:
    assert Spread.of(values) == expected


def test_an_empty_ledger_has_no_figures_and_no_days() -> None:
    found = flow([], START, hours(1))
    assert (found.done, found.wip, found.wip_average, found.aging) == (0, 0, 0.0, ())
    assert days([], START) == []


def test_a_clock_that_ran_backwards_gives_no_negative_time() -> None:
    found = flow(tracks(way("t1", (5, ""), (3, "WORKING"), (1, "COMPLETED"))), hours(0), hours(9))
    assert found.cycle == Spread(1, 0.0, 0.0)
    assert found.wip_average == 0.0


def test_each_day_counts_every_card_once() -> None:
    found = days(board(QUICK, SLOW, OPEN, GONE), hours(24 * 3))
    assert [str(day.day) for day in found] == [
        "2026-11-02",
        "2026-11-03",
        "2026-11-04",
        "2026-11-05",
    ]
    first, second, third, _ = found
    assert first.counts == {Stage.DONE: 1, Stage.IN_PROGRESS: 1, Stage.BACKLOG: 1, Stage.GONE: 1}
    assert second.counts[Stage.BLOCKED] == 1
    assert third.counts[Stage.DONE] == 2
    assert [day.scope for day in found] == [3, 3, 3, 3]


def test_the_ledgers_own_events_are_read(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    step = scene.step(scene.goal(), "mix")
    scene.move(step, State.WORKING)
    scene.move(step, State.FAILED, reason=UNPAID)
    with scene.ledger.read() as tx:
        events = [Event.of(row) for row in tx.run("events_after", seq=0, count=100)]
    (track,) = tracks(events)
    assert [stage for _, stage in track.moves] == [Stage.BACKLOG, Stage.IN_PROGRESS, Stage.BLOCKED]
    assert [t.kind for t in tracks(events, ("goal",))] == ["goal"]


def test_the_chart_is_one_safe_svg_of_the_same_bytes() -> None:
    found = days(board(QUICK, SLOW, OPEN, GONE), hours(72))
    text = svg(found, "<script>alert(1)</script> & co")
    assert svg(found, "<script>alert(1)</script> & co") == text
    ET.fromstring(text)  # well-formed
    for never in ("<script", "http:", "href", "url("):
        assert never not in text.replace("http://www.w3.org/2000/svg", "")
    assert "2 Done, 0 Blocked, 1 In Progress, 0 Backlog" in text, "for who cannot see it"
    assert text.count("<polyline") == 3
    assert text.count("<polygon") == 4


def test_the_lines_of_the_chart_stay_within_it() -> None:
    many = [way(f"t{n}", (n, ""), (n + 1, "WORKING"), (n + 9, "COMPLETED")) for n in range(200)]
    text = svg(days(board(*many), hours(600)), "many")
    numbers = [
        tuple(map(float, pair.split(",")))
        for points in re.findall(r'points="([^"]+)"', text)
        for pair in points.split()
    ]
    assert all(0 <= x <= 720 and 0 <= y <= 280 for x, y in numbers)


def test_one_day_is_a_chart_too() -> None:
    ET.fromstring(svg(days(board(QUICK), hours(5)), "one day"))
