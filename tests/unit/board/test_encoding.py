"""UTF-8 that was read as something else is seen, and mended only with the way back proved."""
# ruff: noqa: RUF001, RUF003 - text that was misread is what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.board.boards import FOUNDING

from crewboard.coordination.board.encoding import mend, misread, misread_again

GOOD = """# KANBAN.md — Board

## ✅ Done
- Café résumé, naïve, 15×15, ≥10 %, “quoted” it’s… 5 €

## 🔨 In Progress
- ⚠️ Привет, Ελλάδα, 日本語のテキスト, עברית שלום
"""
LEGIT = [
    "“État” — l’été d’été à l’école",  # a quote and an accent look like two bytes of another script
    "√π and √2 ≈ 1.41, ¬p",
    "« allé…”",
    "pâ…”",
    "MAÇÃ…",
    "50 √ó 3",  # could be 50 × 3: once is not enough
    "x ≈ 3 ¬ p, ∑ and ∏, © 2026 ®",
    "日本語のテキスト",
    "Привет, мир",
    "naïve – “quoted” — it’s… 5 €",
    "plain ASCII",
    "",
]
WRONG = ["mac_roman", "cp1252", "latin-1"]
MISREAD = [
    ("CafÃ© du monde", "Café du monde"),
    ("done â€” ok", "done — ok"),
    ("ðŸ”¨ In Progress", "🔨 In Progress"),
    ("‚úÖ Done", "✅ Done"),
    ("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет"),
    ("â\x9c\x85 Done", "✅ Done"),
    ("‚úÖ Done, real ✅ and é", "✅ Done, real ✅ and é"),  # only the part that is wrong
]


def confused(text: str, encoding: str) -> str:
    """What an editor shows that reads the file's bytes in a wrong encoding."""
    raw = text.encode()
    if encoding != "cp1252":
        return raw.decode(encoding)
    unknown = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "".join(chr(b) if b in unknown else bytes([b]).decode("cp1252") for b in raw)


@pytest.mark.parametrize("encoding", WRONG)
def test_a_whole_file_comes_back_and_its_way_back_is_proved(encoding: str) -> None:
    wrong = confused(GOOD, encoding).encode()
    mended = mend(wrong)
    assert mended is not None
    assert mended.data.decode() == GOOD
    assert misread_again(mended) == wrong


@pytest.mark.parametrize(("wrong", "right"), MISREAD)
def test_a_single_misread_place_is_mended(wrong: str, right: str) -> None:
    mended = mend(wrong.encode())
    assert mended is not None
    assert mended.data.decode() == right
    assert misread_again(mended).decode() == wrong


@pytest.mark.parametrize("text", LEGIT)
def test_good_text_is_left_alone(text: str) -> None:
    assert misread(text) is None


@pytest.mark.parametrize("name", ["board", "week2-status"])
def test_the_founding_boards_come_back_byte_for_byte(name: str) -> None:
    if not FOUNDING.exists():
        pytest.skip("the founding boards are not beside this checkout")
    mended = mend((FOUNDING / f"{name}.mojibake.md").read_bytes())
    assert mended is not None
    assert mended.encoding == "Mac Roman"
    assert mended.data == (FOUNDING / f"{name}.md").read_bytes()
    assert mend(mended.data) is None, "what is right is not mended again"


def test_a_file_that_was_misread_twice_is_mended_layer_by_layer() -> None:
    twice = confused(confused(GOOD, "mac_roman"), "mac_roman").encode()
    once = mend(twice)
    assert once is not None
    again = mend(once.data)
    assert again is not None
    assert again.data.decode() == GOOD


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    mended = mend(b"\xff\xfe broken \xe2\x80\xc3\n" + confused("— ✅", "mac_roman").encode())
    assert mended is not None
    assert mended.data == b"\xff\xfe broken \xe2\x80\xc3\n" + "— ✅".encode()


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda t: t.encode("utf-8", "replace")))
def test_whatever_is_offered_has_its_way_back(data: bytes) -> None:
    mended = mend(data)
    assert mended is None or misread_again(mended) == data
