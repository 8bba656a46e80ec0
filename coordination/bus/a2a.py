"""A2A 1.0 (`package lf.a2a.v1`): the crew's words as protobuf messages, and back.

Data of the crew's own envelopes travels as canonical JSON text with a media type, not as a protobuf
`Value`: a Value holds every number as a double, so that 2**53 + 1 comes back as another number, and
the digest of an action would no longer be the one that was approved.

What a peer writes is data. Its text becomes a goal's text; whatever else it sends is kept under
`peer_data`, where nothing reads it as an instruction.
"""

import json
import re
from typing import Any

from a2a.types import a2a_pb2 as pb
from google.protobuf.json_format import Error as JsonFormError
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value

from crewboard.canonical import canonical_json
from crewboard.clock import parse_stamp
from crewboard.coordination.artifacts import Artifact
from crewboard.coordination.bus.envelope import Envelope, message_id
from crewboard.coordination.bus.view import Standing, View
from crewboard.coordination.decisions import Decision
from crewboard.coordination.tasks import State, Task
from crewboard.errors import ContentUnusable, MessageUnusable
from crewboard.redact import redact

PEER = "peer:"
JSON = "application/json"
_ROUTE = "urn:crewboard:route:1"
_LONGEST_ID = 200
_LEAD = "lead"
_MILLION = 1_000_000
_IDLE = "No crew is at work here. The task is kept, and goes on when one starts."
_ABSOLUTE = re.compile(r"(?<![\w./:])/(?:[\w.\-@+]+/)*([\w.\-@+]+)")

STATES = {
    State.SUBMITTED: pb.TASK_STATE_SUBMITTED,
    State.WORKING: pb.TASK_STATE_WORKING,
    State.INPUT_REQUIRED: pb.TASK_STATE_INPUT_REQUIRED,
    State.AUTH_REQUIRED: pb.TASK_STATE_AUTH_REQUIRED,
    State.COMPLETED: pb.TASK_STATE_COMPLETED,
    State.FAILED: pb.TASK_STATE_FAILED,
    State.REJECTED: pb.TASK_STATE_REJECTED,
    State.CANCELED: pb.TASK_STATE_CANCELED,
}


# ── messages ───────────────────────────────────────────────────────────────────────────────────


def message_of(envelope: Envelope) -> pb.Message:
    parts = [pb.Part(text=envelope.text)]
    if envelope.data:
        parts.append(pb.Part(text=canonical_json(dict(envelope.data)), media_type=JSON))
    route = {"recipient": envelope.recipient}
    if envelope.parent:
        route["parent"] = envelope.parent
    return pb.Message(
        message_id=envelope.message_id,
        context_id=envelope.context or "",
        task_id=envelope.task or "",
        role=pb.ROLE_USER,
        parts=parts,
        metadata=_struct({_ROUTE: route}),
    )


def envelope_of(message: pb.Message, sender: str) -> Envelope:
    """The envelope that `message_of` made the message from, with the sender that the way it came
    vouches for; a peer's message as `of_peer` takes it. MessageUnusable, ContentUnusable."""
    _check_ids(message)
    if sender.startswith(PEER):
        return _of_peer(message, sender)
    route = MessageToDict(message.metadata).get(_ROUTE)
    if not isinstance(route, dict) or not isinstance(route.get("recipient"), str):
        raise MessageUnusable(reason="it names no recipient")
    texts = [part for part in message.parts if part.WhichOneof("content") == "text"]
    data = [json.loads(part.text) for part in texts if part.media_type == JSON]
    return Envelope(
        sender=sender,
        recipient=route["recipient"],
        message_id=message.message_id,
        text="\n".join(part.text for part in texts if part.media_type != JSON),
        data=data[0] if data else {},
        task=message.task_id or None,
        context=message.context_id or None,
        parent=route.get("parent"),
    )


def _of_peer(message: pb.Message, sender: str) -> Envelope:
    """A goal for the lead, or an answer about one: whom it is for, what kind it is and where it
    belongs are ours to say."""
    texts = [part.text for part in message.parts if part.WhichOneof("content") == "text"]
    text = "\n".join(texts).strip()
    if not text:
        raise MessageUnusable(reason="it holds no text")
    claims = _claims(message)
    return Envelope(
        sender=sender,
        recipient=_LEAD,
        message_id=message.message_id,
        text=text,
        data={"peer_data": claims} if claims else {},
        task=message.task_id or None,
        context=message.context_id or None,
    )


def _claims(message: pb.Message) -> dict[str, Any]:
    """Everything but the text, as plain JSON."""
    kinds = {part.WhichOneof("content") for part in message.parts}
    if "raw" in kinds:
        raise ContentUnusable(what="bytes")
    try:
        parts = [MessageToDict(p) for p in message.parts if p.WhichOneof("content") != "text"]
        found = {
            "parts": parts,
            "metadata": MessageToDict(message.metadata),
            "references": list(message.reference_task_ids),
        }
    except (ValueError, JsonFormError) as error:  # NaN and infinities are no JSON
        raise MessageUnusable(reason="it holds a number that JSON does not know") from error
    return {key: value for key, value in found.items() if value}


def _check_ids(message: pb.Message) -> None:
    if not message.message_id:
        raise MessageUnusable(reason="it has no messageId")
    for name in (message.message_id, message.context_id, message.task_id):
        if len(name) > _LONGEST_ID:
            raise MessageUnusable(reason=f"an id is longer than {_LONGEST_ID} characters")


# ── tasks ──────────────────────────────────────────────────────────────────────────────────────


def task_of(view: View) -> pb.Task:
    task = view.task
    return pb.Task(
        id=task.id,
        context_id=task.context,
        status=_status(task, view.standing),
        artifacts=[artifact_of(each) for each in view.made],
        history=[message_of(_placed(each, task)) for each in view.said],
        metadata=_struct({"title": outward(task.title), "kind": task.kind, "role": task.role}),
    )


def status_event(task: Task, standing: Standing) -> pb.TaskStatusUpdateEvent:
    return pb.TaskStatusUpdateEvent(
        task_id=task.id, context_id=task.context, status=_status(task, standing)
    )


def idle_event(view: View) -> pb.TaskStatusUpdateEvent:
    """Where the task stands, and that nobody moves it on at present."""
    event = status_event(view.task, view.standing)
    said = word_of_crew(view.task, f"idle:{view.standing.at}", _IDLE)
    event.status.message.MergeFrom(said)
    return event


def artifact_event(task: Task, artifact: Artifact) -> pb.TaskArtifactUpdateEvent:
    return pb.TaskArtifactUpdateEvent(
        task_id=task.id,
        context_id=task.context,
        artifact=artifact_of(artifact),
        append=False,
        last_chunk=True,
    )


def artifact_of(artifact: Artifact) -> pb.Artifact:
    """Where a file is and what it holds, never its bytes. `url` is relative to the workspace."""
    facts = {
        "name": artifact.name,
        "kind": artifact.kind,
        "path": artifact.path,
        "sha256": artifact.sha256,
        "size": artifact.size,
        "rows": artifact.rows,
        "made_by": artifact.made_by,
    }
    url = pb.Part(url=artifact.path, filename=artifact.name)
    return pb.Artifact(
        artifact_id=f"{artifact.task}/{artifact.name}",
        name=artifact.name,
        parts=[url, pb.Part(data=_value(facts), media_type=JSON)],
    )


def word_of_crew(task: Task, about: str, text: str) -> pb.Message:
    """A word of the crew about a task; the same `about` gives the same message."""
    return pb.Message(
        message_id=message_id("status", task.id, about),
        task_id=task.id,
        context_id=task.context,
        role=pb.ROLE_AGENT,
        parts=[pb.Part(text=text)],
    )


def outward(text: str) -> str:
    """`text` as it may leave the house: secrets masked, absolute paths cut to their last part."""
    return _ABSOLUTE.sub(r"…/\1", redact(text))


def _placed(envelope: Envelope, task: Task) -> Envelope:
    """A message as history shows it: with the task that it led to."""
    return Envelope(**{**vars(envelope), "task": task.id, "context": task.context})


def _status(task: Task, standing: Standing) -> pb.TaskStatus:
    status = pb.TaskStatus(state=STATES[standing.state])
    status.timestamp.FromDatetime(parse_stamp(standing.at))
    text = _why(standing)
    if text:
        about = f"{standing.state}:{standing.waits}:{standing.at}"
        status.message.CopyFrom(word_of_crew(task, about, outward(text)))
        if standing.decision:
            status.message.parts.append(_question(standing.decision))
    return status


def _why(standing: Standing) -> str:
    if standing.reason:
        why = standing.reason
        return f"{why.cause}. Tried: {why.tried}. Needed from {why.owner}: {why.needed}."
    if standing.decision:
        asked = standing.decision
        return f"Waits on {asked.owner}, who alone can answer: {asked.text}"
    return f"Waits on {standing.waits}." if standing.waits else ""


def _question(decision: Decision) -> pb.Part:
    """The decision as data: a peer may show it to somebody, it cannot answer it."""
    options = [
        {
            "name": option.name,
            "consequence": outward(option.consequence),
            "cost_usd": option.cost / _MILLION,
        }
        for option in decision.options
    ]
    facts = {
        "decision": decision.id,
        "owner": decision.owner,
        "question": outward(decision.text),
        "options": options,
        "due": decision.due,
    }
    return pb.Part(data=_value(facts), media_type=JSON)


def _struct(value: dict[str, Any]) -> Struct:
    struct: Struct = ParseDict(value, Struct())
    return struct


def _value(plain: Any) -> Value:
    value: Value = ParseDict(plain, Value())
    return value
