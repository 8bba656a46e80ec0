"""`paid-label`: a tool that pays a provider once for each batch of rows, as a plugin would bring it.

What the provider promises is an argument: it takes a key and does the same key once (`keyed`), it can
be asked afterwards (`lookup`), or neither (`at_most_once`).
"""

import time
from typing import Any, Literal

import httpx
import orjson
from pydantic import Field

from crewboard.canonical import sha256_text
from crewboard.errors import AnswerLost, EffectSkipped, ProviderUnavailable
from crewboard.tools.contract import (
    Arguments,
    Effect,
    EffectCall,
    EffectKind,
    InputPath,
    Made,
    OnUnknown,
    Outcome,
    RowAccount,
    ToolContext,
    tool,
)
from crewboard.tools.contract.context import Performed

PRICE = 100_000
"""Of one batch, in millionths of a US dollar."""
SERVICE = "labeller"
ASKS = "Sort these rows:"
_KEY = "crewboard_key"
_TIMEOUT_S = 20
Promise = Literal["keyed", "lookup", "at_most_once"]

_EFFECTS = {
    "keyed": Effect(EffectKind.KEYED, OnUnknown.RETRY, spends=True),
    "lookup": Effect(EffectKind.LOOKUP, OnUnknown.LOOKUP, spends=True),
    "at_most_once": Effect(EffectKind.AT_MOST_ONCE, OnUnknown.ASK_HUMAN, spends=True),
}


class LabelArguments(Arguments):
    data: InputPath
    service: str
    """The provider's address."""
    promise: Promise = "keyed"
    batch_rows: int = Field(default=40, ge=1)
    most_batches: int = Field(default=5, ge=1)
    settles_s: float = 0.0
    """How long after a call the provider may still be at work on it."""
    dawdle_s: float = 0.0
    """A pause before each call, so that a kill has something to hit."""


def _most(arguments: LabelArguments) -> int:
    return arguments.most_batches * PRICE


@tool(
    "paid-label",
    "Have a paid service sort rows, a batch at a time.",
    produces={"labels": "rows-jsonl"},
    effect=_EFFECTS["at_most_once"],
    estimate=_most,
)
def paid_label(arguments: LabelArguments, context: ToolContext) -> Outcome:
    """Each batch is one call; a batch that was skipped on a human's word counts as dropped."""
    rows = context.read(arguments.data).read_bytes().splitlines()
    size, skipped, kept = arguments.batch_rows, 0, []
    batches = [rows[at : at + size] for at in range(0, len(rows), size)]
    for number, batch in enumerate(batches[: arguments.most_batches]):
        time.sleep(arguments.dawdle_s)
        try:
            label = context.perform(*_call(arguments, number, b"\n".join(batch)))
        except EffectSkipped:
            skipped += len(batch)
            continue
        kept += [orjson.dumps({"row": sha256_text(row.decode()), "label": label}) for row in batch]
        context.progress(number + 1, len(batches))
    left = len(rows) - len(kept) - skipped
    path = context.out / "labels.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in kept))
    return Outcome(
        made=(Made("labels", path, len(kept)),),
        summary=f"{len(kept)} rows sorted",
        rows=RowAccount(len(rows), len(kept), {"skipped": skipped, "left": left}),
    )


def _call(arguments: LabelArguments, number: int, text: bytes) -> tuple[EffectCall, Any]:
    body = {
        "model": SERVICE,
        "messages": [{"role": "user", "content": f"{ASKS}\n{text.decode()}"}],
    }

    def act(key: str) -> Performed:
        return Performed(_send(arguments, body, key), PRICE)

    def look(key: str) -> Performed | None:
        time.sleep(arguments.settles_s)
        found = _answer(
            lambda: httpx.get(
                _url(arguments), params={f"metadata[{_KEY}]": key}, timeout=_TIMEOUT_S
            )
        )
        return Performed(_text(found["data"][0]), PRICE) if found["data"] else None

    call = EffectCall(
        step=f"batch {number}",
        tool="paid-label",
        effect=_EFFECTS[arguments.promise],
        arguments={"rows": sha256_text(text.decode()), "service": arguments.service},
        estimate=PRICE,
        provider=SERVICE,
        lookup=look,
    )
    return call, act


def _send(arguments: LabelArguments, body: dict[str, Any], key: str) -> str:
    headers = {"Idempotency-Key": key} if arguments.promise == "keyed" else {}
    if arguments.promise == "lookup":
        body = {**body, "store": True, "metadata": {_KEY: key}}
    return _text(
        _answer(lambda: httpx.post(_url(arguments), json=body, headers=headers, timeout=_TIMEOUT_S))
    )


def _url(arguments: LabelArguments) -> str:
    return f"{arguments.service}/v1/chat/completions"


def _answer(send: Any) -> dict[str, Any]:
    try:
        response: httpx.Response = send()
    except httpx.ConnectError as error:
        raise ProviderUnavailable(provider=SERVICE, reason=error) from error
    except httpx.TransportError as error:
        raise AnswerLost(provider=SERVICE, reason=error) from error
    if response.is_error:
        raise ProviderUnavailable(provider=SERVICE, reason=f"HTTP {response.status_code}")
    return dict(response.json())


def _text(chat: dict[str, Any]) -> str:
    return str(chat["choices"][0]["message"]["content"])
