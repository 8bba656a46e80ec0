"""One call to a provider through its SDK: the JSON it answered, or a typed error.

No SDK object leaves this module: an SDK's exceptions carry the request, and the request the key.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from crewboard.agents.models.endpoint import Endpoint
from crewboard.agents.models.signals import Signal, error_in_answer, meaning
from crewboard.errors import (
    AnswerLost,
    CrewboardError,
    ProviderSilent,
    ProviderUnavailable,
    ReplyInvalid,
)


class RawAnswer(Protocol):
    """What both SDKs give for `with_raw_response`."""

    @property
    def http_response(self) -> Any: ...


def exchange(
    endpoint: Endpoint, sdk_error: type[Exception], send: Callable[[], RawAnswer]
) -> dict[str, Any]:
    """The JSON object that `send()` brings. It is sent once, whatever happens.

    `ReplyInvalid` carries no cost here: whoever knows the price adds it.
    """
    failure: CrewboardError | None = None
    content = b""
    try:
        content = endpoint.masked(send().http_response.content)
    except sdk_error as error:
        failure = _translated(endpoint, error)
    if failure is not None:
        raise failure  # outside of the except block: the SDK's exception must not hang on it
    return _object(endpoint, content)


def _translated(endpoint: Endpoint, error: Exception) -> CrewboardError:
    response = getattr(error, "response", None)
    if response is None:
        return _broken(endpoint, error)
    body = getattr(error, "body", None)
    return meaning(endpoint, Signal(response.status_code, body or response.text, response.headers))


def _broken(endpoint: Endpoint, error: Exception) -> CrewboardError:
    """A failure without an answer: what matters is whether the request had left."""
    import httpx2

    from crewboard.agents.models.wire import AnswerTooLong, DeadlinePassed

    provider = endpoint.provider
    causes = list(_chain(error))
    for cause in causes:
        if isinstance(cause, AnswerTooLong | httpx2.DecodingError):
            return ReplyInvalid(provider=provider, tries=1, reason=endpoint.speakable(cause))
        if isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError | httpx2.PoolTimeout):
            reason = endpoint.speakable(cause) or "no connection"
            return ProviderUnavailable(provider=provider, reason=reason)
        if isinstance(cause, httpx2.TimeoutException):
            whole = any(isinstance(each, DeadlinePassed) for each in causes)
            seconds = endpoint.settings.deadline_s if whole else endpoint.settings.read_s
            return ProviderSilent(provider=provider, seconds=seconds)
    reason = endpoint.speakable(causes[-1]) or "the connection broke"
    return AnswerLost(provider=provider, reason=reason)


def _chain(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _object(endpoint: Endpoint, content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        reason = "no JSON object came" if content.strip() else "an empty body came"
        raise ReplyInvalid(provider=endpoint.provider, tries=1, reason=reason)
    if error_in_answer(body):
        raise meaning(endpoint, Signal(200, body))
    return body
