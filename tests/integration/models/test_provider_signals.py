"""What real SDKs make of a real server's failures, row by row of the signal table."""

from pathlib import Path
from typing import Any

import pytest
from twins.clients import KEY, PROVIDERS, REQUEST, open_at
from twins.desk import Manners
from twins.faults import Fault
from twins.provider import ProviderTwin

from crewboard.errors import (
    AnswerLost,
    CrewboardError,
    KeyRejected,
    PaymentRequired,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
)

_BILLING = {"type": "error", "error": {"type": "billing_error", "message": "pay"}}
_TOO_LOW = {"error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}}

Row = tuple[str, int, dict[str, str], Any, type[CrewboardError]]
ROWS: list[Row] = [
    ("a rate limit", 429, {"Retry-After": "7"}, None, RateLimited),
    ("a rate limit without a hint", 429, {}, None, RateLimited),
    (
        "an exhausted quota is no rate limit",
        429,
        {},
        {"error": {"code": "insufficient_quota"}},
        PaymentRequired,
    ),
    (
        "nor an exhausted balance",
        429,
        {},
        {"error": {"code": "credit_balance_exhausted"}},
        PaymentRequired,
    ),
    (
        "nor a spend limit, told in the details",
        429,
        {},
        {
            "error": {
                "type": "rate_limit_error",
                "details": {"error_code": "enforced_spend_limit_reached"},
            }
        },
        PaymentRequired,
    ),
    ("an unpaid bill", 402, {}, _BILLING, PaymentRequired),
    ("an unpaid bill in words only", 402, {}, "payment required", PaymentRequired),
    (
        "a budget that is in flight",
        402,
        {"Retry-After": "3"},
        {"error": {"code": 402}},
        RateLimited,
    ),
    ("a balance too low, told as a bad request", 400, {}, _TOO_LOW, PaymentRequired),
    ("a wrong key", 401, {}, None, KeyRejected),
    ("a forbidden key", 403, {}, None, KeyRejected),
    ("a bad request", 400, {}, None, RequestRefused),
    ("an unknown model", 404, {}, None, RequestRefused),
    ("a request too large", 413, {}, None, RequestRefused),
    ("an unprocessable request", 422, {}, None, RequestRefused),
    ("a redirect is not followed", 307, {"Location": "http://127.0.0.1:9/"}, None, RequestRefused),
    ("a request timeout", 408, {}, None, ProviderUnavailable),
    ("a conflict", 409, {}, None, ProviderUnavailable),
    ("a server error", 500, {}, None, ProviderUnavailable),
    ("a server error without JSON", 500, {}, "<html>oops</html>", ProviderUnavailable),
    ("a server that is away", 503, {"Retry-After": "2"}, None, ProviderUnavailable),
    ("an overloaded server", 529, {}, None, ProviderUnavailable),
    ("a gateway that lost its server", 502, {}, None, AnswerLost),
    ("a gateway that waited too long", 504, {}, None, AnswerLost),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_status_becomes_its_error_and_is_sent_once(
    tmp_path: Path, provider: str, row: Row
) -> None:
    """F9: what may be retried, what is final and what needs a human differ at the first answer."""
    _, status, headers, body, expected = row
    fault = Fault("status", status=status, headers=headers, body=body)
    with ProviderTwin(tmp_path, Manners(faults=(fault,))) as twin:
        with pytest.raises(CrewboardError) as caught:
            open_at(twin, provider).ask(REQUEST, KEY)
        assert type(caught.value) is expected
        assert len(twin.seen) == 1  # the SDKs' own retries are off
        if "Retry-After" in headers:
            assert caught.value.facts["retry_after"] == float(headers["Retry-After"])


INSIDE: list[tuple[str, Any, type[CrewboardError]]] = [
    ("a rate limit", {"error": {"code": 429, "message": "slow"}}, RateLimited),
    ("a code in text", {"error": {"code": "402", "message": "credits"}}, PaymentRequired),
    ("a server error", {"error": {"code": 502, "message": "upstream"}}, AnswerLost),
    ("a refusal", {"error": {"code": 400, "message": "no"}}, RequestRefused),
    ("an error without a code", {"error": {"message": "something"}}, ProviderUnavailable),
    ("an error in words", {"error": "something"}, ProviderUnavailable),
    ("an exhausted quota", {"error": {"type": "insufficient_quota"}}, PaymentRequired),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("row", "body", "expected"), INSIDE, ids=[r[0] for r in INSIDE])
def test_an_error_inside_of_http_200_is_an_error(
    tmp_path: Path, provider: str, row: str, body: Any, expected: type[CrewboardError]
) -> None:
    with (
        ProviderTwin(tmp_path, Manners(faults=(Fault("error_body", body=body),))) as twin,
        pytest.raises(CrewboardError) as caught,
    ):
        open_at(twin, provider).ask(REQUEST, KEY)
    assert type(caught.value) is expected


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refused_connection_is_unavailable_and_certainly_unpaid(
    tmp_path: Path, provider: str
) -> None:
    with ProviderTwin(tmp_path) as twin:
        model = open_at(twin, provider)
    with pytest.raises(ProviderUnavailable) as caught:
        model.ask(REQUEST, KEY)
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_name_that_does_not_resolve_is_unavailable(provider: str) -> None:
    class Nowhere:
        url = openai_url = "https://nowhere.invalid"

    with pytest.raises(ProviderUnavailable) as caught:
        open_at(Nowhere(), provider, connect_s=5).ask(REQUEST, KEY)
    assert not caught.value.outcome_unknown
