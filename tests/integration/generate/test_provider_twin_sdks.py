"""The twin speaks both APIs as their official SDKs expect them, with the SDKs' own retries off."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.generate.generating import CANARY, MODELS

from crewboard.tools.twins.provider.script import Fault, Life, Script
from crewboard.tools.twins.provider.server import ProviderTwin

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

GPT, CLAUDE = (MODELS[name].partition("/")[2] for name in ("openai", "anthropic"))
SAID = [{"role": "user", "content": "Say something."}]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "kind": {"type": "string", "enum": ["a", "b"]}},
    "required": ["n", "kind"],
    "additionalProperties": False,
}


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def twin(tmp_path: Path, script: Script) -> Iterator[ProviderTwin]:
    with ProviderTwin(tmp_path / "charges.jsonl", script) as running:
        yield running


@pytest.fixture
def gpt(twin: ProviderTwin) -> Iterator[Any]:
    with openai.OpenAI(api_key=CANARY, base_url=twin.openai_url, max_retries=0) as client:
        yield client


@pytest.fixture
def claude(twin: ProviderTwin) -> Iterator[Any]:
    with anthropic.Anthropic(api_key=CANARY, base_url=twin.url, max_retries=0) as client:
        yield client


def _rows(count: int, **extra: Any) -> bytes:
    row = {"messages": [*SAID, {"role": "assistant", "content": "Something."}], **extra}
    return b"".join(json.dumps(row).encode() + b"\n" for _ in range(count))


def test_a_chat_answers_in_its_schema_and_is_charged_once(gpt: Any, twin: ProviderTwin) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}
    made = gpt.chat.completions.create(model=GPT, messages=SAID, response_format=form)
    value = json.loads(made.choices[0].message.content)
    assert set(value) == {"n", "kind"}
    assert value["kind"] in {"a", "b"}
    (charge,) = twin.charges
    assert (charge.input_tokens, charge.output_tokens) == (
        made.usage.prompt_tokens,
        made.usage.completion_tokens,
    )
    assert charge.cost > 0


def test_a_message_answers_in_its_schema_and_is_charged_once(
    claude: Any, twin: ProviderTwin
) -> None:
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    made = claude.messages.create(model=CLAUDE, max_tokens=50, messages=SAID, output_config=form)
    assert set(json.loads(made.content[0].text)) == {"n", "kind"}
    assert len(twin.charges) == 1
    assert claude.models.retrieve(CLAUDE).id == CLAUDE


def test_models_are_those_with_a_price_and_others_are_not_found(gpt: Any, claude: Any) -> None:
    assert GPT in [model.id for model in gpt.models.list()]
    assert CLAUDE in [model.id for model in claude.models.list()]
    with pytest.raises(openai.NotFoundError):
        gpt.chat.completions.create(model="gpt-nowhere", messages=SAID)


def test_files_are_kept_listed_and_given_back(gpt: Any, claude: Any) -> None:
    kept = gpt.files.create(file=("rows.jsonl", _rows(3)), purpose="fine-tune")
    assert (kept.filename, kept.purpose, kept.bytes) == ("rows.jsonl", "fine-tune", len(_rows(3)))
    assert gpt.files.content(kept.id).content == _rows(3)
    assert [file.id for file in gpt.files.list()] == [kept.id]
    assert gpt.files.delete(kept.id).deleted
    with pytest.raises(openai.NotFoundError):
        gpt.files.retrieve(kept.id)
    beta = claude.beta.files.upload(file=("x.txt", b"hello", "text/plain"))
    assert beta.size_bytes == 5


@pytest.mark.parametrize("script", [Script(batch=Life(looks=2))], ids=["two looks"])
def test_a_batch_of_openai_goes_through_its_states(gpt: Any, twin: ProviderTwin) -> None:
    rows = [
        {
            "custom_id": f"r{n}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": GPT, "messages": [{"role": "user", "content": f"number {n}"}]},
        }
        for n in range(3)
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file = gpt.files.create(file=("b.jsonl", content), purpose="batch")
    batch = gpt.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"name": "x"},
    )
    states = [batch.status]
    while batch.status != "completed":
        batch = gpt.batches.retrieve(batch.id)
        states.append(batch.status)
    assert states == ["validating", "validating", "in_progress", "completed"]
    lines = gpt.files.content(batch.output_file_id).content.splitlines()
    assert {json.loads(line)["custom_id"] for line in lines} == {"r0", "r1", "r2"}
    assert [each.id for each in gpt.batches.list()] == [batch.id]
    assert {charge.kind for charge in twin.charges} == {"batch"}


@pytest.mark.parametrize(
    "script", [Script(batch=Life(looks=1, errors=2))], ids=["each second fails"]
)
def test_a_batch_of_anthropic_ends_with_a_result_for_each_request(claude: Any) -> None:
    requests = [
        {
            "custom_id": f"r{n}",
            "params": {
                "model": CLAUDE,
                "max_tokens": 9,
                "messages": [{"role": "user", "content": str(n)}],
            },
        }
        for n in range(4)
    ]
    batch = claude.messages.batches.create(requests=requests)
    assert batch.processing_status == "in_progress"
    while batch.processing_status != "ended":
        batch = claude.messages.batches.retrieve(batch.id)
    results = {row.custom_id: row.result.type for row in claude.messages.batches.results(batch.id)}
    assert results == {"r0": "succeeded", "r1": "errored", "r2": "succeeded", "r3": "errored"}
    assert batch.request_counts.succeeded == 2


@pytest.mark.parametrize(
    "script",
    [Script(job=Life(looks=3, end=end)) for end in ("succeeded", "failed", "cancelled")],
    ids=["succeeded", "failed", "cancelled"],
)
def test_a_fine_tuning_job_comes_to_each_of_its_ends(
    gpt: Any, twin: ProviderTwin, script: Script
) -> None:
    """F16: every terminal state of a job is there to be met."""
    file = gpt.files.create(file=("t.jsonl", _rows(12)), purpose="fine-tune")
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    job = gpt.fine_tuning.jobs.create(
        model=GPT, training_file=file.id, method=method, suffix="mine", metadata={"key": "k1"}
    )
    states = [job.status]
    while job.status not in {"succeeded", "failed", "cancelled"}:
        job = gpt.fine_tuning.jobs.retrieve(job.id)
        states.append(job.status)
    assert states == ["validating_files", "queued", "running", "running", script.job.end]
    assert gpt.fine_tuning.jobs.list_events(job.id).data
    well = script.job.end == "succeeded"
    assert (job.fine_tuned_model is not None) == well
    assert (job.error is not None and job.error.code == "scripted") == (script.job.end == "failed")
    points = gpt.fine_tuning.jobs.checkpoints.list(job.id).data
    assert [point.step_number for point in points] == ([24, 12] if well else [])
    assert len(twin.charges) == well


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (_rows(9), "at least 10"),
        (_rows(10, weight=0.5), "extra key"),  # what stopped real jobs after their upload
        (_rows(10).replace(b'"Something."', b'"Something.", "weight": 0.5'), "weight"),
        (_rows(10).replace(b'"assistant"', b'"developer"'), "unknown role"),
        (b"not json\n" * 10, "not valid JSON"),
    ],
    ids=["too few", "a weight in the row", "a weight of a half", "an unknown role", "no JSON"],
)
def test_a_bad_training_file_fails_in_validation(gpt: Any, content: bytes, told: str) -> None:
    """F15: the API takes the upload and the job, and says no afterwards."""
    file = gpt.files.create(file=("t.jsonl", content), purpose="fine-tune")
    job = gpt.fine_tuning.jobs.create(model=GPT, training_file=file.id)
    job = gpt.fine_tuning.jobs.retrieve(job.id)
    assert job.status == "failed"
    assert told in job.error.message


def test_a_third_job_on_a_tier_of_two_has_to_wait(gpt: Any) -> None:
    """F23."""
    file = gpt.files.create(file=("t.jsonl", _rows(10)), purpose="fine-tune")
    first = gpt.fine_tuning.jobs.create(model=GPT, training_file=file.id)
    gpt.fine_tuning.jobs.create(model=GPT, training_file=file.id)
    with pytest.raises(openai.RateLimitError):
        gpt.fine_tuning.jobs.create(model=GPT, training_file=file.id)
    assert gpt.fine_tuning.jobs.cancel(first.id).status == "cancelled"
    assert (
        gpt.fine_tuning.jobs.create(model=GPT, training_file=file.id).status == "validating_files"
    )


@pytest.mark.parametrize("script", [Script(quota_usd=0.000001)], ids=["a quota"])
def test_beyond_the_quota_each_api_says_so_in_its_own_way(gpt: Any, claude: Any) -> None:
    """F22: a quota is met before the bill is."""
    gpt.chat.completions.create(model=GPT, messages=SAID)
    with pytest.raises(openai.RateLimitError) as caught:
        gpt.chat.completions.create(model=GPT, messages=SAID)
    assert caught.value.code == "insufficient_quota"
    with pytest.raises(anthropic.APIStatusError) as billed:
        claude.messages.create(model=CLAUDE, max_tokens=5, messages=SAID)
    assert billed.value.status_code == 402


def test_one_idempotency_key_is_charged_once_even_by_another_twin(gpt: Any, tmp_path: Path) -> None:
    headers = {"Idempotency-Key": "k" * 64}
    made = [
        gpt.chat.completions.create(model=GPT, messages=SAID, extra_headers=headers)
        for _ in range(2)
    ]
    assert made[0].id == made[1].id
    with ProviderTwin(tmp_path / "charges.jsonl") as again:
        client = openai.OpenAI(api_key=CANARY, base_url=again.openai_url, max_retries=0)
        with client:
            third = client.chat.completions.create(model=GPT, messages=SAID, extra_headers=headers)
        assert third.id == made[0].id
        assert len(again.charges) == 1


@pytest.mark.parametrize(
    ("script", "raised", "charged"),
    [
        (Script(faults=(Fault(kind="status", status=529),)), openai.InternalServerError, 0),
        (Script(faults=(Fault(kind="reset"),)), openai.APIConnectionError, 0),
        (Script(faults=(Fault(kind="drop"),)), openai.APIConnectionError, 1),
        (Script(keys=("another",)), openai.AuthenticationError, 0),
        (Script(capacity=1, faults=()), None, 1),
    ],
    ids=["529", "reset", "drop", "a wrong key", "none"],
)
def test_faults_strike_before_or_after_the_charge_as_they_say(
    gpt: Any, twin: ProviderTwin, raised: Any, charged: int
) -> None:
    if raised is None:
        gpt.chat.completions.create(model=GPT, messages=SAID)
    else:
        with pytest.raises(raised):
            gpt.chat.completions.create(model=GPT, messages=SAID)
    assert len(twin.charges) == charged
