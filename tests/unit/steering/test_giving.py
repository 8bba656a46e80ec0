"""A card that names the crew is a goal; every other card is its writer's own."""

from pathlib import Path

import pytest

from crewboard.coordination.steering.giving import Wanted, sources, wanted
from crewboard.errors import InputMissing, PathOutside

ROLES = frozenset({"lead", "qa", "executor", "scribe"})


@pytest.mark.parametrize(
    ("title", "goal"),
    [
        ("Clean these rows @crew", Wanted("Clean these rows", (), None, None)),
        ("@crew: clean these rows", Wanted("clean these rows", (), None, None)),
        (
            "Clean @crew data:a.jsonl data:b/c.jsonl pipeline:sft model:openai/gpt-6-luna",
            Wanted("Clean", ("a.jsonl", "b/c.jsonl"), "sft", "openai/gpt-6-luna"),
        ),
        ("Sum up the week @scribe, please", Wanted("Sum up the week please", (), None, None)),
        ("Ask @ada and @crew", Wanted("Ask @ada and", (), None, None)),
        ("Ask @ada", None),  # a person
        ("mail crew@example.com", None),  # an address
        ("@crew", None),  # says nothing
        ("@crewmate do it", None),
        ("budget:900 @crew spend it", Wanted("budget:900 spend it", (), None, None)),  # words only
    ],
)
def test_a_title_is_read_as_a_goal_where_it_names_the_crew(title: str, goal: Wanted | None) -> None:
    assert wanted(title, ROLES) == goal


def test_files_are_named_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    found = sources(("rows.jsonl",), tmp_path)
    assert list(found) == [str(tmp_path / "rows.jsonl")]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", ".crewboard/key", "link"])
def test_a_card_names_files_within_the_workspace_only(tmp_path: Path, name: str) -> None:
    """Whoever can write the board could otherwise have the crew read what is not meant for it."""
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(PathOutside):
        sources((name,), tmp_path)


@pytest.mark.parametrize("name", ["absent.jsonl", "."])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputMissing):
        sources((name,), tmp_path)
