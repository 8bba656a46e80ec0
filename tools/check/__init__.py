"""What a provider or a trainer takes, as data, and the check of a file against it before anything is sent."""

from crewboard.tools.check.contract import Contract, contract_named, contracts
from crewboard.tools.check.errors import ContractBroken
from crewboard.tools.check.tool import CheckArguments, check

__all__ = [
    "CheckArguments",
    "Contract",
    "ContractBroken",
    "check",
    "contract_named",
    "contracts",
]
