"""Text that a model, a row or a peer wrote, made unable to act as Markdown structure.

It stays readable: words and paths look as they did. It cannot start a line, tick a box, carry a
block id, open an HTML comment, hide characters or turn the reading direction. Not promised:
homoglyphs (Cyrillic for Latin) and `:shortcodes:` pass, because real names hold both.
"""

import re
import unicodedata

LIMIT = 400
_CODE = re.compile(r"(`[\w ./:=,+@%-]+`)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LEAD = re.compile(r"\A([#>+=-]|\d{1,9}(?=[.)]))")
_BOXES = {ord(box): "(box)" for box in "☐☑☒✅✔✓✗✘❎🗹🗸⬜🔲🔳"}
_ESCAPED = re.compile(r"([\\`*\[\]]|~(?=~)|\^(?=\w))")
_SPACED = {"Cc", "Zl", "Zp", "Zs"}
_HIDDEN = {"Cf", "Co", "Cn"}


def inert(text: str, limit: int = LIMIT) -> str:
    """`text` as one line that Markdown shows as plain words, cut with an ellipsis at `limit`.

    Plain code spans (paths, commands, numbers) stay code spans.
    """
    short = plain(text, limit).translate(_BOXES)
    parts = _CODE.split(short)
    joined = "".join(part if odd % 2 else _escape(part) for odd, part in enumerate(parts))
    return _LEAD.sub(r"\\\1", joined) if joined[:1] != "`" else joined


def plain(text: str, limit: int = LIMIT) -> str:
    """`text` on one line, single-spaced, without control, bidi and zero-width characters."""
    line = " ".join("".join(map(_seen, text[: limit * 4])).split())
    whole = len(line) <= limit and len(text) <= limit * 4
    return line if whole else line[: limit - 1].rstrip() + "…"


def code(text: str, limit: int = LIMIT) -> str:
    """`text` as a code span; a backtick in it becomes an apostrophe."""
    return "`" + (plain(text, limit).replace("`", "'").replace("<!--", "<!- -") or " ") + "`"


def worded(text: str) -> str:
    """What `inert` text says: the words that it was made of, as far as they were kept."""
    unescaped = re.sub(r"\\([\\`*\[\]~^#>+=.)-]|\d)", r"\1", text)
    return unescaped.replace("&lt;", "<").replace("&amp;", "&")


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACED:
        return " "
    if category in _HIDDEN:
        return ""
    return "\ufffd" if category == "Cs" else character


def _escape(text: str) -> str:
    entities = _ENTITY.sub("&amp;", text).replace("<", "&lt;")
    return _ESCAPED.sub(r"\\\1", entities)
