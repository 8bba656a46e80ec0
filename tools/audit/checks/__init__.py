"""What is looked at in each row. A check is one small class; `checks_for` lists them all."""

from crewboard.tools.audit.checks.contract import Check
from crewboard.tools.audit.checks.every import checks_for

__all__ = ["Check", "checks_for"]
