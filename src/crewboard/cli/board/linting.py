"""`crewboard board lint`: what the board says that is not so, and mending what loses nothing."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crewboard.cli import exits
from crewboard.cli.board.desk import Desk, wants_json
from crewboard.cli.options import option, reading

if TYPE_CHECKING:
    from crewboard.coordination.board.lint import Finding

Change = Callable[[bytes], bytes]


@click.command
@click.argument("file", type=click.Path(path_type=Path), required=False, metavar="[FILE]")
@option("--fix", is_flag=True, help="Mend what can be mended without losing a word.")
@option("--fix-encoding", is_flag=True, help="Give misread text its characters back.")
@option("--rules", is_flag=True, help="List the rules instead, and what --fix does for each.")
@reading
def lint(
    file: Path | None, workspace: Path | None, *, as_json: bool, rules: bool, **wanted: bool
) -> int:
    """Check the board, or any FILE like it, for what cannot be right.

    Ends with 4 when there is an error, with 0 when there are warnings at most. Nothing is changed
    without --fix or --fix-encoding, and the board's own journal can undo either.
    """
    if rules:
        _list_rules(as_json=wants_json(as_json))
        return exits.DONE
    sheet = Sheet.of(file, workspace)
    done = sheet.mend(fix=wanted["fix"], encoding=wanted["fix_encoding"])
    found = sheet.findings()
    if wants_json(as_json):
        _document(sheet, found, done)
    else:
        _tell(sheet, found, done)
    return exits.BLOCKED if any(each.severity == "error" for each in found) else exits.DONE


@dataclass(frozen=True)
class Sheet:
    """The file that is checked; `desk` where it is the board of a workspace or lies in one."""

    path: Path
    root: Path
    desk: Desk | None

    @classmethod
    def of(cls, file: Path | None, workspace: Path | None) -> "Sheet":
        from crewboard.errors import WorkspaceMissing

        if file is None:
            desk = Desk.at(workspace)
            return cls(desk.place.board, desk.place.root, desk)
        try:
            desk = Desk.at(workspace or file.resolve().parent)
        except WorkspaceMissing:
            return cls(file, _top(file), None)
        return cls(file, desk.place.root, desk)

    @property
    def is_board(self) -> bool:
        return self.desk is not None and self.path.resolve() == self.desk.place.board.resolve()

    def bytes(self) -> bytes:
        """InputMissing, InputUnreadable."""
        from crewboard.errors import InputMissing, InputUnreadable

        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            raise InputMissing(path=self.path) from None
        except OSError as error:
            raise InputUnreadable(path=self.path, where="", reason=error.strerror) from None

    def mend(self, *, fix: bool, encoding: bool) -> list[str]:
        """Do what was asked for; what was done, in words."""
        from crewboard.coordination.board.encoding import mend
        from crewboard.coordination.board.lint.fix import fixed

        data, done = self.bytes(), list[str]()
        if encoding and (mended := mend(data)):
            self.write(_reread, f"lint --fix-encoding: {mended.encoding}")
            count = len(mended.places)
            done.append(
                f"B601: {count} place{'s'[: count > 1]} that were read as {mended.encoding}"
            )
        if fix and (told := fixed(self.bytes()).done):
            self.write(lambda text: fixed(text).data, "lint --fix")
            done += told
        return done

    def findings(self) -> "tuple[Finding, ...]":
        from crewboard.coordination.board.lint import LintCase, lint
        from crewboard.coordination.board.lint.gather import case_of, lost_commits, missing_paths

        data = self.bytes()
        if self.desk:
            return lint(case_of(data, self.desk.place, whole=self.is_board))
        missing, lost = missing_paths(data, self.root), lost_commits(data, self.root)
        return lint(LintCase(data, missing=missing, lost=lost))

    def write(self, change: Change, why: str) -> None:
        from crewboard.memory.page import rewrite

        if self.is_board and self.desk:
            self.desk.store.edit(change, by=self.desk.by(), why=why)
        else:
            rewrite(self.path, change)


def _reread(data: bytes) -> bytes:
    from crewboard.coordination.board.encoding import mend

    mended = mend(data)
    return mended.data if mended else data


def _top(file: Path) -> Path:
    """The root that the paths in a file are meant from: its repository's, else its own folder."""
    folder = file.resolve().parent
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def _document(sheet: Sheet, found: "Sequence[Finding]", done: list[str]) -> None:
    from crewboard.canonical import sha256_file
    from crewboard.cli.board.desk import clean
    from crewboard.cli.terminal import document

    told = [{**asdict(each), "says": clean(each.says)} for each in found]
    document(
        {
            "path": str(sheet.path),
            "sha256": sha256_file(sheet.path),
            "errors": sum(each.severity == "error" for each in found),
            "warnings": sum(each.severity == "warning" for each in found),
            "findings": told,
            "fixed": done,
        }
    )


def _tell(sheet: Sheet, found: "Sequence[Finding]", done: list[str]) -> None:
    from crewboard.cli.terminal import line, out

    for each in done:
        out(f"mended {line(each)}")
    for finding in found:
        where = f"{line(sheet.path.name)}:{finding.line}"
        out(f"{where}: {finding.severity} {finding.rule} {line(finding.says)}")
    for rule, remedy in sorted({(each.rule, each.remedy) for each in found}):
        out(f"{rule}: {line(remedy)}")
    errors = sum(each.severity == "error" for each in found)
    out(f"{errors} error(s), {len(found) - errors} warning(s)" if found else "Nothing found.")


def _list_rules(*, as_json: bool) -> None:
    from crewboard.cli.terminal import document, line, out
    from crewboard.coordination.board.lint import RULES

    if as_json:
        facts = [(rule.id, rule.severity, rule.says, rule.remedy, rule.fix) for rule in RULES]
        names = ("rule", "severity", "says", "remedy", "fix")
        document({"rules": [dict(zip(names, each, strict=True)) for each in facts]})
        return
    for rule in RULES:
        out(f"{rule.id} {rule.severity:<7} {line(rule.says)}")
        out(
            f"             --fix: {line(rule.fix)}"
            if rule.fix
            else f"             {line(rule.remedy)}"
        )
