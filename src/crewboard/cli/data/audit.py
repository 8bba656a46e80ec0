"""`crewboard data audit` and `data recommend`."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crewboard.cli import exits
from crewboard.cli.options import option, with_json

if TYPE_CHECKING:
    from crewboard.tools.audit.recommend import Action
    from crewboard.tools.audit.work import Wanted

_FILE = click.Path(path_type=Path)
_MB = 1_000_000
_READ = ("config", "against", "tokenizer")
_WRITTEN = ("to_report", "to_markdown", "to_html", "to_findings")


@click.command
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@option("--config", type=_FILE, metavar="TOML", help="Thresholds, fields and plans.")
@option("--near", is_flag=True, help="Near duplicates too.")
@option("--against", type=_FILE, metavar="TRAIN", help="A training set that must not hold a row.")
@option("--tokenizer", type=_FILE, metavar="FILE", help="A tokenizer.json, for exact counts.")
@option("--model-limit", type=click.IntRange(1), metavar="TOKENS", help="What the model takes.")
@option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
@option("--report", "to_report", type=_FILE, metavar="OUT", help="The report, as JSON.")
@option("--markdown", "to_markdown", type=_FILE, metavar="OUT")
@option("--html", "to_html", type=_FILE, metavar="OUT")
@option(
    "--findings", "to_findings", type=_FILE, metavar="OUT", help="Every finding, as JSON Lines."
)
@with_json
def audit(files: tuple[Path, ...], *, as_json: bool, **given: Any) -> int:
    """Count and locate what is wrong with chat rows, in one pass, without quoting any.

    FILE is JSONL (also .gz and .zst) or Parquet, or a folder of such files alone. Exit code 0 within the
    declared thresholds, 5 beyond.
    """
    from crewboard.cli.terminal import document, talk
    from crewboard.tools.audit.audit import summary_of
    from crewboard.tools.audit.work import audit_files
    from crewboard.tools.files.atomic import whole
    from crewboard.tools.files.folder import row_files

    files = tuple(file for path in files for file in row_files(path))
    _check_places([*files, *filter(None, (given[name] for name in _READ))], given)
    meter = _Meter()
    try:
        with ExitStack() as stack:
            path = given["to_findings"]
            sink = stack.enter_context(whole(path)) if path else None
            report = audit_files(_wanted(files, given), meter, sink)
    finally:
        meter.end()
    if given["to_findings"]:
        report["findings"] = str(given["to_findings"])
    _write(report, given)
    if as_json:
        document(report)
    else:
        _tell(report)
    talk(summary_of(report))
    return exits.DONE if report["verdict"]["within"] else exits.FAILED


@click.command
@click.argument("report", type=_FILE, metavar="REPORT.json")
@option("--model", metavar="P/M", help="Whose price rows to be made have.")
@with_json
def recommend(report: Path, model: str | None, *, as_json: bool) -> None:
    """What to do about a report: ranked, with what it costs, as commands."""
    from dataclasses import asdict

    from crewboard.cli.terminal import document, line, out
    from crewboard.tools.audit.recommend import recommend as recommended

    actions = recommended(_read(report), model)
    if as_json:
        document({"actions": [asdict(action) for action in actions]})
        return
    if not actions:
        out("Nothing: the data is within what was declared.")
    for n, action in enumerate(actions, 1):
        cost = _cost(action)
        out(f"{n}. {line(action.why)}" + (f"; {cost}" if cost else ""))
        if action.command:
            out(f"   {line(action.command)}")


def _cost(action: "Action") -> str:
    parts = []
    if action.rows:
        parts.append(
            f"costs {action.rows:,} rows ({action.share:.2%}), about {action.words:,} words"
        )
    if action.mended:
        parts.append(f"changes {action.mended:,} rows at most")
    if action.made:
        price = f" for about {action.usd} USD" if action.usd else ""
        parts.append(f"makes {action.made:,} rows, about {action.words:,} words{price}")
    return ", ".join(parts)


def _check_places(read: list[Path], given: dict[str, Any]) -> None:
    """No report goes over what is audited, or over another report."""
    from crewboard.errors import OptionInvalid
    from crewboard.tools.files.atomic import check_place, take_away_left

    taken = {realpath(path): "is read by this audit" for path in read}
    for name in _WRITTEN:
        place = given[name]
        if not place:
            continue
        option = f"--{name.removeprefix('to_')}"
        if reason := taken.get(realpath(place)):
            raise OptionInvalid(option=option, value=str(place), reason=f"that file {reason}")
        check_place(place)
        take_away_left(place)
        taken[realpath(place)] = f"is named with {option} already"


def _wanted(files: tuple[Path, ...], given: dict[str, Any]) -> "Wanted":
    from crewboard.tools.audit.config import AuditConfig, load_config
    from crewboard.tools.audit.work import Wanted

    config = load_config(_there(given["config"])) if given["config"] else AuditConfig()
    if given["model_limit"]:
        config = config.model_copy(update={"model_limit": given["model_limit"]})
    return Wanted(
        paths=files,
        config=config,
        near=given["near"],
        against=given["against"],
        tokenizer=_there(given["tokenizer"]) if given["tokenizer"] else None,
        processes=given["processes"],
    )


def _there(path: Path) -> Path:
    from crewboard.tools.files.jsonl import check_readable

    check_readable(path)
    return path


def _write(report: dict[str, Any], given: dict[str, Any]) -> None:
    from crewboard.tools.audit.written import html, markdown
    from crewboard.tools.files.atomic import write_whole

    made = {"to_report": _as_json, "to_markdown": markdown, "to_html": html}
    for name, written in made.items():
        if given[name]:
            write_whole(given[name], written(report).encode())


def _as_json(report: Mapping[str, Any]) -> str:
    import orjson

    from crewboard.tools.audit.audit import OPTIONS

    return orjson.dumps(report, option=OPTIONS).decode()


def _read(path: Path) -> dict[str, Any]:
    import orjson

    from crewboard.errors import InputUnreadable
    from crewboard.tools.audit.report import FORMAT

    try:
        found = orjson.loads(_there(path).read_bytes())
    except orjson.JSONDecodeError as error:
        raise InputUnreadable(path=path, where="", reason=f"it is not JSON ({error})") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        reason = f"it is no report of this version ({FORMAT}); audit the data again"
        raise InputUnreadable(path=path, where="", reason=reason)
    return found


def _tell(report: dict[str, Any]) -> None:
    from crewboard.cli.terminal import table

    found = [rule for rule in report["rules"] if rule["count"]]
    rows = [
        (
            "OVER" if rule["over"] else "",
            rule["id"],
            rule["severity"],
            f"{rule['count']:,}",
            f"{rule['share']:.3%}",
            f"{rule['source_rows']:,}" if "source_rows" in rule else "",
            str(rule["samples"][0]["line"]) if rule["samples"] else "",
        )
        for rule in found
    ]
    table(rows, ("", "rule", "severity", "rows", "share", "source rows", "first line"))


class _Meter:
    """How far the reading is, how fast, and how long it will take, on stderr."""

    def __init__(self) -> None:
        from crewboard.cli.data.pace import Status

        self._began, self._status = time.monotonic(), Status()
        self.end = self._status.end

    def __call__(self, done: int, total: int) -> None:
        from crewboard.cli.data.pace import span

        if not self._status.is_due():
            return
        rate = done / max(time.monotonic() - self._began, 1e-9)
        left = f", {span((total - done) / rate)} left" if rate else ""
        self._status.show(
            f"audit: {done // _MB} of {total // _MB} MB, {rate / _MB:.0f} MB a second{left}"
        )
