"""The scanner: lossless on any bytes, and right about blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crewboard.memory.markdown import Kind, Seen, indent, join, scan, unclosed


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_come_back(data: bytes) -> None:
    document = scan(data)
    assert join(document, list(document.lines)) == data


def kinds(text: str) -> str:
    """One letter a line: Heading, Item, Text, Opaque, blank "."; small when nested in an item."""
    letters = {Kind.HEADING: "H", Kind.ITEM: "I", Kind.TEXT: "T", Kind.OPAQUE: "O", Kind.BLANK: "."}
    return "".join(
        letters[line.kind].lower() if line.nested else letters[line.kind]
        for line in scan(text.encode()).lines
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\n## b ##\n####### c\n#d", "HHTT"),
        ("   ## three\n    ## four", "HT"),  # four columns are code
        ("- a\n* b\n+ c\n1. d\n2) e", "IIIII"),
        ("-a\n- ", "TT"),  # an underline: "-a" is a heading of its own kind
        ("- a\n  - b\n\tc\n\n  d\ne", "Itt.tt"),  # e goes on with the paragraph d
        ("- a\nlazy\n\nnot lazy", "It.T"),
        ("- a\n## h\n- b\n---\n- c\n> q", "IHITIT"),
        ("* * *\n- - -", "TT"),
        ("```\n## no\n- no\n```\n## yes", "OOOOH"),
        ("~~~ x\n```\n~~~", "OOO"),
        ("````\n```\n````", "OOO"),
        ("``` a ` b\n# h", "TH"),  # a backtick in the info string: no fence
        ("```\n    ```\n# no", "OOO"),  # too deep to close
        ("- a\n  ```\n  ## no\n  ```\n  b", "Iooot"),
        ("- a\n  ```\n## the item ends, and its fence", "IoH"),
        ("- ```\n  ## no\n  ```\n- b", "IooI"),
        ("<!-- a\n- no\n-->\n- yes", "OOOI"),
        ("<!-- a -->\n- yes", "OI"),
        ("<PRE>\n# no\n</pre>\n# yes", "OOOH"),
        ("a <!-- b\n- yes\n-->", "TIt"),  # inline: it ends with its paragraph
        ("---\na: 1\n---\n# h", "OOOH"),
        ("---\n# h\n---", "THT"),  # rules, not front matter
        ("---\na: 1\n# h", "TTH"),  # never closed
        ("\ufeff# h", "H"),
        ("a\x0bb\x85c\u2028d\n", "T"),  # characters, not line ends
        ("# a\r# b\r\n# c\n", "HHH"),
    ],
)
def test_a_line_is_what_commonmark_says(text: str, expected: str) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "tail"),
    [("a\n```\nb", 1), ("a\n```\nb\n```\n", 4), ("- a\n  ```\n  b", 3), ("```\n```\n~~~\n", 2)],
)
def test_what_nothing_closes_begins_the_tail(text: str, tail: int) -> None:
    assert scan(text.encode()).tail == tail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n```\n- b\n# c\n", "IOIH"),
        ("- a\n```\n- b\n```\n- c\n", "IOOOI"),  # it is closed
        ("```\n~~~\n- b\n", "OOI"),
        ("<!--\n- b\n", "OI"),
        ("- a\n  ```\n  b\n", "Ioo"),  # its item closes it
    ],
)
def test_what_nothing_closes_can_be_read_as_if_it_stood_open(text: str, expected: str) -> None:
    document = unclosed(scan(text.encode()))
    letters = (
        line.kind.name[0].lower() if line.nested else line.kind.name[0] for line in document.lines
    )
    assert "".join(letters) == expected
    assert join(document, [*document.lines]) == text.encode()


@given(
    st.lists(st.sampled_from(["```", "~~~", "<!--", "-->", "- a", "# b", "", "text"]), max_size=12)
)
def test_reading_it_so_loses_nothing_and_leaves_nothing_shut_in(lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    document = unclosed(scan(data))
    assert join(document, [*document.lines]) == data
    assert document.tail == len(document.lines)


def test_a_version_read_before_does_not_change_how_another_is_read() -> None:
    seen: Seen = {}
    scan(b"- a\n  ```\n  b\n  ```\n# c\n", seen)
    data = b"```\n  b\n# c\n"
    assert scan(data, seen) == scan(data)


def test_a_block_holds_what_is_nested_but_not_the_blank_lines_behind_it() -> None:
    document = scan(b"- a\n\n  b\n\n\n- c\n")
    assert document.block_end(0) == 3
    assert document.block_end(5) == 6


@pytest.mark.parametrize(("text", "columns"), [("a", 0), ("  a", 2), ("\ta", 4), ("  \ta", 4)])
def test_a_tab_reaches_the_next_stop(text: str, columns: int) -> None:
    assert indent(text) == columns
