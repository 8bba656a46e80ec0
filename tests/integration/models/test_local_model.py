"""A tiny transformers model, made here with random weights: the provider that needs nobody."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crewboard.agents.models.contract import Model, ModelRequest, Turn
from crewboard.agents.models.registry import open_model
from crewboard.errors import InputUnreadable, ReplyInvalid, RequestRefused
from crewboard.tools.contract.effect import PURE

pytestmark = pytest.mark.train
_TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>"
_REQUEST = ModelRequest("lead/plan", "Be brief.", (Turn("user", "Plan the work."),), max_tokens=8)


def _make(folder: Path, *, template: str | None = None, positions: int = 256) -> Path:
    transformers: Any = pytest.importorskip("transformers")
    torch: Any = pytest.importorskip("torch")
    tokenizers: Any = pytest.importorskip("tokenizers")
    torch.manual_seed(0)
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*alphabet, "<end>"])}
    core = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, []))
    core.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = tokenizers.decoders.ByteLevel()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<end>")
    tokenizer.chat_template = template
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary), max_position_embeddings=positions, **shape, **heads
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return open_model(f"local/{_make(tmp_path / 'model')}")


def test_it_answers_alike_each_time_and_costs_nothing(model: Model) -> None:
    first, again = (model.ask(_REQUEST, key) for key in "ab")
    assert first == again
    assert first.text
    assert (first.cost, model.estimate(_REQUEST), model.effect) == (0, 0, PURE)
    assert first.usage.output_tokens <= 8
    assert first.finish in {"stop", "length"}


def test_the_prompt_is_counted_token_by_token(model: Model) -> None:
    plain = "system: Be brief.\n\nuser: Plan the work.\n\nassistant:"
    assert model.ask(_REQUEST, "k").usage.input_tokens == len(plain)  # one token a byte, here


def test_the_models_own_chat_template_is_used(tmp_path: Path) -> None:
    model = open_model(f"local/{_make(tmp_path, template=_TEMPLATE)}")
    told = "<system>Be brief.<user>Plan the work.<assistant>"
    assert model.ask(_REQUEST, "k").usage.input_tokens == len(told)


def test_the_schema_is_told_in_words(model: Model) -> None:
    asked = replace(_REQUEST, schema={"type": "object"}, max_tokens=1)
    assert model.ask(asked, "k").usage.input_tokens > 100


def test_a_prompt_that_does_not_fit_is_refused_and_one_that_does_is_cut(tmp_path: Path) -> None:
    """F10: a length that exceeds the model's limit is told before the work."""
    model = open_model(f"local/{_make(tmp_path, positions=60)}")
    long = replace(_REQUEST, turns=(Turn("user", "x" * 100),))
    with pytest.raises(RequestRefused):
        model.ask(long, "k")
    reply = model.ask(replace(_REQUEST, max_tokens=4000), "k")
    assert reply.usage.input_tokens + reply.usage.output_tokens <= 60


def test_what_is_no_model_is_unreadable(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    with pytest.raises(InputUnreadable):
        open_model(f"local/{tmp_path}").ask(_REQUEST, "k")
    with pytest.raises(InputUnreadable):  # a name on the hub, and no leave to download
        open_model("local/nobody/nothing").ask(_REQUEST, "k")


def test_weights_that_are_pickled_are_not_read(tmp_path: Path) -> None:
    folder = _make(tmp_path / "model")
    torch: Any = pytest.importorskip("torch")
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(InputUnreadable):
        open_model(f"local/{folder}").ask(_REQUEST, "k")


def test_silence_is_no_answer(tmp_path: Path) -> None:
    """F9: an empty output is a failure."""
    folder = _make(tmp_path)
    transformers: Any = pytest.importorskip("transformers")
    torch: Any = pytest.importorskip("torch")
    mute = transformers.LlamaForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        mute.lm_head.weight.zero_()
        mute.model.norm.weight.zero_()  # every logit is 0, so the first token wins: "!"
    mute.config.eos_token_id = mute.generation_config.eos_token_id = 0
    mute.save_pretrained(folder)
    config = (folder / "tokenizer_config.json").read_text().replace("<end>", "!")
    (folder / "tokenizer_config.json").write_text(config)
    with pytest.raises(ReplyInvalid):
        open_model(f"local/{folder}").ask(_REQUEST, "k")
