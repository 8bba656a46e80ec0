"""Which tools there are: the package's own and those of installed plugins."""

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points

from crewboard.errors import ConfigInvalid, UnknownName
from crewboard.tools.contract.spec import Tool

GROUP = "crewboard.tools"


class Registry(Mapping[str, Tool]):
    """Tools by name. Two tools of one name are refused: a plugin must not shadow in silence."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        for each in tools:
            if each.name in self._tools:
                raise ConfigInvalid(path=GROUP, where=each.name, reason="two tools bear this name")
            self._tools[each.name] = each

    def __getitem__(self, name: str) -> Tool:
        try:
            return self._tools[name]
        except KeyError:
            known = ", ".join(sorted(self._tools))
            raise UnknownName(kind="tool", name=name, known=known) from None

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)


def installed_tools(extra: Iterable[str] = ()) -> Registry:
    """Every tool of the entry-point group, then those that a workspace names as `module:attribute`."""
    found = [entry.load() for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name)]
    return Registry([*found, *(_load(name) for name in extra)])


def _load(target: str) -> Tool:
    module, _, attribute = target.partition(":")
    try:
        loaded = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigInvalid(
            path="crewboard.toml", where=f"tools {target!r}", reason=error
        ) from error
    if not isinstance(loaded, Tool):
        raise ConfigInvalid(path="crewboard.toml", where=f"tools {target!r}", reason="not a Tool")
    return loaded
