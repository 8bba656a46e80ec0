"""What a report is told in, whatever it is written in: titles, tables and charts, in order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crewboard.tools.audit.checks.skew import NONE

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A table with its heads, or bars; `marked` are the rows of the table that are over."""

    title: str
    heads: Row = ()
    rows: tuple[Row, ...] = ()
    marked: frozenset[int] = frozenset()
    bars: tuple[tuple[str, float, float | None], ...] = ()
    unit: str = ""
    note: str = ""


def verdict_of(report: Mapping[str, Any]) -> str:
    verdict = report["verdict"]
    if verdict["within"]:
        return f"Within what was declared: {verdict['rows']:,} rows."
    over = [*verdict["over"], *(f"balance of {axis}" for axis in verdict["off_plan"])]
    return f"Beyond what was declared, of {verdict['rows']:,} rows: {', '.join(over)}."


def data_of(report: Mapping[str, Any]) -> str:
    data, engines = report["data"], report["engines"]
    how = ", ".join(f"{what} by {engine}" for what, engine in engines.items())
    return f"{data['bytes']:,} bytes, sha256 {data['sha256']}; {how}."


def sections_of(report: Mapping[str, Any]) -> Iterator[Section]:
    yield _findings(report)
    yield from _lengths(report)
    yield from _balance(report)
    yield from _copies(report)
    yield from _leakage(report)
    yield _bars("Answers by language", report["languages"].items(), " rows")
    yield from _places(report)


def _findings(report: Mapping[str, Any]) -> Section:
    found = [rule for rule in report["rules"] if rule["count"]]
    rows = tuple(
        (
            rule["id"],
            rule["severity"],
            f"{rule['count']:,}",
            f"{rule['share']:.3%}",
            f"{rule['tolerated']:.2%}",
            f"{rule['source_rows']:,}" if "source_rows" in rule else "",
            rule["meaning"],
        )
        for rule in found
    )
    heads = ("rule", "severity", "rows", "share", "tolerated", "source rows", "meaning")
    over = frozenset(n for n, rule in enumerate(found) if rule["over"])
    silent = len(report["rules"]) - len(found)
    return Section("Findings", heads, rows, over, note=f"{silent} other rules found nothing.")


def _lengths(report: Mapping[str, Any]) -> Iterator[Section]:
    for name in ("words", "characters", "tokens"):
        told = report.get(name)
        if told:
            buckets = [(f"{b['from']:,} to {b['below'] - 1:,}", b["rows"]) for b in told["buckets"]]
            note = f"mean {told['mean']:,.1f}, most {told['max']:,}"
            yield _bars(f"Rows by {name}", buckets, " rows", note)
    yield _bars("Rows by messages", report["messages_per_row"].items(), " rows")


def _balance(report: Mapping[str, Any]) -> Iterator[Section]:
    for axis, values in report["balance"].items():
        plan = report["plan"].get(axis)
        if plan:
            bars = tuple(
                (each["value"], 100 * each["measured"], 100 * each["planned"])
                for each in plan["values"]
            )
            note = (
                f"planned shares are marked; {'off' if plan['over'] else 'within'} the tolerance of "
                f"{plan['tolerance']:.0%}"
            )
            if plan["stage"] != NONE:
                note += f"; furthest off in stage {plan['stage']}"
            yield Section(f"Balance of {axis}", bars=bars, unit=" %", note=note)
        elif len(values) > 1:
            yield _bars(
                f"Balance of {axis}", [(v["value"], 100 * v["share"]) for v in values[:20]], " %"
            )
    bias = report["bias"]
    by_length = [(v["value"], v["mean_words"]) for v in bias["length_by_difficulty"]]
    if len(by_length) > 1:
        yield _bars("Mean words by difficulty", by_length, " words")
    skews = [(k.replace("_", " "), f"{v:.3f}") for k, v in bias.items() if isinstance(v, float)]
    note = "Cramer's V: 0 where the two are independent, 1 where one decides the other."
    yield Section("Skew", ("fields", "association"), tuple(skews), note=note)


def _copies(report: Mapping[str, Any]) -> Iterator[Section]:
    keys = report["repeats"]["keys"]
    rows = tuple(
        (k["rule"], k["key"], f"{k['groups']:,}", f"{k['redundant_rows']:,}", f"{k['share']:.3%}")
        for k in keys
    )
    yield Section("Copies", ("rule", "key", "groups", "redundant rows", "share"), rows)
    yield _bars("Redundant rows by key", [(k["rule"], k["redundant_rows"]) for k in keys], " rows")
    near = report["near_duplicates"]
    if near:
        bars = [(f"{b['from']:.2f} to {b['below']:.2f}", b["count"]) for b in near["bands"]]
        note = f"{near['rows']:,} rows; {near['key']}"
        if near["crowded"]:
            note += f"; {near['crowded']:,} crowded places were compared with neighbours only"
        yield _bars("Near duplicates by likeness", bars, " pairs", note)


def _leakage(report: Mapping[str, Any]) -> Iterator[Section]:
    leaked = report["leakage"]
    if leaked:
        rows = tuple((rule, f"{count:,}") for rule, count in leaked["counts"].items())
        note = f"against {leaked['against']['name']} of {leaked['training_rows']:,} rows"
        yield Section("Leakage", ("rule", "rows"), rows, note=note)


def _places(report: Mapping[str, Any]) -> Iterator[Section]:
    rows = tuple(
        (rule["id"], place.get("file", ""), f"{place['line']}", f"{place['offset']}", place["note"])
        for rule in report["rules"]
        for place in rule["samples"][:5]
    )
    note = "At most five places of each rule; the JSON report holds twenty."
    yield Section("Places", ("rule", "file", "line", "byte", "note"), rows, note=note)


def _bars(title: str, values: Any, unit: str, note: str = "") -> Section:
    told = tuple((str(label), value, None) for label, value in values)
    return Section(title, bars=told, unit=unit, note=note)
