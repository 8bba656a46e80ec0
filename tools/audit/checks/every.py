"""All checks, in the order in which they look."""

from crewboard.tools.audit.checks.contract import Check
from crewboard.tools.audit.checks.doubled import DoubledKeys
from crewboard.tools.audit.checks.languages import Languages
from crewboard.tools.audit.checks.lengths import Lengths
from crewboard.tools.audit.checks.manner import Endings, Weights
from crewboard.tools.audit.checks.shape import Shape
from crewboard.tools.audit.checks.skew import Skew
from crewboard.tools.audit.checks.suspects import Suspects
from crewboard.tools.audit.checks.toolcalls import ToolCalls
from crewboard.tools.audit.config import AuditConfig


def checks_for(config: AuditConfig, tokenizer: str | None = None) -> list[Check]:
    """`tokenizer` is the path of a tokenizer.json, for exact counts."""
    return [
        Shape(),
        DoubledKeys(),
        Suspects(),  # it corrects the words of some rows, which the next ones look at
        Lengths(config, tokenizer),
        Endings(),
        Languages(config.languages),
        Weights(config),
        ToolCalls(),
        Skew(config),
    ]
