"""What the evaluation job runs.

    python -m crewboard.tools.evaluate.worker PLAN.json

PLAN.json is an `EvaluationPlan`. The result is a sealed folder `FOLDER/result` with evaluation.json
and examples.jsonl; run again, it finds that it is done.
"""

import math
import os
import random
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json, digest, sha256_file
from crewboard.errors import NotHeldOut, SelfCheckFailed
from crewboard.tools.evaluate.interval import METHOD, Scored, difference
from crewboard.tools.evaluate.plan import EvaluationPlan
from crewboard.tools.evaluate.scoring import score
from crewboard.tools.finetune.adapter import open_adapter, read_card, write_json
from crewboard.tools.finetune.base import device, open_base
from crewboard.tools.finetune.rows import Encoding, read_chats
from crewboard.tools.finetune.seal import Seal, opened, seal
from crewboard.tools.jobs.failure import telling
from crewboard.tools.jobs.progress import Progress, tell_progress

NOT_DRAWN = "not drawn"
_DIGITS = 6


def main() -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"  # base and adapter are folders; nothing is to be fetched
    plan = EvaluationPlan.read(Path(sys.argv[1]))
    folder = Path(plan.folder)
    folder.mkdir(parents=True, exist_ok=True)
    telling(folder, lambda: work(plan, folder))


def work(plan: EvaluationPlan, folder: Path) -> None:
    inputs = inputs_of(plan)
    result = folder / "result"
    if isinstance(done := opened(result), Seal):
        done.require(inputs)
        return
    shutil.rmtree(result, ignore_errors=True)
    tell_progress(folder, Progress(note="opening the models"))
    encoding, scored = _score(plan, inputs, folder)
    staged = folder / ".staging-result"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    _write(staged, plan, inputs, (encoding, scored))
    seal(staged, result, len(scored), inputs)


def inputs_of(plan: EvaluationPlan) -> dict[str, str]:
    """The digests that an evaluation stands on; those of folders are the artifacts' own."""
    settings = {"max_rows": plan.max_rows, "batch_size": plan.batch_size, "seed": plan.seed}
    return {
        "data": sha256_file(Path(plan.test)),
        "base": folder_sha256(Path(plan.base)),
        "adapter": folder_sha256(Path(plan.adapter)),
        "settings": digest(settings),
    }


def folder_sha256(folder: Path) -> str:
    """A folder's hash as its artifact bears it: the digest of its sorted names and files'
    hashes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest([[path.relative_to(folder).as_posix(), sha256_file(path)] for path in files])


def _score(
    plan: EvaluationPlan, inputs: dict[str, str], folder: Path
) -> tuple[Encoding, list[Scored]]:
    card = read_card(Path(plan.adapter))
    if card["inputs"]["data"] == inputs["data"]:
        raise NotHeldOut(test=plan.test, adapter=Path(plan.adapter).name)
    base = open_base(Path(plan.base))
    model = open_adapter(base, Path(plan.adapter)).to(device())
    chats = read_chats(Path(plan.test))
    encoding = base.encoder(card["settings"]["max_length"]).encode(_drawn(chats, plan))
    total = len(encoding.rows)

    def progress(done: int) -> None:
        tell_progress(folder, Progress(done, total, "rows scored"))

    scored = list(score(model, encoding.rows, plan.batch_size, progress))
    if not scored:
        _fail("no row holds a token to score")
    if not all(math.isfinite(row.base) and math.isfinite(row.tuned) for row in scored):
        _fail("a loss is not finite")
    return encoding, scored


def _drawn(chats: list[Any], plan: EvaluationPlan) -> list[Any]:
    """At most `max_rows` rows, drawn without replacement, in the order of the file."""
    if plan.max_rows is None or len(chats) <= plan.max_rows:
        return chats
    draw = random.Random(plan.seed)  # noqa: S311 - a sample, not a secret
    return [chats[i] for i in sorted(draw.sample(range(len(chats)), plan.max_rows))]


def _write(
    staged: Path,
    plan: EvaluationPlan,
    inputs: dict[str, str],
    found: tuple[Encoding, Sequence[Scored]],
) -> None:
    encoding, scored = found
    result = difference(scored, plan.seed)
    rows_in = len(read_chats(Path(plan.test)))
    evaluation = {
        "n": len(scored),
        "tokens": result.tokens,
        "base": {"nll": round(result.base, _DIGITS)},
        "tuned": {"nll": round(result.tuned, _DIGITS)},
        "delta": round(result.delta, _DIGITS),
        "ci95": [round(result.low, _DIGITS), round(result.high, _DIGITS)],
        "seed": plan.seed,
        "adapter_sha256": inputs["adapter"],
        "base_sha256": inputs["base"],
        "data_sha256": inputs["data"],
        "method": METHOD,
        "rows_in": rows_in,
        "rows_dropped": _dropped(encoding, rows_in),
        "rows_truncated": encoding.truncated,
        "longest_row_tokens": encoding.longest,
    }
    write_json(staged / "evaluation.json", evaluation)
    lines = [canonical_json(_example(row)) + "\n" for row in scored]
    (staged / "examples.jsonl").write_text("".join(lines))


def _dropped(encoding: Encoding, rows_in: int) -> dict[str, int]:
    left_out = {NOT_DRAWN: rows_in - encoding.rows_in} if rows_in > encoding.rows_in else {}
    return {**encoding.dropped, **left_out}


def _example(row: Scored) -> dict[str, Any]:
    """Per-token means, so that rows of different lengths compare."""
    return {
        "line": row.line,
        "tokens": row.tokens,
        "nll_base": round(row.base / row.tokens, _DIGITS),
        "nll_tuned": round(row.tuned / row.tokens, _DIGITS),
    }


def _fail(reason: str) -> None:
    raise SelfCheckFailed(tool="evaluate", reason=reason)


if __name__ == "__main__":
    main()
