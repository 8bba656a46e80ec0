"""The tool: two passes over rows of any shape, after which nobody's address, number or key is in them.

The first pass learns, the second replaces and looks at each changed row again before it is written.
What the mapping is from values to replacements is written nowhere.
"""

import hmac
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from crewboard.errors import SelfCheckFailed
from crewboard.tools.contract import Made, Outcome, ToolContext, tool
from crewboard.tools.files.jsonl import Line
from crewboard.tools.files.passing import Passing
from crewboard.tools.files.sieve import Resume, Sieve, inputs_fit
from crewboard.tools.scrub.arguments import ScrubArguments
from crewboard.tools.scrub.books import Books, change
from crewboard.tools.scrub.clean import clean
from crewboard.tools.scrub.errors import SecretTooShort
from crewboard.tools.scrub.eye import Eye, Sighting, Wanted
from crewboard.tools.scrub.owners import UNKNOWN, Label, Owners
from crewboard.tools.scrub.people import People
from crewboard.tools.scrub.styles import renderer, room
from crewboard.tools.scrub.survey import survey

VERSION = "1"
ROWS, CHANGES = "rows", "changes"
HIT_REMAINS = "hit-remains"
"""Why a row is left out that could not be made clean."""
_LEAST_SECRET = 16
_TAKEN_NAMES = frozenset({ROWS, CHANGES, "dropped"})


def _preflight(arguments: ScrubArguments, context: ToolContext) -> None:
    inputs_fit(arguments, context)
    People(Owners(_secret(arguments, context)), _names(arguments, context))


@tool(
    "scrub",
    "Replace e-mail addresses, phone, card, account and social security numbers, keys and known names.",
    produces={ROWS: "dataset", CHANGES: "changes-jsonl", "dropped": "exclusions-jsonl"},
    version=VERSION,
    rehearse=True,
    preflight=_preflight,
    named=frozenset({"secret_env"}),
)
def scrub(arguments: ScrubArguments, context: ToolContext) -> Outcome:
    """The same value, in whatever spelling, gets the same replacement in all files of a run, and with a
    secret in all runs. Every byte that is no part of a hit stays. Stopped and started again it goes on.

    `measured` counts what was replaced and what was left, by kind. KeyMissing, SecretTooShort.
    """
    return _Work(arguments, context).done()


class _Work:
    def __init__(self, arguments: ScrubArguments, context: ToolContext) -> None:
        self._arguments, self._context = arguments, context
        self._paths = [context.read(path) for path in arguments.files]
        secret = _secret(arguments, context)
        self._owners = Owners(secret)
        people = People(self._owners, _names(arguments, context))
        wanted = Wanted(arguments.kinds, arguments.in_code, arguments.placeholders)
        self._eye = Eye(wanted, self._owners, people)
        self._render = renderer(arguments.style)
        self._books = Books()
        self._version = VERSION if secret is None else f"{VERSION}-{_fingerprint(secret)}"

    def done(self) -> Outcome:
        passing = Passing(self._paths, self._context.progress, "looking who is there")
        survey(self._paths, passing, self._eye, self._owners, self._arguments.style)
        names = _output_names(self._paths)
        resume = Resume(self._arguments, self._version, self._books.told)
        with Sieve("scrub", self._context, *names, beside=(CHANGES,), resume=resume) as sieve:
            if sieve.carried:
                self._books.take_up(sieve.carried)
            for name, path in zip(names, self._arguments.files, strict=True):
                for line in sieve.read(path):
                    self._place(line, name, sieve)
        return self._outcome(sieve, names)

    def _place(self, line: Line, name: str, sieve: Sieve) -> None:
        suspected = self._eye.suspects(line.raw, line.row)
        if suspected is None:
            sieve.keep(line.raw, name)
            return
        cleaned = clean(line, self._eye, suspected, self._render, (self._known, self._arisen))
        self._books.rechecked += 1
        if cleaned.remaining:
            sieve.drop(line, HIT_REMAINS, kinds=sorted(cleaned.remaining))
            return
        self._books.add(cleaned.look)
        self._books.rows_changed += bool(cleaned.changes)
        for sighting, replacement in cleaned.changes:
            self._books.replaced[sighting.kind] += 1
            sieve.note(CHANGES, line, change(sighting, replacement))
        sieve.keep(cleaned.raw, name)

    def _known(self, sighting: Sighting) -> Label:
        label = self._owners.label(sighting.kind, sighting.key)
        if label is None:
            raise SelfCheckFailed(tool="scrub", reason="an input changed while it was read")
        return label

    def _arisen(self, sighting: Sighting) -> Label:
        return self._owners.label(sighting.kind, sighting.key) or UNKNOWN

    def _outcome(self, sieve: Sieve, names: list[str]) -> Outcome:
        outcome = sieve.outcome(self._measured(), "look at what was dropped, and why")
        made = {each.name: each for each in outcome.made}
        rows = _gathered([made[name] for name in names], self._context.out)
        return replace(
            outcome,
            made=(rows, made[CHANGES], made["dropped"]),
            summary=f"{outcome.summary}; {self._summary()}",
        )

    def _measured(self) -> dict[str, Any]:
        books, before = self._books, Counter[str]()
        for counts in (books.replaced, books.in_code, books.in_structure):
            before.update(counts)
        return {
            "style": self._arguments.style,
            "labels": "lasting" if self._arguments.secret_env else "of this run",
            "before": _sorted(before),
            "after": _sorted(books.in_code + books.in_structure),
            "replaced": _sorted(books.replaced),
            "left_in_code": _sorted(books.in_code),
            "left_in_structure": _sorted(books.in_structure),
            "placeholders_kept": _sorted(books.placeholders),
            "distinct": self._owners.distinct(),
            "people": self._owners.people(),
            "sharing_a_label": self._owners.shared(room(self._arguments.style)),
            "rows_changed": books.rows_changed,
            "rows_looked_at_again": books.rechecked,
        }

    def _summary(self) -> str:
        books = self._books
        told = (
            ", ".join(f"{kind} {n:,}" for kind, n in _sorted(books.replaced).items()) or "nothing"
        )
        text = f"replaced in {books.rows_changed:,} of them: {told}"
        if books.in_code:
            text += f"; left in code: {books.in_code.total():,}"
        if books.in_structure:
            text += f"; left in keys, ids and names of fields: {books.in_structure.total():,}"
        return text


def _secret(arguments: ScrubArguments, context: ToolContext) -> bytes | None:
    if arguments.secret_env is None:
        return None
    secret = context.secret(arguments.secret_env)
    if len(secret) < _LEAST_SECRET:
        raise SecretTooShort(variable=arguments.secret_env, length=len(secret), least=_LEAST_SECRET)
    return secret.encode()


def _fingerprint(secret: bytes) -> str:
    """So that a run under another secret does not go on with this one's rows."""
    return hmac.digest(secret, b"fingerprint", "sha256").hex()[:16]


def _names(arguments: ScrubArguments, context: ToolContext) -> Path | None:
    return context.read(arguments.names) if arguments.names is not None else None


def _output_names(paths: list[Path]) -> list[str]:
    """What each input's output is called: `rows`, or by its own name where there are several."""
    if len(paths) == 1:
        return [ROWS]
    stems = [path.name.split(".")[0] or path.name for path in paths]
    times = Counter(stems)
    return [
        f"{i}-{stem}" if times[stem] > 1 or stem in _TAKEN_NAMES else stem
        for i, stem in enumerate(stems, 1)
    ]


def _gathered(made: list[Made], out: Path) -> Made:
    """One file, or a folder with all of them."""
    if len(made) == 1:
        return made[0]
    folder = out / ROWS
    folder.mkdir()
    for each in made:
        each.path.rename(folder / each.path.name)
    return Made(ROWS, folder, sum(each.rows or 0 for each in made))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted((+counts).items()))
