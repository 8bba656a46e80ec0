from pathlib import Path

import pytest

from crewboard.errors import ConfigInvalid
from crewboard.tools.audit.config import AuditConfig, load_config

GOOD = """
max_words = 900
languages = ["en", "de"]
[tolerate]
duplicate = 0.9
[fields]
difficulty = "level"
[balance.difficulty]
plan = { easy = 0.3, medium = 0.45, hard = 0.25 }
tolerance = 0.02
"""


def test_what_is_declared_is_what_is_judged_by(tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    path.write_text(GOOD)
    config = load_config(path)
    assert (config.max_words, config.tolerate["duplicate"]) == (900, 0.9)
    assert config.fields.difficulty == "level"
    assert AuditConfig.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("max_words = 0", "max_words"),
        ("max_word = 5", "max_word"),
        ("[tolerate]\nduplicates = 0.1", "tolerate"),
        ("[tolerate]\nduplicate = 2", "tolerate.duplicate"),
        ("[balance.level]\nplan = {a = 1.0}", "balance"),
        ("[balance.difficulty]\nplan = {a = 0.5}", "balance"),
        ("[balance.weight]\nplan = {a = 1.0}", "balance"),  # F27: nothing would count it
        ("= 1", "its text"),
        ("x = '\udcff'", "its text"),
    ],
)
def test_a_faulty_declaration_is_refused_at_its_place(
    tmp_path: Path, text: str, where: str
) -> None:
    path = tmp_path / "audit.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigInvalid, match=where):
        load_config(path)
