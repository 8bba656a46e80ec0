"""A report as a page: Markdown, and HTML that needs nothing beside itself.

Labels come from rows and are not trusted: in both they are escaped.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from crewboard.tools.audit.charts import bars, bars_with_plan
from crewboard.tools.audit.outline import Section, data_of, sections_of, verdict_of

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!$@])")
_BAR = 24


def markdown(report: Mapping[str, Any]) -> str:
    parts = [f"# Audit: {_marked(_title(report))}", _marked(verdict_of(report)), data_of(report)]
    parts += ["\n".join(_in_markdown(section)) for section in sections_of(report)]
    return "\n\n".join(parts) + "\n"


def html(report: Mapping[str, Any]) -> str:
    template = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(_title(report)),
        beyond="" if report["verdict"]["within"] else "beyond",
        verdict=escape(verdict_of(report)),
        data=escape(data_of(report)),
        sections="\n".join(_in_html(section) for section in sections_of(report)),
    )


def _title(report: Mapping[str, Any]) -> str:
    return ", ".join(each["name"] for each in report["files"])


def _in_markdown(section: Section) -> Iterator[str]:
    yield f"## {section.title}\n"
    if section.rows:
        yield "| " + " | ".join(section.heads) + " |"
        yield "|" + "---|" * len(section.heads)
        for n, row in enumerate(section.rows):
            told = " | ".join(map(_marked, row))
            yield f"| {'**over** ' if n in section.marked else ''}{told} |"
    most = max((value for _, value, _ in section.bars), default=0) or 1
    if section.bars:
        yield "| | | |\n|---|---:|---|"
    for label, value, plan in section.bars:
        told = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
        beside = f" (planned {plan:,.1f})" if plan is not None else ""
        bar = "█" * round(_BAR * value / most)
        yield f"| {_marked(label)} | {told}{section.unit}{beside} | {bar} |"
    if section.note:
        yield f"\n{_marked(section.note)}"


def _in_html(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"]
    if section.rows:
        heads = "".join(f"<th>{escape(head)}</th>" for head in section.heads)
        rows = "".join(_row(row, over=n in section.marked) for n, row in enumerate(section.rows))
        parts.append(f"<table><tr>{heads}</tr>{rows}</table>")
    planned = [(label, value, plan) for label, value, plan in section.bars if plan is not None]
    if planned:
        parts.append(bars_with_plan(planned, section.unit))
    elif section.bars:
        parts.append(bars([(label, value) for label, value, _ in section.bars], section.unit))
    if section.note:
        parts.append(f'<p class="quiet">{escape(section.note)}</p>')
    return "".join(parts)


def _row(cells: tuple[str, ...], *, over: bool) -> str:
    told = "".join(
        f'<td class="n">{escape(c)}</td>' if c[:1].isdigit() else f"<td>{escape(c)}</td>"
        for c in cells
    )
    return f'<tr class="over">{told}</tr>' if over else f"<tr>{told}</tr>"


def _marked(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown would act on."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
