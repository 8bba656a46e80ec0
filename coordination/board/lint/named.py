"""What a board names in its text: files, commits, artifacts. Finding them is not looking them up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\)")
_PATH = re.compile(r"(?:[\w.@+*?-]+/)+[\w.@+*?-]*\Z")
_FILE = re.compile(
    r"[\w.@+*?-]*\w\.(?:md|py|sh|js|ts|json|jsonl|ya?ml|toml|csv|tsv|txt|html|svg|png|pdf|parquet"
    r"|safetensors|pt|bin|log|ipynb|sql|gz|zip)\Z"
)
_SKIPPED = re.compile(
    r"\A(?:[a-z][a-z0-9+.-]*:|/|~|#)|\.\.\.|…|(?:\A|/)\.\.(?:/|\Z)", re.IGNORECASE
)
_HEX = r"[0-9a-f]{7,40}"
_COMMIT = re.compile(rf"`({_HEX})`|\bcommit `?({_HEX})\b", re.IGNORECASE)
_MIXED = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])", re.IGNORECASE)
_HASH = re.compile(r"\bsha256[:=]\s?([0-9a-f]{6,64})(?![0-9a-z])", re.IGNORECASE)
_LONGEST = 400


@dataclass(frozen=True)
class Named:
    """A name as the board spells it, and the line (from 0) that holds it."""

    at: int
    name: str


def paths(lines: tuple[tuple[int, str], ...]) -> Iterator[Named]:
    """Relative paths, in code or as the target of a link; a pattern such as `data/*.jsonl` is one.

    A bare word without a folder counts when it ends like a file's name. What leads out of the
    workspace, addresses and abbreviations (`.../x.md`) are not looked up, so they are left out.
    """
    for at, text in lines:
        spans = [found[1] for found in _SPAN.finditer(text)]
        links = [found[1].partition("#")[0] for found in _LINK.finditer(_SPAN.sub("``", text))]
        for name in dict.fromkeys([*filter(_is_path, spans), *filter(_is_target, links)]):
            yield Named(at, name)


def commits(lines: tuple[tuple[int, str], ...]) -> Iterator[Named]:
    """Seven to forty hex digits, letters and digits both, in code or behind the word "commit"."""
    for at, text in lines:
        for found in _COMMIT.finditer(text):
            name = (found[1] or found[2]).lower()
            if _MIXED.match(name):
                yield Named(at, name)


def hashes(lines: tuple[tuple[int, str], ...]) -> Iterator[Named]:
    """The beginnings, or the whole, of artifacts' hashes: `sha256:3f2a91c0`."""
    for at, text in lines:
        for found in _HASH.finditer(text):
            yield Named(at, found[1].lower())


def shows_evidence(text: str) -> bool:
    """Whether a line names anything at all that could prove it: a file, a commit, a hash, a link."""
    line = ((0, text),)
    found = (next(paths(line), None), next(commits(line), None), next(hashes(line), None))
    return any(found) or "http://" in text or "https://" in text or bool(_ISSUE.search(text))


_ISSUE = re.compile(r"(?<![\w&])#\d+\b|\bPR \d+\b")


def _is_path(name: str) -> bool:
    if len(name) > _LONGEST or _SKIPPED.search(name):
        return False
    return bool(_PATH.match(name) or _FILE.match(name))


def _is_target(name: str) -> bool:
    return bool(name) and len(name) <= _LONGEST and not _SKIPPED.search(name)
