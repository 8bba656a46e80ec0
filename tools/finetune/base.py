"""The model to start from, and what identifies it.

A base folder holds base.json: its name, where its weights are (`here`, or by name on disk or hub)
and their digest. An adapter fits every base of the same shape and says nothing when it is the wrong
one; the digest is what tells them apart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.canonical import canonical_json, digest, sha256_file, sha256_text
from crewboard.errors import BaseUnavailable, LengthUnsuited, TemplateUnsuited
from crewboard.tools.files.atomic import write_whole
from crewboard.tools.finetune.plan import TINY, Plan
from crewboard.tools.finetune.rows import ChatEncoder
from crewboard.tools.finetune.tiny import make_tiny

_CARD = "base.json"
_WANTED = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
_WEIGHTS = ("config.json", "*.safetensors", "*.safetensors.index.json")


@dataclass(frozen=True)
class Base:
    """An opened base. `template` is the training variant of its chat template; `sha256` is of
    config and weights as they lie on disk."""

    name: str
    model: Any
    tokenizer: Any
    template: str
    sha256: str

    @property
    def identity(self) -> dict[str, str]:
        """The digests that must not change under a training or an evaluation."""
        return {
            "base": self.sha256,
            "template": sha256_text(self.template),
            "tokenizer": sha256_text(self.tokenizer.backend_tokenizer.to_str()),
        }

    def encoder(self, max_length: int) -> ChatEncoder:
        """LengthUnsuited when the model takes less than `max_length` tokens."""
        limit = getattr(self.model.config, "max_position_embeddings", None)
        if limit is not None and max_length > limit:
            raise LengthUnsuited(max_length=max_length, base=self.name, limit=limit)
        return ChatEncoder(self.tokenizer, self.template, max_length)


def prepare_base(folder: Path, plan: Plan, chats: Sequence[dict[str, Any]]) -> None:
    """Make the base folder of a run: the tiny model itself, or a card that names another's
    weights."""
    folder.mkdir(parents=True)
    if plan.base == TINY:
        make_tiny(folder, _texts(chats), plan.seed)
        card = {"base": TINY, "weights": "here", "sha256": weights_sha256(folder)}
    else:
        card = {
            "base": plan.base,
            "weights": "by name",
            "sha256": weights_sha256(_weights_of(plan.base)),
        }
    write_whole(folder / _CARD, (canonical_json(card) + "\n").encode())


def open_base(folder: Path) -> Base:
    """The model (in evaluation mode, float32 on a CPU, bfloat16 on a GPU) and its tokenizer.
    BaseUnavailable when weights are missing, unsafe to open or not those that the card tells of;
    TemplateUnsuited when the template cannot mark the assistant's tokens."""
    card = _card(folder)
    weights = folder if card["weights"] == "here" else _weights_of(card["base"])
    found = weights_sha256(weights)
    if found != card["sha256"]:
        reason = f"its weights are {found[:12]}, and were {card['sha256'][:12]}"
        raise BaseUnavailable(base=card["base"], reason=reason)
    model, tokenizer = _load(weights, card["base"])
    return Base(card["base"], model, tokenizer, _training_template(tokenizer, card["base"]), found)


def weights_sha256(folder: Path) -> str:
    """The digest of config and weights: of their sorted names and hashes."""
    files = sorted({path for pattern in _WEIGHTS for path in folder.glob(pattern)})
    if not any(path.suffix == ".safetensors" for path in files):
        raise BaseUnavailable(base=folder, reason="no .safetensors file lies there")
    return digest([[path.name, sha256_file(path)] for path in files])


def device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _load(weights: Path, name: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    dtype = torch.bfloat16 if device() == "cuda" and name != TINY else torch.float32
    try:
        model = AutoModelForCausalLM.from_pretrained(
            weights, dtype=dtype, use_safetensors=True, trust_remote_code=False
        )
        tokenizer = AutoTokenizer.from_pretrained(weights, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise BaseUnavailable(base=name, reason=str(error).splitlines()[0]) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.eval(), tokenizer


def _weights_of(name: str) -> Path:
    """The folder of a base that is named by folder or hub id; fetched from the hub, or its
    cache."""
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(_WANTED)))
    except (OSError, HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise BaseUnavailable(base=name, reason=str(error).splitlines()[0]) from error


def _training_template(tokenizer: Any, name: str) -> str:
    from trl.chat_template_utils import get_training_chat_template

    if not tokenizer.chat_template or not tokenizer.is_fast:
        raise TemplateUnsuited(base=name, reason="it has none, or no fast tokenizer")
    try:
        patched = get_training_chat_template(tokenizer)
    except ValueError as error:
        raise TemplateUnsuited(base=name, reason=str(error).splitlines()[0]) from error
    template = patched or tokenizer.chat_template
    return template["default"] if isinstance(template, dict) else str(template)


def _card(folder: Path) -> dict[str, str]:
    try:
        card: dict[str, str] = json.loads((folder / _CARD).read_text())
    except (OSError, ValueError) as error:
        raise BaseUnavailable(base=folder, reason=f"no {_CARD} of crewboard's: {error}") from error
    return card


def _texts(chats: Sequence[dict[str, Any]]) -> list[str]:
    contents = (message.get("content") for chat in chats for message in chat["messages"])
    return [content for content in contents if isinstance(content, str)]
