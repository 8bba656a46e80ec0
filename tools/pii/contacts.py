"""E-mail addresses and telephone numbers.

A text is only searched where an `@`, a `+` or the core of a number stands, because a regular
expression from every character on takes ten times as long. Numbers without separators, and names and
postal addresses, are not looked for.
"""

import re
from collections.abc import Iterator

from crewboard.tools.pii.kinds import Found, Kind

_LOCAL_MAX, _DOMAIN_MAX = 64, 255  # RFC 5321
_LOCAL = re.compile(r"[A-Za-z0-9._%+-]+\Z", re.ASCII)
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}(?![A-Za-z0-9-])", re.ASCII
)
_ESCAPE = re.compile(r"\\[nrt]")  # in a text within a text, `\n@app.get` has no address
_REMOTE_LOGINS = frozenset({"git", "hg", "ssh", "svn"})  # git@host:path names a repository
_RESERVED_NAMES = frozenset({"example", "test", "invalid", "localhost"})  # RFC 2606, RFC 6761
_RESERVED_DOMAINS = frozenset(
    {
        *("example.com", "example.net", "example.org", "domain.com", "email.com", "test.com"),
        *("yourcompany.com", "yourdomain.com"),
    }
)
_GAP = r"[-. \u00a0\u2010-\u2015]"
_CORE = re.compile(rf"\d\d\d{_GAP}\d\d\d\d(?!\d|[-.]\d)", re.ASCII)
_HEAD = re.compile(
    rf"(?<![\w.-])(?:\+?1{_GAP})?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d){_GAP})\Z", re.ASCII
)
_HEAD_MAX = 10
_ABROAD = re.compile(r"\+(?<![\w+]\+)[1-9](?:[ .-]?\(?\d\)?){8,13}(?!\d)", re.ASCII)
_ABROAD_DIGITS = range(10, 16)  # E.164
_PLAN = re.compile(r"1[2-9]\d\d[2-9]\d{6}", re.ASCII)
_FICTION = re.compile(r"555[^\d]?01\d\d\Z")  # 555-0100 to 555-0199 are kept for fiction


def emails_in(text: str) -> Iterator[Found]:
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text[max(0, at - _LOCAL_MAX) : at])
        domain = _DOMAIN.match(text, at + 1, at + 1 + _DOMAIN_MAX)
        start = at - len(local[0]) if local else at
        start += bool(_ESCAPE.match(text, max(0, start - 1)))
        if start < at and domain and text[start:at] not in _REMOTE_LOGINS:
            kind = Kind.EMAIL_PLACEHOLDER if _is_reserved(domain[0]) else Kind.EMAIL
            yield Found(kind, start, domain.end())
        at = text.find("@", at + 1)


def phones_in(text: str) -> Iterator[Found]:
    """Numbers of the North American plan, whose area codes and exchanges begin with 2 to 9, and
    international ones with their `+`."""
    ends = set()
    for core in _CORE.finditer(text):
        start = core.start()
        before = text[max(0, start - _HEAD_MAX - 1) : start]
        head = _HEAD.search(before)
        if head and core[0][0] in "23456789":
            ends.add(core.end())
            yield Found(_class_of(core[0]), start - len(before) + head.start(), core.end())
    if "+" in text:
        yield from _abroad(text, ends)


def _abroad(text: str, told: set[int]) -> Iterator[Found]:
    """Numbers with their `+`, but for those whose ends are `told` already. One of North America without
    a gap behind its 1, `+1(212) 736-5000`, is told here."""
    for found in _ABROAD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        is_american = digits.startswith("1") and re.search(rf"\d{{3}}{_GAP}\d{{4}}\Z", found[0])
        is_known = is_american and (found.end() in told or not _PLAN.fullmatch(digits))
        if len(digits) in _ABROAD_DIGITS and not is_known:
            yield Found(_class_of(digits), *found.span())


def _is_reserved(domain: str) -> bool:
    name = domain.lower()
    parts = name.split(".")
    return parts[-1] in _RESERVED_NAMES or ".".join(parts[-2:]) in _RESERVED_DOMAINS


def _class_of(number: str) -> Kind:
    return Kind.PHONE_PLACEHOLDER if _FICTION.search(number) else Kind.PHONE
