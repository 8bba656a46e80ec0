"""A tool's arguments: frozen, strict, and explicit about which of them are files to read."""

from typing import Annotated, get_args, get_origin

from pydantic import BaseModel, ConfigDict


class Arguments(BaseModel):
    """The base of every tool's arguments. Unknown keys are refused: a model invents them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Reads:
    """Marks a field as the path of an input."""


InputPath = Annotated[str, _Reads]
"""A file or folder to read: relative to the workspace, or a source the human named with --data."""


def input_paths(arguments: Arguments) -> dict[str, str]:
    """The inputs of a call, as {"field" or "field.index": path}; absent optional inputs are left out."""
    found: dict[str, str] = {}
    for name, field in type(arguments).model_fields.items():
        value = getattr(arguments, name)
        if _Reads not in field.metadata and not _holds_inputs(field.annotation):
            continue
        if isinstance(value, str):
            found[name] = value
        elif value is not None:
            found.update({f"{name}.{i}": path for i, path in enumerate(value)})
    return found


def _holds_inputs(annotation: object) -> bool:
    """Whether InputPath stands anywhere in it: optional, in a list or tuple, or in an optional one."""
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _Reads in parts[1:]
    return any(_holds_inputs(part) for part in parts)
