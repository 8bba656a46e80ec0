"""What may go wrong between a client and a provider: which request fails, and how."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

Kind = Literal[
    "status",  # an HTTP error with `body` and `headers`
    "error_body",  # HTTP 200, with `body` as its JSON
    "malformed",  # charged; half of the JSON
    "blank",  # charged; a body of no bytes
    "empty",  # charged; a sound answer without text
    "refusal",  # charged; the model declines
    "cut",  # charged; the answer ends at its length limit
    "trickle",  # charged; the headers, then a byte now and then, for ever
    "slow_headers",  # charged; a byte of the headers now and then, for ever
    "flood",  # charged; a body without end
    "gzip",  # charged; a compressed body
    "reset",  # the connection is reset before anything is charged
    "drop",  # charged; then the connection is reset
    "hang",  # charged; then silence
    "uncounted",  # charged; a sound answer without its usage
]


@dataclass(frozen=True)
class Fault:
    """Strikes request number `at` (from 1), those whose body holds `contains`, or all.

    `times` bounds how often.
    """

    kind: Kind
    at: int | None = None
    contains: str | None = None
    times: int | None = None
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    every_s: float = 0.05

    def strikes(self, number: int, text: str) -> bool:
        return self.at in {None, number} and (self.contains is None or self.contains in text)


class Faults:
    """The faults of one server; the first that strikes counts."""

    def __init__(self, *faults: Fault) -> None:
        self._left = [(fault, fault.times) for fault in faults]
        self._lock = Lock()

    def strike(self, number: int, text: str) -> Fault | None:
        with self._lock:
            for index, (fault, left) in enumerate(self._left):
                if left != 0 and fault.strikes(number, text):
                    self._left[index] = (fault, None if left is None else left - 1)
                    return fault
        return None
