"""The scanner agrees with markdown-it-py on what stands at the top level of a document."""

import random
import re
from itertools import islice
from pathlib import Path

import pytest

from crewboard.memory.markdown import Kind, scan

markdown_it = pytest.importorskip("markdown_it", reason="needs markdown-it-py, of the dev extra")

FOUNDING = Path(__file__).resolve().parents[3] / ".." / "shared" / "founding"
DOCUMENTS = 3000
SEED = 20261121
LEADS = ["", "", "", "", " ", "  ", "   ", "    ", "\t", "  \t", "     ", "> ", ">", "- ", "1. "]
FRAGMENTS = [
    *(
        "",
        "",
        "",
        " ",
        "text",
        "lazy words",
        "- a",
        "* b",
        "+ c",
        "-",
        "*",
        "- ",
        "-   wide",
        "-\tt",
    ),
    *(
        "1. one",
        "2. two",
        "10) ten",
        "1.",
        "3)",
        "-x",
        "1.x",
        "# one",
        "## two ##",
        "### #",
        "###",
        "# x #y",
        "#no",
        "# a # b ##",
    ),
    *("####### seven", "---", "***", "- - -", "===", "--", "=", "_ _ _", "```", "````", "~~~"),
    *("``` info", "``` a`b", "~~~ `x`", "<!-- a", "-->", "<!-- a -->", "<div>", "</div>", "<b>"),
    *("<pre>", "</pre>", "<?x", "?>", "<!X", "<![CDATA[", "]]>", "> q", "> - q", ">", "> ```"),
    *(
        "- ```",
        "- # h",
        "- - c",
        "- 1. d",
        "- > e",
        "1. - f",
        "|a|b|",
        "|-|-|",
        "- [ ] box",
        "- [x] y",
    ),
    *("a <!-- b", "&nbsp;", "é\u2028", "\\- not", "- \ttab", "-     code", "`code", "<a href='x'>"),
]
"""Lines that mean one thing alone and another one below what stands above them."""

MARKER = re.compile(r"( {0,3}(?:[-*+]|\d+[.)]))(?: +|\Z)")


Shown = tuple[list[tuple[int, int]], list[tuple[int, int, str]]]
"""The spans of top-level items, without the blank lines behind them; and headings: line, level, words."""


def shown(text: str) -> Shown:
    lines = text.split("\n")
    items, headings = [], []
    tokens = markdown_it.MarkdownIt("commonmark").parse(text)
    for at, token in enumerate(tokens):
        if token.type == "list_item_open" and token.level == 1:
            start, end = token.map
            while end > start + 1 and not lines[end - 1].strip(" \t"):
                end -= 1
            items.append((start, end))
        if token.type == "heading_open" and token.level == 0 and token.markup.startswith("#"):
            words = " ".join(tokens[at + 1].content.split())
            headings.append((token.map[0], len(token.markup), words))
    return items, headings


def scanned(text: str) -> Shown:
    document = scan(text.encode())
    kinds = [(n, line) for n, line in enumerate(document.lines)]
    items = [(n, document.block_end(n)) for n, line in kinds if line.kind is Kind.ITEM]
    headings = [(n, line) for n, line in kinds if line.kind is Kind.HEADING]
    return items, [(n, line.level, " ".join(line.title.split())) for n, line in headings]


def documents(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    made = (
        "\n".join(dice.choice(LEADS) + dice.choice(FRAGMENTS) for _ in range(dice.randint(1, 9)))
        for _ in iter(int, 1)
    )
    return list(islice((text for text in made if not departs(text)), count))


def departs(text: str) -> bool:
    """Whether markdown-it departs from CommonMark (and from cmark) here: below an item whose content
    begins past column 4, or below a quote, a line at column 4 or further does not go on with a
    paragraph."""
    widest = 0
    for line in text.expandtabs(4).split("\n"):
        column = len(line) - len(line.lstrip(" "))
        if 4 <= column < widest:
            return True
        if re.match(r" {0,3}>", line):
            widest = len(line) + 99
        elif marker := MARKER.match(line):
            widest = max(widest, marker.end(), marker.end(1) + 1)
    return False


def test_items_and_headings_are_those_of_markdown_it() -> None:
    wrong = [text for text in documents(DOCUMENTS, SEED) if shown(text) != scanned(text)]
    assert wrong == []


@pytest.mark.parametrize(
    "name", ["board.md", "board.mojibake.md", "research-todo.md", "week2-status.md"]
)
def test_founding_documents_read_as_markdown_it_reads_them(name: str) -> None:
    path = FOUNDING / name
    if not path.exists():
        pytest.skip("the founding documents are not here")
    text = path.read_text(encoding="utf-8")
    assert shown(text) == scanned(text)
