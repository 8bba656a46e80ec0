"""What of a text is code."""

import pytest

from crewboard.tools.scrub.code import code_in, is_within

CASES = [
    ("no code", []),
    ("a `b` c", ["`b`"]),
    ("a ``b ` c`` d", ["``b ` c``"]),
    ("a `b", []),
    ("a `b\n\nc` d", []),  # a span ends with its paragraph
    ("```\nx\n```", ["```\nx\n```"]),
    ("~~~ py\nx\n~~~\ny", ["~~~ py\nx\n~~~"]),
    ("```py\nx\n````\ny", ["```py\nx\n````"]),
    ("````\n```\nx\n```\n````\ny", ["````\n```\nx\n```\n````"]),
    ("```\nx\n~~~\ny", ["```\nx\n~~~\ny"]),  # never closed
    ("- list\n    ```py\n    x\n    ```\n- y", ["    ```py\n    x\n    ```"]),
    ("> ```\n> x\n> ```\ny", ["> ```\n> x\n> ```"]),
    ("a `b` ```c``` d", ["`b`", "```c```"]),
    ("``` `x` is no fence", ["`x`"]),
    ("`a\n```\nb`\n```\nc", ["```\nb`\n```"]),  # no span reaches into a block
]


@pytest.mark.parametrize(("text", "code"), CASES)
def test_blocks_and_spans_are_code(text: str, code: list[str]) -> None:
    assert [text[start:end] for start, end in code_in(text)] == code


def test_a_million_backticks_are_looked_through_once() -> None:
    """Rows may be hostile: a search that starts anew at each backtick would not end."""
    code_in("`a ``b " * 100_000)
    code_in("```\n" * 100_000)


@pytest.mark.parametrize(
    ("span", "within"), [((2, 4), True), ((3, 4), True), ((2, 5), False), ((0, 1), False)]
)
def test_only_what_lies_wholly_in_code_is_code(span: tuple[int, int], *, within: bool) -> None:
    assert is_within(*span, [(2, 4), (7, 9)]) is within
