"""The classes. A placeholder is what nobody can own: reserved, fictional, or printed in a manual."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    EMAIL = "email"
    EMAIL_PLACEHOLDER = "email-placeholder"
    PHONE = "phone"
    PHONE_PLACEHOLDER = "phone-placeholder"
    SSN = "ssn"
    SSN_PLACEHOLDER = "ssn-placeholder"
    IBAN = "iban"
    IBAN_PLACEHOLDER = "iban-placeholder"
    CARD = "card"
    CARD_PLACEHOLDER = "card-placeholder"
    IP = "ip"
    IP_RESERVED = "ip-reserved"
    API_KEY = "api-key"
    API_KEY_PLACEHOLDER = "api-key-placeholder"


REAL = frozenset({Kind.EMAIL, Kind.PHONE, Kind.SSN, Kind.IBAN, Kind.CARD, Kind.API_KEY})
"""What leaks somebody. A public IP address is not among them: it may be a version number."""


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: `text[start:end]` is what would have to go."""

    kind: Kind
    start: int
    end: int
