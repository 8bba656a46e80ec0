"""E-mail addresses and telephone numbers in text, real-looking ones apart from placeholders.

Placeholders are what nobody can own: the domains of RFC 2606 and RFC 6761, a few that people use
for the same purpose, and the numbers 555-0100 to 555-0199 that North America keeps for fiction.
A text is only searched where an `@`, a `+` or the core of a number stands, because a regular
expression from every character on takes ten times as long. Names, addresses and numbers written
without separators are not looked for.
"""

import re
from collections.abc import Iterator
from enum import StrEnum


class Contact(StrEnum):
    EMAIL = "email"
    EMAIL_PLACEHOLDER = "email-placeholder"
    PHONE = "phone"
    PHONE_PLACEHOLDER = "phone-placeholder"


REAL = frozenset({Contact.EMAIL, Contact.PHONE})

_LOCAL_MAX, _DOMAIN_MAX = 64, 255  # RFC 5321
_LOCAL = re.compile(r"[A-Za-z0-9._%+-]+\Z")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_REMOTE_LOGINS = frozenset({"git", "hg", "ssh", "svn"})  # git@host:path names a repository
_RESERVED_NAMES = frozenset({"example", "test", "invalid", "localhost"})
_RESERVED_DOMAINS = frozenset(
    {
        *("example.com", "example.net", "example.org", "domain.com", "email.com", "test.com"),
        *("yourcompany.com", "yourdomain.com"),
    }
)
_PHONE_CORE = re.compile(r"\d\d\d[-. ]\d\d\d\d(?!\d|[-.]\d)")
_PHONE_HEAD = re.compile(r"(?<![\w.-])(?:\+?1[-. ])?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[-. ])\Z")
_PHONE_HEAD_MAX = 10
_ABROAD = re.compile(r"(?<![\w+])\+[1-9](?:[ .-]?\(?\d\)?){8,13}(?!\d)")
_ABROAD_DIGITS = range(10, 16)
_FICTION = re.compile(r"555[-. ]?01\d\d\Z")


def contacts_in(text: str) -> Iterator[Contact]:
    """Tell the kind of each contact in `text`; neither the contact nor its place is told."""
    if "@" in text:
        yield from _emails(text)
    if _PHONE_CORE.search(text):
        yield from _phones(text)
    if "+" in text:
        yield from _phones_abroad(text)


def _emails(text: str) -> Iterator[Contact]:
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text[max(0, at - _LOCAL_MAX) : at])
        domain = _DOMAIN.match(text, at + 1, at + 1 + _DOMAIN_MAX)
        if local and domain and local[0] not in _REMOTE_LOGINS:
            yield Contact.EMAIL_PLACEHOLDER if _is_reserved(domain[0]) else Contact.EMAIL
        at = text.find("@", at + 1)


def _is_reserved(domain: str) -> bool:
    name = domain.lower()
    parts = name.split(".")
    return parts[-1] in _RESERVED_NAMES or ".".join(parts[-2:]) in _RESERVED_DOMAINS


def _phones(text: str) -> Iterator[Contact]:
    """Numbers of the North American plan: area code and exchange begin with 2 to 9."""
    for core in _PHONE_CORE.finditer(text):
        start = core.start()
        head = _PHONE_HEAD.search(text[max(0, start - _PHONE_HEAD_MAX - 1) : start])
        if head and core[0][0] in "23456789":
            yield _class_of_phone(core[0])


def _phones_abroad(text: str) -> Iterator[Contact]:
    for found in _ABROAD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        is_plain_american = re.search(r"\d{3}[-. ]\d{4}\Z", found[0]) and digits.startswith("1")
        if len(digits) in _ABROAD_DIGITS and not is_plain_american:  # `_phones` counts those
            yield _class_of_phone(digits)


def _class_of_phone(number: str) -> Contact:
    return Contact.PHONE_PLACEHOLDER if _FICTION.search(number) else Contact.PHONE
