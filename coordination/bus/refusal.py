"""The crew's errors in A2A's words. What leaves the house names no path, no SQL and no secret."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from a2a.utils import errors

from crewboard.coordination.bus.a2a import outward
from crewboard.errors import (
    ContentUnusable,
    ContextMismatch,
    CrewboardError,
    MessageReused,
    MessageUnusable,
    NotByMessage,
    NotWaiting,
    Retryable,
    TaskEnded,
    TaskUnknown,
    TooMuchWork,
)

_LOG = logging.getLogger(__name__)
_WORDS: dict[type[CrewboardError], type[errors.A2AError]] = {
    TaskUnknown: errors.TaskNotFoundError,
    MessageUnusable: errors.InvalidParamsError,
    MessageReused: errors.InvalidParamsError,
    ContextMismatch: errors.InvalidParamsError,
    ContentUnusable: errors.ContentTypeNotSupportedError,
    TaskEnded: errors.UnsupportedOperationError,
    NotWaiting: errors.UnsupportedOperationError,
    NotByMessage: errors.UnsupportedOperationError,
    TooMuchWork: errors.UnsupportedOperationError,
}


@contextmanager
def in_a2a_words() -> Iterator[None]:
    """Let A2A's errors pass, tell the crew's expected ones in A2A's classes, and of anything else only
    that it happened: the log has the rest."""
    try:
        yield
    except errors.A2AError:
        raise
    except CrewboardError as error:
        raise _told(error) from error
    except Exception as error:
        _LOG.exception("an A2A call broke")
        raise errors.InternalError("The crew could not do this.") from error


def _told(error: CrewboardError) -> errors.A2AError:
    kind = _WORDS.get(type(error))
    if kind is not None:
        return kind(outward(str(error)))
    _LOG.error("an A2A call failed: %s", error)
    if isinstance(error, Retryable):
        return errors.InternalError("The crew is busy. Send the same message again later.")
    return errors.InternalError("The crew cannot do this now. Its operator finds why in the log.")
