"""One run, from a recipe to finished files: open the record, ask what is missing, write down what came.

    OUT/record.jsonl     what was asked and answered: the cache, and the proof of what was paid
    OUT/run.json         what the record belongs to: recipe, provider, model, address
    OUT/estimate.json    what it was thought to cost, before the first call
    OUT/rows.jsonl       the rows, once the quotas are full; and then
    OUT/rejected.jsonl   what was answered and not kept: why, its text, its cost
    OUT/report.json      asked and got by stratum, estimate and actual cost side by side

Called again with the same OUT, it goes on; when nothing is missing, it asks nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from crewboard.errors import SelfCheckFailed
from crewboard.redact import redact_json
from crewboard.tools.files.atomic import whole, write_whole
from crewboard.tools.files.jsonl import Line, read_jsonl
from crewboard.tools.generate.admission import Pace
from crewboard.tools.generate.batch import Waves
from crewboard.tools.generate.book import Book
from crewboard.tools.generate.cache import Record
from crewboard.tools.generate.call import Caller, open_line
from crewboard.tools.generate.engine import Engine, Source, Terms
from crewboard.tools.generate.errors import OutTaken, RunDiffers
from crewboard.tools.generate.estimate import Estimate, estimated, usd
from crewboard.tools.generate.offline import Templates
from crewboard.tools.generate.provenance import OFFLINE, Origin, finished_row
from crewboard.tools.generate.recipe import Recipe
from crewboard.tools.generate.requests import Request, Target, Writer
from crewboard.tools.generate.strata import by_axis
from crewboard.tools.generate.validate import Judge, value_of

TOOL = "generate"
_RECORD = "record.jsonl"
_WRITTEN = ("run.json", "estimate.json", "rows.jsonl", "rejected.jsonl", "report.json")
_SAMPLED = 2000  # questions that an estimate looks at, nearly
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True)
class Order:
    """What to make, of whom, where to. `budget` in millionths of a US dollar."""

    recipe: Recipe
    target: Target
    out: Path
    budget: int | None = None
    batch: bool = False
    pace: Pace = field(default_factory=Pace)
    existing: tuple[Path, ...] = ()
    poll_s: float = 30.0

    @property
    def offline(self) -> bool:
        return self.target.endpoint.provider == OFFLINE


@dataclass(frozen=True)
class Result:
    """A finished run: its files, and its report as JSON holds it."""

    rows: Path
    rejected: Path
    report: dict[str, Any]


Begin = Callable[[Engine], None]
"""Is handed the engine before the first call: to stop it from a signal handler, say."""


def carry_out(
    order: Order,
    told: Callable[[int, int], None] = lambda _done, _rows: None,
    begin: Begin | None = None,
) -> Result:
    """Fill the order. OutTaken, RunTaken, RunDiffers, and whatever stops the engine; what was answered
    is kept."""
    _check_free(order.out)
    writer = Writer(order.recipe, order.target)
    judge = Judge(order.recipe)
    for path in (*order.existing, *map(order.recipe.beside, order.recipe.file.existing)):
        judge.know(item.row for item in read_jsonl(path) if isinstance(item, Line))
    with Record(order.out / _RECORD, durable=not order.offline) as record:
        _belongs(order)
        book = Book(writer, judge)
        record.replay(book.apply)
        estimate = _estimate_once(order, writer)
        try:
            if book.missing:
                asyncio.run(_fill(order, (book, record, told), begin))
        finally:
            _write_report(order, book, estimate)
        return _written(order, book, record, estimate)


def estimate_of(order: Order) -> Estimate:
    """What the whole order would cost, were every first answer accepted."""
    return _estimated(order, Writer(order.recipe, order.target))


def first_request(order: Order) -> Request:
    return Writer(order.recipe, order.target).first(order.recipe.cells()[0], 1)


async def _fill(
    order: Order, run: tuple[Book, Record, Callable[[int, int], None]], begin: Begin | None
) -> None:
    book, record, told = run
    settings, price = order.target.endpoint.settings, order.target.price
    budget = None if price.free else order.budget
    terms = Terms(price, budget, keyed=settings.idempotency or order.offline, pace=order.pace)
    engine = Engine(book, record, terms, told)
    if begin:
        begin(engine)
    if order.offline:
        await engine.fill(Templates(order.recipe))
        return
    async with open_line(order.target) as line:
        waves = Waves(order.target, line, record, order.poll_s)
        await waves.collect_earlier(book)
        source: Source = Caller(order.target, line)
        await (waves.fill(engine, book) if order.batch else engine.fill(source))


def _check_free(out: Path) -> None:
    """Where there is no record, what bears the name of a run's file is somebody else's."""
    if (out / _RECORD).exists():
        return
    for name in _WRITTEN:
        if (out / name).exists():
            raise OutTaken(path=out, name=name)


def _belongs(order: Order) -> None:
    """run.json: a record never mixes the answers of two models, or of a twin and the real thing."""
    now = {
        "recipe": order.recipe.name,
        "model": order.target.name,
        "address": _address(order.target.endpoint.base_url),
    }
    path = order.out / "run.json"
    was = orjson.loads(path.read_bytes()) if path.exists() else now
    for what, value in now.items():
        if was.get(what) != value:
            raise RunDiffers(path=order.out, what=what, was=was.get(what), now=value)
    write_whole(path, orjson.dumps(now, option=_PRETTY))


def _address(base_url: str) -> str:
    """Without its port on this machine: a local server may come back on another."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    return f"{parts.scheme}://{host if local else parts.netloc}{parts.path}"


def _estimate_once(order: Order, writer: Writer) -> dict[str, Any]:
    """The estimate of the first start: later ones do not touch it."""
    path = order.out / "estimate.json"
    if not path.exists():
        write_whole(path, orjson.dumps(_estimated(order, writer).as_json(), option=_PRETTY))
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def _estimated(order: Order, writer: Writer) -> Estimate:
    """From every question of a small order, from an even sample of a large one."""
    file = order.recipe.file
    questions = ((cell, file.first + n) for cell in order.recipe.cells() for n in range(cell.quota))
    sample = islice(questions, 0, None, max(1, file.rows // _SAMPLED))
    requests = [writer.first(cell, number) for cell, number in sample]
    answer = 0 if order.offline else file.likely_tokens or file.max_tokens
    return estimated(requests, file.rows, order.target.price, answer, batch=order.batch)


def _written(order: Order, book: Book, record: Record, estimate: dict[str, Any]) -> Result:
    rows, rejected = order.out / "rows.jsonl", order.out / "rejected.jsonl"
    _write_lines(rows, _rows(order, book, record))
    _write_lines(rejected, _rejected(book, record))
    report = _report(order, book, estimate)
    plan = {cell.name: cell.quota for cell in order.recipe.cells()}
    if report["got"] != plan:
        raise SelfCheckFailed(tool=TOOL, reason="the rows do not add up to the plan")
    return Result(rows, rejected, report)


def _rows(order: Order, book: Book, record: Record) -> Iterator[dict[str, Any]]:
    target = order.target
    origin = Origin(order.recipe.name, order.recipe.sha256, target.name, target.price.version)
    for kept in book.rows():
        paid = record.read(kept.offset)
        value = value_of(paid["text"])
        if value is None:
            raise SelfCheckFailed(tool=TOOL, reason=f"the answer at byte {kept.offset} changed")
        paid["cost"] += kept.earlier
        yield redact_json(finished_row(origin, kept.mark, value, paid))


def _rejected(book: Book, record: Record) -> Iterator[dict[str, Any]]:
    for each in book.rejected:
        said = record.read(each.offset)["text"] if each.offset >= 0 else ""
        yield redact_json(
            {
                "reason": each.reason,
                "stratum": each.mark.cell.name,
                "number": each.mark.number,
                "request": each.mark.key,
                "repaired": bool(each.mark.repair),
                "cost_microusd": each.cost,
                "text": said,
            }
        )


def _report(order: Order, book: Book, estimate: dict[str, Any]) -> dict[str, Any]:
    got, plan = book.got(), order.recipe.cells()
    reasons: Counter[str] = Counter(each.reason for each in book.rejected)
    return {
        "recipe": order.recipe.name,
        "recipe_sha256": order.recipe.sha256,
        "model": order.target.name,
        "rows": sum(got.values()),
        "planned": {cell.name: cell.quota for cell in plan},
        "got": got,
        "by_axis": by_axis(got, plan),
        "rejected": dict(sorted(reasons.items())),
        "rejected_cost_microusd": sum(each.cost for each in book.rejected),
        "repairs": book.counted["repairs"],
        "surplus": sum(len(s.kept) - len(s.rows()) for s in book.strata.values()),
        "stale_answers": book.counted["stale"],
        "estimate": estimate,
        "actual": {
            "answers": book.counted["answered"],
            "lost": book.counted["lost"],
            "input_tokens": book.tokens["input_tokens"],
            "output_tokens": book.tokens["output_tokens"],
            "cost_microusd": book.spent,
            "cost_usd": usd(book.spent),
            "prices": order.target.price.version,
        },
    }


def _write_report(order: Order, book: Book, estimate: dict[str, Any]) -> None:
    write_whole(
        order.out / "report.json", orjson.dumps(_report(order, book, estimate), option=_PRETTY)
    )


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with whole(path) as file:
        pending = iter(rows)
        while lines := [orjson.dumps(row) for row in islice(pending, 500)]:
            file.write(b"\n".join(lines) + b"\n")
