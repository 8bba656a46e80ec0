"""A tool run alone, without a crew: on files that the caller names, into a folder that the caller names.

The artifacts and manifests are those that a crew would publish. What a stopped run had done lies in
`.crewboard` within that folder, and the same command goes on with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crewboard.cli.data.pace import Pace
from crewboard.cli.data.staged import staged
from crewboard.tools.contract import Manifest, Outcome, Produced, Tool, input_paths, publish
from crewboard.tools.contract.bench import Bench
from crewboard.tools.contract.manifest import tree_sha256
from crewboard.tools.files.atomic import fits, make_folder


@dataclass(frozen=True)
class Done:
    outcome: Outcome
    manifests: tuple[Manifest, ...]

    def told(self) -> dict[str, Any]:
        """As one JSON document."""
        rows = self.outcome.rows
        return {
            "summary": self.outcome.summary,
            "artifacts": [
                {"name": m.name, "path": m.path, "sha256": m.sha256, "rows": m.rows}
                for m in self.manifests
            ],
            "rows_in": rows.rows_in if rows else None,
            "rows_out": rows.rows_out if rows else None,
            "dropped": dict(rows.dropped) if rows else {},
            "measured": dict(self.outcome.measured),
        }


class _Desk(Bench):
    """A bench whose jobs outlive it, beside what they make."""

    home: Path

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        self.pace(done, total, note)

    def job_folder(self, name: str, *, lasting: bool = False) -> Path:  # noqa: ARG002 - all last
        folder = self.home / ".crewboard" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    pace: Pace


def run_alone(
    tool: Tool, arguments: Mapping[str, Any], out: Path, seed: int, read: Sequence[str | Path] = ()
) -> Done:
    """Run a tool and publish what it made into `out`. `read` are the files that it may open."""
    parsed = tool.parse(arguments)
    make_folder(out)
    with fits(out), staged(tool.name, out) as folder:
        desk = _Desk(Path.cwd(), folder, [Path(path) for path in read], seed)
        desk.home, desk.pace = out, Pace(tool.name)
        try:
            if tool.preflight is not None:
                tool.preflight(parsed, desk)
            outcome = tool.run(parsed, desk)
            inputs = {name: tree_sha256(desk.read(p)) for name, p in input_paths(parsed).items()}
            produced = Produced(tool, parsed.model_dump(mode="json"), inputs, seed)
            manifests = publish(outcome, produced, out.resolve(), out.resolve())
        finally:
            desk.pace.end()
            _tidy(out / ".crewboard")
    return Done(outcome, tuple(manifests))


def tell(done: Done, out: Path, *, as_json: bool) -> None:
    """Paths on stdout, what happened on stderr."""
    from crewboard.cli import terminal

    if as_json:
        terminal.document(done.told())
        return
    terminal.talk(done.outcome.summary)
    for manifest in done.manifests:
        if manifest.rows is None or manifest.rows:
            terminal.out(terminal.line(str(out / manifest.path)))


def _tidy(jobs: Path) -> None:
    """Take the folder of jobs away when none is left in it."""
    for folder in (*jobs.glob("*"), jobs):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
