"""What a failed call means: from HTTP status, headers and body to the error tree.

    408 409 429 5xx 529, refused connections, timeouts    a Retryable error
    401 403                                               KeyRejected
    402, and quota or credit codes under any status       PaymentRequired
    402 with Retry-After                                  RateLimited (OpenRouter, budget in flight)
    every other status                                    RequestRefused
    200 with an error in its body                         as the code in that error says

`AnswerLost` and `ProviderSilent` are the two Retryable errors after which nobody knows whether the
call was charged; see `outcome_unknown`. A provider that reports a failure itself (500, 503, 529) is
taken at its word that it did not charge; a gateway (502, 504) is not, for it does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from crewboard.errors import (
    AnswerLost,
    CrewboardError,
    KeyRejected,
    PaymentRequired,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)
from crewboard.tools.providers.endpoint import Endpoint

_UNPAID_CODES = frozenset(
    {
        "insufficient_quota",  # OpenAI, with 429
        "billing_hard_limit_reached",  # OpenAI, with 400
        "credit_balance_exhausted",  # OpenAI, with 429
        "enforced_spend_limit_reached",  # Anthropic, with 429
        "billing_error",  # Anthropic, with 402
    }
)
_UNPAID_WORDS = "credit balance is too low"  # Anthropic, with 400 and no code of its own
_UNAUTHORISED = frozenset({401, 403})
_GATEWAY = frozenset({502, 504})
_TRY_LATER = frozenset({408, 409, 425})
_PAYMENT = 402
_TOO_MANY = 429
_OK = 200
_FAILED = 500


def pause_asked(error: CrewboardError) -> float | None:
    """The seconds that the provider asked to wait before the next call, if it did."""
    pause = error.facts.get("retry_after")
    return float(pause) if isinstance(pause, int | float) else None


@dataclass(frozen=True)
class Signal:
    """An HTTP answer that is not the one hoped for. `body` is its JSON, or its text."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def meaning(endpoint: Endpoint, signal: Signal) -> CrewboardError:
    """The error that `signal` stands for; it is returned, not raised."""
    error = _error_in(signal.body)
    status = _status(signal, error)
    pause = retry_after(signal.headers)
    told = {"provider": endpoint.provider, "status": status, "reason": _reason(endpoint, signal)}
    asked = {"retry_after": pause} if pause is not None else {}
    if _unpaid(error) or (status == _PAYMENT and pause is None):
        return PaymentRequired(**told)
    if status in _UNAUTHORISED:
        return KeyRejected(**told, variable=endpoint.variable or "key_variable")
    if status in {_TOO_MANY, _PAYMENT}:
        return RateLimited(**told, retry_after="a few" if pause is None else pause)
    if status in _GATEWAY:
        return AnswerLost(**told | asked | {"reason": f"HTTP {status}: {told['reason']}"})
    if status in _TRY_LATER or status >= _FAILED:
        return ProviderUnavailable(**told | asked | {"reason": f"HTTP {status}: {told['reason']}"})
    return RequestRefused(**told)


def error_in_answer(body: Any) -> bool:
    """Whether the body of an HTTP 200 reports a failure, as OpenRouter's does."""
    return isinstance(body, dict) and (bool(body.get("error")) or body.get("type") == "error")


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds in Retry-After, whether given as such or as an HTTP date (RFC 9110, 10.2.3).

    A date is measured against the answer's own Date, so that a wrong local clock does no harm;
    None when the header is absent or says nothing sensible.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    text = given.get("retry-after", "")
    try:
        seconds = float(text)
    except ValueError:
        until, since = _http_date(text), _http_date(given.get("date", ""))
        if until is None:
            return None
        seconds = (until - (since or now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if isfinite(seconds) else None


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _error_in(body: Any) -> dict[str, Any]:
    """The error object of a body: OpenAI's SDK hands it unwrapped, everybody else under `error`."""
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _status(signal: Signal, error: Mapping[str, Any]) -> int:
    """A failure told under HTTP 200 carries its status as a code, if at all."""
    if signal.status != _OK:
        return signal.status
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal():
        code = int(code)
    return code if isinstance(code, int) and code > _OK else _FAILED


def _unpaid(error: Mapping[str, Any]) -> bool:
    details = error.get("details")
    inner = details.get("error_code") if isinstance(details, dict) else None
    named = {
        value for value in (error.get("code"), error.get("type"), inner) if isinstance(value, str)
    }
    return bool(named & _UNPAID_CODES) or _UNPAID_WORDS in str(error.get("message", "")).lower()


def _reason(endpoint: Endpoint, signal: Signal) -> str:
    body = signal.body
    error = _error_in(body)
    told = error.get("message") or (body.get("error") if isinstance(body, dict) else body)
    return endpoint.speakable(told or "no reason given")
