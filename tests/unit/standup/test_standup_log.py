"""STANDUPS.md: newest on top, each part of a day once, and people's bytes as they are."""

from itertools import takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.coordination.reporting.standup_log import entries, with_entry

EVENING = "## 🌆 Evening Stand-up (2026-11-21)\n**qa:**\n- ✅ audited\n"
MORNING = "## 🌅 Morning Stand-up (2026-11-21)\nNothing moved since 2026-11-20 17:30 UTC.\n"
KEY = "standup 2026-11-21 evening"
FOUNDING = (
    "# Stand-ups\n\nWe write here at 9 and at 17.\n\n"
    "## 🌆 Evening Stand-up (2026-11-20)\n**Quimbot:**\n- ✅ Run 4 done\n**Next:**\n- Both: rest\n\n"
    "---\n\n## 🌆 Evening Stand-up (2026-11-20)\n**Petrarch:**\n- ❓ billing\n"
).encode()


def test_the_newest_stands_on_top_in_the_founding_format() -> None:
    log = with_entry(with_entry(b"", "standup 2026-11-21 morning", MORNING), KEY, EVENING)
    assert log.decode() == (
        "# Stand-ups\n\n"
        "## 🌆 Evening Stand-up (2026-11-21)\n<!-- standup 2026-11-21 evening -->\n**qa:**\n- ✅ audited\n"
        "\n---\n\n"
        "## 🌅 Morning Stand-up (2026-11-21)\n<!-- standup 2026-11-21 morning -->\n"
        "Nothing moved since 2026-11-20 17:30 UTC.\n"
    )


def test_an_entry_is_written_once_whatever_its_words() -> None:
    log = with_entry(FOUNDING, KEY, EVENING)
    assert with_entry(log, KEY, EVENING.replace("audited", "slept")) == log


def test_peoples_entries_of_the_same_evening_are_theirs_and_keep_nothing_out() -> None:
    """F3: both agents' stand-ups survive, under equal headings."""
    mine = FOUNDING.replace(b"2026-11-20", b"2026-11-21")
    log = with_entry(mine, KEY, EVENING)
    found = entries(log)
    assert [each.heading for each in found] == ["🌆 Evening Stand-up (2026-11-21)"] * 3
    assert [each.key for each in found] == [KEY, "", ""]
    assert log.startswith(b"# Stand-ups\n\nWe write here at 9 and at 17.\n\n## ")
    assert [each.line for each in found] == [5, 12, 20]


@pytest.mark.parametrize(
    "people",
    [
        b"no heading, no newline",
        b"# Log\r\n\r\n## \xf0\x9f\x8c\x86 Evening (2026-11-20)\r\n- mine\r\n",
        b"## Rules\n- be short\n",  # no date: nobody's entry
        b"\xef\xbb\xbf# BOM\n\xff\xfe bytes\n## 2026-01-01\n",
        b"# fence\n```\n## Evening (2026-11-20)\nopen to the end",
        b"---\ntags: x\n---\n# F\n",
        b"## (2026-11-20)\n<!-- standup 2026-11-20 evening\n-->\n",
        b"",
        b"\n\n\n",
    ],
)
def test_no_byte_of_people_changes(people: bytes) -> None:
    after = with_entry(people, KEY, EVENING)
    assert after.count(b"<!-- " + KEY.encode() + b" -->") == 1
    same = sum(
        1 for _ in takewhile(lambda both: both[0] == both[1], zip(people, after, strict=False))
    )
    assert after.endswith(people[same:]), "something was put in, at one place, and nothing else"


def test_an_entry_does_not_vanish_into_a_fence_that_nothing_closes() -> None:
    log = with_entry(b"# Log\n```\nopen to the end", KEY, EVENING)
    assert [each.key for each in entries(log)] == [KEY]
    assert log.endswith(b"```\nopen to the end")


@pytest.mark.parametrize("log", [b"", b"# Stand-ups\n", b"## Rules\n- no date\n"])
def test_a_log_without_entries_reads_empty(log: bytes) -> None:
    assert entries(log) == ()


@given(st.text(alphabet="#-`<> \r\nab(2026-1)é", max_size=200))
def test_any_text_of_people_is_found_again_line_by_line(text: str) -> None:
    people = text.encode()
    after = with_entry(people, KEY, EVENING).decode("utf-8", "surrogateescape")
    where = -1
    for line in (
        each for each in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if each
    ):
        where = after.find(line, where + 1)
        assert where >= 0, "a line of people is gone, or out of order"
    assert with_entry(after.encode(), KEY, EVENING) == after.encode()
