"""Our forward pass gives what transformers' own BERT gives."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from crewboard.errors import UsageError
from crewboard.memory.embed import _ACTIVATIONS, Bert, LocalModel

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "we", "train", "##ed", "a", "mix", "of", "rows", "."]


def transformers() -> Any:
    return pytest.importorskip("transformers", reason="the reference is of the train extra")


def saved(folder: Path, **more: Any) -> Any:
    """A tiny BERT with random weights in `folder`, as published ones lie there, and the model itself."""
    module = transformers()
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    torch.manual_seed(7)
    sizes = {
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "intermediate_size": 48,
    }
    config = module.BertConfig(
        vocab_size=len(WORDS),
        max_position_embeddings=24,
        initializer_range=0.7,
        **{**sizes, **more},
    )
    model = module.BertModel(config).eval()
    model.save_pretrained(folder)
    tokenizer = Tokenizer(WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        "[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return model


@pytest.mark.parametrize("act", ["gelu", "gelu_new", "relu"])
def test_the_hidden_states_are_those_of_transformers(tmp_path: Path, act: str) -> None:
    model = saved(tmp_path, hidden_act=act)
    import numpy as np
    import torch
    from safetensors.numpy import load_file

    ids = np.array([[2, 4, 5, 6, 7, 8, 3], [2, 8, 9, 3, 0, 0, 0]])
    mask = np.array([[1] * 7, [1] * 4 + [0] * 3], np.float32)
    config = json.loads((tmp_path / "config.json").read_text())
    ours = Bert(config, load_file(tmp_path / "model.safetensors")).forward(ids, mask)

    def theirs(of: Any) -> Any:
        with torch.no_grad():
            found = of(torch.tensor(ids), attention_mask=torch.tensor(mask))
        return found.last_hidden_state.numpy()

    def farthest(hidden: Any) -> float:
        """From the exact states; what the mask hides means nothing."""
        return float((mask[:, :, None] * np.abs(hidden - exact)).max())

    single = theirs(model)
    exact = theirs(model.double())
    assert ours.shape == exact.shape
    assert farthest(ours) < 3 * farthest(single) + 1e-6, "as near as torch's own float32"
    assert farthest(ours) < 1e-4


def test_the_error_function_of_gelu_is_near_the_exact_one() -> None:
    np = pytest.importorskip("numpy", reason="the forward pass is in numpy, of the train extra")
    x = np.linspace(-6, 6, 2001)
    exact = [0.5 * each * (1 + math.erf(each / math.sqrt(2))) for each in x]
    assert np.abs(_ACTIVATIONS["gelu"](x) - exact).max() < 6 * 1.5e-7


def test_a_texts_vector_has_length_one_and_does_not_depend_on_its_neighbours(
    tmp_path: Path,
) -> None:
    saved(tmp_path)
    import numpy as np

    model = LocalModel(tmp_path)
    alone = model.embed(["we trained a mix"])
    beside = model.embed(["we trained a mix", "rows of rows of a mix of rows . " * 9, ""])
    assert alone.shape == (1, 32)
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(beside, axis=1), 1.0, atol=1e-5)


def test_the_name_changes_with_the_weights(tmp_path: Path) -> None:
    saved(tmp_path)
    before = LocalModel(tmp_path).name
    saved(tmp_path, num_hidden_layers=2)
    assert LocalModel(tmp_path).name != before


def test_a_folder_without_a_model_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"config\.json, model\.safetensors, tokenizer\.json"):
        LocalModel(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model_type": "llama"},
        {"hidden_act": "swiglu"},
        {"position_embedding_type": "relative_key"},
        {"num_hidden_layers": 9},  # more than the file has
    ],
)
def test_another_architecture_is_refused_before_it_is_misread(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    saved(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, **wrong}))
    with pytest.raises(UsageError, match="cannot be used"):
        LocalModel(tmp_path).embed(["we"])
