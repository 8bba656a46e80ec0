"""What the documentation says is typed can be typed: every command line parses, every flag, link and name
that it mentions is there. Nothing is run."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest
from source import ROOT

from crewboard.cli.data import data
from crewboard.cli.root import root

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"`([^`\n]+)`")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+")
LINK = re.compile(r"\]\(([^)#\s]+)")
IMPORT = re.compile(r"^from (crewboard[\w.]*) import (\([^)]*\)|.*)", re.MULTILINE)
PLACEHOLDER = re.compile(r"(?<![\w-])[A-Z]{2,}(?![\w.])")
HELP = (click.exceptions.Exit, click.exceptions.NoArgsIsHelpError)
OTHERS = {"--strict": "mypy's"}


def shown(page: Path) -> Iterator[str]:
    """The command lines of a page's transcripts and of its prose."""
    text = page.read_text()
    for language, block in FENCED.findall(text):
        if language in {"", "sh", "console", "text"}:
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line.strip().removeprefix("$ ") for line in lines)
    yield from (PLACEHOLDER.sub("1", quoted) for quoted in QUOTED.findall(prose(page)))


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def commands() -> list[tuple[str, str]]:
    found = [(str(page.relative_to(ROOT)), line) for page in PAGES for line in shown(page)]
    return list(dict.fromkeys(each for each in found if each[1].startswith("crewboard ")))


def parsed(words: list[str]) -> click.Context:
    """The context of the last verb. It is entered, its options and arguments are read; it does nothing."""
    context = root.make_context("crewboard", words)
    while isinstance(context.command, click.Group) and (
        rest := [*context._protected_args, *context.args]
    ):
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


@cache
def flags() -> frozenset[str]:
    return frozenset(_flags(root, click.Context(root, **root.context_settings))) | {"--help"}


def _flags(command: click.Command, context: click.Context) -> Iterator[str]:
    for option in command.params:
        yield from (*option.opts, *option.secondary_opts)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from _flags(inner, click.Context(inner, parent=context))


@pytest.mark.parametrize(("page", "line"), commands())
def test_a_command_line_of_the_documentation_parses(page: str, line: str) -> None:
    words = shlex.split(line.partition(" && ")[0], comments=True)[1:]
    try:
        parsed(words)
    except HELP:
        return
    except click.ClickException as error:
        pytest.fail(f"{page}: {line}\n{error.format_message()}")


def verbs_of_the_readme() -> list[str]:
    """The first cells of the table of verbs, without what may be left out."""
    table = (ROOT / "README.md").read_text().partition("## Verbs")[2].partition("\n\n")[2]
    rows = table.partition("\n\n")[0].splitlines()[2:]
    cells = [row.replace("\\|", "/").split("|")[1] for row in rows]
    quoted = [words for cell in cells for words in QUOTED.findall(cell)]
    return [PLACEHOLDER.sub("1", re.sub(r"\[.*?\](\.\.\.)?", "", words)) for words in quoted]


@pytest.mark.parametrize("line", verbs_of_the_readme())
def test_a_verb_of_the_readme_is_there_and_needs_no_more_than_is_said(line: str) -> None:
    first, *rest = shlex.split(line)
    several = rest[0].split("/") if rest and rest[0].islower() else []
    for inner in [each for each in several if each != "…"]:
        with pytest.raises(click.exceptions.Exit):
            parsed([first, inner, "--help"])
    if not several:
        parsed([first, *rest])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_flag_that_a_page_mentions_is_there(page: Path) -> None:
    ours = [words for words in QUOTED.findall(prose(page)) if not words.startswith("python")]
    mentioned = {flag for words in ours for flag in FLAG.findall(words)}
    assert mentioned - flags() - OTHERS.keys() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_to_files_that_are_there(page: Path) -> None:
    """F4: the board pointed at two files that no longer existed."""
    targets = [link for link in LINK.findall(prose(page)) if not link.startswith("http")]
    assert [link for link in targets if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_imports_can_be_imported(page: Path) -> None:
    for module, names in IMPORT.findall(page.read_text()):
        loaded = import_module(module)
        wanted = re.findall(r"\w+", names)
        assert [name for name in wanted if not hasattr(loaded, name)] == []


def test_every_verb_on_rows_stands_in_the_list_of_them() -> None:
    listed = (ROOT / "docs" / "data" / "README.md").read_text()
    verbs = data.list_commands(click.Context(data))
    assert [verb for verb in verbs if f"`{verb}" not in listed] == []
