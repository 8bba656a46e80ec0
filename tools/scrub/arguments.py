"""What a scrub is asked for."""

from typing import Literal, Self

from pydantic import Field, model_validator

from crewboard.tools.contract import Arguments, InputPath
from crewboard.tools.scrub.styles import Style

Kind = Literal["email", "phone", "ssn", "card", "iban", "api-key", "ip", "name"]
USUAL: tuple[Kind, ...] = ("email", "phone", "ssn", "card", "iban", "api-key", "name")
"""All but IP addresses, which may be version numbers."""


class ScrubArguments(Arguments):
    files: tuple[InputPath, ...] = Field(min_length=1)
    """Rows of any shape. One file gives one file, several give a folder of as many."""
    style: Style = "placeholder"
    kinds: tuple[Kind, ...] = Field(default=USUAL, min_length=1)
    names: InputPath | None = None
    """People to look for, a line each: see `people`."""
    secret_env: str | None = None
    """The environment variable with the secret that makes labels last over runs."""
    in_code: bool = False
    """Replace within code too."""
    placeholders: bool = False
    """Replace reserved and fictional values too."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.placeholders and self.style == "reserved":
            raise ValueError("reserved values would take the place of reserved values: choose one")
        if self.names is not None and "name" not in self.kinds:
            raise ValueError("names are given, and `name` is not among the kinds")
        return self
