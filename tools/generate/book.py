"""How far a run is: what the entries of its record add up to, live and after a restart alike.

Nothing here is decided twice. An answer is judged when its entry is applied, in the order of the file,
so a run that was killed comes back to the very state that it was in, and goes on with what is left of
each stratum's quota.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from crewboard.tools.generate.cache import Entry
from crewboard.tools.generate.dialects import Answer
from crewboard.tools.generate.errors import RecipeInvalid
from crewboard.tools.generate.recipe import SPARE_QUESTIONS
from crewboard.tools.generate.requests import Mark, Request, Writer
from crewboard.tools.generate.strata import Cell
from crewboard.tools.generate.validate import Judge, Verdict

_REPAIRED_TEXT = 20_000  # characters of a bad answer that its repair is shown


@dataclass(frozen=True)
class Kept:
    """An accepted answer: where its entry stands, and what the answer that it replaced had cost."""

    mark: Mark
    offset: int
    earlier: int = 0


@dataclass(frozen=True)
class Rejected:
    """A row that came to nothing: why, where its last entry stands (-1: nothing was answered), and what
    it cost with its repair."""

    mark: Mark
    reason: str
    offset: int
    cost: int


@dataclass
class Stratum:
    cell: Cell
    before: int = 0
    """The number before that of its first question."""
    asked: int = 0
    """The number of its last question."""
    open: int = 0
    kept: dict[int, Kept] = field(default_factory=dict)
    again: dict[str, Request] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return max(0, self.cell.quota - len(self.kept))

    @property
    def questions(self) -> int:
        """How many were asked."""
        return self.asked - self.before

    def wants(self) -> bool:
        return self.missing > self.open + len(self.again)

    def rows(self) -> list[Kept]:
        """What counts, by number: no more than the quota, should that have shrunk since."""
        return [self.kept[number] for number in sorted(self.kept)][: self.cell.quota]


class Book:
    """The state of one run. `spent` is what all answers cost, `reserved` the most that those under way
    may; both in millionths of a US dollar. `waves` are under way; `batches` all that are known by name."""

    def __init__(self, writer: Writer, judge: Judge) -> None:
        self._writer = writer
        self._judge = judge
        before = writer.recipe.file.first - 1
        self.strata = {c.name: Stratum(c, before, before) for c in writer.recipe.cells()}
        self.under_way: dict[str, Request] = {}
        self.resting: set[str] = set()
        self.rejected: list[Rejected] = []
        self.waves: dict[str, Entry] = {}
        self.batches: set[str] = set()
        self.counted: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.spent = 0
        self.reserved = 0
        self._taken: dict[str, Request] = {}
        self._earlier: dict[str, int] = {}
        self._known: dict[str, tuple[str, int]] = {}
        self._turn = deque(self.strata.values())

    @property
    def missing(self) -> int:
        return sum(stratum.missing for stratum in self.strata.values())

    @property
    def busy(self) -> bool:
        """Whether anything was sent, or is about to be, whose outcome is not known yet."""
        return bool(self.under_way or self._taken)

    def take(self) -> Request | None:
        """The next request that is worth asking, in turn over the strata; None when there is none now."""
        for _ in range(len(self._turn)):
            stratum = self._turn[0]
            self._turn.rotate(-1)
            if request := self._next_of(stratum):
                stratum.open += 1
                self._taken[request.key] = request
                self.reserved += request.most
                return request
        return None

    def give_back(self, request: Request) -> None:
        """It was taken and never sent: it comes first when its stratum's turn comes again."""
        del self._taken[request.key]
        self.reserved -= request.most
        stratum = self._of(request)
        stratum.open -= 1
        stratum.again[request.key] = request

    def starved(self) -> Stratum | None:
        """A stratum that is owed rows and has used up its attempts."""
        return next((s for s in self.strata.values() if s.wants() and not self._may_ask(s)), None)

    def apply(self, entry: Entry, offset: int) -> None:
        """Take one entry of the record into account."""
        kind = str(entry["kind"])
        if kind in {"wave", "submitted", "collected"}:
            self._apply_wave(kind, entry)
            return
        self.counted[kind] += 1
        if kind == "sent":
            self._sent(entry)
            return
        cost = int(entry.get("cost", 0))
        self.spent += cost
        for name in ("input_tokens", "output_tokens"):
            self.tokens[name] += entry.get(name) or 0
        request = self.under_way.pop(entry["request"], None)
        if request is None:  # asked under another recipe: paid for, and of no use to this one
            self.counted["stale"] += kind == "answered"
            return
        self.reserved -= request.most
        self._of(request).open -= 1
        if kind == "released":
            self._of(request).again[request.key] = request
        elif kind == "answered":
            self._answered(request, entry, offset)
        else:
            reason = kind if kind == "lost" else str(entry.get("reason", kind))
            earlier = self._earlier.pop(request.key, 0)
            self._reject(Rejected(request.mark, reason, -1, earlier + cost))

    def unsettled(self) -> list[Request]:
        """What was under way when an earlier run ended, and is in no batch: nobody knows its outcome."""
        in_batches = {key for wave in self.waves.values() for key in wave["requests"]}
        return [request for key, request in self.under_way.items() if key not in in_batches]

    def rows(self) -> Iterator[Kept]:
        """The accepted rows, stratum by stratum, by number."""
        for stratum in self.strata.values():
            yield from stratum.rows()

    def got(self) -> dict[str, int]:
        return {name: len(stratum.rows()) for name, stratum in self.strata.items()}

    def _of(self, request: Request) -> Stratum:
        return self.strata[request.mark.cell.name]

    def _next_of(self, stratum: Stratum) -> Request | None:
        for key, request in stratum.again.items():
            if key not in self.resting:
                del stratum.again[key]
                return request
        if not stratum.wants() or not self._may_ask(stratum):
            return None
        stratum.asked += 1
        return self._distinct(self._writer.first(stratum.cell, stratum.asked))

    def _may_ask(self, stratum: Stratum) -> bool:
        file = self._writer.recipe.file
        return stratum.questions < file.attempts * stratum.cell.quota + SPARE_QUESTIONS

    def _distinct(self, request: Request) -> Request:
        mark = request.mark
        named = (mark.cell.name, mark.number)
        if self._known.setdefault(request.key, named) != named:
            reason = (
                f"two questions of {mark.cell.name} are the same; use {{number}} or {{examples}}"
            )
            raise RecipeInvalid(path=self._writer.recipe.name, where="prompt", reason=reason)
        return request

    def _sent(self, entry: Entry) -> None:
        key = entry["request"]
        request = self._taken.pop(key, None) or self._remembered(entry)
        if request is not None:
            self.under_way[key] = request

    def _remembered(self, entry: Entry) -> Request | None:
        """What an earlier run sent; None if this recipe does not ask it, or asks it otherwise."""
        stratum = self.strata.get(entry["cell"])
        if stratum is None:
            return None
        request = stratum.again.pop(entry["request"], None) or self._written_again(stratum, entry)
        if request is not None:
            stratum.open += 1
            self.reserved += request.most
        return request

    def _written_again(self, stratum: Stratum, entry: Entry) -> Request | None:
        """The request of an entry, if the recipe still asks it so."""
        stratum.asked = max(stratum.asked, entry["number"])
        request = self._writer.first(stratum.cell, entry["number"])
        same = not entry["repair"] and request.key == entry["request"]
        return self._distinct(request) if same else None

    def _answered(self, request: Request, entry: Entry, offset: int) -> None:
        answer = Answer(entry["text"], entry["finish"])
        verdict = self._judge.judge(answer)
        stratum = self._of(request)
        earlier = self._earlier.pop(request.key, 0)
        if verdict.value is not None:
            stratum.kept[request.mark.number] = Kept(request.mark, offset, earlier)
        elif verdict.repairable and not request.mark.repair:
            self._ask_to_repair(request, entry, verdict)
        else:
            cost = earlier + entry["cost"]
            self._reject(Rejected(request.mark, verdict.reason, offset, cost))

    def _ask_to_repair(self, request: Request, entry: Entry, verdict: Verdict) -> None:
        shown = entry["text"][:_REPAIRED_TEXT]
        repair = self._writer.repair(request, shown, verdict.told)
        self._earlier[repair.key] = entry["cost"]
        self._of(request).again[repair.key] = self._distinct(repair)
        self.counted["repairs"] += 1

    def _reject(self, rejected: Rejected) -> None:
        self.rejected.append(rejected)

    def _apply_wave(self, kind: str, entry: Entry) -> None:
        if kind == "wave":
            self.waves[entry["wave"]] = dict(entry)
        elif kind == "submitted":
            self.waves[entry["wave"]]["batch"] = entry["batch"]
            self.batches.add(entry["batch"])
        else:
            self.waves.pop(entry["wave"])
