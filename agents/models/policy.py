"""How far a provider's call may be repeated: what its settings promise, as a declared effect."""

from crewboard.agents.models.prices import Price
from crewboard.agents.models.settings import ModelSettings
from crewboard.errors import NotPermitted
from crewboard.tools.contract.effect import PURE, Effect, EffectKind, OnUnknown


def effect_of(price: Price, settings: ModelSettings) -> Effect:
    """Free calls may be repeated at will; paid ones only as far as the server has promised."""
    if price.free:
        return PURE
    if settings.idempotency:
        return Effect(EffectKind.KEYED, OnUnknown.RETRY, spends=True)
    if settings.lookup:
        return Effect(EffectKind.LOOKUP, OnUnknown.LOOKUP, spends=True)
    return Effect(EffectKind.AT_MOST_ONCE, OnUnknown.ASK_HUMAN, spends=True)


def lookup_refused(model: str, effect: Effect) -> NotPermitted:
    """For `find` where there is nothing to look into: None would read as "it was not done"."""
    reason = f"its calls are {effect.kind}, so it keeps no list of them"
    return NotPermitted(agent=model, what="be asked about an earlier call", reason=reason)
