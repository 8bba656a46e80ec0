"""Sentence vectors from a MiniLM-class BERT on this disk, in numpy: no torch, no download, no GPU.

The folder holds `config.json`, `model.safetensors` and `tokenizer.json`, as a sentence-transformers
model of that class is published. The forward pass is that of BERT (Devlin et al. 2018): sums of token,
position and segment embeddings, then layers of self-attention and a feed-forward net, each with a
residual and a LayerNorm. A text's vector is the mean over its tokens, scaled to length 1.

Not covered: other architectures, relative positions, bfloat16 weights; they are refused by name.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crewboard.canonical import sha256_file
from crewboard.errors import ExtraMissing, RecallModelUnusable

_LONGEST = 256  # tokens of a passage that are read; all-MiniLM-L6-v2 was trained on as many
_WIDE = ("config.json", "model.safetensors", "tokenizer.json")


class LocalModel:
    """An `Embedder` of the model in `folder`, opened when it is first asked. ExtraMissing without the
    `train` extra, RecallModelUnusable for a folder that holds no such model."""

    def __init__(self, folder: Path) -> None:
        missing = [name for name in _WIDE if not (folder / name).is_file()]
        if missing:
            raise RecallModelUnusable(path=folder, reason=f"{', '.join(missing)} is not there")
        self.folder = folder
        self.name = f"{folder.name}:{sha256_file(folder / 'model.safetensors')[:12]}"
        self._opened: tuple[Any, Bert] | None = None

    def embed(self, texts: Sequence[str]) -> Any:
        import numpy as np

        tokenizer, bert = self._opened or self._open()
        found = tokenizer.encode_batch(list(texts))
        ids = np.array([each.ids for each in found])
        mask = np.array([each.attention_mask for each in found], np.float32)
        hidden = bert.forward(ids, mask)
        counts = np.maximum(mask.sum(1, keepdims=True), 1.0)
        means = (hidden * mask[:, :, None]).sum(1) / counts
        return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)

    def _open(self) -> "tuple[Any, Bert]":
        try:
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer
        except ImportError as error:
            package = error.name or "tokenizers"
            raise ExtraMissing(what="[recall] model", package=package, extra="train") from error
        try:
            config = json.loads((self.folder / "config.json").read_text("utf-8"))
            bert = Bert(config, load_file(self.folder / "model.safetensors"))
            tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise RecallModelUnusable(path=self.folder, reason=error) from error
        tokenizer.enable_truncation(min(_LONGEST, config["max_position_embeddings"]))
        tokenizer.enable_padding(pad_id=config.get("pad_token_id") or 0)
        self._opened = (tokenizer, bert)
        return self._opened


class Bert:
    """The encoder: `config` as in config.json, `weights` by their names in the published files."""

    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, Any]) -> None:
        """ValueError for another architecture; KeyError names a weight that is not there."""
        if config["model_type"] != "bert" or config["hidden_act"] not in _ACTIVATIONS:
            raise ValueError(f"{config['model_type']} with {config['hidden_act']} is not covered")
        if config.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError("relative positions are not covered")
        self._weights = {name.removeprefix("bert."): value for name, value in weights.items()}
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._act: Callable[[Any], Any] = _ACTIVATIONS[config["hidden_act"]]
        self._w(f"encoder.layer.{self._layers - 1}.output.dense.weight")

    def forward(self, ids: Any, mask: Any) -> Any:
        """The last hidden states, (texts, tokens, width), of token ids and a mask of 1 and 0 (texts,
        tokens); all tokens are of the first segment."""
        import numpy as np

        table = "embeddings.{}_embeddings.weight"
        positions = self._w(table.format("position"))[: ids.shape[1]]
        segment = self._w(table.format("token_type"))[0]
        hidden = self._w(table.format("word"))[ids] + positions + segment
        hidden = self._norm(hidden.astype(np.float32), "embeddings.LayerNorm")
        hide = (1.0 - mask[:, None, None, :]) * np.float32(np.finfo(np.float32).min)
        for number in range(self._layers):
            name = f"encoder.layer.{number}"
            told = self._dense(self._attend(hidden, hide, name), f"{name}.attention.output.dense")
            hidden = self._norm(hidden + told, f"{name}.attention.output.LayerNorm")
            inner = self._act(self._dense(hidden, f"{name}.intermediate.dense"))
            hidden = self._norm(
                hidden + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm"
            )
        return hidden

    def _attend(self, hidden: Any, hide: Any, name: str) -> Any:
        import numpy as np

        texts, tokens, width = hidden.shape
        shape = (texts, tokens, self._heads, width // self._heads)
        query, key, value = (
            self._dense(hidden, f"{name}.attention.self.{part}")
            .reshape(shape)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / math.sqrt(shape[3]) + hide
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = scores / scores.sum(-1, keepdims=True) @ value
        return mixed.transpose(0, 2, 1, 3).reshape(hidden.shape)

    def _dense(self, x: Any, name: str) -> Any:
        return x @ self._w(f"{name}.weight").T + self._w(f"{name}.bias")

    def _norm(self, x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        spread = (centred * centred).mean(-1, keepdims=True)
        scaled = centred / (spread + self._epsilon) ** 0.5
        return scaled * self._w(f"{name}.weight") + self._w(f"{name}.bias")

    def _w(self, name: str) -> Any:
        import numpy as np

        return self._weights[name].astype(np.float32, copy=False)


def _gelu(x: Any) -> Any:
    """Weigh x by the normal distribution below it; erf to 1.5e-7 (Abramowitz and Stegun, 7.1.26)."""
    import numpy as np

    z = np.abs(x) / math.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * z)
    terms = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
    series = np.zeros_like(t)
    for factor in terms:
        series = (series + factor) * t
    erf = np.sign(x) * (1.0 - series * np.exp(-z * z))
    return 0.5 * x * (1.0 + erf)


def _gelu_tanh(x: Any) -> Any:
    import numpy as np

    return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))


def _relu(x: Any) -> Any:
    import numpy as np

    return np.maximum(x, 0.0)


_ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {
    "gelu": _gelu,
    "gelu_new": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "relu": _relu,
}
