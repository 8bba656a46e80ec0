"""TRL's trainer, told everything explicitly, with checkpoints that are sealed.

TRL's SFTTrainer computes the loss over the labels that `rows` made, which is what its own
`assistant_only_loss` would compute; the labels are ours because TRL drops rows without a count. Two
private hooks of it are used, `_get_output_dir` and `_save_checkpoint`; a test guards them.

Bit-identity of a resumed run, and of two runs with one seed, is promised on CPUs only.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.errors import SelfCheckFailed
from crewboard.tools.finetune.base import Base, device
from crewboard.tools.finetune.plan import Plan
from crewboard.tools.finetune.rows import Encoding
from crewboard.tools.finetune.seal import Checkpoints
from crewboard.tools.jobs.progress import Progress, tell_progress

_LOGGED = 1000
"""No more than about so many steps are logged, however long the run."""
_OWN_CODE = "training_args.bin"  # a pickle, and nothing reads it again


@dataclass(frozen=True)
class Run:
    """One training, ready to go: `steps` are optimizer steps, planned."""

    plan: Plan
    base: Base
    encoding: Encoding
    steps: int
    checkpoints: Checkpoints


@dataclass(frozen=True)
class Trained:
    """The model with its adapter, the log (one mapping per logged step) and the steps done."""

    model: Any
    log: list[Mapping[str, Any]]
    steps: int
    resumed_from: int


def train(run: Run) -> Trained:
    """Train to the end, from the newest sound checkpoint if there is one. InputsChanged when that
    was made from other inputs, SelfCheckFailed as soon as a loss is not finite."""
    from transformers import set_seed

    start = run.checkpoints.newest()
    if start and _step_of(start) >= run.steps:
        return _trained_already(run, start)
    set_seed(run.plan.seed)
    trainer = _trainer(run)
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    state, resumed = trainer.state, _step_of(start) if start else 0
    return Trained(trainer.model, _log(state.log_history), state.global_step, resumed)


def _trained_already(run: Run, last: Path) -> Trained:
    """The end of a training that was stopped after its last step; the trainer would add one
    more."""
    from peft import PeftModel

    model = PeftModel.from_pretrained(run.base.model, str(last), is_trainable=True)
    state = json.loads((last / "trainer_state.json").read_text())
    return Trained(model, _log(state["log_history"]), state["global_step"], _step_of(last))


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _trainer(run: Run) -> Any:
    from datasets import Dataset
    from peft import LoraConfig

    rows = [{"input_ids": row.input_ids, "labels": row.labels} for row in run.encoding.rows]
    return _sealing_trainer(run.checkpoints)(
        model=run.base.model,
        args=_settings(run),
        train_dataset=Dataset.from_list(rows),
        processing_class=run.base.tokenizer,
        peft_config=LoraConfig(
            r=run.plan.rank,
            lora_alpha=run.plan.alpha,
            lora_dropout=0.0,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[_watch(Path(run.plan.folder))],
    )


def _settings(run: Run) -> Any:
    """TRL's defaults suit a GPU and hide broken losses, so nothing that matters is left to them."""
    from trl import SFTConfig

    plan, on_gpu = run.plan, device() == "cuda"
    return SFTConfig(
        output_dir=str(run.checkpoints.folder),
        max_steps=run.steps,
        per_device_train_batch_size=plan.batch_size,
        gradient_accumulation_steps=plan.gradient_accumulation,
        learning_rate=plan.rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, run.steps // 20),
        seed=plan.seed,
        data_seed=plan.seed,
        max_length=plan.max_length,
        save_strategy="steps",
        save_steps=plan.save_every,
        save_total_limit=None,
        logging_steps=max(1, run.steps // _LOGGED),
        logging_nan_inf_filter=False,
        include_num_input_tokens_seen="non_padding",
        dataset_kwargs={"skip_prepare_dataset": True},
        use_cpu=not on_gpu,
        bf16=on_gpu,
        gradient_checkpointing=on_gpu,
        disable_tqdm=True,
        report_to="none",
    )


def _sealing_trainer(checkpoints: Checkpoints) -> Any:
    """SFTTrainer, but that a checkpoint is written aside, sealed, and only then put in place."""
    from trl import SFTTrainer

    class SealingTrainer(SFTTrainer):  # type: ignore[misc]
        _staged: Path | None = None

        def _get_output_dir(self, trial: Any) -> str:
            return str(self._staged) if self._staged else str(super()._get_output_dir(trial))

        def _save_checkpoint(self, model: Any, trial: Any) -> None:
            step = self.state.global_step
            self._staged = checkpoints.staging(step)
            super()._save_checkpoint(model, trial)
            written = self._staged / f"checkpoint-{step}"
            (written / _OWN_CODE).unlink(missing_ok=True)
            checkpoints.add(written, step)
            self._staged.rmdir()
            self._staged = None

        def create_model_card(self, *_: Any, **__: Any) -> None:
            """No card: its text is about the trainer, and changes from run to run."""

    return SealingTrainer


def _watch(folder: Path) -> Any:
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_log(self, _args: Any, state: Any, _control: Any, **more: Any) -> None:
            loss = (more.get("logs") or {}).get("loss")
            if loss is None:
                return
            if not math.isfinite(loss):
                reason = f"the loss is {loss} at step {state.global_step}"
                raise SelfCheckFailed(tool="finetune", reason=reason)
            progress = Progress(state.global_step, state.max_steps, f"loss {loss:.3f}")
            tell_progress(folder, progress)

    return Watch()


def _log(history: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """The trainer's history is part of each checkpoint, so a resumed run's log has no seam."""
    return [
        {
            "step": entry["step"],
            "loss": entry["loss"],
            "learning_rate": entry["learning_rate"],
            "grad_norm": float(entry["grad_norm"]),
            "tokens": int(entry["num_input_tokens_seen"]),
        }
        for entry in history
        if "loss" in entry
    ]
