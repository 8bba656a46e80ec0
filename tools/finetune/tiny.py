"""The embedded base: a small transformer of Qwen3's shape, random and made on the spot.

It exists so that a crew can fine-tune and evaluate in about a minute, on one core, without a
network or a key. Same rows and same seed, same base. It knows nothing but what it is taught: a fall
of its loss proves that the pipeline works, and nothing about any model that one would use."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

_VOCABULARY = 1024
_CONTEXT = 2048  # tokens
_PAD, _START, _END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
_TEMPLATE = "qwen3_instruct_2507.jinja"
"""Qwen3's template without thinking: its training variant teaches no empty thought, which would be
easy tokens in every row and flatter the loss."""


def make_tiny(folder: Path, texts: Iterable[str], seed: int) -> None:
    """Write model and tokenizer into `folder`."""
    tokenizer = _tokenizer(texts)
    tokenizer.save_pretrained(folder)
    _model(tokenizer, seed).save_pretrained(folder)


def _tokenizer(texts: Iterable[str]) -> Any:
    """A byte-level BPE, so that no text is unknown to it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=[_PAD, _START, _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token=_END, pad_token=_PAD, model_max_length=_CONTEXT
    )
    tokenizer.chat_template = _template()
    return tokenizer


def _template() -> str:
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / _TEMPLATE).read_text(encoding="utf-8")


def _model(tokenizer: Any, seed: int) -> Any:
    """Random weights. They are drawn wider than usual: an adapter cannot widen the embeddings that
    the output is tied to, and from narrow ones no sharp prediction can be made."""
    from transformers import Qwen3Config, Qwen3ForCausalLM, set_seed

    set_seed(seed)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        max_position_embeddings=_CONTEXT,
        tie_word_embeddings=True,
        initializer_range=0.1,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen3ForCausalLM(config)
