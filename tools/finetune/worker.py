"""What the training job runs, and all that a GPU box needs.

    python -m crewboard.tools.finetune.worker PLAN.json

PLAN.json is a `Plan`; {"data": "train.jsonl", "folder": "run"} suffices. The result is a sealed
folder `run/result`. Run it again after a crash, and it goes on; run it once more, and it has
nothing to do. Its packages: torch, transformers, trl, peft, datasets, accelerate and what these
bring."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json, digest, sha256_file
from crewboard.errors import NothingToTrain, SelfCheckFailed
from crewboard.tools.finetune.adapter import fault_of, write_adapter, write_json
from crewboard.tools.finetune.base import device, open_base, prepare_base
from crewboard.tools.finetune.plan import TINY, Plan
from crewboard.tools.finetune.rows import Encoding, read_chats
from crewboard.tools.finetune.seal import Checkpoints, Seal, opened, seal
from crewboard.tools.finetune.training import Run, Trained, train
from crewboard.tools.jobs.failure import telling
from crewboard.tools.jobs.progress import Progress, tell_progress


def main() -> None:
    plan = Plan.read(Path(sys.argv[1]))
    if plan.base == TINY or Path(plan.base).is_dir():
        os.environ["HF_HUB_OFFLINE"] = "1"  # peft asks the hub about every base that it saves for
    folder = Path(plan.folder)
    folder.mkdir(parents=True, exist_ok=True)
    telling(folder, lambda: work(plan, folder))


def work(plan: Plan, folder: Path) -> None:
    """Train, check and seal; or find that it is done."""
    files = {"data": sha256_file(Path(plan.data)), "settings": digest(plan.settings())}
    result = folder / "result"
    if isinstance(done := opened(result), Seal):
        done.require({**done.inputs, **files})
        return
    if result.exists():
        shutil.rmtree(result)  # broken, and made again from its checkpoints
    tell_progress(folder, Progress(note="reading rows"))
    run = _prepare(plan, folder, files)
    trained = train(run)
    staged = _write(run, trained, folder)
    _check(run, trained, staged)
    seal(staged, result, trained.steps, run.checkpoints.inputs)
    tell_progress(folder, Progress(trained.steps, run.steps, "sealed"))


def _prepare(plan: Plan, folder: Path, files: dict[str, str]) -> Run:
    chats = read_chats(Path(plan.data))
    base = open_base(_base_folder(plan, folder, [chat for _, chat in chats]))
    encoding = base.encoder(plan.max_length).encode(chats)
    _require_rows(plan, encoding)
    print(canonical_json(_measured(encoding)), flush=True)  # noqa: T201 - into the log
    checkpoints = Checkpoints(folder / "checkpoints", {**files, **base.identity})
    return Run(plan, base, encoding, plan.steps(len(encoding.rows)), checkpoints)


def _base_folder(plan: Plan, folder: Path, chats: list[dict[str, Any]]) -> Path:
    """Made once for all attempts, whole or not at all."""
    final, staged = folder / "base", folder / ".staging-base"
    if not final.exists():
        shutil.rmtree(staged, ignore_errors=True)
        prepare_base(staged, plan, chats)
        staged.rename(final)
    return final


def _require_rows(plan: Plan, encoding: Encoding) -> None:
    if len(encoding.rows) < plan.batch_size:
        dropped = ", ".join(f"{n} {reason}" for reason, n in encoding.dropped.items())
        raise NothingToTrain(
            data=plan.data,
            rows_in=encoding.rows_in,
            rows=len(encoding.rows),
            needed=plan.batch_size,
            dropped=dropped or "none were dropped",
        )


def _write(run: Run, trained: Trained, folder: Path) -> Path:
    """Everything that the run leaves behind, in a staging folder."""
    staged = folder / ".staging-result"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    card = {"inputs": dict(run.checkpoints.inputs), "settings": run.plan.settings()}
    write_adapter(staged / "adapter", trained.model, run.base, card | {"steps": trained.steps})
    shutil.copytree(folder / "base", staged / "base")
    lines = [canonical_json(entry) + "\n" for entry in trained.log]
    (staged / "log.jsonl").write_text("".join(lines))
    write_json(staged / "report.json", _report(run, trained))
    return staged


def _report(run: Run, trained: Trained) -> dict[str, Any]:
    """`measured` is the same for the same inputs on a CPU; `run` tells how this run came by it."""
    losses = [entry["loss"] for entry in trained.log]
    measured = _measured(run.encoding) | {
        "settings": run.plan.settings(),
        "inputs": dict(run.checkpoints.inputs),
        "steps_planned": run.steps,
        "steps_done": trained.steps,
        "trainable_parameters": _trainable(trained.model),
        "loss_first": round(losses[0], 6) if losses else None,
        "loss_last": round(losses[-1], 6) if losses else None,
    }
    how = {
        "device": device(),
        "resumed_from": trained.resumed_from,
        "quarantined": run.checkpoints.bad(),
    }
    return {"measured": measured, "run": how}


def _measured(encoding: Encoding) -> dict[str, Any]:
    return {
        "rows_in": encoding.rows_in,
        "rows_trained": len(encoding.rows),
        "rows_dropped": dict(encoding.dropped),
        "rows_truncated": encoding.truncated,
        "longest_row_tokens": encoding.longest,
        "tokens": encoding.tokens,
        "supervised_tokens": encoding.learnt,
        "supervised_share": round(encoding.learnt / max(1, encoding.tokens), 4),
    }


def _check(run: Run, trained: Trained, staged: Path) -> None:
    """A run succeeds only when what it wrote opens again and is what was trained."""
    if trained.steps != run.steps:
        _fail(f"{trained.steps} of {run.steps} planned steps were done")
    if not trained.log:
        _fail("no loss was logged")
    if fault := fault_of(trained.model, staged / "adapter"):
        _fail(f"on disk lies {fault}")


def _trainable(model: Any) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _fail(reason: str) -> None:
    raise SelfCheckFailed(tool="finetune", reason=reason)


if __name__ == "__main__":
    main()
