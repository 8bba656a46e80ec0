"""What a tool is: typed arguments, a declared effect, one function, and an outcome that adds up.

A new tool is one small file:

    class ShoutArguments(Arguments):
        rows: InputPath

    @tool("shout", "Write every row in capitals.", produces={"rows": "rows-jsonl"})
    def shout(arguments: ShoutArguments, context: ToolContext) -> Outcome:
        ...

and one line in its package's `[project.entry-points."crewboard.tools"]`.
"""

from crewboard.tools.contract.arguments import Arguments, InputPath, input_paths
from crewboard.tools.contract.context import EffectCall, ToolContext
from crewboard.tools.contract.effect import PURE, Effect, EffectKind, OnUnknown
from crewboard.tools.contract.manifest import Manifest, Produced, publish
from crewboard.tools.contract.outcome import Made, Outcome, RowAccount
from crewboard.tools.contract.registry import Registry, installed_tools
from crewboard.tools.contract.spec import Tool, tool

__all__ = [
    "PURE",
    "Arguments",
    "Effect",
    "EffectCall",
    "EffectKind",
    "InputPath",
    "Made",
    "Manifest",
    "OnUnknown",
    "Outcome",
    "Produced",
    "Registry",
    "RowAccount",
    "Tool",
    "ToolContext",
    "input_paths",
    "installed_tools",
    "publish",
    "tool",
]
