"""Pages of ListTasks: the request's filters, and the token that names where the next page starts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC

from a2a.types import a2a_pb2 as pb
from a2a.utils.errors import InvalidParamsError
from a2a.utils.task import validate_page_size

from crewboard.clock import stamp
from crewboard.coordination.bus.view import Page, View
from crewboard.coordination.tasks import State

_USUAL = 50


def page_of(params: pb.ListTasksRequest) -> Page:
    """InvalidParamsError for a size outside 1 to 100 and for a token that is not ours."""
    if params.HasField("page_size"):
        validate_page_size(params.page_size)
    since = None
    if params.HasField("status_timestamp_after"):
        since = stamp(params.status_timestamp_after.ToDatetime(tzinfo=UTC))
    name = pb.TaskState.Name(params.status).removeprefix("TASK_STATE_")
    return Page(
        size=params.page_size or _USUAL,
        context=params.context_id or None,
        state=State(name) if params.status else None,
        since=since,
        after=_place(params.page_token) if params.page_token else None,
        with_made=params.include_artifacts,
    )


def token_of(last: View) -> str:
    """The token of the page after `last`. It holds a place and no right: others' tasks stay unseen."""
    return urlsafe_b64encode(f"{last.task.updated} {last.task.id}".encode()).decode()


def _place(token: str) -> tuple[str, str]:
    try:
        updated, task_id = urlsafe_b64decode(token.encode()).decode().split(" ")
    except ValueError as error:
        raise InvalidParamsError("The page token is none of this server's.") from error
    return updated, task_id
