"""One value, however it is spelled: what is compared to tell whether two hits are the same.

An e-mail address is compared without regard to case, as mailboxes in practice are (RFC 5321 would let
a host tell them apart). A number is its digits; one of North America has its country code with or
without having been written.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address

_NO_DIGIT = re.compile(r"\D", re.ASCII)
_TRUNK = re.compile(r"\(0\)")
_PLAN = 10
"""Digits of a North American number without its country code."""


def canonical(kind: str, value: str) -> str:
    """The spelling that all spellings of `value` share. `kind` is the name of a recogniser, or `name`."""
    return _RULES[kind](value)


def family(kind: str) -> str:
    """The recogniser that a kind belongs to: `email` of `email-placeholder`."""
    return kind.removesuffix("-placeholder").removesuffix("-reserved")


def _phone(value: str) -> str:
    digits = _NO_DIGIT.sub("", _TRUNK.sub("", value))
    if len(digits) == _PLAN and "+" not in value:
        digits = "1" + digits
    return digits


def _digits(value: str) -> str:
    return _NO_DIGIT.sub("", value)


def _squeezed(value: str) -> str:
    return "".join(value.split())


def _address(value: str) -> str:
    try:
        return ip_address(value).compressed
    except ValueError:  # several hits that overlapped and are replaced as one
        return value


_RULES: Mapping[str, Callable[[str], str]] = {
    "email": str.lower,
    "phone": _phone,
    "ssn": _digits,
    "card": _digits,
    "iban": _squeezed,
    "ip": _address,
    "api-key": _squeezed,
    "name": lambda value: " ".join(value.casefold().split()),
}
