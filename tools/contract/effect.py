"""What a tool does outside its process, and what happens when nobody knows whether it was done."""

from dataclasses import dataclass
from enum import StrEnum


class EffectKind(StrEnum):
    PURE = "pure"
    """Reads its inputs, writes its own output folder: running it again changes nothing."""
    IDEMPOTENT = "idempotent"
    """Acts outside, and acting twice equals acting once."""
    KEYED = "keyed"
    """The other side takes a key and does the same key once."""
    LOOKUP = "lookup"
    """The other side can be asked afterwards whether it was done."""
    AT_MOST_ONCE = "at_most_once"
    """Neither: after a crash only a human can say."""


class OnUnknown(StrEnum):
    RETRY = "retry"
    LOOKUP = "lookup"
    ASK_HUMAN = "ask_human"


_ALLOWED = {
    EffectKind.PURE: {OnUnknown.RETRY},
    EffectKind.IDEMPOTENT: {OnUnknown.RETRY, OnUnknown.ASK_HUMAN},
    EffectKind.KEYED: {OnUnknown.RETRY, OnUnknown.ASK_HUMAN},
    EffectKind.LOOKUP: {OnUnknown.LOOKUP, OnUnknown.ASK_HUMAN},
    EffectKind.AT_MOST_ONCE: {OnUnknown.ASK_HUMAN},
}


@dataclass(frozen=True)
class Effect:
    """The declaration: kind, policy for an unknown outcome, and whether it costs money or deletes.

    ValueError when the policy cannot hold for the kind (repeating what may be done only once) or
    when a spending effect claims to be pure.
    """

    kind: EffectKind
    on_unknown: OnUnknown
    spends: bool = False
    deletes: bool = False

    def __post_init__(self) -> None:
        if self.on_unknown not in _ALLOWED[self.kind]:
            raise ValueError(f"{self.kind} effects cannot {self.on_unknown} an unknown outcome")
        if self.kind is EffectKind.PURE and (self.spends or self.deletes):
            raise ValueError("a pure effect neither spends nor deletes")


PURE = Effect(EffectKind.PURE, OnUnknown.RETRY)
