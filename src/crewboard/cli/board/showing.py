"""`crewboard board show`, `find`: the cards, lane by lane or by their words."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.board.desk import Desk, card_facts, clean, wants_json
from crewboard.cli.options import option, reading

if TYPE_CHECKING:
    from crewboard.coordination.board.card import Column
    from crewboard.coordination.board.outline import Item, Lane, Outline

_WIDTH = 100


@click.command
@option("--lane", metavar="LANE", help="Only this one: its column, or words of its heading.")
@reading
def show(workspace: Path | None, lane: str | None, *, as_json: bool) -> None:
    """The cards of each lane, and how many it may hold."""
    from crewboard.cli.terminal import document, line, out
    from crewboard.coordination.board.limits import read_limits
    from crewboard.coordination.board.outline import Outline

    desk = Desk.at(workspace)
    outline, limits = Outline.of(desk.bytes()), read_limits(desk.place.config)
    lanes = [_lane(outline, each, limits) for each in _chosen(outline, lane)]
    if wants_json(as_json):
        document({"path": str(desk.place.board), "lanes": lanes})
        return
    for each in lanes:
        out(f"{line(each['title'])} ({_fullness(each)})")
        for card in each["cards"]:
            out(f"  {_line(card)}")
    if not lanes:
        out("The board has no lane yet: a lane is a heading such as `## Backlog`.")


@click.command
@click.argument("words", nargs=-1, required=True)
@reading
def find(words: tuple[str, ...], workspace: Path | None, *, as_json: bool) -> None:
    """The cards that hold all of these WORDS, in their title or beneath it."""
    from crewboard.cli.terminal import document, line, out
    from crewboard.coordination.board.outline import Outline

    desk = Desk.at(workspace)
    outline = Outline.of(desk.bytes())
    wanted = [word.casefold().removeprefix("^") for each in words for word in each.split()]
    found = [card_facts(outline, item) for item in outline.items if _holds(outline, item, wanted)]
    if wants_json(as_json):
        document({"words": list(words), "cards": found})
        return
    for card in found:
        out(f"{line(card['lane'], 20):<20}  {_line(card)}  :{card['line']}")
    if not found:
        out("No card speaks of that.")


def _chosen(outline: "Outline", given: str | None) -> "list[Lane]":
    """All lanes, or those that `given` names. UnknownName."""
    from crewboard.coordination.board.limits import place_named
    from crewboard.errors import UnknownName

    if given is None:
        return list(outline.lanes)
    place = place_named(given)
    same = [lane for lane in outline.lanes if place and lane.place == place]
    words = given.casefold()
    found = same or [lane for lane in outline.lanes if words in lane.title.casefold()]
    if not found:
        known = ", ".join(lane.title for lane in outline.lanes) or "none yet"
        raise UnknownName(kind="lane", name=given, known=known)
    return found


def _lane(outline: "Outline", lane: "Lane", limits: "Mapping[Column, int]") -> dict[str, Any]:
    number = outline.lanes.index(lane)
    column = lane.place.column if lane.place else None
    return {
        "title": clean(lane.title),
        "column": column.name.lower() if column else None,
        "limit": limits.get(column) if column else None,
        "cards": [card_facts(outline, item) for item in outline.items if item.lane == number],
    }


def _fullness(lane: Mapping[str, Any]) -> str:
    count, limit = len(lane["cards"]), lane["limit"]
    if limit is None:
        return str(count)
    return f"{count} of {limit}{', over its limit' if count > limit else ''}"


def _line(card: Mapping[str, Any]) -> str:
    from crewboard.cli.terminal import line

    box = f"[{card['box']}] " if card["box"] is not None else ""
    name = f"  ^{line(card['id'])}" if card["id"] else ""
    return f"{box}{line(card['title'], _WIDTH)}{name}"


def _holds(outline: "Outline", item: "Item", words: list[str]) -> bool:
    text = "\n".join(outline.text(item)).casefold()
    return all(word in text for word in words)
