"""Corpora as arrays of tokens: written, opened, scheduled by weight, checked for what they share."""

from crewboard.tools.shard.arguments import ShardArguments
from crewboard.tools.shard.store import Shards
from crewboard.tools.shard.tool import shard
from crewboard.tools.shard.validate import ValidateArguments, validate_mixture

__all__ = ["ShardArguments", "Shards", "ValidateArguments", "shard", "validate_mixture"]
