"""Whatever a conversation holds comes back from each shape, or is named as lost."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.convert.conversations import ASKED, CONVERSATIONS, PREFERENCES, SAID

from crewboard.tools.convert import FORMATS, Conversation, Fitted, Unfit, fit, read
from crewboard.tools.convert.losses import Losses, lost
from crewboard.tools.convert.model import says
from crewboard.tools.convert.plain import plain, restored

HOLD_ALL = ["chat", "adp", "atif", "sharegpt", "trl", "axolotl", "parquet"]
FREE = [name for name, each in FORMATS.items() if each.slot is not None]


@settings(max_examples=150, deadline=None)
@given(conversation=CONVERSATIONS | PREFERENCES)
def test_a_conversation_is_the_same_as_plain_json(conversation: Conversation) -> None:
    assert restored(orjson.loads(orjson.dumps(plain(conversation)))) == conversation


def fitted_to(conversation: Conversation, name: str, *, keep: bool) -> Fitted | None:
    try:
        return fit(conversation, FORMATS[name], keep=keep)
    except Unfit:
        return None


@settings(max_examples=150, deadline=None)
@given(conversation=CONVERSATIONS)
def test_agents_formats_keep_everything(conversation: Conversation) -> None:
    for name in HOLD_ALL:
        fitted = fit(conversation, FORMATS[name])
        assert fitted.lost == ()
        assert read(orjson.loads(orjson.dumps(fitted.row)), FORMATS[name]) == conversation


@settings(max_examples=100, deadline=None)
@given(conversation=CONVERSATIONS | PREFERENCES)
def test_a_format_with_a_free_field_keeps_everything_that_it_takes(
    conversation: Conversation,
) -> None:
    for name in FREE:
        if fitted := fitted_to(conversation, name, keep=True):
            assert fitted.lost == ()
            assert read(orjson.loads(orjson.dumps(fitted.row)), FORMATS[name]) == conversation


@settings(max_examples=100, deadline=None)
@given(conversation=CONVERSATIONS | PREFERENCES)
def test_without_a_free_field_every_difference_is_named(conversation: Conversation) -> None:
    """F13: never dropped in silence."""
    for name in FORMATS:
        if fitted := fitted_to(conversation, name, keep=False):
            _check_named(conversation, fitted, name)


def _check_named(conversation: Conversation, fitted: Fitted, name: str) -> None:
    back = FORMATS[name].read(fitted.row)
    assert says(back) == says(conversation)
    assert list(fitted.lost) == lost(conversation, back)
    assert fitted.lost or _within(plain(conversation), plain(back))


def _within(part: Any, whole: Any) -> bool:
    """Whether everything that `part` says `whole` says too."""
    if isinstance(part, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(_within, part, whole))
    return bool(part == whole)


def test_losses_are_counted_by_field_and_told_with_their_first_line() -> None:
    tally = Losses()
    tally.add(["turns.reasoning", "turns.reasoning", "details.source"], 7)
    tally.add(["turns.reasoning"], 9)
    assert tally.told() == [
        {"field": "turns.reasoning", "count": 3, "rows": 2, "first_line": 7},
        {"field": "details.source", "count": 1, "rows": 1, "first_line": 7},
    ]


def test_names_of_losses_stay_few_however_many_columns_there_are() -> None:
    tally = Losses()
    for i in range(1000):
        tally.add([f"details.{i}"], i)
    assert len(tally.told()) == 201
    assert tally.told()[0]["count"] == 800


def _with_residue() -> dict[str, object]:
    row = {"messages": [ASKED, SAID | {"weight": 1}], "source": {"file": "x"}}
    return fit(read(row, FORMATS["chat"]), FORMATS["adp"]).row


def test_what_a_row_was_changed_in_since_wins_over_what_was_kept_beside_it() -> None:
    """The residue is of the row that it was made for, and brings no old text back."""
    row = _with_residue()
    content = row["content"]
    assert isinstance(content, list)
    content[1]["content"] = "corrected"
    found = read(row, FORMATS["adp"])
    assert found.turns[1].content == "corrected"
    assert found.turns[1].weight is None
    assert "patch" in found.details["crewboard"], "what could not be applied is still there"


@settings(max_examples=200, deadline=None)
@given(
    patch=st.recursive(
        st.none() | st.text(max_size=3) | st.integers(0, 3) | st.sampled_from(["=", ">", "-"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["turns", "0", "content", "role", "details"]), inner)
        ),
        max_leaves=12,
    )
)
def test_a_forged_residue_breaks_no_reader(patch: object) -> None:
    row = _with_residue()
    details = row["details"]
    assert isinstance(details, dict)
    mark = orjson.loads(details["crewboard"])["of"]
    forged = orjson.dumps({"of": mark, "patch": patch}).decode()
    details["crewboard"] = forged
    found = read(row, FORMATS["adp"])
    assert isinstance(found, Conversation)
    assert restored(plain(found)) == found
