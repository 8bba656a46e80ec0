"""Verdicts: one judgement of one artifact hash, signed by someone who did not make it.

The signature is HMAC-SHA256 over the verdict's canonical JSON, with a key derived for the signer from
the workspace's own (`.crewboard/key`, 0600). It shows that the verdict was written by a crew of this
workspace and not edited since. Who can read the key can forge it.
"""

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.coordination.ledger import Transaction
from crewboard.errors import NotPermitted, SelfApproval

ACCEPT, REWORK, WAIVED = "accept", "rework", "waived"
_JUDGEMENTS = frozenset({ACCEPT, REWORK, WAIVED})
_KEY_BYTES = 32


@dataclass(frozen=True)
class Judgement:
    """What QA found: measured values beside the thresholds that were declared before the run."""

    sha256: str
    task: str
    review: str
    judgement: str
    measured: Mapping[str, Any]
    thresholds: Mapping[str, Any]
    findings: Sequence[str]


@dataclass(frozen=True)
class Verdict:
    sha256: str
    task: str
    review: str
    judgement: str
    signer: str
    measured: dict[str, Any]
    thresholds: dict[str, Any]
    findings: list[str]
    signature: str
    at: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> "Verdict":
        parsed = {name: json.loads(row[name]) for name in ("measured", "thresholds", "findings")}
        return cls(**{**dict(row), **parsed})

    @property
    def accepts(self) -> bool:
        return self.judgement in {ACCEPT, WAIVED}


def workspace_key(path: Path) -> bytes:
    """The workspace's key, made on first use."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
    return path.read_bytes()


def sign(tx: Transaction, judged: Judgement, signer: str, key: bytes) -> None:
    """Write the verdict. SelfApproval when the signer made the artifact, whatever its role says;
    NotPermitted when an agent waives what only a human may."""
    refuse_maker(tx, judged, signer)
    if judged.judgement not in _JUDGEMENTS:
        raise ValueError(f"{judged.judgement!r} is no judgement")
    if judged.judgement == WAIVED and not signer.startswith("human:"):
        raise NotPermitted(
            agent=signer, what=f"waive {judged.sha256[:8]}", reason="a waiver is a human's"
        )
    written = {
        "sha256": judged.sha256,
        "task": judged.task,
        "review": judged.review,
        "judgement": judged.judgement,
        "signer": signer,
        "measured": canonical_json(judged.measured),
        "thresholds": canonical_json(judged.thresholds),
        "findings": canonical_json(list(judged.findings)),
    }
    signature = _signature(written, signer, key)
    if tx.change("insert_verdict", **written, signature=signature, at=tx.at):
        goal = tx.one("get_task", id=judged.task)
        tx.event(
            "verdict.signed", signer, goal["goal"] if goal else None, judged.task,
            sha256=judged.sha256, judgement=judged.judgement, findings=list(judged.findings),
            measured=dict(judged.measured),
        )  # fmt: skip


def refuse_maker(tx: Transaction, judged: Judgement, signer: str) -> None:
    """The separation of duties: whoever made these bytes, for whatever task, cannot sign them."""
    if signer in makers(tx, judged.sha256):
        raise SelfApproval(
            agent=signer, what=f"sign {judged.sha256[:8]}", reason="made this artifact itself"
        )


def makers(tx: Transaction, sha256: str) -> set[str]:
    return {row["made_by"] for row in tx.run("artifacts_by_hash", sha256=sha256)}


def holds(verdict: Verdict, key: bytes) -> bool:
    """Whether a verdict is what its signer wrote."""
    row = {name: getattr(verdict, name) for name in _SIGNED}
    for name in ("measured", "thresholds", "findings"):
        row[name] = canonical_json(row[name])
    return hmac.compare_digest(_signature(row, verdict.signer, key), verdict.signature)


def of_task(tx: Transaction, task_id: str) -> list[Verdict]:
    return [Verdict.of(row) for row in tx.run("verdicts_of_task", task=task_id)]


def of_hash(tx: Transaction, sha256: str) -> list[Verdict]:
    return [Verdict.of(row) for row in tx.run("verdicts_of_hash", sha256=sha256)]


def everything(tx: Transaction) -> list[Verdict]:
    return [Verdict.of(row) for row in tx.run("all_verdicts")]


_SIGNED = (
    "sha256", "task", "review", "judgement", "signer", "measured", "thresholds", "findings",
)  # fmt: skip


def _signature(written: Mapping[str, Any], signer: str, key: bytes) -> str:
    own = hmac.digest(key, signer.encode(), hashlib.sha256)
    return hmac.new(own, canonical_json(dict(written)).encode(), hashlib.sha256).hexdigest()
