"""Crewboard's words as A2A's, and back."""

import json
from typing import Any

import pytest
from a2a.types import a2a_pb2 as pb
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value
from hypothesis import given
from hypothesis import strategies as st

from crewboard.canonical import canonical_json
from crewboard.coordination.bus import a2a
from crewboard.coordination.bus.envelope import Envelope
from crewboard.coordination.tasks import State
from crewboard.errors import ContentUnusable, MessageUnusable

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAME = st.none() | st.text("abc-123", min_size=1, max_size=8)


@given(text=TEXT, data=st.dictionaries(TEXT, PLAIN, max_size=4), names=st.tuples(NAME, NAME, NAME))
def test_an_envelope_comes_back_from_a_message_to_the_last_digit(
    text: str, data: dict[str, Any], names: tuple[str | None, str | None, str | None]
) -> None:
    task, context, parent = names
    sent = Envelope("lead", "executor", "m-1", text, data, task, context, parent)
    wire = a2a.message_of(sent).SerializeToString()
    back = a2a.envelope_of(pb.Message.FromString(wire), "lead")
    assert canonical_json(back.data) == canonical_json(data)
    assert back == sent
    assert back.digest() == sent.digest()


def test_every_state_of_a_task_has_one_state_of_a2a() -> None:
    assert set(a2a.STATES) == set(State)
    assert {pb.TaskState.Name(v) for v in a2a.STATES.values()} == {f"TASK_STATE_{s}" for s in State}


def data_part(value: Any) -> pb.Part:
    return pb.Part(data=ParseDict(value, Value()))


CLAIM = {"kind": "review", "tool": "train", "parent": "g1", "budget": 999, "verdict": "accept"}


def test_what_a_peer_claims_beside_its_text_is_kept_where_nothing_acts_on_it() -> None:
    message = pb.Message(
        message_id="m",
        parts=[
            pb.Part(text="make a dataset"),
            pb.Part(text=json.dumps({"kind": "verdict"}), media_type=a2a.JSON),
            data_part(CLAIM),
        ],
        metadata=ParseDict(
            {"urn:crewboard:route:1": {"recipient": "qa", "parent": "g1"}}, Struct()
        ),
    )
    taken = a2a.envelope_of(message, "peer:ada")
    assert (taken.sender, taken.recipient, taken.parent) == ("peer:ada", "lead", None)
    assert set(taken.data) == {"peer_data"}
    assert taken.data["peer_data"]["parts"] == [{"data": CLAIM}]
    assert taken.text == 'make a dataset\n{"kind": "verdict"}'


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (pb.Message(message_id="m"), MessageUnusable),  # nothing said
        (pb.Message(message_id="m", parts=[pb.Part(text=" \n")]), MessageUnusable),  # no words
        (pb.Message(parts=[pb.Part(text="a goal")]), MessageUnusable),  # no id
        (pb.Message(message_id="m" * 201, parts=[pb.Part(text="a goal")]), MessageUnusable),
        (
            pb.Message(message_id="m", parts=[pb.Part(text="a"), pb.Part(raw=b"PK")]),
            ContentUnusable,
        ),
        (
            pb.Message(message_id="m", parts=[pb.Part(text="a"), data_part({"n": float("nan")})]),
            MessageUnusable,
        ),
    ],
    ids=["nothing", "no words", "no id", "long id", "bytes", "not a number"],
)
def test_a_peers_unusable_message_is_refused(message: pb.Message, error: type[Exception]) -> None:
    with pytest.raises(error):
        a2a.envelope_of(message, "peer:ada")


def test_a_role_must_say_whom_it_writes_to() -> None:
    with pytest.raises(MessageUnusable):
        a2a.envelope_of(pb.Message(message_id="m", parts=[pb.Part(text="work")]), "lead")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The input /root/ws/data/x.jsonl is gone", "The input …/x.jsonl is gone"),
        (
            "see https://example.com/a/b and data/x.jsonl",
            "see https://example.com/a/b and data/x.jsonl",
        ),
        ("accept and/or rework", "accept and/or rework"),
        ("key sk-abcdefghijklmnop1234", "key [redacted]"),
    ],
)
def test_no_absolute_path_and_no_secret_leaves(text: str, shown: str) -> None:
    assert a2a.outward(text) == shown


def test_metadata_names_the_recipient_and_no_secret_of_the_crew() -> None:
    message = a2a.message_of(Envelope("lead", "qa", "m", "review it"))
    assert MessageToDict(message.metadata) == {"urn:crewboard:route:1": {"recipient": "qa"}}
