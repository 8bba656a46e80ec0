"""The block structure of Markdown, one line at a time, by the rules of CommonMark 0.31.

What is open when a line ends is a small value, so reading a line is a function of that value and the
line, and a line that stood elsewhere under the same roof need not be read again. Not covered: link
reference definitions, which count as paragraphs; what stands inside a line.
"""

import re
from enum import Enum, auto
from typing import NamedTuple

QUOTE = 0
"""A block quote among the open containers; an item is the width that its content is indented by,
negative while it has none."""
PARAGRAPH = "p"
_UNTIL_BLANK = "<"
_CODE = 4  # columns: code from there on
_DEEPEST = 100  # containers: what lies deeper is text (CommonMark sets no limit)

Stack = tuple[int, ...]


class State(NamedTuple):
    """The open containers, outermost first, and the leaf that is open in the last of them: "", a
    paragraph, a fence ("`3": character and least length), or HTML up to a blank line or a closer."""

    stack: Stack
    leaf: str

    @property
    def shut_in(self) -> bool:
        """Only a closing line or the end of the file ends what is open."""
        return not self.stack and self.leaf not in {"", PARAGRAPH, _UNTIL_BLANK}


START = State((), "")


class Kind(Enum):
    BLANK = auto()
    HEADING = auto()
    ITEM = auto()
    TEXT = auto()
    OPAQUE = auto()


class Step(NamedTuple):
    """What a line is at the top level, and what is open behind it."""

    kind: Kind
    nested: bool
    level: int
    title: str
    state: State


_SPACES = re.compile(r" *")
_HEADING = re.compile(r"#{1,6}(?= |\Z)")
_RULE = re.compile(r"(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})\Z")
_UNDERLINE = re.compile(r"(?:=+|-+) *\Z")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,9})[.)])(?= |\Z)")
_FENCE = re.compile(r"`{3,}(?!.*`)|~{3,}", re.DOTALL)
_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|"
    "dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|"
    "hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|"
    "search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_HTML = {
    "<raw": (r"<(?:script|pre|style|textarea)(?=\s|>|\Z)", r"</(?:script|pre|style|textarea)>"),
    "<!--": (r"<!--", r"-->"),
    "<?": (r"<\?", r"\?>"),
    "<!": (r"<![A-Za-z]", r">"),
    "<[": (r"<!\[CDATA\[", r"\]\]>"),
    _UNTIL_BLANK: (rf"</?(?:{_TAGS})(?=\s|/?>|\Z)", ""),
}
_OPENERS = {leaf: re.compile(opener, re.IGNORECASE) for leaf, (opener, _) in _HTML.items()}
_CLOSERS = {leaf: re.compile(closer, re.IGNORECASE) for leaf, (_, closer) in _HTML.items()}
_ATTRIBUTE = r"\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s\"'=<>`]+|'[^']*'|\"[^\"]*\"))?"
_LONE_TAG = re.compile(
    rf"(?:<[A-Za-z][A-Za-z0-9-]*(?:{_ATTRIBUTE})*\s*/?>|</[A-Za-z][A-Za-z0-9-]*\s*>)\s*\Z", re.ASCII
)
_SPECIAL = set("#>`~<=-*+_0123456789")


_ITEMS, _OPEN = {(2,), (2, 2)}, {"", PARAGRAPH}
_PLAIN = re.compile(r"(  )?[-*+] [^\s#>`~<=*+\d_-]")
_ITEM_STEP = Step(Kind.ITEM, False, 0, "", State((2,), PARAGRAPH))
_CHILD_STEP = Step(Kind.TEXT, True, 0, "", State((2, 2), PARAGRAPH))


def step(state: State, text: str) -> Step:
    """Read one line, without its ending, below what is open."""
    stack, leaf = state
    plain = _PLAIN.match(text) if stack else None
    if plain and not plain[1]:  # most lines of most boards: there is one way to read them
        return _ITEM_STEP
    if plain and stack in _ITEMS and leaf in _OPEN:
        return _CHILD_STEP
    if "\t" in text:
        text = text.expandtabs(_CODE)
    depth, at = _enter(stack, text)
    whole = depth == len(stack)
    blank = _SPACES.fullmatch(text, at) is not None
    inside = depth > 0 and stack[0] != QUOTE
    if whole and leaf and leaf != PARAGRAPH and not (blank and leaf == _UNTIL_BLANK):
        kind = Kind.TEXT if QUOTE in stack else Kind.OPAQUE
        return Step(kind, inside, 0, "", State(stack, _go_on(leaf, text, at)))
    if blank:
        quoted = not text.isspace() and text != ""
        kind = Kind.TEXT if quoted else Kind.BLANK
        return Step(kind, inside and quoted, 0, "", State(stack[:depth], ""))
    if depth and stack[depth - 1] < 0:  # the item has content now
        stack = (*stack[: depth - 1], -stack[depth - 1])
    found = _open(text, at, stack[:depth], paragraph=(leaf == PARAGRAPH) * (1 + whole))
    if found is None:  # goes on lazily with the paragraph above
        return Step(Kind.TEXT, bool(stack) and stack[0] != QUOTE, 0, "", State(stack, leaf))
    return _told(found, inside=inside)


class _Found(NamedTuple):
    stack: Stack
    leaf: str
    level: int = 0
    title: str = ""
    opaque: bool = False


def _told(found: _Found, *, inside: bool) -> Step:
    """Say what a line is, from what it opened."""
    kind, stack = Kind.TEXT, found.stack
    if stack and stack[0] != QUOTE and not inside:
        kind = Kind.ITEM
    elif found.level and not stack:
        kind = Kind.HEADING
        return Step(kind, False, found.level, found.title, State(stack, ""))
    elif found.opaque and QUOTE not in stack:
        kind = Kind.OPAQUE
    return Step(kind, inside, 0, "", State(stack, found.leaf))


def _enter(stack: Stack, text: str) -> tuple[int, int]:
    """Count the open containers that a line goes on in, and find where its content begins there."""
    at = 0
    for depth, width in enumerate(stack):
        start = _SPACES.match(text, at).end()  # type: ignore[union-attr] # it always matches
        if width == QUOTE:
            if start - at >= _CODE or text[start : start + 1] != ">":
                return depth, at
            at = start + 1 + (text[start + 1 : start + 2] == " ")
        elif start == len(text):
            if width < 0:  # an item may begin with one blank line, its own first one
                return depth, at
        elif start - at >= abs(width):
            at += abs(width)
        else:
            return depth, at
    return len(stack), at


def _go_on(leaf: str, text: str, at: int) -> str:
    """Tell what is open behind a line inside a fence or HTML: the same, or nothing."""
    if leaf[0] == "<":
        return "" if leaf != _UNTIL_BLANK and _CLOSERS[leaf].search(text, at) else leaf
    run = text[at:].strip(" ")
    closes = len(run) >= int(leaf[1:]) and run == leaf[0] * len(run)
    return "" if closes and len(text[at:]) - len(text[at:].lstrip(" ")) < _CODE else leaf


def _open(text: str, at: int, stack: Stack, *, paragraph: int) -> _Found | None:
    """Open what a line opens; None when it only goes on with a paragraph that did not expect it.

    `paragraph`: 2 when one is open right here, 1 when one is open deeper inside, else 0.
    """
    before = len(stack)
    while True:
        start = _SPACES.match(text, at).end()  # type: ignore[union-attr] # it always matches
        if start == len(text):
            return _Found(stack, "")
        deep = start - at >= _CODE
        if deep or text[start] not in _SPECIAL:
            break
        if leaf := _leaf(text, start, stack, paragraph):
            return leaf
        container = _container(text, start, at, direct=paragraph == 2)  # noqa: PLR2004 - as told
        if container is None or len(stack) == _DEEPEST:
            break
        width, at = container
        stack, paragraph = (*stack, width), 0
    if paragraph == 1 and len(stack) == before:
        return None
    return _Found(stack, PARAGRAPH if paragraph or not deep else "")


def _leaf(text: str, start: int, stack: Stack, paragraph: int) -> _Found | None:
    """Open a leaf that is neither paragraph nor indented code."""
    first = text[start]
    if first == "#":
        heading = _HEADING.match(text, start)
        return (
            _Found(stack, "", len(heading[0]), _title(text[heading.end() :])) if heading else None
        )
    if first in "`~":
        fence = _FENCE.match(text, start)
        return _Found(stack, f"{first}{len(fence[0])}", opaque=True) if fence else None
    if first == "<":
        return _html(text, start, stack, paragraph)
    if paragraph == 2 and first in "=-" and _UNDERLINE.match(text, start):  # noqa: PLR2004 - as told
        return _Found(stack, "")
    return _Found(stack, "") if first in "-*_" and _RULE.match(text, start) else None


def _title(text: str) -> str:
    """A heading's words, without the number signs that may close it."""
    words = text.strip(" ")
    bare = words.rstrip("#")
    return bare.rstrip(" ") if not bare or bare[-1] == " " else words


def _html(text: str, start: int, stack: Stack, paragraph: int) -> _Found | None:
    for leaf, opener in _OPENERS.items():
        if opener.match(text, start):
            return _Found(stack, _go_on(leaf, text, start), opaque=True)
    if not paragraph and _LONE_TAG.match(text, start):
        return _Found(stack, _UNTIL_BLANK, opaque=True)
    return None


def _container(text: str, start: int, at: int, *, direct: bool) -> tuple[int, int] | None:
    """Open a quote or an item: its width, and where its content begins."""
    if text[start] == ">":
        return QUOTE, start + 1 + (text[start + 1 : start + 2] == " ")
    marker = _ITEM.match(text, start)
    if marker is None:
        return None
    end = marker.end()
    gap = _SPACES.match(text, end).end() - end  # type: ignore[union-attr] # it always matches
    empty = end + gap == len(text)
    if direct and (empty or (marker[1] and int(marker[1]) != 1)):
        return None  # such an item does not end a paragraph
    gap = 1 if empty or gap > _CODE else gap
    width = end + gap - at
    return (-width if empty else width), min(at + width, len(text))
