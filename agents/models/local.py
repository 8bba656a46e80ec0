"""A causal language model on this machine, through transformers: nothing leaves, nothing is paid.

Answers are greedy, so the same question gets the same answer on the same hardware. Weights are read
from safetensors only, and no code that a model ships is run. The schema is told in words, not
enforced while decoding: `structured` checks and repairs.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from crewboard.agents.models.answer import system_with_schema
from crewboard.agents.models.contract import ModelReply, ModelRequest, Usage
from crewboard.agents.models.endpoint import require_package
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import InputUnreadable, ReplyInvalid, RequestRefused
from crewboard.tools.contract.effect import PURE


def open_local(model: str, settings: ModelSettings, _environ: Mapping[str, str]) -> "LocalModel":
    require_package("torch", "train", "the provider local")
    require_package("transformers", "train", "the provider local")
    return LocalModel(model, settings)


class LocalModel:
    """`source` is a folder, or a name on the hub, which is fetched only with `download = true`.

    The weights are loaded with the first question; questions are answered one at a time.
    """

    provider = "local"
    effect = PURE

    def __init__(self, source: str, settings: ModelSettings | None = None) -> None:
        self.name = f"local/{source}"
        self._source = source
        self._settings = settings or ModelSettings()
        self._lock = Lock()

    def estimate(self, request: ModelRequest) -> int:  # noqa: ARG002 - a port
        return 0

    def ask(self, request: ModelRequest, key: str) -> ModelReply:  # noqa: ARG002 - a port
        """RequestRefused if the prompt does not fit the model; ReplyInvalid if it says nothing."""
        with self._lock:
            tokenizer, model = self._loaded
            prompt = self._encoded(tokenizer, request)
            room = self._room(model, len(prompt))
            said, ended = self._generate(prompt, min(request.max_tokens, room))
        text = tokenizer.decode(said, skip_special_tokens=True).strip()
        if not text:
            raise ReplyInvalid(provider=self.name, tries=1, reason="an empty answer came")
        usage = Usage(len(prompt), len(said))
        return ModelReply(text, self.name, usage, finish="stop" if ended else "length")

    def find(self, request: ModelRequest, key: str) -> ModelReply | None:  # noqa: ARG002 - a port
        return None  # asking again costs nothing

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        offline = not self._settings.download or Path(self._source).is_dir()
        common: dict[str, Any] = {"local_files_only": offline, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(self._source, **common)
            model = AutoModelForCausalLM.from_pretrained(
                self._source, use_safetensors=True, **common
            )
        except (OSError, ValueError) as error:
            raise InputUnreadable(path=self._source, where="", reason=error) from error
        return tokenizer, model.eval()

    def _encoded(self, tokenizer: Any, request: ModelRequest) -> list[int]:
        """With the model's own chat template; without one, as a plain dialogue."""
        system = system_with_schema(request)
        turns = [{"role": "system", "content": system}] if system else []
        turns += [{"role": turn.role, "content": turn.text} for turn in request.turns]
        if tokenizer.chat_template:
            text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            return list(tokenizer(text, add_special_tokens=False)["input_ids"])
        lines = [f"{turn['role']}: {turn['content']}" for turn in turns]
        return list(tokenizer("\n\n".join([*lines, "assistant:"]))["input_ids"])

    def _room(self, model: Any, used: int) -> int:
        limit = getattr(model.config, "max_position_embeddings", None)
        room = limit - used if limit else self._settings.max_bytes
        if room < 1:
            reason = f"the prompt has {used} tokens, the model takes {limit}"
            raise RequestRefused(provider=self.name, status="not sent", reason=reason)
        return int(room)

    def _generate(self, prompt: list[int], most: int) -> tuple[list[int], bool]:
        """The new tokens, and whether the model ended by itself."""
        import torch

        tokenizer, model = self._loaded
        tokens = torch.tensor([prompt], device=model.device)
        ends = tokenizer.eos_token_id
        with torch.inference_mode():
            made = model.generate(
                tokens,
                attention_mask=torch.ones_like(tokens),
                max_new_tokens=most,
                do_sample=False,
                pad_token_id=ends if tokenizer.pad_token_id is None else tokenizer.pad_token_id,
            )
        said = made[0, len(prompt) :].tolist()
        return said, len(said) < most or (bool(said) and said[-1] == ends)
