"""What the crew did not write survives every rendering, byte for byte."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.board.boards import ANSWER, DROP, FOUNDING, GENERATE, MIXED, NOW, TRAINING, VIEW

from crewboard.coordination.board import Column, render_into
from crewboard.coordination.board.render import _shut_in, home_of
from crewboard.coordination.board.survey import Survey
from crewboard.memory.markdown import scan

LATER = replace(
    VIEW,
    synced=NOW + timedelta(hours=5),
    cards=(
        replace(MIXED, column=Column.WITHDRAWN),
        replace(TRAINING, column=Column.DONE, status="671 steps"),
        replace(GENERATE, column=Column.BACKLOG, blocker=None),
    ),
    decisions=(replace(DROP, answer=ANSWER),),
)
OWN_HEADINGS = {"## " + column.value for column in Column} | {
    "### 👇 Waiting on petrarch decisions"
}
OWN = re.compile(
    r"[-*+] (?:\[[ x]\] )?(?:🧭 |✅ |~~)?\*\*.*\^(?:t41x9|t41xa|t7k2m|d7k2m)\Z"
    r"|  - (?:📎|📌|🤖|🚫|👤|🔁|🔑|⏳|🧭|❓|⏰|💬) \w+: .*"
    r"|  - \[.\] \*\*(?:drop|keep)\*\*.*"
    r"|_Last synced: .*_|<!-- -->|"
)

PIECES = st.sampled_from(
    [
        *("# Board", "## Done", "## ✅ Done", "## 🔨 In Progress", "  ## Backlog", "### group"),
        *("## Blocked ##", "### 👇 Waiting on Petrarch decisions", "#### deep", "## 📝 Notes"),
        *(
            "- human card",
            "* other bullet",
            "1. first",
            "  - child",
            "\t- tab child",
            "- [x] ticked",
        ),
        *("text", "lazy text", "    indented code", "   three", "---", "***", "===", "> quote"),
        *("```", "~~~", "   ```", "  ```python", "````", "- ```", "<!--", "-->", "<!-- a -->"),
        *("<pre>", "</pre>", "  <!-- in", "<?php", "title: x", "| a | b |", "<div>"),
        *("_Last synced: 2026-02-21 21:00 ET (nightly review)_", "_Last synced: soon_"),
        *("- **Mix stage 1** — edited by hand ^t41x9", "- **Reworded** ^t41x9", "- see ^t41x9"),
        *(
            "- **Train on the mix** — running · @executor ^t41xa",
            "- 🧭 **Drop the 30 empty rows?** ^d7k2m",
        ),
        *(
            "  - [x] **drop**: unblocks",
            "  - [ ] mine",
            "  - 📎 evidence: old",
            "",
            "",
            " ",
            "é\u2028x",
        ),
    ]
)
ENDINGS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\r\n"])
BOARDS = st.builds(
    lambda bom, rows, open_end: (
        bom + "".join(text + end for text, end in rows) + open_end
    ).encode(),
    st.sampled_from(["", "", "\ufeff"]),
    st.lists(st.tuples(PIECES, ENDINGS), max_size=24),
    st.sampled_from(["", "", "no newline", "```", "- item"]),
)
ANY_BYTES = st.binary(max_size=80) | st.text(max_size=80).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)


def foreign(data: bytes) -> list[str]:
    """The lines of a board that are nobody's but the people's, without their endings."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = re.split(r"\r\n|\n|\r", text)
    return [x for x in lines if not OWN.fullmatch(x) and x not in OWN_HEADINGS and x.strip()]


@settings(max_examples=600, deadline=None)
@given(BOARDS | ANY_BYTES)
@example(b"## Done\n   ```\nopen")
@example(b"## Done\n- human\n   ```\n_Last synced: 2026-02-21 21:00 UTC_\n")
@example(b"---\n- **Mix stage 1** ^t41x9\n---\n")
def test_rendering_twice_is_rendering_once(data: bytes) -> None:
    once = render_into(data, VIEW)
    assert render_into(once, VIEW) == once
    later = render_into(once, LATER)
    assert render_into(later, LATER) == later


@settings(max_examples=600, deadline=None)
@given(BOARDS)
def test_every_line_of_other_people_survives(data: bytes) -> None:
    """F1, F3: neither a rendering nor a card's whole life takes a line that people wrote."""
    once = render_into(data or b"\n", VIEW)
    assert sorted(foreign(once)) == sorted(foreign(data))
    assert sorted(foreign(render_into(once, LATER))) == sorted(foreign(data))


@settings(max_examples=600, deadline=None)
@given(BOARDS | ANY_BYTES)
def test_every_card_stands_in_its_place_whatever_stood_there(data: bytes) -> None:
    """F6: and in no other, unless people copied it."""
    survey = Survey.of(scan(render_into(data, VIEW)))
    shut_in = _shut_in(Survey.of(scan(data)))
    for card in (each for each in VIEW.all_cards if each.id not in shut_in):
        assert home_of(card) in {found.place for found in survey.cards[card.id]}


@settings(max_examples=400, deadline=None)
@given(ANY_BYTES.filter(lambda data: b"Last synced" not in data))
def test_bytes_that_are_no_board_stay_in_one_piece(data: bytes) -> None:
    """Invalid UTF-8, control bytes, anything: what is added stands between whole lines."""
    added = render_into(data or b"\n", VIEW).decode("utf-8", "surrogateescape")
    position = 0
    for line in scan(data).lines:
        found = added.find(line.text, position)
        assert found >= 0
        position = found + len(line.text)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_cards_that_read_as_they_should_cost_no_byte(ending: str) -> None:
    board = render_into(b"", VIEW).replace(b"\n", ending.encode())
    assert render_into(board, VIEW) == board


def test_a_rendering_adds_lines_of_the_kind_that_the_file_has() -> None:
    board = render_into("\ufeff# B\r\n\r\n## Done\r\n- old".encode(), VIEW)
    assert board.startswith(b"\xef\xbb\xbf# B\r\n")
    assert board.count(b"\n") == board.count(b"\r\n")
    assert not board.endswith(b"\n")


@pytest.mark.parametrize("name", ["board.md", "board.mojibake.md", "week2-status.md"])
def test_a_founding_board_keeps_all_its_bytes(name: str) -> None:
    """F1, F3: real boards, damaged headings included; nothing is repaired, nothing reordered."""
    path = FOUNDING / name
    if not path.exists():
        pytest.skip("the founding documents are not beside this checkout")
    before = path.read_bytes()
    after = render_into(before, VIEW)
    rest = iter(after.splitlines(keepends=True))
    kept = [line for line in before.splitlines(keepends=True) if b"_Last synced" not in line]
    assert all(line in rest for line in kept)
    assert render_into(after, VIEW) == after


def test_a_damaged_heading_is_left_as_it_is_and_opens_its_column() -> None:
    damaged = "## ✅ Done\n- old card\n".encode().decode("mac-roman").encode()
    after = render_into(damaged, VIEW)
    assert damaged in after
    assert "## ✅ Done" not in after.decode()
    assert damaged + "- **Mix stage 1** — @executor ^t41x9\n".encode() in after
