"""The fast look may suspect the innocent, and passes over nobody."""

import json

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.tools.test_pii_kinds import CASES

from crewboard.tools.pii import Screen, pii_in
from crewboard.tools.pii.find import RECOGNISERS
from crewboard.tools.pii.screen import PATTERNS, _re

SCREEN = Screen()


def plain() -> Screen:
    """The screen of an installation without google-re2."""
    screen = Screen()
    screen.engine = "re"
    screen._which = _re([*PATTERNS.values(), rb"\\u00[2-7]"])
    return screen


SCREENS = [SCREEN, plain()]
PIECES = st.sampled_from(
    [text for text, _ in CASES] + ["@", " ", "\n", "\u2013", "é", '"', "\\", "1"]
)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.engine)
@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=6).map("".join))
@example("x\nann@quay-post.net")
@example("\n212-736-5000")
def test_whatever_a_recogniser_finds_the_screen_suspects(screen: Screen, text: str) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    for raw in (orjson.dumps({"c": text}), json.dumps({"c": text}).encode()):
        suspected = screen.suspects(raw, data)
        for name, recognise in RECOGNISERS.items():
            assert name in suspected or not list(recognise(text))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.engine)
def test_an_escape_hides_nothing(screen: Screen) -> None:
    raw = rb'{"c": "ann\u0040quay-post.net"}'
    assert "email" in screen.suspects(raw, b"ann@quay-post.net")
    hidden = b'{"c": "' + b"".join(b"\\u%04x" % sign for sign in b"212-736-5000") + b'"}'
    assert "phone" in screen.suspects(hidden, b"212-736-5000")


def test_most_text_is_suspected_of_nothing() -> None:
    text = b'{"c": "The 3 dogs ran 12.5 km in 2026; it cost $4,000."}'
    assert SCREEN.suspects(text, text) == ()
    assert list(pii_in(text.decode())) == []
