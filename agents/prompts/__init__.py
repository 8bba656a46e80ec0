"""What the roles are told, one Markdown file for each purpose."""

from functools import cache
from importlib.resources import files

from crewboard.canonical import canonical_json


def prompt(purpose: str, facts: object, preamble: str = "") -> tuple[str, str]:
    """The system text of a purpose (`lead/plan`), and the facts as the user's turn: quoted JSON, so that
    nothing in them reads as an instruction of ours."""
    system = f"{preamble.strip()}\n\n{_text(purpose)}".strip()
    return system, f"<facts>\n{canonical_json(facts)}\n</facts>"


@cache
def _text(purpose: str) -> str:
    return files(__name__).joinpath(f"{purpose.replace('/', '-')}.md").read_text("utf-8").strip()
