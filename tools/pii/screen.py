r"""A fast look at the bytes of a whole line, before any text is searched with care.

A `Screen` may suspect a line that is innocent, and never passes over a guilty one: its patterns are
wider than the recognisers behind them, and know how JSON may write the same characters. Where it
may have hidden some in an escape (`\u0040` for `@`), the text itself is looked at.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec

_DASHES = "|".join(map(chr, range(0x2010, 0x2016))).encode()
GAP = rb"(?:[-. ]|" + "\u00a0".encode() + rb"|" + _DASHES + rb"|\\+u00[aA]0|\\+u201[0-5])"
"""JSON in a string of JSON has a backslash more."""
ESCAPED = rb"\\u00[2-7]"
"""An ASCII character as an escape."""

PATTERNS: Mapping[str, bytes] = {
    "email": rb"[A-Za-z0-9._%+-]@[A-Za-z0-9]",
    "phone": rb"[2-9]\d\d(?:\) ?|" + GAP + rb")[2-9]\d\d" + GAP + rb"\d\d\d\d"
    rb"|\+[1-9](?:[ .-]?\(?\d\)?){8}",
    "ssn": rb"\d\d\d-\d\d-\d\d\d\d",
    "card": rb"\d{13}|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}|\d{4}[ -]\d{6}[ -]\d{5}",
    "iban": rb"[A-Z]{2}\d\d ?[A-Z0-9]{4} ?[A-Z0-9]{4} ?[A-Z0-9]{3}",
    "ip": rb"\d\.\d{1,3}\.\d{1,3}\.\d|(?:[0-9A-Fa-f]{0,4}:){4,7}[0-9A-Fa-f]",
    "api-key": rb"sk-[A-Za-z0-9_-]{20}|gh[pousr]_[A-Za-z0-9]{30}|github_pat_|A[KS]IA[A-Z0-9]{16}"
    rb"|AIza[A-Za-z0-9_-]{35}|xox[abprs]-|hf_[A-Za-z0-9]{30}|[sr]k_live_|glpat-"
    rb"|eyJ[A-Za-z0-9_-]{10,}\.eyJ|PRIVATE KEY-----",
}
"""By recogniser: see `find.RECOGNISERS`."""


class Screen:
    """Which classes a line may hold. `engine` is `re2`, or `re` where google-re2 is not installed."""

    def __init__(self, patterns: Mapping[str, bytes] = PATTERNS) -> None:
        self.engine = "re2" if find_spec("re2") else "re"
        self._names = (*patterns, "")  # the last one is that of an escape
        self._which = (_re2 if self.engine == "re2" else _re)([*patterns.values(), ESCAPED])

    def suspects(self, raw: bytes, text: bytes) -> tuple[str, ...]:
        """The classes that a line may hold: `raw` as it stands in the file, `text` what it says."""
        found = self._which(raw)
        if not found:
            return ()
        names = {self._names[n] for n in found}
        if "" in names:
            names |= {self._names[n] for n in self._which(text)}
        return tuple(name for name in self._names if name and name in names)


Which = Callable[[bytes], Sequence[int]]
"""Which of some patterns occur."""


def _re2(patterns: list[bytes]) -> Which:
    """All at once, by one automaton: it reads each byte once, whatever the number of patterns."""
    import re2

    found = re2.Set.SearchSet()
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return lambda raw: found.Match(raw) or ()


def _re(patterns: list[bytes]) -> Which:
    each = [re.compile(pattern) for pattern in patterns]
    return lambda raw: [n for n, pattern in enumerate(each) if pattern.search(raw) is not None]
