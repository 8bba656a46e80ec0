"""The adapter on disk: written without what differs from run to run, opened without mercy.

PEFT loads an adapter onto any base of the same shape, and onto a base of another shape as far as
the names agree, with a warning at most. So its folder names the base's digest, and what was loaded
is compared with what lies on disk, tensor by tensor."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json
from crewboard.errors import AdapterMismatch
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.finetune.base import Base

_CARD = "crewboard.json"
_WEIGHTS = "adapter_model.safetensors"


def write_adapter(folder: Path, model: Any, base: Base, card: Mapping[str, Any]) -> None:
    """Adapter, its config, the tokenizer, and `card`: {"inputs", "settings", "steps"}."""
    model.save_pretrained(folder, save_embedding_layers=False)
    base.tokenizer.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)  # a form that nobody filled in
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = base.name
    config["target_modules"] = sorted(config["target_modules"])
    write_json(folder / "adapter_config.json", config)
    write_json(folder / _CARD, card)


def read_card(folder: Path) -> dict[str, Any]:
    """What `write_adapter` noted. AdapterMismatch when the adapter names no base."""
    try:
        card: dict[str, Any] = json.loads((folder / _CARD).read_text())
    except FileNotFoundError:
        expected = f"a base that it does not name (no {_CARD})"
        raise AdapterMismatch(adapter=folder, base="given", expected=expected, found="?") from None
    return card


def open_adapter(base: Base, folder: Path) -> Any:
    """The base with the adapter on it, in evaluation mode. AdapterMismatch unless it was trained on
    just this base and each of its tensors found its place."""
    from peft import PeftModel

    trained_on = read_card(folder)["inputs"]
    for what, found in base.identity.items():
        if trained_on.get(what) != found:
            raise AdapterMismatch(
                adapter=folder.name,
                base=base.name,
                expected=f"{what} {str(trained_on.get(what))[:12]}",
                found=found[:12],
            )
    model = PeftModel.from_pretrained(base.model, str(folder)).eval()
    if fault := fault_of(model, folder):
        raise AdapterMismatch(
            adapter=folder.name, base=base.name, expected="all of its tensors", found=fault
        )
    return model


def fault_of(model: Any, folder: Path) -> str | None:
    """What tells the adapter in `model` from a sound one in `folder`; None when nothing does."""
    import torch
    from peft import get_peft_model_state_dict
    from safetensors.torch import load_file

    held = get_peft_model_state_dict(model, save_embedding_layers=False)
    read = load_file(folder / _WEIGHTS)
    if held.keys() != read.keys():
        return "an adapter of other tensors"
    if not all(torch.equal(held[name].detach().cpu(), read[name]) for name in held):
        return "an adapter of other numbers"
    if not all(bool(torch.isfinite(tensor).all()) for tensor in read.values()):
        return "an adapter with numbers that are not finite"
    if not any(bool(tensor.any()) for name, tensor in read.items() if "lora_B" in name):
        return "an adapter that never moved from where it started"
    return None


def write_json(path: Path, value: Any) -> None:
    write_whole(path, (canonical_json(value) + "\n").encode())
