"""What a repair is asked for: by arguments, or by a `repair.toml`."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crewboard.tools.contract import Arguments, InputPath
from crewboard.tools.files.chat import ROLES
from crewboard.tools.files.document import read_toml
from crewboard.tools.repair.offers import Action, Fix, fix_of, offers


class RepairArguments(Arguments):
    data: InputPath
    fixes: Mapping[str, str] = Field(min_length=1)
    """By rule: `drop`, `reconstruct`, `reconstruct:WAY` or `leave`. What is not named is left."""
    aliases: Mapping[str, str] = Field(default_factory=dict)
    """Further names of roles: {"client": "user"}."""
    max_words: int | None = Field(default=None, ge=1)
    """Words in all messages of a row together, for `over-long`; 400 unless `config` says otherwise."""
    config: InputPath | None = None
    """An `audit.toml`: thresholds, fields, languages."""
    findings: InputPath | None = None
    """What `data audit --findings` wrote of this very file, for rules that only a whole audit sees."""

    @model_validator(mode="after")
    def _offered(self) -> "RepairArguments":
        for rule, text in self.fixes.items():
            fix_of(rule, text)
        strange = sorted(set(self.aliases.values()) - ROLES)
        if strange:
            raise ValueError(f"{strange[0]} is no role; there are {', '.join(sorted(ROLES))}")
        found = sorted(self.by_findings)
        if found and self.findings is None:
            raise ValueError(f"{found[0]} is seen by a whole audit only: name its findings")
        return self

    @property
    def chosen(self) -> dict[str, Fix]:
        """What happens to each rule that was named, but for those that are left."""
        fixes = [fix_of(rule, text) for rule, text in self.fixes.items()]
        return {fix.rule: fix for fix in fixes if fix.action is not Action.LEAVE}

    @property
    def by_findings(self) -> frozenset[str]:
        """The chosen rules whose rows the findings name."""
        return frozenset(rule for rule in self.chosen if offers()[rule].by_findings)


class RepairFile(BaseModel):
    """`repair.toml`: [fix] and [aliases] are tables of texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fix: Mapping[str, str] = Field(default_factory=dict)
    aliases: Mapping[str, str] = Field(default_factory=dict)
    max_words: int | None = Field(default=None, ge=1)


def load_repair(path: Path) -> RepairFile:
    """ConfigInvalid tells the first fault by its place."""
    return read_toml(path, RepairFile)
