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
        if value is None:
            continue
        if _Reads in field.metadata or _is_optional_input(field.annotation):
            found[name] = value
        elif _is_input_list(field.annotation):
            found.update({f"{name}.{i}": path for i, path in enumerate(value)})
    return found


def _is_input(annotation: object) -> bool:
    return get_origin(annotation) is Annotated and _Reads in get_args(annotation)[1:]


def _is_optional_input(annotation: object) -> bool:
    return any(_is_input(part) for part in get_args(annotation)) and not _is_sequence(annotation)


def _is_input_list(annotation: object) -> bool:
    return _is_sequence(annotation) and any(_is_input(part) for part in get_args(annotation))


def _is_sequence(annotation: object) -> bool:
    return get_origin(annotation) in {list, tuple}
