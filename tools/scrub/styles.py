"""What stands where a value stood: a placeholder that says its kind, or a value that nobody can own.

Reserved values, and who keeps them free:

| kind | value | by |
|---|---|---|
| email | person1@example.com | RFC 2606 |
| phone | 201-555-0100, +1 201 555 0100 for any other country's | NANPA: 555-01xx is for fiction |
| ssn | 000-00-0001 | no area 000 is given out (ssa.gov) |
| card | 4111 1100 0000 0013, as many digits | its check digit is wrong |
| iban | DE00 ...01, as many signs | its check digits are wrong |
| ip | 192.0.2.1 and its like, then 198.18.0.0/15; 2001:db8::1 | RFC 5737, 2544, 3849 |
| api-key | its prefix, then EXAMPLE | no issuer makes such a key |
| name | Person 1 | |

Letters and digits of a number stand in the format of the value that they replace.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from crewboard.tools.pii.checksums import iban_holds, luhn_holds
from crewboard.tools.scrub.owners import Label

Style = Literal["placeholder", "reserved"]
Render = Callable[[str, Label, str], str]
"""(kind, label, what stands there) -> what shall stand there. Plain ASCII without quotes or backslashes."""

WORDS: Mapping[str, str] = {
    "email": "EMAIL",
    "phone": "PHONE",
    "ssn": "SSN",
    "card": "CARD",
    "iban": "IBAN",
    "ip": "IP",
    "api-key": "KEY",
    "name": "NAME",
}
_NUMBERED: Mapping[Style, re.Pattern[bytes]] = {
    "placeholder": re.compile(rb"\[(?:%s)_(\d{1,9})" % "|".join(WORDS.values()).encode()),
    "reserved": re.compile(rb"person(\d{1,9})(?:_\d+)?@example\.com"),
}
_SERVICES = 11
_AREAS = tuple(100 * n + m for n in range(2, 8) for m in range(1, 90) if m != _SERVICES)
"""Area codes as the plan allows them, none of them for free calls (8xx), services (N11) or growth (N9x)."""
_PER_AREA = 100
_CARD_HEAD = "411111"
_DOCUMENTED = tuple(int(IPv4Address(net)) for net in ("192.0.2.0", "198.51.100.0", "203.0.113.0"))
_HOSTS = 254
_BENCHMARKED = int(IPv4Address("198.18.0.0"))
_IPV6 = int(IPv6Address("2001:db8::"))
_ROOM: Mapping[str, int] = {
    "phone": len(_AREAS) * _PER_AREA,
    "ssn": 10**6 - 1,
    "card": 10**6,
    "iban": 10**7,
    "ip": len(_DOCUMENTED) * _HOSTS + 2**17,
    "api-key": 10**8,
}
_PREFIX = re.compile(
    r"sk-(?:proj-|ant-|or-)?|gh[pousr]_|github_pat_|A[KS]IA|AIza|xox[abprs]-|hf_|[sr]k_live_|glpat-|eyJ"
)
_NUMBERS_PER_PLAN = 10


def renderer(style: Style) -> Render:
    return _placeholder if style == "placeholder" else _reserved


def room(style: Style) -> Callable[[str], int]:
    """How many values of a kind the style can tell apart; 0 for as many as there are."""
    return lambda kind: _ROOM.get(kind, 0) if style == "reserved" else 0


def numbers_in(raw: bytes, style: Style) -> Iterator[int]:
    """The numbers of replacements that a line bears already."""
    return (int(found[1]) for found in _NUMBERED[style].finditer(raw))


def _placeholder(kind: str, label: Label, _original: str) -> str:
    return f"[{WORDS[kind]}_{label.mark}]"


def _reserved(kind: str, label: Label, original: str) -> str:
    return _MAKERS[kind](label, original)


def _email(label: Label, _original: str) -> str:
    return f"person{label.mark}@example.com"


def _name(label: Label, _original: str) -> str:
    return f"Person {label.mark}"


def _phone(label: Label, original: str) -> str:
    index = label.index % _ROOM["phone"]
    digits = f"{_AREAS[index // _PER_AREA]}55501{index % _PER_AREA:02d}"
    count = sum(map(str.isdigit, original))
    if count == _NUMBERS_PER_PLAN and not original.startswith("+"):
        return _shaped(original, digits)
    if count == _NUMBERS_PER_PLAN + 1 and original.lstrip("+").startswith("1"):
        return _shaped(original, "1" + digits)
    gap = next((sign for sign in original if sign in " .-"), "")
    return "+" + gap.join(["1", digits[:3], digits[3:6], digits[6:]])


def _ssn(label: Label, _original: str) -> str:
    number = f"{label.index % _ROOM['ssn'] + 1:06d}"
    return f"000-{number[:2]}-{number[2:]}"


def _card(label: Label, original: str) -> str:
    count = sum(map(str.isdigit, original))
    head = _CARD_HEAD + str(label.index % _ROOM["card"]).zfill(count - len(_CARD_HEAD) - 1)
    digits = head + ("0" if not luhn_holds(head + "0") else "1")
    return _shaped(original, digits)


def _iban(label: Label, original: str) -> str:
    count = sum(map(str.isalnum, original))
    tail = str(label.index % _ROOM["iban"] + 1).zfill(count - 4)
    wrong = "00" if not iban_holds(f"{original[:2]}00{tail}") else "01"
    return _shaped(original, original[:2] + wrong + tail)


def _ip(label: Label, original: str) -> str:
    if ":" in original:
        return str(IPv6Address(_IPV6 + label.index % 2**64 + 1))
    index = label.index % _ROOM["ip"]
    net, host = divmod(index, _HOSTS)
    if net < len(_DOCUMENTED):
        return str(IPv4Address(_DOCUMENTED[net] + host + 1))
    return str(IPv4Address(_BENCHMARKED + index - len(_DOCUMENTED) * _HOSTS))


def _api_key(label: Label, original: str) -> str:
    number = f"{label.index % _ROOM['api-key']:08d}"
    prefix = _PREFIX.match(original)
    if prefix is None:
        return f"EXAMPLE-PRIVATE-KEY-{number}"
    if prefix[0] == "eyJ":
        return f"eyJEXAMPLE{number}.eyJEXAMPLE{number}.EXAMPLE{number}"
    size = 9 if prefix[0] in {"AKIA", "ASIA"} else 29 if prefix[0] != "AIza" else 28
    return f"{prefix[0]}EXAMPLE{number:0>{size}}"


def _shaped(original: str, signs: str) -> str:
    """`signs` where letters and digits stand in `original`, whose other signs stay."""
    following = iter(signs)
    return "".join(next(following, "0") if sign.isalnum() else sign for sign in original)


_MAKERS: Mapping[str, Callable[[Label, str], str]] = {
    "email": _email,
    "phone": _phone,
    "ssn": _ssn,
    "card": _card,
    "iban": _iban,
    "ip": _ip,
    "api-key": _api_key,
    "name": _name,
}


@dataclass
class TakenLabels:
    """What replacements of an earlier run stand in the data: see `owners.Taken`."""

    style: Style
    first: int = 1

    def __post_init__(self) -> None:
        self._values: set[str] = set()

    def look(self, raw: bytes) -> None:
        self.first = max(self.first, *(number + 1 for number in numbers_in(raw, self.style)), 1)

    def add(self, value: str) -> None:
        """A placeholder that the data bears: a fictional phone number, a documentation address."""
        self._values.add(value)

    def holds(self, kind: str, index: int) -> bool:
        if self.style != "reserved" or not self._values or index >= _ROOM.get(kind, 0):
            return False
        if kind == "phone":
            return "1" + re.sub(r"\D", "", _phone(Label("", index), "000-000-0000")) in self._values
        return kind == "ip" and _ip(Label("", index), "") in self._values
