"""Answers that never end, never come, or cannot be used: through the real SDKs."""

from pathlib import Path

import pytest
from twins.clients import KEY, PROVIDERS, REQUEST, open_at
from twins.desk import Manners
from twins.faults import Fault, Kind
from twins.provider import ProviderTwin

from crewboard.agents.models.contract import ModelRequest, Turn
from crewboard.errors import AnswerLost, ProviderSilent, ReplyInvalid, RequestRefused

pytestmark = pytest.mark.parametrize("provider", PROVIDERS)


def _struck_by(state: Path, kind: Kind) -> ProviderTwin:
    return ProviderTwin(state, Manners(faults=(Fault(kind),)))


@pytest.mark.parametrize("kind", ["trickle", "slow_headers"])
def test_an_answer_that_trickles_for_ever_ends_at_the_deadline(
    tmp_path: Path, provider: str, kind: Kind
) -> None:
    """Each byte comes well within the read timeout: only a deadline over all of them ends it."""
    with _struck_by(tmp_path, kind) as twin, pytest.raises(ProviderSilent) as caught:
        open_at(twin, provider, read_s=60, deadline_s=0.6).ask(REQUEST, KEY)
    assert caught.value.facts["seconds"] == 0.6
    assert caught.value.outcome_unknown


def test_a_server_that_falls_silent_ends_at_the_read_timeout(tmp_path: Path, provider: str) -> None:
    with _struck_by(tmp_path, "hang") as twin, pytest.raises(ProviderSilent) as caught:
        open_at(twin, provider, read_s=0.3, deadline_s=60).ask(REQUEST, KEY)
    assert caught.value.facts["seconds"] == 0.3
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("malformed", "no JSON object came"),
        ("blank", "an empty body came"),
        ("empty", "an empty answer came"),
        ("flood", "longer than max_bytes"),
        ("gzip", "compressed"),
    ],
)
def test_an_unusable_answer_is_invalid_and_says_what_it_cost(
    tmp_path: Path, provider: str, kind: Kind, reason: str
) -> None:
    """F9: empty output is never kept as data, and what was charged for it is not forgotten."""
    with _struck_by(tmp_path, kind) as twin:
        model = open_at(twin, provider, max_bytes=100_000)
        with pytest.raises(ReplyInvalid) as caught:
            model.ask(REQUEST, KEY)
        assert len(twin.charges) == 1
    cost = caught.value.facts["cost"]
    assert isinstance(cost, int)
    assert 0 < cost <= model.estimate(REQUEST)
    assert reason in str(caught.value)


@pytest.mark.parametrize("kind", ["reset", "drop"])
def test_a_connection_that_breaks_leaves_the_outcome_unknown(
    tmp_path: Path, provider: str, kind: Kind
) -> None:
    with _struck_by(tmp_path, kind) as twin:
        with pytest.raises(AnswerLost) as caught:
            open_at(twin, provider).ask(REQUEST, KEY)
        assert len(twin.seen) == 1
        assert len(twin.charges) == (kind == "drop")  # which is just what the client cannot see
    assert caught.value.outcome_unknown


def test_a_model_that_declines_is_refused_with_its_words_and_its_cost(
    tmp_path: Path, provider: str
) -> None:
    with _struck_by(tmp_path, "refusal") as twin, pytest.raises(RequestRefused) as caught:
        open_at(twin, provider).ask(REQUEST, KEY)
    assert "I would rather not." in str(caught.value)
    assert caught.value.facts["cost"]


def test_an_answer_that_was_cut_says_so(tmp_path: Path, provider: str) -> None:
    with _struck_by(tmp_path, "cut") as twin:
        assert open_at(twin, provider).ask(REQUEST, KEY).finish == "length"


def test_an_answer_without_a_count_costs_the_most_it_may(tmp_path: Path, provider: str) -> None:
    with _struck_by(tmp_path, "uncounted") as twin:
        model = open_at(twin, provider)
        assert model.ask(REQUEST, KEY).cost == model.estimate(REQUEST)


def test_half_a_surrogate_pair_is_refused_before_anything_is_sent(
    tmp_path: Path, provider: str
) -> None:
    broken = ModelRequest("lead/plan", "", (Turn("user", "caf\udce9"),))
    with ProviderTwin(tmp_path) as twin:
        with pytest.raises(RequestRefused):
            open_at(twin, provider).ask(broken, KEY)
        assert twin.seen == []
