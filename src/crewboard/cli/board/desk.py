"""What the verbs of the board have in common: where it lies, what is on it, and which card is meant."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli.options import find_workspace

if TYPE_CHECKING:
    from crewboard.coordination.board.headings import Place
    from crewboard.coordination.board.outline import Item, Outline
    from crewboard.coordination.board.store import BoardStore
    from crewboard.coordination.workspace import Workspace


@dataclass(frozen=True)
class Desk:
    """A workspace's board, under the hands of whoever typed the command."""

    place: "Workspace"

    @classmethod
    def at(cls, given: Path | None) -> "Desk":
        """The workspace named after the verb, else after `board`, else as everywhere."""
        return cls(find_workspace(given or _before("workspace")))

    @property
    def store(self) -> "BoardStore":
        from crewboard.coordination.board.store import BoardStore

        return BoardStore(self.place.board, self.place.state, self.place.root)

    @property
    def archive_lock(self) -> Path:
        return self.place.state / "archive.lock"

    def bytes(self) -> bytes:
        """What lies there (`board_bytes`)."""
        from crewboard.cli.showing import board_bytes

        return board_bytes(self.place)

    def by(self) -> str:
        """Who changes the board: the human who is logged in. NotPermitted for a process of an agent's
        job, which has tools of its own."""
        import os

        from crewboard.coordination.workspace import human
        from crewboard.errors import NotPermitted

        if os.environ.get("CREWBOARD_AGENT"):
            raise NotPermitted(
                agent="A process of an agent's job (CREWBOARD_AGENT is set)",
                what="change the board",
                reason="only the crew and people do",
            )
        return human()


def wants_json(given: bool) -> bool:  # noqa: FBT001 - one fact
    """`--json` after the verb, or after `board`."""
    return given or bool(_before("as_json"))


def find_place(outline: "Outline", given: str) -> "Place | str":
    """The column that `given` names in any of the words for it, else the lane of that title, which has
    to be there. UnknownName."""
    from crewboard.coordination.board.limits import place_named
    from crewboard.errors import UnknownName

    place = place_named(given)
    titles = {lane.title.casefold(): lane.title for lane in outline.lanes}
    found = place or titles.get(" ".join(given.split()).casefold())
    if found is None:
        known = (
            ", ".join(titles.values())
            or "none yet; Backlog, In Progress, Blocked, Done can be made"
        )
        raise UnknownName(kind="lane", name=given, known=known)
    return found


def card_facts(outline: "Outline", item: "Item") -> dict[str, Any]:
    """A card as `--json` tells it; `line` counts from 1."""
    column = outline.column(item)
    return {
        "id": item.id,
        "title": item.title,
        "lane": outline.lane_title(item),
        "group": item.group,
        "column": column.name.lower() if column else None,
        "box": item.box,
        "struck": item.struck,
        "line": item.start + 1,
        "text": clean("\n".join(outline.text(item))),
    }


def clean(text: str) -> str:
    """Text for JSON: a byte that is not UTF-8 becomes the sign for it."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _before(name: str) -> Any:
    """What was given to `board` itself, before the verb."""
    context = click.get_current_context(silent=True)
    above = context.parent if context else None
    return above.params.get(name) if above and above.info_name == "board" else None
