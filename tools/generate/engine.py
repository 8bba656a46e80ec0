"""The engine: asks what is missing until the quotas are full, and decides what each failure means.

429                       the gate halves and closes for as long as was asked; no attempt is used up
402, quota, 401, 403      the run stops at once, with everything kept
5xx, 529, no connection   asked again after a growing pause, a few times; then the row is let go
no answer, outcome open   asked again under its key where the provider does a key once; never again
                          otherwise: it counts as charged, and another question takes its place
4xx                       the row is let go; a series of them stops the run
unreadable answer         charged and rejected
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from crewboard.errors import (
    CrewboardError,
    NeedsHuman,
    RateLimited,
    ReplyInvalid,
    Retryable,
)
from crewboard.tools.generate.admission import Admission, Pace
from crewboard.tools.generate.book import Book
from crewboard.tools.generate.cache import Entry, Record
from crewboard.tools.generate.dialects import Answer
from crewboard.tools.generate.errors import (
    ProviderKeepsFailing,
    QuotaUnfilled,
    RunBudgetExhausted,
)
from crewboard.tools.generate.estimate import shared, usd
from crewboard.tools.generate.requests import Request
from crewboard.tools.providers.prices import Price
from crewboard.tools.providers.signals import pause_asked


class Source(Protocol):
    """Whoever answers: a provider (`call.Caller`), or templates (`offline.Templates`)."""

    async def answer(self, request: Request) -> Answer: ...


@dataclass(frozen=True)
class Terms:
    """What a run may do. `budget` in millionths of a US dollar, None where nothing is charged; `keyed`
    says that the provider does one Idempotency-Key once; `tries` bounds one question, `failures` those
    in a row over all, `refusals` the rate limits in a row."""

    price: Price
    budget: int | None = None
    keyed: bool = False
    pace: Pace = field(default_factory=Pace)
    tries: int = 6
    failures: int = 24
    refusals: int = 30


class Engine:
    """One run in one event loop. `told` hears how many rows there are, and may raise to end the run."""

    def __init__(
        self, book: Book, record: Record, terms: Terms, told: Callable[[int, int], None]
    ) -> None:
        self._book = book
        self._record = record
        self._terms = terms
        self._told = told
        self._rows = book.missing + sum(book.got().values())
        self._tries: Counter[str] = Counter()
        self._failures = 0
        self._stopped: BaseException | None = None
        self._changed = asyncio.Event()
        self._halted = asyncio.Event()
        self.admission = Admission(terms.pace)

    def stop(self, why: BaseException) -> None:
        """Send nothing more. Calls under way are waited for, since they are paid; then `why` is raised."""
        if self._stopped is None:
            self._stopped = why
        self._halted.set()
        self._wake()

    async def fill(self, source: Source) -> None:
        """Ask until every stratum has its rows. Raises what stopped it; QuotaUnfilled when its attempts
        were used up."""
        await self.settle_earlier()
        workers = min(self._terms.pace.most, self._book.missing)
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(source))
        self.check()

    async def settle_earlier(self) -> None:
        """What a killed run left open: asked again under its key, or counted as lost."""
        open_ones = self._book.unsettled()
        if open_ones and self._terms.keyed:
            await self._record.append(*(_about("released", request) for request in open_ones))
        elif open_ones:
            await self._record.append(*(_lost(request) for request in open_ones))

    def check(self) -> None:
        """Raise what keeps the run from being whole."""
        if self._stopped is not None:
            raise self._stopped
        if stratum := self._book.starved():
            reasons = Counter(each.reason for each in self._book.rejected)
            told = ", ".join(f"{reason} {n}" for reason, n in reasons.most_common(3))
            raise QuotaUnfilled(
                missing=self._book.missing,
                rows=self._rows,
                cell=stratum.cell.name,
                reason=f"{stratum.questions} questions were asked there, and rejected over all were {told}",
            )

    async def _work(self, source: Source) -> None:
        try:
            await self._work_on(source)
        except (CrewboardError, OSError) as error:
            self.stop(error)

    async def _work_on(self, source: Source) -> None:
        while self._stopped is None:
            changed = self._changed  # taken before the look, so that no change is missed after it
            async with self.admission.slot() as admitted:
                request = self.choose()
                pause = await self._ask(source, request, admitted) if request else 0.0
            if request is None:
                if self._idle():
                    return
                await changed.wait()
            elif pause:
                await self._rest(request, pause)
            self._wake()

    def choose(self) -> Request | None:
        """The next question that the budget allows. Where it allows none and none is under way, the run
        stops before the call."""
        if self._stopped is not None or (request := self._book.take()) is None:
            return None
        budget, spoken_for = self._terms.budget, self._book.spent + self._book.reserved
        if budget is None or spoken_for <= budget:
            return request
        self._book.give_back(request)
        if not self._book.busy:
            self.stop(_over_budget(request, budget, self._book.spent))
        return None

    def _idle(self) -> bool:
        """Nothing more will happen by itself: everyone may go home."""
        return not self._book.busy and not self._book.resting

    async def _ask(self, source: Source, request: Request, admitted: int) -> float:
        """Ask once and write down what came of it; the seconds to rest before it is asked again."""
        await self._record.append(request.sent())
        try:
            answer = await source.answer(request)
        except CrewboardError as error:
            return await self._failed(request, error, admitted)
        self.admission.went_well()
        self._failures = 0
        await self._record.append(answered(request, answer, self._terms.price))
        self._tell()
        return 0.0

    async def _failed(self, request: Request, error: CrewboardError, admitted: int) -> float:
        if isinstance(error, RateLimited):
            return await self._limited(request, error, admitted)
        if isinstance(error, NeedsHuman):
            self.stop(error)
            await self._record.append(_about("released", request))
            return 0.0
        self._failures += 1
        if self._failures >= self._terms.failures:
            self.stop(_keeps_failing(request, error, self._failures))
        unknown = error.outcome_unknown
        if isinstance(error, ReplyInvalid):
            await self._record.append(unreadable(request, error))
        elif isinstance(error, Retryable) and (self._terms.keyed or not unknown):
            return await self._again(request, error, admitted)
        elif unknown:
            await self._record.append(_lost(request))
        else:
            await self._record.append(_about("failed", request, reason="refused-by-provider"))
        return 0.0

    async def _limited(self, request: Request, error: CrewboardError, admitted: int) -> float:
        self.admission.slow_down(admitted, pause_asked(error))
        if self.admission.refusals > self._terms.refusals:
            self.stop(error)
        await self._record.append(_about("released", request))
        return 0.0

    async def _again(self, request: Request, error: CrewboardError, admitted: int) -> float:
        """Rest and ask again, or let the row go after `tries`."""
        self._tries[request.key] += 1
        self.admission.halve(admitted)
        if self._tries[request.key] < self._terms.tries:
            self._book.resting.add(request.key)
            await self._record.append(_about("released", request))
            return self._pause(self._tries[request.key], error)
        if error.outcome_unknown:
            await self._record.append(_lost(request))
        else:
            await self._record.append(_about("failed", request, reason="unavailable"))
        return 0.0

    def _pause(self, tries: int, error: CrewboardError) -> float:
        pace = self._terms.pace
        grown = pace.jitter(min(pace.cap_s, pace.base_s * 2.0**tries))
        return max(grown, min(pace.cap_s, pause_asked(error) or 0.0), 1e-3)

    async def _rest(self, request: Request, pause: float) -> None:
        """Wait, or until the run is stopped."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._halted.wait(), pause)
        self._book.resting.discard(request.key)

    def _tell(self) -> None:
        try:
            self._told(self._rows - self._book.missing, self._rows)
        except CrewboardError as error:  # cancelled: what is under way is still waited for
            self.stop(error)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def answered(request: Request, answer: Answer, price: Price, *, batch: bool = False) -> Entry:
    """The record's entry of an answer. What nobody counted costs the most that it may."""
    usage = answer.usage
    cost = request.most if usage is None else price.cost(usage)
    return _about(
        "answered",
        request,
        text=answer.text,
        finish=answer.finish,
        id=answer.id,
        model=answer.model,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cost=shared(cost, batch=batch),
        batch=batch,
    )


def unreadable(request: Request, error: CrewboardError, *, batch: bool = False) -> Entry:
    """An answer that was charged and cannot be read, at the most that it may have cost."""
    cost = shared(request.most, batch=batch)
    told = str(error.facts.get("reason", ""))
    return _about("answered", request, text="", finish="other", cost=cost, batch=batch, told=told)


def _lost(request: Request) -> Entry:
    return _about("lost", request, cost=request.most)


def _about(kind: str, request: Request, **facts: Any) -> Entry:
    return {"kind": kind, "request": request.key, **facts}


def _over_budget(request: Request, budget: int, spent: int) -> RunBudgetExhausted:
    return RunBudgetExhausted(
        what=f"One more question ({request.mark.cell.name})",
        needed=usd(request.most),
        left=usd(max(0, budget - spent)),
        limit=usd(budget),
    )


def _keeps_failing(request: Request, error: CrewboardError, failures: int) -> CrewboardError:
    if not isinstance(error, Retryable | ReplyInvalid):
        return error
    provider = error.facts.get("provider", request.mark.cell.name)
    reason = error.facts.get("reason", error)
    return ProviderKeepsFailing(provider=provider, failures=failures, reason=reason)
