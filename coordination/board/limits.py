"""Columns by the words that people use for them, and how many cards each may hold.

[board]
wip = {"In Progress" = 3, Blocked = 5}
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crewboard.coordination.board.card import Column
from crewboard.coordination.board.headings import Place, read_heading
from crewboard.errors import ConfigInvalid
from crewboard.memory.markdown import Kind, Line

_COLUMN, _INBOX = 2, 3


def place_named(words: str) -> Place | None:
    """The column that a heading of these words opens, or the inbox ("waiting on ada decisions")."""
    title = " ".join(words.split())
    levels = (_INBOX, _COLUMN) if "decision" in title.casefold() else (_COLUMN,)
    lines = (Line(title, None, Kind.HEADING, level=level, title=title) for level in levels)
    return next(filter(None, map(read_heading, lines)), None)


def limits_of(wip: Mapping[str, Any]) -> dict[Column, int]:
    """{column: how many cards at most}; ValueError for what is no column, or no number of cards."""
    found: dict[Column, int] = {}
    for words, most in wip.items():
        place = place_named(words)
        if place is None or place.owner:
            raise ValueError(f"{words!r} is no column of the board")
        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise ValueError(f"the limit of {words!r} is a whole number from 1 on")
        found[place.column] = most
    return found


def read_limits(config: Path) -> dict[Column, int]:
    """The limits of crewboard.toml, without reading the rest of it. ConfigInvalid."""
    try:
        table = tomllib.loads(config.read_text("utf-8")).get("board", {})
        return limits_of(table.get("wip", {}) if isinstance(table, dict) else {})
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigInvalid(path=config, where="opening it", reason=error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigInvalid(path=config, where="its syntax", reason=error) from None
    except (ValueError, AttributeError) as error:
        raise ConfigInvalid(path=config, where="board.wip", reason=error) from None
