"""The root folders are the architecture, and the package is a view of them."""

import tomllib
from collections import Counter

import pytest
from source import FOLDERS, ROOT, modules

import crewboard


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_package_links_to_each_root_folder(folder: str) -> None:
    """A clone without symbolic links would build a hollow wheel without an error."""
    assert (ROOT / "src" / "crewboard" / folder).resolve() == ROOT / folder
    assert (ROOT / folder / "__init__.py").is_file()


def test_the_package_that_runs_is_this_one() -> None:
    assert crewboard.__file__ is not None
    assert crewboard.__file__.startswith(str(ROOT))
    assert (ROOT / "src" / "crewboard" / "py.typed").is_file()


def test_the_version_is_told_once_and_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert crewboard.__version__ == project["version"]


def test_every_tool_that_is_announced_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    known = {module.name for module in modules()}
    announced = project["entry-points"]["crewboard.tools"].values()
    assert [target for target in announced if target.partition(":")[0] not in known] == []


def test_no_two_test_files_bear_one_name() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_nothing_at_the_root_shadows_the_package() -> None:
    assert not list(ROOT.glob("*.py"))
