"""The loss of each row, under the base and under the base with its adapter.

Sums are kept per row and tokens counted per row, so no average over a batch enters a number: the
mean over batches that trainers report changes with the batch size. Padding stands on the right and
is masked; what a batch size still changes is rounding, in the sixth digit or so.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crewboard.tools.evaluate.interval import Scored
from crewboard.tools.finetune.rows import IGNORED, Encoded

Progress = Callable[[int], None]


def score(
    model: Any, rows: Sequence[Encoded], batch_size: int, progress: Progress
) -> Iterator[Scored]:
    """Each row in order. `model` is a PEFT model in evaluation mode; its adapter is switched off
    for the base's part, so both halves run on the very same weights."""
    import torch

    for start in range(0, len(rows), batch_size):
        batch = rows[start : start + batch_size]
        inputs, labels = _padded(batch, model.device)
        with torch.inference_mode():
            tuned = _losses(model(**inputs).logits, labels)
            with model.disable_adapter():
                base = _losses(model(**inputs).logits, labels)
        for row, of_base, of_tuned in zip(batch, base, tuned, strict=True):
            yield Scored(row.line, row.learnt, of_base, of_tuned)
        progress(start + len(batch))


def _padded(batch: Sequence[Encoded], device: Any) -> tuple[dict[str, Any], Any]:
    import torch

    longest = max(len(row.input_ids) for row in batch)

    def tensor(rows: list[list[int]], filler: int) -> Any:
        filled = [row + [filler] * (longest - len(row)) for row in rows]
        return torch.tensor(filled, device=device)

    inputs = {
        "input_ids": tensor([row.input_ids for row in batch], 0),
        "attention_mask": tensor([[1] * len(row.input_ids) for row in batch], 0),
    }
    return inputs, tensor([row.labels for row in batch], IGNORED)


def _losses(logits: Any, labels: Any) -> list[float]:
    """Summed -log p of each row's labelled tokens, in nats: the token at t is predicted at t -
    1."""
    from torch.nn.functional import cross_entropy

    each = cross_entropy(
        logits[:, :-1].float().transpose(1, 2),
        labels[:, 1:],
        ignore_index=IGNORED,
        reduction="none",
    )
    return [float(total) for total in each.double().sum(dim=1)]
